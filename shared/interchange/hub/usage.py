"""Token accounting. Every token is counted once; totals are computed, never stored.

The vendors count differently (OpenAI and Gemini include cached tokens in the prompt, Messages does not; xAI and Gemini
sometimes leave reasoning out of the output): each protocol's reader brings its numbers into this form, its writer
brings them back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from typing import Any

from interchange.dataclass import dataclass, replace


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by kind, all disjoint except `reasoning`, which is a part of `output` (billed as output).

    `input` is uncached text input; `input_audio`/`input_image` and `output_audio`/`output_image` are NOT part of
    `input`/`output`. Cached tokens are `cache_read`; those of sound and of pictures, where the vendor tells them
    apart, are `cache_read_audio` and `cache_read_image` beside it. `tool_calls` counts calls of vendor-run tools by hub
    kind ("web_search": 2). `milliseconds`, `characters`, `images` are units of the other families.
    `accepted_prediction`/`rejected_prediction` are parts of `output` (rejected ones are billed as output).
    """

    input: int = 0
    input_audio: int = 0
    input_image: int = 0
    cache_read: int = 0
    cache_read_audio: int = 0
    cache_read_image: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    output_audio: int = 0
    output_image: int = 0
    accepted_prediction: int = 0
    rejected_prediction: int = 0
    milliseconds: int = 0
    characters: int = 0
    images: int = 0
    tool_calls: Mapping[str, int] = field(default_factory=dict)
    image_kind: str | None = None
    """"size/quality" of the `images`, as far as they were asked for: what a price per image is looked up by."""
    service_tier: str | None = None
    """The tier that the vendor says it served ("default", "priority", "fast", "flex", "batch"), where it says."""
    region: str | None = None
    """Where the vendor says that the model ran ("us"), for those who charge by it."""
    shares: tuple[tuple[str, Usage], ...] = ()
    """What each model used, by the vendor's names, where several may have served one request."""

    @property
    def total_input(self) -> int:
        """Every input token: uncached, cached and written, of every modality."""
        return (
            self.input
            + self.input_audio
            + self.input_image
            + self.total_cache_read
            + self.cache_write_5m
            + self.cache_write_1h
        )

    @property
    def total_cache_read(self) -> int:
        """Input tokens read from a cache, of every modality."""
        return self.cache_read + self.cache_read_audio + self.cache_read_image

    @property
    def total_output(self) -> int:
        return self.output + self.output_audio + self.output_image

    @property
    def total(self) -> int:
        return self.total_input + self.total_output

    def merge(self, other: Usage) -> Usage:
        """The maximum per field: reports within one answer are cumulative, and may come in several frames."""
        changes: dict[str, object] = {}
        for item in fields(self):
            if item.name in WORDS:
                continue
            changes[item.name] = max(getattr(self, item.name), getattr(other, item.name))
        names = [*self.tool_calls, *(name for name in other.tool_calls if name not in self.tool_calls)]
        changes["tool_calls"] = {n: max(self.tool_calls.get(n, 0), other.tool_calls.get(n, 0)) for n in names}
        changes["image_kind"] = other.image_kind or self.image_kind
        changes["service_tier"] = other.service_tier or self.service_tier
        changes["region"] = other.region or self.region
        changes["shares"] = other.shares or self.shares
        return replace(self, **changes)  # type: ignore[arg-type]

    def plus(self, other: Usage) -> Usage:
        """The sum: of two answers, each counted for itself. The words are the later one's."""
        counts = [item.name for item in fields(self) if item.name not in WORDS]
        sums = {name: getattr(self, name) + getattr(other, name) for name in counts}
        names = dict.fromkeys([*self.tool_calls, *other.tool_calls])
        calls = {name: self.tool_calls.get(name, 0) + other.tool_calls.get(name, 0) for name in names}
        kept = {name: getattr(other, name) or getattr(self, name) for name in WORDS[2:]}
        return replace(self, **sums, **kept, tool_calls=calls, shares=(*self.shares, *other.shares))


WORDS = ("tool_calls", "shares", "service_tier", "image_kind", "region")
"""Fields of a `Usage` that are no counts."""


def sum_of(usages: Iterable[Usage]) -> Usage:
    """The sum of several answers' usage."""
    found, *others = [*usages] or [Usage()]
    for usage in others:
        found = found.plus(usage)
    return found


def whole(value: Any) -> int:
    """A count as a vendor writes it, at least 0: fractions are cut, and what is no finite number is nothing."""
    if type(value) is int:
        return max(0, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return max(0, int(value))
