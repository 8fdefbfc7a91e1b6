"""DynamoDB's typed values <-> plain Python. The part of boto3 that stores need, without boto3's import.

str S, int and Decimal N, bool BOOL, None NULL, bytes B, list L, dict M, set of str SS. Numbers are read as Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Typed = dict[str, Any]
AS_IT_IS = frozenset({"S", "B", "BOOL"})
"""Types whose values are read as they stand."""


def write_attributes(values: Mapping[str, Any]) -> dict[str, Typed]:
    return {name: write_attribute(value) for name, value in values.items()}


def read_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read_attribute(value) for name, value in item.items()}


def write_attribute(value: Any) -> Typed:
    """Raises TypeError for what the table cannot hold: floats, empty sets."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | Decimal():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": write_attributes(value)}
        case set() | frozenset() if value and all(isinstance(one, str) for one in value):
            return {"SS": sorted(value)}
        case list() | tuple():
            return {"L": [write_attribute(one) for one in value]}
        case _:
            raise TypeError(f"no attribute of the table can hold {value!r}")


def read_attribute(typed: Mapping[str, Any]) -> Any:
    """Raises ValueError for a type that nothing here writes."""
    ((kind, value),) = typed.items()
    if kind in AS_IT_IS:
        return value
    match kind:
        case "N":
            return Decimal(value)
        case "NULL":
            return None
        case "M":
            return read_attributes(value)
        case "L":
            return [read_attribute(one) for one in value]
        case "SS":
            return set(value)
        case _:
            raise ValueError(f"unknown attribute type {kind!r}")
