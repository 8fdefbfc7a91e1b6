"""README's table of docs/performance.md: the same without spreads. `python -m benchmarks.peers.quote` copies it."""

from __future__ import annotations

import re

from .gateways import ROOT

PAGE, README = ROOT / "docs" / "performance.md", ROOT / "README.md"
BEGIN, END = "<!-- from docs/performance.md -->\n", "<!-- end -->\n"
_SPREAD = re.compile(r" \([\d.]+ to [\d.]+\)")


def table(page: str) -> str:
    """`| CPU a whole chat | **1.0x** · 0.21 ms | ...`, the lines of the page's table."""
    return "".join(_SPREAD.sub("", line) + "\n" for line in page.splitlines() if line.startswith("|"))


def quoted(readme: str, page: str) -> str:
    """README with the page's table between its two marks. Raises ValueError where a mark is missing."""
    before, began, rest = readme.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not began or not ended:
        raise ValueError("README has no place for the table of docs/performance.md")
    return before + BEGIN + table(page) + END + after


def main() -> None:
    README.write_text(quoted(README.read_text(), PAGE.read_text()))


if __name__ == "__main__":
    main()
