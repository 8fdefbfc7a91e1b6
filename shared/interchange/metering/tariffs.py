"""Tariffs in the table, every version of them, and the one in force as a process knows it.

TARIFF  CURRENT        version, text (the rules), models (changes of the catalog), digest, reason, by, created_ms
TARIFF  VERSION#<n>    the same, for good
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from interchange.dataclass import dataclass

from .store import Change, ConditionFailed, Insert, Item, Store, Update
from .tariff import Tariff, digest_of, read_tariff

PK, CURRENT = "TARIFF", "CURRENT"
AGE_MS = 30_000
"""At most this old is the tariff that a request is charged by, where the table is far."""
NEAR_AGE_MS = 1_000
EMPTY = Tariff()
NO_RULES = "[]"


class TariffChanged(Exception):
    """Somebody else has set another tariff meanwhile."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it was set. `by` is who set it: an IAM principal's ARN, or the user of a machine; "" where an
    earlier release did not keep it."""

    version: int
    text: str
    models: str
    digest: str
    reason: str
    created_ms: int
    by: str = ""


class Tariffs:
    """Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._age_ms = NEAR_AGE_MS if store.near else AGE_MS
        self._known = EMPTY
        self._read_ms: int | None = None
        self._lock = threading.Lock()

    def known(self, now_ms: int) -> Tariff | None:
        """The tariff, where it was read lately enough."""
        fresh = self._read_ms is not None and 0 <= now_ms - self._read_ms < self._age_ms
        return self._known if fresh else None

    def load(self, now_ms: int) -> Tariff:
        """Reads it from the table. One that cannot be read raises ValueError or TypeError: no price is guessed."""
        item = self._store.get(PK, CURRENT)
        with self._lock:
            if item is None:
                self._known = EMPTY
            elif int(item["version"]) != self._known.version:
                self._known = read_tariff(str(item["text"]), int(item["version"]), _models(item))
            self._read_ms = now_ms
            return self._known

    def set(
        self, text: str | None, reason: str, now_ms: int, expected: int | None = None, models: str | None = None,
        by: str = "",
    ) -> Version:  # fmt: skip
        """Puts another version in force: its rules and its changes of the catalog, each as it was where it is None.
        `expected` is the version that it is made from, None for whichever there is. Raises TariffChanged."""
        before = self._store.get(PK, CURRENT)
        number = 0 if before is None else int(before["version"])
        if expected not in (None, number):
            raise TariffChanged(f"version {number} is in force, not {expected}")
        earlier = before or {"text": NO_RULES}
        text = str(earlier["text"]) if text is None else text
        models = _models(earlier) if models is None else models
        made = Version(number + 1, text, models, digest_of(text, models), reason, now_ms, by)
        values = {"version": made.version, "text": text, "models": models, "digest": made.digest,
                  "reason": reason, "created_ms": now_ms, "by": by}  # fmt: skip
        names = {f"#{name}": name for name in values}
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        condition = "attribute_not_exists(pk)" if before is None else "#version = :before"
        given = {f":{name}": value for name, value in values.items()} | ({} if before is None else {":before": number})
        try:
            self._store.transact([Insert({"pk": PK, "sk": f"VERSION#{made.version:09d}", **values}),
                                  Update(PK, CURRENT, Change(update, condition, names, given))])  # fmt: skip
        except ConditionFailed as failed:
            raise TariffChanged("another tariff was set meanwhile") from failed
        self._read_ms = None
        return made

    def versions(self) -> Iterator[Version]:
        """Oldest first."""
        return map(_read, self._store.query(PK, "VERSION#"))

    def current(self) -> Version | None:
        item = self._store.get(PK, CURRENT)
        return None if item is None else _read(item)


def _read(item: Item) -> Version:
    return Version(int(item["version"]), str(item["text"]), _models(item), str(item["digest"]),
                   str(item.get("reason") or ""), int(item["created_ms"]), str(item.get("by") or ""))  # fmt: skip


def _models(item: Item) -> str:
    """Changes of the catalog; a version of an earlier release has none."""
    return str(item.get("models") or "")
