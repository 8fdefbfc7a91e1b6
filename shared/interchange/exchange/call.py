"""One metered upstream call, from the first attempt to the settlement.

The call runs as a task of its own. The caller's connection only listens to it: when the caller leaves, the upstream is
still read to its end (bounded by the deadline), and the true usage is charged. The terminal bytes are handed over only
after the charge is settled, so that nobody hangs up between the answer and its price.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import ErrorKind, Failure, RequestError, malformed
from interchange.hub.verdict import OF_A_CREDENTIAL, Cause, Verdict
from interchange.metering.idempotency import Claim
from interchange.upstream.call import ConnectionFault, Incoming
from interchange.upstream.parts import send
from interchange.wire.sse import MARK, Frame, FrameReader, Frames

from . import repeats
from .attempt import LONGEST_WAIT, TRIES, Attempt
from .attempt_failed import AttemptFailed, Unframed, cut, framed, unreachable
from .confidential import holds, without
from .growth import SPENT, Spent, growing
from .key_renewal import renewed
from .lane import Caller, LaneStream, Piece, write_cut
from .lifetime import Lifetime
from .listener import Listener, Served
from .reading import Reading
from .record import Outcome, Record
from .services import Services
from .settle import settled, used
from .shown import shown
from .tries import note_end, note_try, patience, read_refusal
from .vendors import note_failure, ordered
from .verdict import judge, told

BACKOFF_SECONDS = 0.2
SUCCESS = frozenset({200, 201})
"""Statuses under which an answer may come: a 204 has none, and a redirection is not followed."""


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
    reading: LaneStream | None = None
    """The stream under way."""
    kept: list[bytes] = field(default_factory=list)
    """What went out, heartbeats aside, where a claim wants it for a repeat."""
    lifetime: Lifetime = field(default_factory=Lifetime)

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
            async with asyncio.timeout_at(self.deadline) as self.lifetime.timer:
                outcome, last = await self._serve()
        except TimeoutError:
            outcome, last = self._broken(self.lifetime.over)
        except AttemptFailed as failed:
            verdict = self._verdict(failed)
            raw = shown(failed.raw, failed.failure, verdict)
            outcome = Outcome("upstream_error", failed.failure, told(failed.failure, verdict), raw=raw)
        except Exception as error:  # noqa: BLE001 - a fault of ours must still release the hold and tell the caller
            self.services.report("fault", {"request_id": self.record.request_id, "error": repr(error)})
            outcome, last = self._broken(Failure(ErrorKind.API, "internal error", code="internal_error"))
        self.lifetime.timer = None
        await self._close(outcome, last)

    async def _serve(self) -> tuple[Outcome, bytes]:
        attempts = ordered(self.services, self.attempts, self.record.request_id)
        for number, attempt in enumerate(attempts):
            self.record.attempt = attempt
            try:
                return await self._attempt(attempt, last=number + 1 == len(attempts))
            except AttemptFailed as failed:
                if number + 1 == len(attempts) or not self._verdict(failed).elsewhere:
                    raise
        raise AssertionError("a call has at least one attempt")

    async def _attempt(self, attempt: Attempt, *, last: bool) -> tuple[Outcome, bytes]:
        """The tries of one route: each of its credentials once at least, what may pass a second time."""
        name, tried, renewals = attempt.provider.name, 0, 1
        refused: frozenset[int] = frozenset()
        while True:
            count = attempt.provider.credential_count
            started = self.services.now_ms()
            credential = self.services.health.credential(name, count, started, refused) or 0
            try:
                served = await growing(self.services, self.record, self._try(attempt, credential))
            except Spent:
                return await self._spent()
            except AttemptFailed as failed:
                failed.keep_from_all(self.record.secrets)
                note_try(self.services, self.record, failed.failure, started)
                if attempt.lane.relent(failed.failure):
                    continue  # once more without it: to lose a thought is better than to lose the conversation
                verdict = self._verdict(failed)
                note_failure(self.services, attempt, credential, failed.failure, verdict)
                if verdict.cause is Cause.CREDENTIAL and renewals and (fresh := await renewed(self.services, attempt)):
                    attempt = self.record.attempt = fresh
                    renewals, refused = 0, frozenset()
                    continue
                tried += 1
                if verdict.cause in OF_A_CREDENTIAL:
                    refused |= {credential}
                    if len(refused) < count:
                        continue
                wait = failed.failure.retry_after or BACKOFF_SECONDS * tried
                again = verdict.again and (last or verdict.cause is not Cause.SILENT)
                if not again or tried >= TRIES or wait > LONGEST_WAIT:
                    raise
                refused = frozenset()
                await asyncio.sleep(wait)
            else:
                note_end(self.services, attempt, credential, served[0])
                return served

    def _verdict(self, failed: AttemptFailed) -> Verdict:
        return judge(failed.failure, self.record.attempt.protocol, inside=failed.inside)

    async def _try(self, attempt: Attempt, credential: int) -> tuple[Outcome, bytes]:
        try:
            body = attempt.lane.body(self.record.admission.limit)
        except RequestError as unwritten:
            raise AttemptFailed(unwritten.failure, inside=True) from unwritten
        outgoing = attempt.outgoing(body, self.caller.stream, self.headers, credential)
        outgoing = replace(outgoing, patience=patience(self.services, self.record, attempt))
        self.record.shown = (outgoing, attempt.provider.headers)
        try:
            incoming = await send(self.services.upstream, self.record.admission.hold, outgoing)
        except ConnectionFault as fault:
            raise AttemptFailed(unreachable(fault)) from fault
        try:
            self.record.upstream_request_id = incoming.headers.get("x-request-id") or incoming.headers.get("request-id")
            if incoming.status not in SUCCESS:
                raise await read_refusal(self.services, attempt, incoming)
            if self.caller.stream:
                return await self._stream(attempt, incoming)
            return await self._whole(attempt, incoming), b""
        except (ConnectionFault, Unframed) as fault:
            if self.record.produced or self.record.first_byte_ms is not None:
                return self._broken(cut(fault))
            raise AttemptFailed(cut(fault), inside=isinstance(fault, Unframed)) from fault
        finally:
            incoming.close()

    async def _whole(self, attempt: Attempt, incoming: Incoming) -> Outcome:
        try:
            whole = attempt.lane.whole((await incoming.read()).removeprefix(MARK))
        except ConnectionFault:
            raise
        except RequestError as unwritten:
            raise AttemptFailed(unwritten.failure, inside=True) from unwritten
        except Exception as error:
            raise AttemptFailed(malformed(f"the answer could not be read: {error!r}"[:300]), inside=True) from error
        self._first_byte()
        self.record.final = whole.body if self.record.keeper is not None else b""
        self.record.usage, self.record.produced, self.record.states = whole.usage, whole.produced, whole.records
        self.record.things, self.record.sound = whole.things, whole.sound
        return Outcome("ok", whole=whole.body, content_type=whole.content_type)

    async def _stream(self, attempt: Attempt, incoming: Incoming) -> tuple[Outcome, bytes]:
        stream = self.reading = attempt.lane.stream()
        frames = attempt.framing()
        if isinstance(frames, FrameReader):
            frames.run = stream.run
        try:
            return await self._carried(frames, stream, incoming)
        finally:
            self.record.usage = stream.usage

    async def _carried(self, frames: Frames, stream: LaneStream, incoming: Incoming) -> tuple[Outcome, bytes]:
        reading = Reading(frames, stream, self.record.admission.output)
        await incoming.pour(lambda chunk: self._take(reading, chunk))
        if reading.last is not None:
            self.record.states = stream.records
            return self._ended(reading.last)
        if not reading.goes_on:
            return await self._stopped(stream)
        waiting = reading.waiting
        for frame in framed(frames.finish()):
            piece = self._feed(stream, frame)
            if piece.failure is not None:
                self._commit(piece)
                self._send(waiting)
                return self._ended(piece)
            waiting.append(piece.body)
        piece = self._kept_from_all(stream.finish())
        self.record.states = stream.records
        self._commit(piece)
        self._send(waiting)
        return self._ended(piece)

    def _take(self, reading: Reading, chunk: bytes) -> bool:
        """Passes on what one read of the upstream brought; False with the stream's last frame, and beyond its limit."""
        reading.volume.bytes += len(chunk)
        for frame in framed(reading.frames.feed(chunk)):
            piece = self._feed(reading.stream, frame)
            if piece.content or piece.last:
                self._commit(piece)
            if not reading.add(frame, piece):
                break
        self._send(reading.waiting)
        return reading.goes_on

    def _feed(self, stream: LaneStream, frame: Frame) -> Piece:
        try:
            piece = stream.feed(frame)
        except Exception as error:  # noqa: BLE001 - whatever a reader stumbles on is the vendor's doing
            failure = malformed(f"a frame could not be read: {error!r}"[:300])
            piece = Piece(self._cut(failure), last=True, failure=failure)
        self.record.produced += piece.produced
        self.record.things += piece.things
        self.record.sound += piece.sound
        return self._kept_from_all(piece)

    def _kept_from_all(self, piece: Piece) -> Piece:
        if piece.failure is not None:
            piece.failure = without(piece.failure, self.record.secrets)
            if holds(piece.body, self.record.secrets):
                piece.body = self._cut(piece.failure)
        return piece

    def _send(self, waiting: list[bytes]) -> None:
        """All that one read of the upstream came to leaves as one write, once there is an answer at all."""
        if self.record.first_byte_ms is None:
            return
        body = b"".join(self.record.ending.passed(waiting))
        waiting.clear()
        if self.claim is not None or (self.record.keeper is not None and self.record.keeper.whole):
            self.kept.append(body)
        self.listener.hear(body)

    def _commit(self, piece: Piece) -> None:
        """Answers the caller with the first piece that says something. Raises AttemptFailed where it is a failure:
        nothing has been sent."""
        if self.record.first_byte_ms is not None:
            return
        if piece.failure is not None:
            raise AttemptFailed(piece.failure, inside=True)
        self._first_byte()
        if not self.served.done():
            self.served.set_result(Served())

    def _final(self, last: bytes) -> bytes:
        """Bytes to be kept of a stream that ends with `last`."""
        keeper = self.record.keeper
        if keeper is None:
            return b""
        return b"".join([*self.kept, last]) if keeper.whole else last

    def _first_byte(self) -> None:
        if self.record.first_byte_ms is None:
            self.record.first_byte_ms = self.services.now_ms() - self.record.started_ms

    def _ended(self, piece: Piece) -> tuple[Outcome, bytes]:
        if piece.failure is None:
            self.record.final = self._final(piece.body)
            return Outcome("ok"), piece.body
        return Outcome("truncated", piece.failure, self._told(piece.failure)), piece.body

    async def _stopped(self, stream: LaneStream) -> tuple[Outcome, bytes]:
        """The vendor goes on beyond the limit that it was given: nothing more is read, and nobody pays for more. The
        caller has the end that the limit would have brought. Raises AttemptFailed where nothing has been said."""
        if self.record.first_byte_ms is None:
            raise AttemptFailed(malformed("the answer goes on and says nothing"), inside=True)
        return await self._cut_short(stream, "limit_passed")

    async def _spent(self) -> tuple[Outcome, bytes]:
        """The balance carries the answer no further. What has been said of it ends as at a limit; where nothing has,
        nothing is charged."""
        if self.record.first_byte_ms is None or self.reading is None:
            return Outcome("upstream_error", SPENT, SPENT), b""
        return await self._cut_short(self.reading, "balance_spent")

    async def _cut_short(self, stream: LaneStream, why: str) -> tuple[Outcome, bytes]:
        """The end of an answer at a limit that is not the vendor's."""
        record = self.record
        said = {"request_id": record.request_id, "account_id": record.principal.account_id, "model": record.model.id}
        self.services.report(why, {**said, "provider": record.attempt.provider.name, "characters": record.produced})
        record.usage, outcome = stream.usage, Outcome("truncated")
        piece = stream.stop(await used(record, outcome))
        record.states = stream.records
        return self._ended(piece) if piece.failure is not None else (outcome, piece.body)

    def _broken(self, failure: Failure) -> tuple[Outcome, bytes]:
        """After the first byte an error is an event; before it, a status (see `_close`)."""
        word = "truncated" if self.record.first_byte_ms is not None else "upstream_error"
        return Outcome(word, failure, self._told(failure)), b""

    def _told(self, failure: Failure) -> Failure:
        return told(failure, judge(failure, self.record.attempt.protocol, inside=True))

    def _cut(self, failure: Failure) -> bytes:
        return write_cut(self.caller, self._told(failure))

    def _listening_to_stream(self) -> bool:
        return self.caller.stream and self.served.done()

    async def _close(self, outcome: Outcome, last: bytes) -> None:
        """Settles, and then decides whether a failure is a status or an event: the caller may have been given its
        status meanwhile, and a stream that has failed must not end without saying so."""
        if self.listener.gone and outcome.word == "ok":
            outcome = replace(outcome, word="client_gone")
        self._see_cut(outcome, last)
        charge, ending = await settled(self.services, self.record, outcome), self.record.ending
        whole = None if outcome.whole is None else ending.whole(outcome.whole, charge)
        if self.claim is not None:
            terminal = ending.last(self._last(last, outcome), charge)
            body = b"".join([*self.kept, terminal]) if whole is None else whole
            await repeats.conclude(self.services, self.claim, self.record, outcome, charge, body)
        last = ending.last(self._last(last, outcome), charge)
        self._see_cut(outcome, last)
        if self.caller.stream:
            self.listener.end(last)
        if not self.served.done():
            failure = (outcome.told or outcome.failure) if self.record.first_byte_ms is None else None
            self.served.set_result(Served(whole, failure, outcome.raw, charge, outcome.content_type))

    def _last(self, last: bytes, outcome: Outcome) -> bytes:
        return self.caller.server.follow(last or self._end(outcome), self.listener.last)

    def _end(self, outcome: Outcome) -> bytes:
        """The failure as the stream's last event, where the caller has its status already."""
        failure = outcome.told or outcome.failure
        return write_cut(self.caller, failure) if failure is not None and self._listening_to_stream() else b""

    def _see_cut(self, outcome: Outcome, last: bytes) -> None:
        silent = not (last or self._end(outcome))
        self.record.cut = self.listener.cut = outcome.failure is not None and silent and self._listening_to_stream()
