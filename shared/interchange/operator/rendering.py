"""Renders an answer for the operator: lines, a table, or CSV. Money stays the exact decimal string that it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from .books import Shown

NUMBERS = ("_usd", "_tokens", "requests", "failed")


def lines(shown: Shown, width: int | None = None) -> str:
    """Names and values; a list of objects becomes a table below. `width` is the terminal's, None where there is none:
    a table that is wider becomes a block of lines for each row."""
    flat = [f"{name:<16} {_cell(value)}" for name, value in shown.items() if not _is_table(value)]
    tables = [f"\n{_fitted(value, width)}" for value in shown.values() if _is_table(value)]
    return "\n".join([*flat, *tables])


def _fitted(rows: Sequence[Shown], width: int | None) -> str:
    whole = table(rows)
    if width is None or max(map(len, whole.splitlines())) <= width:
        return whole
    longest = max(map(len, _names(rows)))
    return "\n\n".join(
        "\n".join(f"{name:<{longest}}  {_cell(value)}" for name, value in row.items() if value not in (None, ""))
        for row in rows
    )


def table(rows: Sequence[Shown]) -> str:
    names = _names(rows)
    cells = [[_cell(row.get(name, "")) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if name.endswith(NUMBERS) else cell.ljust(width)
            for name, cell, width in zip(names, line, widths, strict=True)
        ).rstrip()
        for line in [names, *cells]
    )


def comma_separated(rows: Sequence[Shown], columns: Sequence[str]) -> str:
    """Writes rows as CSV, with a header also where there are none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(_cell(row.get(name, ""))) for name in columns] for row in rows)
    return out.getvalue().rstrip("\n")


def _safe(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; a model's name may come from a stranger's catalog."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t", "\r") else cell


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _names(rows: Sequence[Shown]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return " ".join(f"{name}={_cell(one)}" for name, one in value.items())
        case list():
            return ",".join(map(_cell, value)) if len(value) < 4 else "\n  " + "\n  ".join(map(_cell, value))
        case _:
            return str(value)
