"""One metered upstream call, from the first attempt to the settlement.

The call runs as a task of its own. The caller's connection only listens to it: when the caller leaves, the upstream is
still read to its end (bounded by the deadline), and the true usage is charged. The terminal bytes are handed over only
after the charge is settled, so that nobody hangs up between the answer and its price.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.metering.idempotency import Claim
from interchange.metering.rows import Try
from interchange.upstream.call import ConnectionFault, Incoming
from interchange.upstream.parts import send
from interchange.wire.sse import Frame

from . import repeats
from .attempt import LONGEST_WAIT, RETRIED, TRIES, Attempt, for_the_caller
from .attempt_failed import AttemptFailed, cut, unreachable
from .lane import Caller, LaneStream, Piece, broken, write_cut
from .listener import Listener, Served
from .record import Outcome, Record
from .services import Services
from .settle import settle

BACKOFF_SECONDS = 0.2


@dataclass(slots=True)
class Call:
    """`attempts` are the routes to be tried, in their order. `deadline` is on the loop's clock."""

    services: Services
    record: Record
    attempts: Sequence[Attempt]
    headers: Mapping[str, str]
    deadline: float
    served: asyncio.Future[Served] = field(init=False)
    listener: Listener = field(init=False)
    claim: Claim | None = None
    kept: list[bytes] = field(default_factory=list)
    """What went out, heartbeats aside, where a claim wants it for a repeat."""

    def __post_init__(self) -> None:
        self.served = asyncio.get_running_loop().create_future()
        self.listener = Listener(self.record.caller.server)

    @property
    def caller(self) -> Caller:
        return self.record.caller

    async def run(self) -> None:
        """Never raises: whatever happens is an outcome, and every outcome is settled."""
        last = b""
        try:
            async with asyncio.timeout_at(self.deadline):
                outcome, last = await self._serve()
        except TimeoutError:
            failure = Failure(ErrorKind.TIMEOUT, "the upstream did not finish before the deadline", code="deadline")
            outcome, last = self._broken(failure)
        except AttemptFailed as failed:
            outcome, last = Outcome("upstream_error", failed.failure, raw=failed.raw), b""
            if self._listening_to_stream():
                last = write_cut(self.caller, for_the_caller(failed.failure))
        except Exception as error:  # noqa: BLE001 - a fault of ours must still release the hold and tell the caller
            self.services.report("fault", {"request_id": self.record.request_id, "error": repr(error)})
            outcome, last = self._broken(Failure(ErrorKind.API, "internal error", code="internal_error"))
        await self._close(outcome, last)

    async def _serve(self) -> tuple[Outcome, bytes]:
        for number, attempt in enumerate(self.attempts):
            self.record.attempt = attempt
            for tried in range(TRIES):
                started = self.services.now_ms()
                try:
                    return await self._try(attempt)
                except AttemptFailed as failed:
                    self._note_try(attempt, failed.failure, started)
                    status = failed.failure.status
                    again = status is None or status in RETRIED
                    wait = failed.failure.retry_after or BACKOFF_SECONDS * (tried + 1)
                    if again and tried + 1 < TRIES and wait <= LONGEST_WAIT:
                        await asyncio.sleep(wait)
                        continue
                    if not again or number + 1 == len(self.attempts):
                        raise
                    break
        raise AssertionError("a call has at least one attempt")

    async def _try(self, attempt: Attempt) -> tuple[Outcome, bytes]:
        try:
            body = attempt.lane.body(self.record.admission.limit)
        except RequestError as refused:
            raise AttemptFailed(refused.failure) from refused
        outgoing = attempt.outgoing(body, self.caller.stream, self.headers)
        try:
            incoming = await send(self.services.upstream, self.record.admission.hold, outgoing)
        except ConnectionFault as fault:
            raise AttemptFailed(unreachable(fault)) from fault
        try:
            self.record.upstream_request_id = incoming.headers.get("x-request-id") or incoming.headers.get("request-id")
            if incoming.status >= 300:
                await self._refused(attempt, incoming)
            if self.caller.stream:
                return await self._stream(attempt, incoming)
            return await self._whole(attempt, incoming), b""
        except ConnectionFault as fault:
            if self.record.produced or self.record.first_byte_ms is not None:
                return self._broken(cut(fault))
            raise AttemptFailed(cut(fault)) from fault
        finally:
            incoming.close()

    async def _refused(self, attempt: Attempt, incoming: Incoming) -> None:
        raw = await incoming.read()
        failure = attempt.read_failure(incoming.status, incoming.headers, raw)
        raise AttemptFailed(failure, raw if attempt.lane.name == "pass-through" else None)

    async def _whole(self, attempt: Attempt, incoming: Incoming) -> Outcome:
        try:
            whole = attempt.lane.whole(await incoming.read())
        except RequestError as refused:
            raise AttemptFailed(refused.failure) from refused
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AttemptFailed(broken(f"the provider's answer could not be read: {error}"[:300])) from error
        self._first_byte()
        self.record.usage, self.record.produced, self.record.states = whole.usage, whole.produced, whole.records
        return Outcome("ok", whole=whole.body, content_type=whole.content_type)

    async def _stream(self, attempt: Attempt, incoming: Incoming) -> tuple[Outcome, bytes]:
        frames = attempt.framing()
        stream = attempt.lane.stream()
        waiting: list[bytes] = []
        async for chunk in incoming.chunks():
            for frame in frames.feed(chunk):
                piece = self._feed(stream, frame)
                if (piece.content or piece.last) and self.record.first_byte_ms is None:
                    if piece.failure is not None:
                        raise AttemptFailed(piece.failure)
                    self._commit(waiting)
                if piece.last:
                    self.record.states = stream.records
                    return self._ended(piece)
                self._put(piece.body, waiting)
        for frame in frames.finish():
            self._put(self._feed(stream, frame).body, waiting)
        piece = stream.finish()
        self.record.usage, self.record.states = stream.usage, stream.records
        if self.record.first_byte_ms is None:
            if piece.failure is not None:
                raise AttemptFailed(piece.failure)
            self._commit(waiting)
        return self._ended(piece)

    def _feed(self, stream: LaneStream, frame: Frame) -> Piece:
        try:
            piece = stream.feed(frame)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            failure = broken(f"a frame of the provider's stream could not be read: {error}"[:300])
            piece = Piece(write_cut(self.caller, failure), last=True, failure=failure)
        self.record.produced += piece.produced
        self.record.usage = stream.usage
        return piece

    def _put(self, body: bytes, waiting: list[bytes]) -> None:
        if not body:
            return
        if self.record.first_byte_ms is None:
            waiting.append(body)
        else:
            self._send(body)

    def _send(self, body: bytes) -> None:
        if self.claim is not None:
            self.kept.append(body)
        self.listener.hear(body)

    def _commit(self, waiting: list[bytes]) -> None:
        self._first_byte()
        for body in waiting:
            self._send(body)
        if not self.served.done():
            self.served.set_result(Served())

    def _first_byte(self) -> None:
        if self.record.first_byte_ms is None:
            self.record.first_byte_ms = self.services.now_ms() - self.record.started_ms

    def _ended(self, piece: Piece) -> tuple[Outcome, bytes]:
        if piece.failure is None:
            return Outcome("ok"), piece.body
        return Outcome("truncated", piece.failure), piece.body

    def _broken(self, failure: Failure) -> tuple[Outcome, bytes]:
        """After the first byte an error is an event; before it, a status (see `_close`)."""
        word = "truncated" if self.record.first_byte_ms is not None else "upstream_error"
        last = write_cut(self.caller, failure) if self._listening_to_stream() else b""
        return Outcome(word, failure), last

    def _listening_to_stream(self) -> bool:
        return self.caller.stream and self.served.done()

    def _note_try(self, attempt: Attempt, failure: Failure, started: int) -> None:
        spent = self.services.now_ms() - started
        self.record.tries.append(
            Try(attempt.provider.name, attempt.route.model, failure.status, failure.code or failure.kind, spent)
        )

    async def _close(self, outcome: Outcome, last: bytes) -> None:
        if self.listener.gone and outcome.word == "ok":
            outcome = replace(outcome, word="client_gone")
        self.record.cut = self.listener.cut = outcome.failure is not None and not last and self._listening_to_stream()
        charge = await self._settled(outcome)
        if self.claim is not None:
            body = b"".join([*self.kept, last]) if outcome.whole is None else outcome.whole
            await repeats.conclude(self.services, self.claim, self.record, outcome, charge, body)
        self.listener.end(last)
        if not self.served.done():
            failure = outcome.failure if self.record.first_byte_ms is None else None
            self.served.set_result(Served(outcome.whole, failure, outcome.raw, charge, outcome.content_type))

    async def _settled(self, outcome: Outcome) -> int | None:
        """A fault of ours in the reckoning leaves the hold to the sweep, and must not keep the caller waiting."""
        try:
            return await settle(self.services, self.record, outcome)
        except Exception as error:  # noqa: BLE001 - see above
            self.services.report("fault", {"request_id": self.record.request_id, "error": repr(error)})
            return None
