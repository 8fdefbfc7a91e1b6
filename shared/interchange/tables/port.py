"""The table that the books, the keys and the memory ask for: items under two keys, changed by conditional updates.

Names, values and expressions are DynamoDB's, values as plain Python: str, int, Decimal, bool, None, bytes, list, map,
and sets of str. Numbers come back as int or Decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

from interchange.dataclass import dataclass

Item = dict[str, Any]
ROWS, DUE = "gsi1", "gsi2"
"""The indexes. Each has the items that bear its two attributes (`gsi1pk`, `gsi1sk`); the second gives back their keys
and those attributes alone, so that an update which leaves them as they are costs it nothing."""
LAST = "\U0010ffff"
"""Sorts behind every sort key."""


class ConditionFailed(Exception):
    """The item was not as the condition demands. `item` is how it was; empty where there is none. `step` is the place
    of the failed one among a transaction's steps."""

    def __init__(self, item: Item, step: int = 0) -> None:
        super().__init__("the condition does not hold")
        self.item = item
        self.step = step


@dataclass(frozen=True, slots=True)
class Change:
    """One conditional update. Names and values as DynamoDB's expressions want them, values as plain Python."""

    update: str
    condition: str
    names: Mapping[str, str]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Insert:
    """A transaction's step: a new item, whose key must be free."""

    item: Item


@dataclass(frozen=True, slots=True)
class Update:
    """A transaction's step: one conditional update."""

    pk: str
    sk: str
    change: Change


@runtime_checkable
class Copied(Protocol):
    """A table that can be copied to a file."""

    def backup(self, path: str) -> None:
        """Writes a copy of how it stands now, while requests go on. Raises FileExistsError, OSError."""


class Table(Protocol):
    """Thread-safe. What a call has answered is kept, whatever becomes of the process."""

    @property
    def near(self) -> bool:
        """True where a call takes microseconds, so that it need not leave the event loop."""

    @property
    def on_loop(self) -> bool:
        """True where a call from `waiting.on_loop` lets the event loop go on while it waits."""

    def insert(self, item: Item) -> None:
        """Raises ConditionFailed where the key is taken."""

    def put(self, item: Item) -> None:
        """Writes it over what is there."""

    def change(self, pk: str, sk: str, change: Change) -> Item:
        """Applies it and returns the new item. Raises ConditionFailed."""

    def transact(self, steps: Sequence[Insert | Update]) -> None:
        """All of the steps or none. Raises ConditionFailed for the first whose condition does not hold."""

    def get(self, pk: str, sk: str) -> Item | None: ...

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        """Those of at most 100 keys that are there, in any order."""

    def together(self) -> AbstractContextManager[None]:
        """The calls within, each whole by itself, become lasting at one moment where that is cheaper; also where one of
        them raises."""

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """The items of one partition whose sort key begins with `prefix`, in its order."""

    def query_index(
        self,
        pk: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
        after: str = "",
        before: str = LAST,
        index: str = ROWS,
    ) -> Iterator[Item]:
        """The items of one partition of an index between two of its sort keys, both left out; by time."""
