"""An answer of `generateContent`, streamed or whole, into hub events.

A stream's frames are whole GenerateContentResponse objects, each with the parts that are new. There is no terminal
frame: the answer has ended well when the bytes end and every candidate has given its finish reason (which may come
before the last frame).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.fold import fold
from interchange.hub.indexes import read_index
from interchange.hub.usage import Usage
from interchange.protocols.faces import EachFrame
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..errors import read_error
from ..usage import counts_tokens, read_usage
from ..words import PROTOCOL
from .candidate import ChoiceReader
from .tally import Tally

_TIMESTAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$")
MOST_CANDIDATES = 128
"""An index sizes what is built of it; no model takes a `candidateCount` beyond 8."""
ANSWER_FIELDS = ("candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion")


@dataclass(slots=True)
class Answer:
    """The state of one answer while its bodies come."""

    started: bool = False
    ended: bool = False
    tally: Tally = field(default_factory=Tally)
    report: Mapping[str, Any] | None = None
    """The last usage report: reports are states, not increments, and an early one may be higher."""
    feedback: Mapping[str, Any] = field(default_factory=dict)
    choices: dict[int, ChoiceReader] = field(default_factory=dict)

    @property
    def usage(self) -> Usage | None:
        return None if self.report is None else read_usage(self.report, self.tally.tool_calls)

    def add(self, body: Mapping[str, Any]) -> Iterator[e.Event]:
        if self.ended:
            return
        if not self.started:
            yield self._start(body)
        if counts_tokens(body.get("usageMetadata")):
            self.report = body["usageMetadata"]
        if body.get("promptFeedback"):
            self.feedback = body["promptFeedback"]
        for position, candidate in enumerate(body.get("candidates") or ()):
            index = read_index(candidate.get("index"), "a candidate", MOST_CANDIDATES)
            number = position if index is None else index
            choice = self.choices.setdefault(number, ChoiceReader(number, self.tally))
            yield from choice.read(candidate)
        if isinstance(body.get("error"), Mapping):
            yield from self.fail(read_error(body["error"]))

    def fail(self, failure: Failure) -> Iterator[e.Event]:
        if not self.started:
            yield self._start({})
        self.ended = True
        if self.usage is not None:
            yield e.UsageReported(self.usage)
        yield e.StreamFailed(failure)

    def finish(self, *, streamed: bool) -> Iterator[e.Event]:
        """The end of the bytes. A streamed answer whose candidates did not finish was cut off."""
        if self.ended:
            return
        if not self.started:
            yield self._start({})
        for choice in self.choices.values():
            yield from choice.end()
        finished = all(choice.ended for choice in self.choices.values())
        if streamed and not (finished and (self.choices or self.feedback.get("blockReason"))):
            message = "the provider's stream ended before the answer was finished"
            yield from self.fail(Failure(ErrorKind.API, message, code="stream_truncated", upstream=True))
            return
        self.ended = True
        if self.usage is not None:
            yield e.UsageReported(self.usage)
        yield e.MessageStop(self._stops(), self._extra())

    def _start(self, body: Mapping[str, Any]) -> e.MessageStart:
        self.started = True
        self.tally.seed = str(body.get("responseId") or body.get("createTime") or "")
        return e.MessageStart(body.get("responseId"), body.get("modelVersion"), _seconds(body.get("createTime")))

    def _stops(self) -> tuple[e.Stop, ...]:
        blocked = self.feedback.get("blockReason")
        if not self.choices:
            reason = e.StopReason.CONTENT_FILTER if blocked else e.StopReason.OTHER
            return (e.Stop(reason, detail=blocked),)
        missing = e.Stop(e.StopReason.OTHER)
        return tuple(
            self.choices[number].stop() if number in self.choices else missing
            for number in range(max(self.choices) + 1)
        )

    def _extra(self) -> dict[str, Any]:
        facts = {number: choice.facts for number, choice in self.choices.items() if choice.facts}
        candidates = [facts.get(number, {}) for number in range(max(facts) + 1)] if facts else []
        found = {"candidates": candidates, "promptFeedback": dict(self.feedback)}
        said = {name: value for name, value in found.items() if value}
        return {PROTOCOL: said} if said else {}


@dataclass(slots=True)
class StreamReader(EachFrame):
    answer: Answer = field(default_factory=Answer)

    @property
    def usage(self) -> Usage | None:
        return self.answer.usage

    def read(self, frame: Frame) -> Iterator[e.Event]:
        if frame.data is None or self.answer.ended:
            return
        try:
            body = codec.loads(frame.data)
            bodies = body if isinstance(body, list) else [body]
            for item in bodies:
                yield from self.answer.add(item)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            message = f"the provider sent a frame that cannot be read: {error}"[:300]
            yield from self.answer.fail(Failure(ErrorKind.API, message, code="bad_frame", upstream=True))

    def finish(self) -> Iterator[e.Event]:
        yield from self.answer.finish(streamed=True)


def read_whole(body: Mapping[str, Any]) -> e.Response:
    """The fold of the one-frame stream that the body is. Raises ValueError for what is no answer."""
    if not isinstance(body, Mapping) or "error" in body or not any(name in body for name in ANSWER_FIELDS):
        raise ValueError("not a GenerateContentResponse")
    answer = Answer()
    try:
        return fold([*answer.add(body), *answer.finish(streamed=False)])
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not a GenerateContentResponse: {error}") from error


def read_whole_usage(body: Mapping[str, Any]) -> Usage | None:
    """The usage alone, vendor-run tools included."""
    if not counts_tokens(body.get("usageMetadata")):
        return None
    answer = Answer()
    for _ in answer.add(body):
        pass
    return answer.usage


def _seconds(text: Any) -> int | None:
    """A google.protobuf.Timestamp in JSON (RFC 3339, always in UTC) as Unix seconds."""
    found = _TIMESTAMP.match(text) if isinstance(text, str) else None
    return calendar.timegm(tuple(int(number) for number in found.groups())) if found else None
