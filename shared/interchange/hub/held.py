"""Names that a request must not hold: of objects that lie in the operator's account at a vendor, and of models that
nobody priced.

Every customer shares that account there. An id that passed through would open what another customer keeps, or what only
the operator may use; a second model would answer at the first one's price. Each protocol has one table of `Held`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import ErrorKind, Failure, RequestError

FREE = frozenset(
    {"metadata", "input_schema", "parameters", "schema", "arguments", "properties", "attributes", "variables"}
    | {"logit_bias", "definition", "input_examples", "tool_configuration", "output_schema"}
)
"""Fields whose objects hold the caller's own words."""
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
    names = {held.name for held in table}
    for holder, path, parent in objects(body):
        if names.isdisjoint(holder):
            continue
        for held in table:
            if held.name in holder and held.found(holder, parent, body):
                here = f"{path}.{held.name}".lstrip(".")
                failure = Failure(ErrorKind.INVALID_REQUEST, f"{here}: {held.why}", here, held.code)
                raise RequestError(replace(failure, details=held.details))


def objects(value: Any, path: str = "", parent: str = "") -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Walks a body's objects, each with its path and the field that it stands in; not into the caller's own words."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects(item, f"{path}[{number}]", parent)
    elif isinstance(value, dict):
        yield value, path, parent
        for name, inner in value.items():
            if isinstance(inner, dict | list) and not is_free(name, inner):
                yield from objects(inner, f"{path}.{name}".lstrip("."), name)


def is_free(name: str, value: Any) -> bool:
    """Also a call's arguments (Messages' `input`), and a tool's result that is no part of the protocol's own."""
    arguments = name == "input" and isinstance(value, dict)
    result = name == "output" and isinstance(value, dict) and "type" not in value
    return name in FREE or arguments or result
