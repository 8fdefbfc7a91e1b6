"""Requests with one thing changed, as a faulty caller or a newer SDK would send them: each is what it was but for one
place, which is absent, null, empty, doubled, of another type, or taken from another request."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Place = tuple[Any, Any]
"""(the object or list, the key or index in it)"""
VALUES: tuple[Any, ...] = (
    None, "", " ", "w", [], {}, 0, -1, 1.5, 10**12, True, False, [None], [""], [{}], {"type": "text", "text": "w"},
    [{"type": "text", "text": ""}], {"type": "unknown"}, "a.b/c d", "n" * 200, "größe", "\x00", "\ud83d",
)  # fmt: skip
KEPT = frozenset({"model"})


def places(value: Any) -> Iterator[Place]:
    """Every member of every object and list, but for those that the exchange itself reads."""
    keys = value.keys() - KEPT if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in sorted(keys):
        yield value, key
        yield from places(value[key])


def absent(_dice: random.Random, holder: Any, key: Any, _other: Json) -> None:
    del holder[key]


def replaced(dice: random.Random, holder: Any, key: Any, _other: Json) -> None:
    holder[key] = copy.deepcopy(dice.choice(VALUES))


def doubled(_dice: random.Random, holder: Any, key: Any, _other: Json) -> None:
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif isinstance(holder[key], list):
        holder[key] = [*holder[key], *copy.deepcopy(holder[key])]
    else:
        holder[key] = [holder[key]]


def moved(dice: random.Random, holder: Any, key: Any, _other: Json) -> None:
    if isinstance(holder, list):
        holder.append(holder.pop(key))
    else:
        other = dice.choice(sorted(holder))
        holder[key], holder[other] = holder[other], holder[key]


def exchanged(dice: random.Random, holder: Any, key: Any, other: Json) -> None:
    """With something of another request, of the same name if there is one."""
    found = [(there, name) for there, name in places(other) if name == key and type(there) is type(holder)]
    if found:
        there, name = dice.choice(found)
        holder[key] = copy.deepcopy(there[name])


CHANGES: tuple[Callable[[random.Random, Any, Any, Json], None], ...] = (absent, replaced, doubled, moved, exchanged)


def mixed(dice: random.Random, body: Json, other: Json) -> Json:
    """With some of another request's fields."""
    names = [name for name in sorted(other) if name not in ("model", "messages", "input")]
    taken = [name for name in names if dice.random() < 0.7]
    return {**copy.deepcopy(body), **copy.deepcopy({name: other[name] for name in taken})}


def longer(dice: random.Random, body: Json, other: Json) -> Json:
    """With another request's conversation behind, before, or between its own."""
    name = "input" if "input" in body else "messages"
    made, more = copy.deepcopy(body), copy.deepcopy(other.get(name))
    if isinstance(made.get(name), list) and isinstance(more, list):
        at = dice.randint(0, len(made[name]))
        made[name][at:at] = more
    return made


def changed(dice: random.Random, body: Json, other: Json) -> Json:
    """The request with one thing, or a few, otherwise."""
    how = dice.random()
    made = mixed(dice, body, other) if how < 0.3 else longer(dice, body, other) if how < 0.5 else copy.deepcopy(body)
    if how < 0.3 or 0.4 < how < 0.5:
        return made
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        found = list(places(made))
        if found:
            holder, key = dice.choice(found)
            if not (holder is made and key in ("messages", "input")):
                dice.choice(CHANGES)(dice, holder, key, other)
    return made
