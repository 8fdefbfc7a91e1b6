"""Size of an answer in characters, for when its usage is not reported."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import RequestError
from interchange.hub.fold import unfold
from interchange.hub.usage import Usage
from interchange.protocols.faces import Client

PICTURE, PREVIEW, DRAWING = "picture", "preview of ", "image_generation"
PICTURE_TOKENS = 1_290
"""Of a picture in a conversation: https://ai.google.dev/gemini-api/docs/pricing, of 1024x1024."""
SOUND_TOKEN = 3_200
"""Base64 of a token of sound, which is 50 ms of it at 24 kHz and 16 bits:
https://platform.openai.com/docs/guides/audio"""
CHARACTERS_A_TOKEN = 4
"""The estimate for output that the provider produced but never counted (a cut stream)."""
SOUND_A_MILLISECOND = SOUND_TOKEN // 50
SOUND_A_CHARACTER = SOUND_TOKEN // CHARACTERS_A_TOKEN
"""Base64 of sound that counts as a character."""
LEAST_PICTURE = 200
"""Tokens that no picture has fewer of: a count below it left the pictures out. The smallest told of is 272."""
MOST_CHARACTERS_A_TOKEN = 16
"""On the average of an answer that is longer than `FEW_CHARACTERS`: of recorded answers above 500 it is 7.5 at most."""
FEW_CHARACTERS = 2_000
FEW_BYTES = 256 * 1024 * 1024
"""As an answer that is not streamed may have (`upstream.answer`): pictures and searches come with few tokens."""
MOST_BYTES_A_TOKEN = 4_096
"""Each token in a frame of its own, with the twenty likeliest others beside it."""
MOST_COUNTED = 10**9
"""Units of one kind in one answer: a thousand of the largest contexts."""


def credible(usage: Usage) -> bool:
    """False for numbers that no answer can have used: a slip of the vendor's is no debt of the caller's, and the books
    hold 38 digits."""
    counts = (usage.total_input, usage.total_output, usage.milliseconds, usage.characters, usage.images)
    return max(*counts, *usage.tool_calls.values()) <= MOST_COUNTED


def has_any(usage: Usage) -> bool:
    """False for numbers that are all nothing."""
    return bool(usage.total or usage.milliseconds or usage.characters or usage.images)


def has_counts(usage: Usage) -> bool:
    """False for numbers that leave out what was read or what was written. Other units than tokens tell all."""
    tokens = usage.total_input > 0 and usage.total_output > 0
    return credible(usage) and (tokens or bool(usage.milliseconds or usage.characters or usage.images))


@dataclass(slots=True)
class Volume:
    """Amount that has been read of one stream. A frame without a character of output counts as one: no stream is
    without end, whatever it is made of."""

    characters: int = 0
    bytes: int = 0

    def goes_beyond(self, tokens: int) -> bool:
        """True where so much cannot be the tokens that the vendor was told to stop at."""
        most_bytes = FEW_BYTES + tokens * MOST_BYTES_A_TOKEN
        return self.bytes > most_bytes or self.characters > FEW_CHARACTERS + tokens * MOST_CHARACTERS_A_TOKEN


def characters_produced(events: Iterable[e.Event]) -> int:
    """Characters of output. Starts, stops, states and notes carry none of their own."""
    total = 0
    for event in events:
        match event:
            case e.TextDelta(text=text) | e.ThinkingDelta(text=text):
                total += len(text)
            case e.ArgumentsDelta(text=text) | e.RefusalDelta(text=text):
                total += len(text)
            case e.AudioDelta(data=data, transcript=transcript):
                total += len(transcript) + len(data) // SOUND_A_CHARACTER
            case e.BlockStart(block=b.Audio() as block):
                total += len(block.transcript or "") + _sound(block) // SOUND_A_CHARACTER
            case _:
                pass
    return total


def things_produced(events: Iterable[e.Event]) -> tuple[str, ...]:
    """Deliveries that are no characters: PICTURE, PREVIEW and the kind for a part of what a vendor-run tool makes, or
    the kind of such a tool for each of its calls."""
    found: list[str] = []
    for event in events:
        match event:
            case e.BlockStart(block=b.Image()):
                found.append(PICTURE)
            case e.BlockStart(block=b.ServerToolUse(kind=kind)):
                found.append(kind)
            case e.Note(shows=str(kind)):
                found.append(PREVIEW + kind)
            case _:
                pass
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Made:
    """An answer's size: `characters` of output, `things` that are none, and `sound` in characters of base64, which are
    among the characters by `SOUND_A_CHARACTER`."""

    characters: int = 0
    things: tuple[str, ...] = ()
    sound: int = 0

    @property
    def tokens(self) -> Usage:
        """The tokens of its text and its sound."""
        text = max(0, self.characters - self.sound // SOUND_A_CHARACTER)
        return Usage(output=-(-text // CHARACTERS_A_TOKEN), output_audio=-(-self.sound // SOUND_TOKEN))


def sound_produced(events: Iterable[e.Event]) -> int:
    """Characters of sound in base64; of compressed sound that is whole, as many as its length has uncompressed."""
    total = 0
    for event in events:
        match event:
            case e.AudioDelta(data=data):
                total += len(data)
            case e.BlockStart(block=b.Audio() as block):
                total += _sound(block)
            case _:
                pass
    return total


def _sound(block: b.Audio) -> int:
    from . import sound_frames  # loaded with the first spoken answer

    data = block.source.data if isinstance(block.source, b.Base64Source) else ""
    try:
        length = None if block.format == "pcm16" else sound_frames.milliseconds(base64.b64decode(data))
    except ValueError:
        length = None
    return len(data) if length is None else length * SOUND_A_MILLISECOND


def made_of(events: Sequence[e.Event]) -> Made:
    return Made(characters_produced(events), things_produced(events), sound_produced(events))


def uncounted(things: Sequence[str], reported: Usage) -> Usage:
    """The pictures of an answer whose vendor counted its words alone."""
    calls = sum(thing == DRAWING for thing in things)
    pictures = max(0, things.count(PICTURE) - max(calls, reported.tool_calls.get(DRAWING, 0)))
    told = reported.output_image or reported.total_output >= pictures * LEAST_PICTURE
    return Usage() if told else Usage(output_image=pictures * PICTURE_TOKENS)


def estimated(things: Sequence[str], *, counted: int) -> Usage:
    """Estimates the usage of things, where the vendor counted `counted` tokens of output in all. A tool's picture is
    its call's."""
    calls = Counter(thing for thing in things if thing != PICTURE and not thing.startswith(PREVIEW))
    for kind in {thing.removeprefix(PREVIEW) for thing in things if thing.startswith(PREVIEW)}:
        calls[kind] = max(1, calls[kind])
    pictures = max(0, things.count(PICTURE) - calls[DRAWING])
    tokens = pictures * PICTURE_TOKENS
    return Usage(output_image=tokens if counted < tokens else 0, tool_calls=dict(calls))


def produced(client: Client, answer: Mapping[str, Any], size: int) -> Made:
    """A whole answer's size; that of its body where it cannot be understood."""
    try:
        events = list(unfold(client.read_response(dict(answer))))
    except (RequestError, ValueError, KeyError, TypeError, AttributeError):
        return Made(size)
    return made_of(events)
