"""One try of a route: how long it may take, and what is noted of one that failed."""

from __future__ import annotations

import asyncio

from interchange.dataclass import replace
from interchange.hub.failure import KINDS, ErrorKind, Failure
from interchange.hub.verdict import Blame
from interchange.metering.rows import Try
from interchange.upstream.call import ConnectionFault, Incoming, Patience
from interchange.wire.sse import MARK

from .attempt import Attempt
from .attempt_failed import AttemptFailed
from .produced import credible
from .record import Outcome, Record
from .services import Services
from .settle import vendors_prices
from .vendors import note_failure, note_success
from .verdict import judge


def patience(services: Services, record: Record, attempt: Attempt) -> Patience:
    """Time for which its vendor may be silent, before the first byte and after it."""
    model = record.model
    seconds = model.first_byte if attempt.route.first_byte is None else attempt.route.first_byte
    tokens = record.admission.limit or model.max_output
    return services.patience.patience(seconds, stream=record.caller.stream, tokens=tokens, reasons=model.reasons)


REFUSAL_SECONDS = 1.0
"""For the words of a refusal, which come with its status or never."""
MOST_REFUSAL_BYTES = 256 * 1024


async def read_refusal(services: Services, attempt: Attempt, incoming: Incoming) -> AttemptFailed:
    """The vendor's refusal, read. The status alone tells where its words break off, do not come, or have no end.
    Raises ConnectionFault where only they would tell whose fault it is."""
    raw, fault = await _words(incoming)
    failure = _dated(_read(attempt, incoming, raw), services.now_ms())
    if fault is not None and judge(failure, attempt.protocol).blame is Blame.CALLER:
        raise fault
    whole = fault is None and attempt.lane.name == "pass-through"
    return AttemptFailed(failure, raw if whole else None)


async def _words(incoming: Incoming) -> tuple[bytes, ConnectionFault | None]:
    """(what came of the body, why it is not all of it)"""
    read = bytearray()

    def take(chunk: bytes) -> bool:
        read.extend(chunk)
        if len(read) > MOST_REFUSAL_BYTES:
            raise ConnectionFault("a refusal without end", sent=True)
        return True

    try:
        async with asyncio.timeout(REFUSAL_SECONDS):
            await incoming.pour(take)
    except TimeoutError:
        return bytes(read), ConnectionFault("a refusal without its words", sent=True, silent=True)
    except ConnectionFault as fault:
        return bytes(read), fault
    return bytes(read).removeprefix(MARK), None


def _read(attempt: Attempt, incoming: Incoming, raw: bytes) -> Failure:
    try:
        return attempt.read_failure(incoming.status, incoming.headers, raw)
    except Exception as error:  # noqa: BLE001 - whatever a reader stumbles on is the vendor's doing
        status = incoming.status
        kind = KINDS.get(status, ErrorKind.INVALID_REQUEST if 400 <= status < 500 else ErrorKind.API)
        said = f"the provider answered {status} in words that cannot be read: {error!r}"[:300]
        return Failure(kind, said, status=status, upstream=True)


def _dated(failure: Failure, now_ms: int) -> Failure:
    """The failure with the seconds until the date that its vendor may name instead of them."""
    told = failure.headers.get("retry-after", "")
    if failure.retry_after is not None or not told.endswith("GMT"):
        return failure
    from email.utils import parsedate_to_datetime  # few vendors write dates

    try:
        until = parsedate_to_datetime(told).timestamp()
    except (ValueError, TypeError, OverflowError):
        return failure
    return replace(failure, retry_after=max(0.0, until - now_ms / 1000))


def note_try(services: Services, record: Record, failure: Failure, started_ms: int) -> None:
    """Notes a try of the record's attempt. What the vendor counted before it failed is billed to the operator, and
    nobody else."""
    attempt, counted = record.attempt, record.usage
    name, billed = attempt.provider.name, 0
    if counted is not None and credible(counted):
        prices = vendors_prices(record.model, attempt.route) or record.model.price.data()
        billed = services.costs.tried(name, counted, prices)
    record.usage = None
    reason, spent = failure.code or failure.kind, services.now_ms() - started_ms
    record.tries.append(Try(name, attempt.route.model, failure.status, reason, spent, billed))


def note_end(services: Services, attempt: Attempt, credential: int, outcome: Outcome) -> None:
    """An answer that broke off in its middle is no success of its route."""
    if outcome.failure is None:
        note_success(services, attempt, credential)
    else:
        verdict = judge(outcome.failure, attempt.protocol, inside=True)
        note_failure(services, attempt, credential, outcome.failure, verdict)
