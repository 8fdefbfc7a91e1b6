"""Frames of a stream that are like an earlier one in all but their text: nearly all of them. They are told by their
bytes, and written without being parsed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from interchange.dataclass import dataclass
from interchange.hub import events as e

_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*+')
"""What a JSON string holds that stands for itself."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What stands before the text of such a frame, behind it, and behind the padding in that; as read, and as written.
    `padding` matches a member of random length that the vendor adds against eavesdroppers."""

    head: bytes
    tail: bytes
    end: bytes
    written_head: bytes
    written_tail: bytes
    written_end: bytes
    padding: re.Pattern[bytes] | None

    def written(self, raw: bytes) -> tuple[bytes, int] | None:
        """The frame as it leaves, and its characters; None for one that must be read."""
        start = len(self.head)
        plain = _PLAIN.match(raw, start)
        if plain is None or not raw.startswith(self.head) or not raw.startswith(self.tail, plain.end()):
            return None
        behind, ending = plain.end() + len(self.tail), len(raw) - len(self.end)
        if behind > ending or not raw.endswith(self.end):
            return None
        pad = raw[behind:ending]
        if pad and (self.padding is None or self.padding.fullmatch(pad) is None):
            return None
        text = plain.group()
        try:
            count = len(text) if text.isascii() else len(text.decode())
        except UnicodeDecodeError:
            return None
        return b"".join((self.written_head, text, self.written_tail, pad, self.written_end)), count


def learn(raw: bytes, written: bytes, events: Sequence[e.Event], padding: str | None) -> Likeness | None:
    """From a frame that was read: None unless it said one piece of text and nothing else, in its very bytes."""
    match events:
        case [e.TextDelta(text=text) | e.ThinkingDelta(text=text)] if text:
            pass
        case _:
            return None
    said = text.encode("utf-8", "replace")
    needle = b'"' + said + b'"'
    if _PLAIN.fullmatch(said) is None or raw.count(needle) != 1 or written.count(needle) != 1:
        return None
    pattern = _member(padding) if padding is not None else None
    head, tail, end = _parts(raw, needle, pattern)
    return Likeness(head, tail, end, *_parts(written, needle, pattern), pattern)


def _parts(frame: bytes, needle: bytes, padding: re.Pattern[bytes] | None) -> tuple[bytes, bytes, bytes]:
    start = frame.index(needle) + 1
    stop = start + len(needle) - 2
    pad = padding.search(frame, stop) if padding is not None else None
    if pad is None:
        return frame[:start], frame[stop:], b""
    return frame[:start], frame[stop : pad.start()], frame[pad.end() :]


@functools.cache
def _member(name: str) -> re.Pattern[bytes]:
    return re.compile(rb',"' + re.escape(name.encode()) + rb'":"[^"\\]*"')
