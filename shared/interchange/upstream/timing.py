"""Time limits of one try of a vendor, by what is asked of it."""

from __future__ import annotations

from interchange.dataclass import dataclass

from .call import Patience

TOKENS_A_SECOND = 25
"""The slowest that a model writes. A whole answer's first byte comes when all of it has been written."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The deployment's limits, in seconds. `first_byte` None is DEFAULT, and longer for whole answers by what they may
    hold; a number that somebody has set is meant as it is."""

    connect: float = 5.0
    first_byte: float | None = None
    silence: float = 90.0

    def patience(
        self, first_byte: float | None, *, stream: bool, tokens: int | None, reasons: bool = False
    ) -> Patience:
        """`first_byte` is the catalog's, by route or model; `tokens` what the answer may hold; `reasons` is True for a
        model that thinks before its first byte."""
        told = first_byte if first_byte is not None else self.first_byte
        if told is not None:
            return Patience(self.connect, told, self.silence)
        written = 0.0 if stream else (tokens or WITHOUT_LIMIT) / TOKENS_A_SECOND
        return Patience(self.connect, (REASONING if reasons else DEFAULT) + written, self.silence)


DEFAULT = 60.0
REASONING = 300.0
"""For models that think in silence: chat completions have no event for it."""
WITHOUT_LIMIT = 4_000
"""Tokens of an answer that nobody has bounded."""
