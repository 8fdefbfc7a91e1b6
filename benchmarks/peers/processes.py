"""Measures what a tree of processes costs, as Linux counts it (/proc): CPU and memory."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
NANO = 10**9


def tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_seconds(root: int) -> float:
    total = 0
    for process in tree(root):
        with suppress(OSError):
            for task in (PROC / str(process) / "task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
    return total / NANO


def memory_mb(root: int) -> float:
    """Resident memory."""
    pages = 0
    for process in tree(root):
        with suppress(OSError):
            pages += int((PROC / str(process) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
