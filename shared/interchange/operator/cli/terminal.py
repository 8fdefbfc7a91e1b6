"""At a terminal: tables as wide as it is, and how far long work has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from interchange.operator import rendering
from interchange.operator.books import Shown

T = TypeVar("T")
PATIENCE_S = 0.5


def show(shown: Shown, console: Console | None = None) -> None:
    """Prints names and values, and a table below for each list. One that is wider than the terminal goes without the
    columns that have nothing in them; one that is wider still is a block of lines for each row, so that ids can be
    copied whole."""
    console = console or Console(highlight=False)
    for name, value in shown.items():
        if not rendering.is_table(value):
            console.print(Text(f"{name:<16} ", style="bold"), Text(rendering.said(value)), sep="", soft_wrap=True)
    for value in shown.values():
        if rendering.is_table(value):
            console.print()
            _print_rows(value, console)


def _print_rows(rows: list[Shown], console: Console) -> None:
    if rendering.width(rows) > console.width:
        rows = rendering.without_nothing(rows)
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
    """Says on the standard error how many are done, once it takes longer than a moment; nothing is left of it."""
    if not sys.stderr.isatty():
        yield from items
        return
    known, begun = list(items), time.monotonic()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task(what, total=len(known))
    try:
        for number, one in enumerate(known):
            progress.update(task, completed=number)
            if not progress.live.is_started and time.monotonic() - begun >= PATIENCE_S:
                progress.start()
            yield one
    finally:
        progress.stop()
