"""Aims of the gateway beside the others, whether it reaches them, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .cells import Cell
from .vendor import CHUNKS

OURS, FLOOR, PEER = "interchange", "relay", "portkey"
WHOLE, ALONE, BURST, PACED, TRANSLATED = (
    "whole, 32 clients", "whole, one client", "stream, burst", "stream, paced", "Messages, burst",
)  # fmt: skip
Cells = Mapping[tuple[str, str], Sequence[Cell]]
Figure = Callable[[Cell], float]


@dataclass(frozen=True)
class Aim:
    """`of` is whose figure the bound is a multiple of; None where `bound` is the figure itself."""

    title: str
    mode: str
    figure: Figure
    unit: str
    bound: float
    of: str | None = None
    at_least: bool = False

    def line(self, cells: Cells) -> str | None:
        """None where one of the two was not measured."""
        found = _median(cells, OURS, self.mode, self.figure)
        other = 1.0 if self.of is None else _median(cells, self.of, self.mode, self.figure)
        if found is None or other is None:
            return None
        bound = self.bound * other
        reached = found >= bound if self.at_least else found <= bound
        words = f"{'at least' if self.at_least else 'at most'} {_short(bound)}"
        whose = "" if self.of is None else f" ({self.bound:g} times {self.of}'s)"
        said = "reached" if reached else "not reached"
        return f"- {self.title}: {f'{_short(found)} {self.unit}'.strip()}, to be {words}{whose}: {said}."


AIMS = (
    Aim("CPU a whole chat", WHOLE, lambda cell: cell.cpu_ms, "ms", 1.0),
    Aim("whole chats a second on one core", WHOLE, lambda cell: cell.per_second, "", 2.0, PEER, at_least=True),
    Aim("time of a whole chat, one client", ALONE, lambda cell: cell.answer_ms, "ms", 1.0, PEER),
    Aim("CPU a streamed chunk, burst", BURST, lambda cell: cell.chunk_us, "us", 8.0),
    Aim("CPU a streamed chunk, 10 ms apart", PACED, lambda cell: cell.chunk_us, "us", 1.3, FLOOR),
    Aim("CPU a chunk, Messages to chat, burst", TRANSLATED, lambda cell: cell.chunk_us, "us", 18.0),
)
WHY = """A whole chat is read, understood and priced before money is held for it, and settled with its row before its
last byte leaves: some 1,650 calls of functions in Python. A fifth of the time is the table's, the most of it two
commits of the file, which write five pages of 4 kB; a tenth is the way to the vendor (decisions 0093 and 0094). The
rest is spread over more than a hundred functions, none of which takes 3 %: the sum of many checks, none of which could
be left out."""


def lines(cells: Cells) -> list[str]:
    """A part of the page."""
    told = [line for aim in AIMS if (line := aim.line(cells)) is not None]
    whole, burst = (_median(cells, OURS, WHOLE, lambda cell: cell.cpu_ms),
                    _median(cells, OURS, BURST, lambda cell: cell.chunk_us))  # fmt: skip
    if not told or whole is None or burst is None:
        return []
    fixed = whole * 1000 / CHUNKS
    share = (
        f"Of the {burst:.3g} us of a chunk in a burst {fixed:.2g} are a whole request's cost divided by its {CHUNKS}"
        " chunks;\nmost of the rest is aiohttp's reading of HTTP's chunks, which the relay pays too."
    )
    return ["", "## Aims", "", *told, "", WHY, "", share]


def _median(cells: Cells, name: str, mode: str, figure: Figure) -> float | None:
    found = cells.get((name, mode))
    return median(map(figure, found)) if found else None


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
