"""Frames of a stream that are like an earlier one in all but their text: nearly all of them. They are told by their
bytes, and never parsed.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from interchange.dataclass import dataclass
from interchange.hub import events as e
from interchange.wire import codec
from interchange.wire.sse import Frame

_CHARACTER = rb'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})'
"""Of a JSON string, but for half a pair of surrogates: its other half may come with the next frame."""
_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|' + _CHARACTER + rb")*+")
"""The inside of a JSON string."""
_STRINGS = re.compile(rb"(?:" + _CHARACTER + rb"++(?:\n|\Z))*+")
"""Several, each on a line of its own; the strings are not empty."""
_PLAINS = re.compile(rb'[^"\\\x00-\x09\x0b-\x1f]*+')
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*+')

FEW = 3
"""Fewer frames are not worth a run."""
FIRST_AT_ONCE = 8
"""Frames that are looked at for a run, and four times as many while all of them belong to it."""
MOST_AT_ONCE = 32_768
"""Bytes that are looked at for a run."""
FRAME_END = b"\n\n"

Said: TypeAlias = e.TextDelta | e.ThinkingDelta


class Shape(NamedTuple):
    """The bytes before the text of a frame, between it and the padding, and behind that. Without padding the end
    follows the text."""

    head: bytes
    middle: bytes
    end: bytes


class Alike(NamedTuple):
    """The text of a frame that is like an earlier one, as it is spelled and as it reads, and the padding."""

    spelled: bytes
    text: str
    padding: bytes


class Run(Frame):
    """Frames one behind the other that are like an earlier one, uncut. `text` is all that they say; `spelled` and
    `padding` are what each has of its own."""

    __slots__ = ("padding", "spelled", "text")

    def __init__(self, raw: bytes, spelled: Sequence[bytes], padding: Sequence[bytes], text: str) -> None:
        super().__init__(raw, data=None)
        self.spelled, self.padding, self.text = spelled, padding, text

    def texts(self) -> list[str]:
        """The text of each of them."""
        return [str(codec.loads(b'"%b"' % one)) if b"\\" in one else one.decode() for one in self.spelled]

    def written(self, shape: Shape) -> bytes:
        """The same in another shape, which has a middle where they have one."""
        head, middle, end = shape
        fills = [one + middle + pad for one, pad in zip(self.spelled, self.padding, strict=True)]
        return head + (end + head).join(fills) + end


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
        text = _read(spelled)
        return None if text is None else Alike(spelled, text, padding)

    def run(self, block: bytes, at: int) -> Run | None:
        """The frames from `at` on that are like it and say something; None where they are few."""
        head = self.shape.head
        if not block.startswith(head, at) or not block.startswith(head, block.find(FRAME_END, at) + len(FRAME_END)):
            return None
        most, found = FIRST_AT_ONCE, None
        while (grown := self._alike(block, at, most)) is not None:
            found = grown
            if len(grown.spelled) < most:
                break
            most *= 4
        return found

    def _alike(self, block: bytes, at: int, most: int) -> Run | None:
        """At most `most` of them: what lies behind the last is not looked at, so that many short runs cost no more than
        a long one."""
        head, middle, end = self.shape
        *fills, rest = block[at + len(head) : at + MOST_AT_ONCE].split(end + head, most)
        last, ended, _ = rest.partition(end)
        fills += [last] if ended and len(fills) < most else []
        parts = [fill.partition(middle) for fill in fills] if middle else [(fill, b"", b"") for fill in fills]
        usual = min(_usual(_STRINGS, [one for one, _, _ in parts]), _usual(_PLAINS, [pad for _, _, pad in parts]))
        usual -= usual > 0 and not parts[usual - 1][0]  # the last line of several may be empty
        if usual < FEW:
            return None
        spelled, padding = [one for one, _, _ in parts[:usual]], [pad for _, _, pad in parts[:usual]]
        text = _read(b"".join(spelled))
        size = usual * (len(head) + len(end)) + sum(map(len, fills[:usual]))
        return (
            None
            if text is None or not all(map(_begins, spelled))
            else Run(block[at : at + size], spelled, padding, text)
        )


def _begins(spelled: bytes) -> bool:
    """True for the beginning of a text: not in the middle of a character."""
    return not 0x80 <= spelled[0] < 0xC0


def _usual(pattern: re.Pattern[bytes], parts: Sequence[bytes]) -> int:
    """Number of parts, from the first on, that are spelled so. `pattern` is of several, each on a line of its own."""
    lines = b"\n".join(parts)
    found = pattern.match(lines)
    end = found.end() if found is not None else 0
    return len(parts) if end == len(lines) else lines.count(b"\n", 0, end)


def _read(spelled: bytes) -> str | None:
    """The text of a JSON string's inside; None where it is none."""
    try:
        return str(codec.loads(b'"%b"' % spelled)) if b"\\" in spelled else spelled.decode()
    except UnicodeDecodeError:
        return None


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
    needle = _needle(frame, text)
    if needle is None or _STRING.fullmatch(needle, 1, len(needle) - 1) is None:
        return None
    start = frame.index(needle) + 1
    stop = start + len(needle) - 2
    padded = _member(padding).search(frame, stop) if padding is not None else None
    if padded is None:
        return Shape(frame[:start], b"", frame[stop:])
    return Shape(frame[:start], frame[stop : padded.start(1)], frame[padded.end(1) :])


def _needle(frame: bytes, text: str) -> bytes | None:
    """The text as it is spelled in the frame, once: in UTF-8, or with characters by number as Python's json writes."""
    spelled: bytes = codec.dumps(text)
    if frame.count(spelled) != 1 and not text.isascii():
        spelled = json.dumps(text).encode()
    return spelled if frame.count(spelled) == 1 else None


@functools.cache
def _member(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(name.encode()) + rb'":"([^"\\\x00-\x1f]*)"')
