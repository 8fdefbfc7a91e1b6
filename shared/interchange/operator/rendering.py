"""Renders an answer for the operator: lines, a table, or CSV. Money stays the exact decimal string that it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from .amounts import TURNING
from .books import Shown

UNSEEN = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{TURNING}]")
"""What a terminal obeys, or reads backwards: a customer names their keys and users as they like."""
NONE_OF_THEM = "(none)"
NOTHING: tuple[Any, ...] = (None, "", 0, "0", [], {})
NUMBERS = ("_usd", "_tokens", "_ms", "requests", "failed")


def lines(shown: Shown) -> str:
    """Names and values; a list of objects becomes a table below, whatever its width: it is for another program."""
    flat = [f"{name:<16} {said(value)}" for name, value in shown.items() if not is_table(value)]
    tables = [f"\n{table(value)}" for value in shown.values() if is_table(value)]
    return "\n".join([*flat, *tables])


def said(value: Any) -> str:
    """Says it beside its name, also where a list has nothing in it."""
    return NONE_OF_THEM if value == [] else cell(value)


def blocks(rows: Sequence[Shown]) -> str:
    """A block of lines for each row."""
    longest = max(map(len, names(rows)))
    return "\n\n".join(
        "\n".join(f"{name:<{longest}}  {cell(value)}" for name, value in row.items() if value not in (None, ""))
        for row in rows
    )


def width(rows: Sequence[Shown]) -> int:
    """Returns the width of the table that they would be."""
    return max(map(len, table(rows).splitlines()))


def without_nothing(rows: Sequence[Shown]) -> list[Shown]:
    """Leaves out the columns in which every row has nothing."""
    idle = {name for name in names(rows) if all(row.get(name) in NOTHING for row in rows)}
    return [{name: value for name, value in row.items() if name not in idle} for row in rows]


def table(rows: Sequence[Shown]) -> str:
    named = names(rows)
    cells = [[cell(row.get(name, "")) for name in named] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(named)]
    return "\n".join(
        "  ".join(
            text.rjust(most) if name.endswith(NUMBERS) else text.ljust(most)
            for name, text, most in zip(named, line, widths, strict=True)
        ).rstrip()
        for line in [named, *cells]
    )


def comma_separated(rows: Sequence[Shown], columns: Sequence[str]) -> str:
    """Writes rows as CSV, with a header also where there are none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(cell(row.get(name, ""))) for name in columns] for row in rows)
    return out.getvalue().rstrip("\n")


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell that a spreadsheet runs begins with (OWASP, "CSV Injection"); the wide ones are read as the others."""
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _safe(text: str) -> str:
    """Mark a cell that a spreadsheet would run: a name, a user or a tag may come from a stranger."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not PLAIN_NUMBER.fullmatch(text) else text


def is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def names(rows: Sequence[Shown]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def cell(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case dict():
            return " ".join(f"{name}={cell(one)}" for name, one in value.items())
        case list():
            return ",".join(map(cell, value)) if len(value) < 4 else "\n  " + "\n  ".join(map(cell, value))
        case _:
            return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), str(value))
