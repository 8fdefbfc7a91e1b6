"""What a request must not name: objects that lie in the operator's account at a vendor, and models that nobody priced.

Every customer shares that account there. An id that passed through would open what another customer keeps, or what only
the operator may use; a second model would answer at the first one's price. Each protocol has one table of `Held`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError

FREE = frozenset(
    {"metadata", "input_schema", "parameters", "schema", "arguments", "properties", "attributes", "variables"}
    | {"logit_bias", "definition", "input_examples", "tool_configuration", "output_schema"}
)
"""Fields whose objects hold the caller's own words."""
SOMETIMES_FREE = frozenset({"input", "output"})
"""Likewise where they hold an object that has no `type`: a call's arguments, a tool's result."""

Names = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
"""(the object with the field, the body) -> True where its value names something of the vendor's."""


def always(_holder: Mapping[str, Any], _body: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Held:
    """A field, and where it counts: in the body itself (`top`), in objects of these `types`, or in those that stand in
    the fields `under`; anywhere where none of the three is given. `code` and `details` are the error's."""

    name: str
    why: str
    top: bool = False
    types: frozenset[str] = frozenset()
    under: frozenset[str] = frozenset()
    names: Names = always
    code: str = "unsupported_parameter"
    details: Mapping[str, Any] | None = field(default=None)

    def found(self, holder: Mapping[str, Any], parent: str, body: Mapping[str, Any]) -> bool:
        if holder.get(self.name) in (None, [], {}):
            return False
        anywhere = not (self.top or self.types or self.under)
        here = (self.top and holder is body) or str(holder.get("type")) in self.types or parent in self.under
        return (anywhere or here) and self.names(holder, body)


def refuse_held(body: Mapping[str, Any], table: Sequence[Held]) -> None:
    """Raises RequestError naming the field."""
    for held, path in _found(body, "", "", body, table):
        raise RequestError(
            Failure(ErrorKind.INVALID_REQUEST, f"{path}: {held.why}", path, held.code, details=held.details)
        )


def _found(
    value: Any, path: str, parent: str, body: Mapping[str, Any], table: Sequence[Held]
) -> Iterator[tuple[Held, str]]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _found(item, f"{path}[{number}]", parent, body, table)
        return
    for held in table:
        if held.name in value and held.found(value, parent, body):
            yield held, f"{path}.{held.name}".lstrip(".")
    for name, inner in value.items():
        if isinstance(inner, dict | list) and not _is_free(name, inner):
            yield from _found(inner, f"{path}.{name}".lstrip("."), name, body, table)


def _is_free(name: str, value: Any) -> bool:
    return name in FREE or (name in SOMETIMES_FREE and isinstance(value, dict) and "type" not in value)
