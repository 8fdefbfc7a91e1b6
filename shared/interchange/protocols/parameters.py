"""One row a parameter: its field in the hub, its name on the wire, and what a value must be.

A protocol's table is read by its `server/request.py` and written by its `client/request.py`, so that a parameter that
is read is one that can be written, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from interchange.dataclass import dataclass


class Kind(StrEnum):
    """Type of a value, with its bounds."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    OBJECT = "object"
    TEXTS_BY_NAME = "texts by name"


@dataclass(frozen=True, slots=True)
class Row:
    """`wire` is "" where the hub has the same name. `least` is the smallest integer. `neutral` are values that mean
    what the parameter's absence means: leaving them out loses nothing. `sampling` marks what reasoning models refuse
    (trait `sampling: false`). `by_hand` is written by code of its own, the rest as it is."""

    hub: str
    kind: Kind
    wire: str = ""
    least: int | None = None
    neutral: tuple[object, ...] = ()
    sampling: bool = False
    by_hand: bool = False

    @property
    def name(self) -> str:
        return self.wire or self.hub


def spelled(rows: Iterable[Row]) -> dict[str, str]:
    """Hub field -> name on the wire, of what is carried as it is."""
    return {row.hub: row.name for row in rows if not row.by_hand}


def known(rows: Iterable[Row]) -> frozenset[str]:
    """Hub fields that the protocol has."""
    return frozenset(row.hub for row in rows)


def names(rows: Iterable[Row]) -> frozenset[str]:
    """Names on the wire."""
    return frozenset(row.name for row in rows)


def sampling(rows: Iterable[Row]) -> frozenset[str]:
    """Names on the wire of what steers sampling."""
    return frozenset(row.name for row in rows if row.sampling)


def neutral(rows: Iterable[Row]) -> dict[str, tuple[object, ...]]:
    """Name on the wire -> values that say no more than its absence."""
    return {row.name: row.neutral for row in rows if row.neutral}
