"""Estimates the length of the sound that went to a caller, for when its vendor does not say what it made."""

from __future__ import annotations

from interchange.dataclass import dataclass
from interchange.exchange import sound_frames

PCM_BYTES_A_MILLISECOND = 48
"""Raw sound is 24 kHz, 16 bits, one channel: https://platform.openai.com/docs/guides/text-to-speech"""
KEPT = 256 * 1024
"""Bytes of the beginning that are kept: the rest is taken to be like them."""


@dataclass(slots=True)
class Delivered:
    head: bytes = b""
    size: int = 0

    def add(self, data: bytes) -> None:
        self.size += len(data)
        if len(self.head) < KEPT:
            self.head += data[:KEPT]

    def milliseconds(self, form: str | None) -> int | None:
        """None where its frames tell no length. `form` is what was asked for."""
        if form == "pcm":
            return self.size // PCM_BYTES_A_MILLISECOND
        found = sound_frames.milliseconds(self.head)
        return None if found is None else found * self.size // len(self.head)
