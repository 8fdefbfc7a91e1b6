"""One request of any family, from authentication to the answer.

authenticate -> the family's own call (body, routes, lanes, hold) -> send -> settle -> last byte
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.identity.keys import Principal
from interchange.metering.money import usd

from . import key_renewal, listener, repeats, vendor_news
from .access import authenticate
from .answers import note_losses, refuse, retry_headers
from .body import too_deep
from .call import Call
from .http import STREAM_HEADERS, Answer, Inbound
from .lane import ErrorWriter
from .listener import Pieces, Served
from .outage import AWAY
from .pricing import tariff
from .services import Services

SETTLE_SECONDS = 3.0
"""Kept back from the deadline, so that the settlement and the last byte still fit."""
RUNNING: dict[asyncio.Task[None], Call] = {}
"""Calls under way. A task that nobody refers to may be collected before it settles."""


async def answered(
    services: Services,
    speaker: ErrorWriter,
    inbound: Inbound,
    headers: dict[str, str],
    admitted: Callable[[Principal], Awaitable[Call]],
) -> Answer:
    """A request of any family: whose it is, whether it is a repeat, then the call that `admitted` makes. `headers` are
    the answer's, to be added to."""
    vendor_news.refresh(services)
    key_renewal.refresh(services)
    try:
        principal = await authenticate(services, inbound, holds=repeats.HEADER not in inbound.headers)
        await tariff(services)
        claimed = await repeats.claim(services, principal, inbound, headers["x-interchange-request-id"])
        if isinstance(claimed, Answer):
            return claimed
        try:
            call = await admitted(principal)
        except BaseException:  # a fault of ours, or a caller who left, cost as little as a refusal
            if claimed is not None:
                await repeats.forget(services, claimed)
            raise
    except RequestError as error:
        return refuse(speaker, error.failure, headers)
    except RecursionError:
        return refuse(speaker, too_deep().failure, headers)
    except Exception as error:
        if not services.is_outage(error):
            raise
        services.report("table_failed", {"request_id": headers["x-interchange-request-id"], "error": repr(error)})
        return refuse(speaker, AWAY, headers)
    call.claim = claimed
    return await run(call, headers)


async def run(call: Call, headers: dict[str, str]) -> Answer:
    """Starts the call, and waits for its first word: bounded for a stream, since its caller must not wait in
    silence."""
    task = asyncio.get_running_loop().create_task(call.run())
    RUNNING[task] = call
    task.add_done_callback(RUNNING.pop)
    if call.caller.stream:
        await asyncio.wait({call.served}, timeout=listener.HEARTBEAT_SECONDS)
        if not call.served.done():
            call.served.set_result(Served())
            call.listener.heartbeat()
    served = await call.served  # which nobody else waits for: a caller who leaves may cancel it
    note_losses(headers, call.record.losses)
    if served.failure is not None:
        return _failed(call, served, headers)
    if call.caller.stream:
        return Answer(
            200, {**headers, "content-type": call.record.stream_type, **STREAM_HEADERS}, Pieces(call.listener)
        )
    if served.charge_nano is not None:
        headers["x-interchange-charge-usd"] = usd(served.charge_nano)
    return Answer(200, {**headers, "content-type": served.content_type}, served.whole or b"")


async def stop(seconds: float) -> None:
    """Ends the calls under way, told to their callers and settled: for a process that ends. Waits so long for them."""
    for call in RUNNING.values():
        call.lifetime.end()
    if RUNNING:
        await asyncio.wait(RUNNING, timeout=seconds)


def _failed(call: Call, served: Served, headers: dict[str, str]) -> Answer:
    failure = served.failure or Failure(ErrorKind.API, "internal error")
    headers["x-interchange-charge-usd"] = usd(served.charge_nano or 0)
    if served.raw_failure and failure.status:
        sent = {**headers, **retry_headers(failure, failure.status), "content-type": "application/json"}
        return Answer(failure.status, sent, served.raw_failure)
    return refuse(call.caller.server, failure, headers)
