"""docs/performance.md, from what was measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from . import aims
from .cells import Cell

FLOOR = "relay"


@dataclass(frozen=True)
class Mode:
    name: str
    path: str
    stream: bool
    clients: int
    seconds: float
    pace_ms: int = 0


Cells = Mapping[tuple[str, str], Sequence[Cell]]
ROWS: tuple[tuple[str, str, Callable[[Cell], float], str], ...] = (
    ("CPU a whole chat", "whole, 32 clients", lambda cell: cell.cpu_ms, "ms"),
    ("whole chats a second on one core", "whole, 32 clients", lambda cell: cell.per_second, ""),
    ("time of a whole chat, one client", "whole, one client", lambda cell: cell.answer_ms, "ms"),
    ("CPU a streamed chunk, burst", "stream, burst", lambda cell: cell.chunk_us, "us"),
    ("CPU a streamed chunk, 10 ms apart", "stream, paced", lambda cell: cell.chunk_us, "us"),
    ("CPU a whole answer, Messages to chat", "Messages, whole", lambda cell: cell.cpu_ms, "ms"),
    ("CPU a chunk, Messages to chat, burst", "Messages, burst", lambda cell: cell.chunk_us, "us"),
)
HEAD = """# Performance

Written by `make bench-peers`, which installs the others at the versions below, starts all of them and one scripted
vendor, and asks each in turns, in another order each round. One core for each gateway; the vendor and the clients have
the other. Ratios are to the relay, a program of 40 lines that passes bytes on and knows nothing of them: the floor for
Python. Compare within this page only: absolute figures are of one machine on one day, and differences below 1.5 are
noise unless the spreads do not meet.

This gateway meters: each request looks up its key, holds money, and settles it in a table on disk (SQLite). Portkey and
LiteLLM run here without a database: they keep no balance, and log nothing.
"""


def write(cells: Cells, versions: Mapping[str, str], ready: Mapping[str, float], memory: Mapping[str, float],
          modes: Sequence[Mode], rounds: int) -> str:  # fmt: skip
    names = list(versions)
    lines = [
        HEAD,
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {rounds} rounds.",
        "",
        "| | " + " | ".join(f"{name} ({versions[name]})" for name in names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for title, mode, figure, unit in ROWS:
        floor = _median(cells, FLOOR, mode, figure)
        shown = [_cell(cells.get((name, mode), ()), figure, unit, floor) for name in names]
        lines.append(f"| {title} | " + " | ".join(shown) + " |")
    lines.append("| start to the first answer | " + " | ".join(f"{ready[name]:.1f} s" for name in names) + " |")
    lines.append("| memory after the load | " + " | ".join(f"{memory[name]:.0f} MB" for name in names) + " |")
    clients = ", ".join(f"{mode.name}: {mode.clients}" for mode in modes)
    return "\n".join([*lines, "", f"Clients at once: {clients}. A stream has 200 chunks.", *aims.lines(cells), ""])


def _median(cells: Cells, name: str, mode: str, figure: Callable[[Cell], float]) -> float | None:
    found = cells.get((name, mode))
    return median(map(figure, found)) if found else None


def _cell(found: Sequence[Cell], figure: Callable[[Cell], float], unit: str, floor: float | None) -> str:
    """ "2.1x · 0.80 ms (0.78 to 0.84)"; a dash where the gateway cannot do it."""
    if not found:
        return "-"
    values = sorted(map(figure, found))
    ratio = f"**{median(values) / floor:.1f}x** · " if floor else ""
    return f"{ratio}{_short(median(values))} {unit} ({_short(values[0])} to {_short(values[-1])})".replace("  ", " ")


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
