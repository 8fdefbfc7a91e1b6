"""Frames of a stream that are like an earlier one in all but their text: nearly all of them. They are told by their
bytes, and never parsed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from interchange.dataclass import dataclass
from interchange.hub import events as e
from interchange.wire import codec

_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt])*+')
"""The inside of a JSON string, but for characters by number: those must be read."""
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*+')

Said: TypeAlias = e.TextDelta | e.ThinkingDelta


class Shape(NamedTuple):
    """What stands before the text of a frame, between it and the padding, and behind that. Without padding the end
    follows the text."""

    head: bytes
    middle: bytes
    end: bytes


class Alike(NamedTuple):
    """The text of a frame that is like an earlier one, as it is spelled and as it reads, and the padding."""

    spelled: bytes
    text: str
    padding: bytes


@dataclass(frozen=True, slots=True)
class Likeness:
    """`said` is what the frame that was read had said."""

    shape: Shape
    said: Said

    def match(self, raw: bytes) -> Alike | None:
        """None for a frame that must be read."""
        head, middle, end = self.shape
        if not raw.startswith(head):
            return None
        inside = _STRING.match(raw, len(head))
        at = inside.end() if inside is not None else len(head)
        spelled, padding = raw[len(head) : at], b""
        if middle:
            if not raw.startswith(middle, at):
                return None
            at += len(middle)
            padded = _PLAIN.match(raw, at)
            padding = padded.group() if padded is not None else b""
            at += len(padding)
        if raw[at:] != end:
            return None
        try:
            text = codec.loads(b'"%b"' % spelled) if b"\\" in spelled else spelled.decode()
        except UnicodeDecodeError:
            return None
        return Alike(spelled, text, padding)


def learn(raw: bytes, events: Sequence[e.Event], padding: str | None) -> Likeness | None:
    """From a frame that was read: None unless it said one piece of text and nothing else, in its very bytes. `padding`
    names a member of random length that the vendor adds against eavesdroppers."""
    match events:
        case [(e.TextDelta(text=text) | e.ThinkingDelta(text=text)) as said] if text:
            found = shape(raw, text, padding)
            return Likeness(found, said) if found is not None else None
        case _:
            return None


def shape(frame: bytes, text: str, padding: str | None) -> Shape | None:
    """None where the text does not stand in the frame once, as it is usually spelled."""
    needle = codec.dumps(text)
    if _STRING.fullmatch(needle, 1, len(needle) - 1) is None or frame.count(needle) != 1:
        return None
    start = frame.index(needle) + 1
    stop = start + len(needle) - 2
    padded = _member(padding).search(frame, stop) if padding is not None else None
    if padded is None:
        return Shape(frame[:start], b"", frame[stop:])
    return Shape(frame[:start], frame[stop : padded.start(1)], frame[padded.end(1) :])


@functools.cache
def _member(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(name.encode()) + rb'":"([^"\\\x00-\x1f]*)"')
