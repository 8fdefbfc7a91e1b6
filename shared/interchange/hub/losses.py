"""Fields that could not be sent upstream. Collected by writers, named in `x-interchange-dropped`, fatal when strict."""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """`path` is the JSON path of the field in the caller's request ("messages[2].content[0].cache_control")."""

    path: str
    reason: str


@dataclass(slots=True)
class Losses:
    """A collector, handed to a writer. One of the few mutable values: it lives for one translation."""

    items: list[Loss] = field(default_factory=list)
    _known: set[Loss] = field(default_factory=set, repr=False, compare=False)
    """The items again: a body of a few megabytes can name more than a list is to be searched for."""

    def drop(self, path: str, reason: str) -> None:
        loss = Loss(path, reason)
        if len(self._known) != len(self.items):  # somebody emptied the list, or wrote into it
            self._known = set(self.items)
        if loss not in self._known:
            self._known.add(loss)
            self.items.append(loss)
