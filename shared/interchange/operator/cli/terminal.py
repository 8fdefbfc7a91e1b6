"""At a terminal: tables as wide as it is, and how far long work has come."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from interchange.operator import rendering
from interchange.operator.books import Shown

T = TypeVar("T")


def show(shown: Shown, console: Console | None = None) -> None:
    """Names and values, and a table below for each list; one that is wider than the terminal is a block of lines for
    each row, so that ids can be copied whole."""
    console = console or Console(highlight=False)
    for name, value in shown.items():
        if not rendering.is_table(value):
            console.print(Text(f"{name:<16} ", style="bold"), Text(rendering.cell(value)), sep="", soft_wrap=True)
    for value in shown.values():
        if rendering.is_table(value):
            console.print()
            _print_rows(value, console)


def _print_rows(rows: list[Shown], console: Console) -> None:
    if rendering.width(rows) > console.width:
        console.print(Text(rendering.blocks(rows)), soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    names = rendering.names(rows)
    for name in names:
        table.add_column(name, justify="right" if name.endswith(rendering.NUMBERS) else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(rendering.cell(row.get(name, ""))) for name in names))
    console.print(table)


def watch(items: Iterable[T], what: str) -> Iterator[T]:
    """Says on the standard error how many are done, and for how long it has worked; nothing is left of it."""
    if not sys.stderr.isatty():
        yield from items
        return
    known = list(items)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(known, description=what)
