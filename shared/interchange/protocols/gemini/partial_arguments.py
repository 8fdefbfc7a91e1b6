"""Arguments of one function call that come in pieces: `partialArgs: [{"jsonPath": "$.a.b[0]", "stringValue": ...}]`.

Source: google-genai `types.PartialArg`. Vertex only, and only where `streamFunctionCallArguments` was asked for. The
paths are of RFC 9535's plainest kind: names and indexes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from itertools import pairwise
from typing import Any

from interchange.dataclass import dataclass

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]")
_VALUES = ("stringValue", "numberValue", "boolValue")


@dataclass(slots=True)
class PartialArguments:
    """Grows an object piece by piece. Pieces of a string at the same path are joined."""

    value: dict[str, Any] = field(default_factory=dict)

    def add(self, piece: Mapping[str, Any]) -> None:
        """Raises ValueError for a path that cannot be followed."""
        steps = _steps(str(piece.get("jsonPath", "")))
        if "nullValue" in piece:
            found: Any = None
        else:
            found = next((piece[name] for name in _VALUES if name in piece), None)
        target: Any = self.value
        for step, following in pairwise(steps):
            target = _child(target, step, [] if isinstance(following, int) else {})
        before = _get(target, steps[-1])
        _put(target, steps[-1], before + found if isinstance(before, str) and isinstance(found, str) else found)


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise ValueError(f"not a JSON path: {path}")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(f"not a path of names and indexes: {path}")
        name = next(item for item in step.groups() if item is not None)
        steps.append(int(name) if step[2] is not None else name)
        at = step.end()
    if not steps:
        raise ValueError("the path of an argument names none")
    return steps


def _child(target: Any, step: str | int, empty: Any) -> Any:
    found = _get(target, step)
    if isinstance(found, dict | list):
        return found
    _put(target, step, empty)
    return empty


def _get(target: Any, step: str | int) -> Any:
    if isinstance(target, dict):
        return target.get(str(step))
    if isinstance(target, list) and isinstance(step, int) and step < len(target):
        return target[step]
    return None


def _put(target: Any, step: str | int, value: Any) -> None:
    if isinstance(target, dict):
        target[str(step)] = value
    elif isinstance(target, list) and isinstance(step, int) and step <= len(target):
        target[step : step + 1] = [value]
    else:
        raise ValueError(f"no place for {step!r} in the arguments so far")
