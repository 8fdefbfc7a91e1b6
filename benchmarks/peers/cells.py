"""Figures of one round of asking one gateway."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One round: CPU a request in ms, and a chunk in us; the median answer in ms; answers a second."""

    cpu_ms: float
    chunk_us: float
    answer_ms: float
    per_second: float

    def summary(self) -> str:
        return f"{self.cpu_ms:7.2f} ms CPU {self.answer_ms:7.2f} ms {self.per_second:8.0f}/s"
