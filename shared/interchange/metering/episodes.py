"""Remembers what was told to whom, so that it is told once an episode: from when something begins to be so until it is
so no longer.

    NOTICES#<scope>   <event>#<subject>#<channel>   is_open, since_ms, tries; kept for a while after it ended

The scope is an account, or OPERATOR. A conditional write decides who tells it, so that two sweeps at once tell it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .store import Change, ConditionFailed, Item, Store

OPERATOR = "operator"
DAYS_KEPT = 400
MOST_TRIES = 5
"""Of one that its receiver does not take: then it is given up, until it begins anew."""


class Episodes:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, scope: str) -> Mapping[str, Item]:
        """All of a scope, by name, in one query."""
        return {str(item["sk"]): item for item in self._store.query(_pk(scope))}

    def begin(self, scope: str, name: str, now_ms: int) -> int | None:
        """Begins to tell it: returns when the episode began; None where it is told already."""
        update = (
            "SET is_open = :yes, since_ms = if_not_exists(since_ms, :now), expires_at = :end,"
            " tries = if_not_exists(tries, :none) + :one"
        )
        end = now_ms // 1000 + DAYS_KEPT * 86_400
        values = {":yes": True, ":no": False, ":now": now_ms, ":end": end, ":none": 0, ":one": 1}
        condition = "attribute_not_exists(pk) OR is_open = :no"
        made = self._changed(scope, name, Change(update, condition, {}, values))
        return None if made is None else int(made["since_ms"])

    def fail(self, scope: str, name: str, most: int = MOST_TRIES) -> None:
        """It could not be told: the next one tries, up to so many times in all."""
        self._changed(scope, name, Change("SET is_open = :no", "tries < :most", {}, {":no": False, ":most": most}))

    def end(self, scope: str, name: str) -> None:
        """It is so no longer: the next time is another episode."""
        values = {":no": False, ":yes": True, ":none": 0}
        self._changed(
            scope, name, Change("SET is_open = :no, tries = :none REMOVE since_ms", "is_open = :yes", {}, values)
        )

    def remember(self, scope: str, name: str, **values: Any) -> None:
        """A note of its own beside the episodes, such as what a day began with."""
        self._store.put({"pk": _pk(scope), "sk": name, **values})

    def _changed(self, scope: str, name: str, change: Change) -> Item | None:
        try:
            return self._store.change(_pk(scope), name, change)
        except ConditionFailed:
            return None


def _pk(scope: str) -> str:
    return f"NOTICES#{scope}"
