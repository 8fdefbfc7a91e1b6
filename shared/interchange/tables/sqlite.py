"""The table in SQLite: one file on this machine, for one gateway of any number of processes, and for the tests.

A change is one short write transaction that begins with the lock, so that nothing comes between an item's condition and
its update, in this process or another. The write-ahead log keeps what was committed when a process is killed. Power
loss may take the last moments' commits, unless the address asks for `durable=full`, which waits for the disk at each
(docs/decisions/0013-embedded-table.md).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from . import expressions
from .items import plain, read_item, write_item
from .port import DUE, LAST, ROWS, Change, ConditionFailed, Insert, Item, Update

MEMORY = ":memory:"
BUSY_S = 10.0
"""How long a call waits for another process's write; one takes well below a millisecond."""
PAGE = 500
"""Items read at once."""
INDEXED = ("gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "expires_at")
"""Attributes that have a column of their own."""
LATER = ("gsi2pk", "gsi2sk")
"""Columns that a file of an earlier release has not."""
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS items (place INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL,"
    " gsi1pk TEXT, gsi1sk TEXT, expires_at INTEGER, item BLOB NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS by_key ON items (pk, sk)",
    "CREATE INDEX IF NOT EXISTS by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL",
)
INDEX = "CREATE INDEX IF NOT EXISTS {0} ON items ({0}pk, {0}sk) WHERE {0}pk IS NOT NULL"
READ = "SELECT item FROM items WHERE pk = ? AND sk = ?"
INSERT = (
    "INSERT INTO items (item, gsi1pk, gsi1sk, gsi2pk, gsi2sk, expires_at, pk, sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (pk, sk) DO NOTHING"
)
UPDATE = "UPDATE items SET item = ? WHERE pk = ? AND sk = ?"
"""Of an item whose place in the indexes stays."""
UPDATE_SAME = f"{UPDATE} AND item = ?"
"""The same, where it is still that text."""
MOST_WRITTEN = 100
"""Items that are remembered as they were written last."""
REPLACE = (
    "INSERT INTO items (item, gsi1pk, gsi1sk, gsi2pk, gsi2sk, expires_at, pk, sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item, gsi1pk = excluded.gsi1pk, gsi1sk = excluded.gsi1sk,"
    " gsi2pk = excluded.gsi2pk, gsi2sk = excluded.gsi2sk, expires_at = excluded.expires_at"
)
PARTITION = "SELECT item, sk FROM items WHERE pk = ? AND sk >= ? AND sk <= ? AND sk > ? ORDER BY sk LIMIT ?"
OLDEST_FIRST = (
    "SELECT item, {0}sk, place FROM items WHERE {0}pk = ? AND ({0}sk, place) > (?, ?) AND {0}sk < ?"
    " ORDER BY {0}sk, place LIMIT ?"
)
NEWEST_FIRST = (
    "SELECT item, {0}sk, place FROM items WHERE {0}pk = ? AND ({0}sk, place) < (?, ?) AND {0}sk > ?"
    " ORDER BY {0}sk DESC, place DESC LIMIT ?"
)
"""Both of one index."""
EXPIRED = "DELETE FROM items WHERE place IN (SELECT place FROM items WHERE expires_at <= ? LIMIT ?)"
WHOLE = ("BEGIN IMMEDIATE", "ROLLBACK", "COMMIT")
PART = ("SAVEPOINT part", "ROLLBACK TO part", "RELEASE part")
"""How a change begins, is undone, and ends: by itself, and among others."""
FIRST_PLACE, LAST_PLACE = -1, 2**63 - 1


class SqliteTable:
    """`path` may be ":memory:", which lives as long as this. Each process opens its own, and none may outlive a fork.
    Raises OSError; FileNotFoundError where there is no such file, and `create` is not set."""

    def __init__(self, path: str | Path, *, create: bool = False, durable: bool = False) -> None:
        self.path = str(path)
        self.near = not durable  # which waits for the disk
        self.on_loop = False
        if not create and self.path != MEMORY and not Path(path).exists():
            raise FileNotFoundError(f"there is no table {path}")
        self._lock = threading.RLock()
        self._grouped = False
        self._group = _Group(self._begin_group, self._end_group)
        self._told = _Told(self.path)
        self._last: dict[tuple[str, str], tuple[bytes, Item]] = {}
        """Items that were changed here, as text and read. Another process may have changed them since."""
        with self._told:
            self._file = sqlite3.connect(
                self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            self._written, self._part = _Written(self._file, *WHOLE), _Written(self._file, *PART)
            self._file.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._prepare()

    def _prepare(self) -> None:
        self._file.execute("PRAGMA journal_mode = WAL")
        with self._written:
            for statement in SCHEMA:
                self._file.execute(statement)
            there = {column[1] for column in self._file.execute("PRAGMA table_info (items)")}
            for column in LATER:
                if column not in there:
                    self._file.execute(f"ALTER TABLE items ADD COLUMN {column} TEXT")
            for index in (ROWS, DUE):
                self._file.execute(INDEX.format(index))

    def close(self) -> None:
        self._file.close()

    def insert(self, item: Item) -> None:
        with self._lock, self._told:
            self._insert(item)

    def put(self, item: Item) -> None:
        with self._lock, self._told:
            self._file.execute(REPLACE, _row(plain(item)))

    def change(self, pk: str, sk: str, change: Change) -> Item:
        step = _plain(Update(pk, sk, change))
        with self._lock, self._told:
            item = self._change_last(step)
            if item is None and self._grouped:
                item = self._change(step)
            elif item is None:
                with self._written:
                    item = self._change(step)
            return dict(item)

    def transact(self, steps: Sequence[Insert | Update]) -> None:
        with self._lock, self._told, self._part if self._grouped else self._written:
            for number, step in enumerate(steps):
                try:
                    self._insert(step.item) if isinstance(step, Insert) else self._change(_plain(step))
                except ConditionFailed as failed:
                    raise ConditionFailed(failed.item, number) from None

    def get(self, pk: str, sk: str) -> Item | None:
        with self._lock, self._told:
            return self._read(pk, sk)

    def get_many(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        with self._lock, self._told:
            found = [self._read(pk, sk) for pk, sk in keys]
        return [item for item in found if item is not None]

    def together(self) -> AbstractContextManager[None]:
        """One commit for all that is written within, whatever came of the rest."""
        return self._group

    def _begin_group(self) -> None:
        self._lock.acquire()
        try:
            with self._told:
                self._file.execute(WHOLE[0])
        except BaseException:
            self._lock.release()
            raise
        self._grouped = True

    def _end_group(self) -> None:
        self._grouped = False
        try:
            with self._told:
                self._written.end()
        finally:
            self._lock.release()

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        last = ""
        while page := self._page(PARTITION, pk, prefix, prefix + LAST, last, PAGE):
            for text, last in page:  # noqa: B007 - the next page begins behind the last
                yield read_item(text)
            if len(page) < PAGE:  # what was one page is as it was at one moment
                return

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
        statement = (NEWEST_FIRST if newest_first else OLDEST_FIRST).format(index)
        # a place beyond all others leaves out what has the bound's own sort key, which both bounds do
        last, place, end = (before, FIRST_PLACE, after) if newest_first else (after, LAST_PLACE, before)
        left = limit if limit is not None else LAST_PLACE
        while page := self._page(statement, pk, last, place, end, min(PAGE, left)):
            for text, last, place in page:  # noqa: B007 - the next page begins behind the last
                yield read_item(text)
            left -= len(page)
            if len(page) < PAGE:
                return

    def forget(self, now_s: int) -> int:
        """Removes what has expired (`expires_at`, in seconds), as DynamoDB does by itself. Returns how many."""
        gone = 0
        while True:
            with self._lock, self._told:
                removed = self._file.execute(EXPIRED, (now_s, PAGE)).rowcount
            gone += removed
            if removed < PAGE:
                return gone

    def backup(self, path: str | Path) -> None:
        """Writes a copy of how it stands now, while requests go on. Raises FileExistsError, OSError."""
        if Path(path).exists():
            raise FileExistsError(f"{path}: exists already")
        with self._lock, self._told:
            copy = sqlite3.connect(path)
            try:
                self._file.backup(copy)
            finally:
                copy.close()

    def _page(self, statement: str, *values: Any) -> list[Any]:
        with self._lock, self._told:
            return self._file.execute(statement, values).fetchall()

    def _read(self, pk: str, sk: str) -> Item | None:
        found = self._file.execute(READ, (pk, sk)).fetchone()
        return None if found is None else read_item(found[0])

    def _insert(self, item: Item) -> None:
        made = plain(item)
        if self._file.execute(INSERT, _row(made)).rowcount == 0:
            raise ConditionFailed(self._read(made["pk"], made["sk"]) or {})

    def _change_last(self, step: Update) -> Item | None:
        """The item changed by one statement, where it is as it was written here last. None where it has to be read:
        only what is in the file can fail a condition."""
        key = step.pk, step.sk
        text, was = self._last.get(key, (b"", {}))
        try:
            item = expressions.applied(step.change, was) if was and expressions.holds(step.change, was) else {}
        except expressions.InvalidExpression:
            return None
        if not item or _indexed(item) != _indexed(was):
            return None
        written = write_item(item)
        if self._file.execute(UPDATE_SAME, (written, *key, text)).rowcount == 0:
            del self._last[key]
            return None
        self._last[key] = written, item
        return item

    def _change(self, step: Update) -> Item:
        key = step.pk, step.sk
        was = self._read(*key) or {}
        if not expressions.holds(step.change, was):
            raise ConditionFailed(was)
        item = expressions.applied(step.change, was or {"pk": step.pk, "sk": step.sk})
        if _indexed(item) == _indexed(was):
            written = write_item(item)
            self._file.execute(UPDATE, (written, *key))
            if len(self._last) >= MOST_WRITTEN:
                self._last.clear()
            self._last[key] = written, item
        else:
            self._file.execute(REPLACE, _row(item))
        return item


def _plain(step: Update) -> Update:
    given = step.change
    return Update(step.pk, step.sk, Change(given.update, given.condition, given.names, plain(given.values)))


class _Told:
    """Turns what the file refuses into an OSError that names it, as for a table that cannot be reached. A class, as the
    next one: a generator's context costs more than the statement in it."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise OSError(f"the table {self._path}: {error}") from error


class _Group:
    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin, self._end = begin, end

    def __enter__(self) -> None:
        self._begin()

    def __exit__(self, _kind: object, _error: object, _trace: object) -> None:
        self._end()


class _Written:
    """A write transaction, or a part of one: all of it or nothing."""

    def __init__(self, file: sqlite3.Connection, begin: str, undo: str, end: str) -> None:
        self._file = file
        self._begin, self._undo, self._end = begin, undo, end

    def __enter__(self) -> None:
        self._file.execute(self._begin)

    def __exit__(self, kind: object, _error: object, _trace: object) -> None:
        if kind is None:
            self.end()
        else:
            self._file.execute(self._undo)

    def end(self) -> None:
        """Ends the transaction; what a full disk refuses must not stay open for the next caller."""
        try:
            self._file.execute(self._end)
        except sqlite3.Error:
            if self._file.in_transaction:
                self._file.execute(self._undo)
            raise


def _row(item: Item) -> tuple[Any, ...]:
    """In the order of the statements that write."""
    return (write_item(item), *_indexed(item)[1:], item["pk"], item["sk"])


def _indexed(item: Item) -> tuple[Any, ...]:
    """Columns of the indexes for an item, and before them whether there is one."""
    return (bool(item), *map(item.get, INDEXED))
