"""Work of a piece of code, counted in calls of functions: the same on every machine, whatever else that has to do."""

from __future__ import annotations

import cProfile
from typing import Self


class Work:
    """Counts the calls within a `with`, those of built-in functions too, of the thread that enters it."""

    def __init__(self) -> None:
        self._profile = cProfile.Profile()
        self.calls = 0

    def __enter__(self) -> Self:
        self._profile.enable()
        return self

    def __exit__(self, *_: object) -> None:
        self._profile.disable()
        self.calls = sum(entry.callcount for entry in self._profile.getstats())
