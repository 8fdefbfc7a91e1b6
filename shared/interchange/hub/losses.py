"""What could not be said upstream. Collected by writers, told in `x-interchange-dropped`, fatal only when strict."""

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

    def drop(self, path: str, reason: str) -> None:
        loss = Loss(path, reason)
        if loss not in self.items:
            self.items.append(loss)
