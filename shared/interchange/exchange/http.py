"""HTTP requests and answers, free of any web framework: the edge makes the one and sends the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field
from typing import Protocol, runtime_checkable

from interchange.dataclass import dataclass

STREAM_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class StreamCut(Exception):
    """The answer broke off in a format that has no word for it (sound): the connection must break off too."""


Take = Callable[[bytes], bool]
"""Passes a piece of an answer on at once; False where the pieces before it are still on their way."""


@runtime_checkable
class Poured(Protocol):
    """An answer that streams, whose pieces may leave without their reader: each wait of it costs a turn of the loop."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def pour(self, take: Take) -> None:
        """From now on a piece goes to `take` first, and to the reader where that says False."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One HTTP request. Header names are lower-case. `deadline` is on the loop's clock (seconds): by then the last byte
    must be written and the settlement done. `source_ip` is the caller's address as the platform tells it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    deadline: float
    query: Mapping[str, str] = field(default_factory=dict)
    source_ip: str | None = None

    @property
    def strict(self) -> bool:
        """True: the first loss is a 400."""
        return self.headers.get("x-interchange-strict", "").lower() == "true"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: `body` is all of it, or a stream. Whatever becomes of the stream's reader, the exchange behind
    it runs on to its settlement."""

    status: int
    headers: Mapping[str, str]
    body: bytes | AsyncIterator[bytes]
