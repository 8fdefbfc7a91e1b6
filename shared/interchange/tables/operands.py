"""Evaluates the parts of an expression on an item: places, values, functions, comparisons, arithmetic.

An operand is a function from what is given to a value; a test is one to True or False. The rules are DynamoDB's: what
is not there is never equal or ordered, and values of different types have no order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from interchange.dataclass import dataclass

from .items import MOST, number
from .port import Item

ABSENT = object()
"""What stands where an item has nothing."""


class InvalidExpression(ValueError):
    """It cannot be read, or not be applied to this item."""


@dataclass(frozen=True, slots=True)
class Given:
    """The item and the values that an expression is applied to."""

    item: Item
    names: Mapping[str, str]
    values: Mapping[str, Any]


Operand = Callable[[Given], Any]
Test = Callable[[Given], bool]
Path = tuple[str, ...]


def at(path: Path) -> Operand:
    if len(path) == 1 and not path[0].startswith("#"):
        return lambda given: given.item.get(path[0], ABSENT)

    steps = [(name, name.startswith("#")) for name in path]

    def found(given: Given) -> Any:
        place: Any = given.item
        for name, is_named in steps:
            if type(place) is not dict:
                return ABSENT
            place = place.get(given.names[name] if is_named else name, ABSENT)
        return place

    return found


def either(left: Test, right: Test) -> Test:
    return lambda given: left(given) or right(given)


def every(tests: Sequence[Test]) -> Test:
    def every(given: Given) -> bool:
        for test in tests:  # noqa: SIM110 - a generator takes as long as the tests
            if not test(given):
                return False
        return True

    return every


def _equal(left: Any, right: Any) -> bool:
    """True for equal values of one type: in Python alone 1 is True."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(left: Any, right: Any) -> bool:
        whole = type(left) is int and type(right) is int
        return (whole or _kind(left) == _kind(right) is not None) and compare(left, right)

    return ordered


def _kind(value: Any) -> str | None:
    """The types that have an order."""
    match value:
        case bool():
            return None
        case int() | Decimal():
            return "N"
        case str():
            return "S"
        case bytes():
            return "B"
        case _:
            return None


def _comparing(compare: Callable[[Any, Any], bool]) -> Callable[[Operand, Operand], Test]:
    return lambda left, right: lambda given: compare(left(given), right(given))


COMPARISONS: Mapping[str, Callable[[Operand, Operand], Test]] = {
    "=": _comparing(lambda left, right: left is not ABSENT and right is not ABSENT and _equal(left, right)),
    "<>": _comparing(lambda left, right: not _equal(left, right)),
    "<": _comparing(_ordered(operator.lt)),
    "<=": _comparing(_ordered(operator.le)),
    ">": _comparing(_ordered(operator.gt)),
    ">=": _comparing(_ordered(operator.ge)),
}


def between(middle: Operand, low: Operand, high: Operand) -> Test:
    above, below = COMPARISONS[">="](middle, low), COMPARISONS["<="](middle, high)
    return every((above, below))


def among(one: Operand, others: list[Operand]) -> Test:
    return lambda given: any(_equal(one(given), other(given)) for other in others)


def _is_text(value: Any) -> bool:
    return isinstance(value, str | bytes)


def _contains(whole: Operand, part: Operand) -> Test:
    def contains(given: Given) -> bool:
        inside, wanted = whole(given), part(given)
        if _is_text(inside):
            return type(wanted) is type(inside) and wanted in inside
        return isinstance(inside, set | list) and any(_equal(one, wanted) for one in inside)

    return contains


def _begins(whole: Operand, part: Operand) -> Test:
    def begins(given: Given) -> bool:
        value, start = whole(given), part(given)
        return _is_text(value) and type(start) is type(value) and bool(value.startswith(start))

    return begins


PREDICATES: Mapping[str, Callable[..., Test]] = {
    "attribute_exists": lambda operand: lambda given: operand(given) is not ABSENT,
    "attribute_not_exists": lambda operand: lambda given: operand(given) is ABSENT,
    "contains": _contains,
    "begins_with": _begins,
}


def _size(operand: Operand) -> Operand:
    def size(given: Given) -> Any:
        value = operand(given)
        if isinstance(value, str):
            return len(value.encode())
        return len(value) if isinstance(value, bytes | list | dict | set) else ABSENT

    return size


def _or_else(operand: Operand, otherwise: Operand) -> Operand:
    def found(given: Given) -> Any:
        value = operand(given)
        return otherwise(given) if value is ABSENT else value

    return found


def _appended(left: Operand, right: Operand) -> Operand:
    return lambda given: [*_of(list, left(given)), *_of(list, right(given))]


FUNCTIONS: Mapping[str, Callable[..., Operand]] = {
    "size": _size,
    "if_not_exists": _or_else,
    "list_append": _appended,
}

EXACT = Context(prec=38)
"""DynamoDB's numbers have so many digits."""
Number = int | Decimal


def _sum(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int and -MOST <= (total := left + right) <= MOST:
        return total
    return number(EXACT.add(Decimal(left), right) if _is_long(left, right) else left + right)


def _difference(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int and -MOST <= (rest := left - right) <= MOST:
        return rest
    return number(EXACT.subtract(Decimal(left), right) if _is_long(left, right) else left - right)


def _is_long(left: Number, right: Number) -> bool:
    """True where Python's own sum would be rounded."""
    return isinstance(left, Decimal) or isinstance(right, Decimal)


ARITHMETIC: Mapping[str, Callable[[Number, Number], Number]] = {"+": _sum, "-": _difference}


def reckoned(reckon: Callable[[Any, Any], Any], left: Operand, right: Operand) -> Operand:
    def value(given: Given) -> Any:
        one, other = left(given), right(given)
        if type(one) is int and type(other) is int:
            return reckon(one, other)
        return reckon(_of(int, one), _of(int, other))

    return value


def present(operand: Operand) -> Operand:
    def value(given: Given) -> Any:
        found = operand(given)
        if found is ABSENT:
            raise InvalidExpression("the provided expression refers to an attribute that does not exist in the item")
        return found

    return value


def added(before: Operand, more: Operand) -> Operand:
    def added(given: Given) -> Any:
        value, was = more(given), before(given)
        if isinstance(value, set):
            return value if was is ABSENT else _of(set, was) | value
        return _sum(0 if was is ABSENT else _of(int, was), _of(int, value))

    return added


def deleted(before: Operand, less: Operand) -> Operand:
    def rest(given: Given) -> Any:
        was = before(given)
        return ABSENT if was is ABSENT else (_of(set, was) - _of(set, less(given)) or ABSENT)

    return rest


def _of(kind: type, value: Any) -> Any:
    if isinstance(value, kind | Decimal if kind is int else kind) and not isinstance(value, bool):
        return value
    if value is ABSENT:
        raise InvalidExpression("the provided expression refers to an attribute that does not exist in the item")
    raise InvalidExpression(f"an operand in the update expression has an incorrect data type: {value!r}")
