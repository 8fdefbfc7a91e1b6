"""DynamoDB's update and condition expressions over a plain item: read once into closures, then applied.

The grammar is Amazon's (docs.aws.amazon.com/amazondynamodb, "Expressions"), without places in lists. A name or a value
that is given and not used, or used and not given, is refused as DynamoDB refuses it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from interchange.dataclass import dataclass

from .operands import (
    ABSENT,
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    PREDICATES,
    Given,
    InvalidExpression,
    Operand,
    Path,
    Test,
    added,
    among,
    at,
    between,
    deleted,
    either,
    every,
    present,
    reckoned,
)
from .port import Change, Item

__all__ = ["InvalidExpression", "applied", "holds"]

TOKEN = re.compile(r"\s*(?:(<=|>=|<>|[=<>(),.+\-])|([#:]?\w+))")


@dataclass(frozen=True, slots=True)
class Set:
    """Puts what `value` comes to under a path; nothing stays there where it comes to ABSENT."""

    path: Path
    value: Operand


@dataclass(frozen=True, slots=True)
class Expression:
    """`used` are the names and values that stand in it."""

    test: Test
    actions: tuple[Set, ...]
    used: frozenset[str]


def holds(change: Change, item: Item) -> bool:
    """True where the item is as the change's condition demands. `item` is empty where there is none."""
    _check_used(change)
    return not change.condition or _condition(change.condition).test(Given(item, change.names, change.values))


def applied(change: Change, item: Item) -> Item:
    """The item as it is changed; the given one, and what lies in it, stays as it is. Every value is reckoned from that.
    Raises InvalidExpression."""
    given = Given(item, change.names, change.values)
    reckoned = [(_resolved(action.path, given), action.value(given)) for action in _update(change.update).actions]
    changed = dict(item)
    for (*way, last), value in reckoned:
        place = changed
        for name in way:
            inner = place.get(name)
            if not isinstance(inner, dict):
                raise InvalidExpression("the document path provided in the update expression is invalid for update")
            place[name] = place = dict(inner)
        if value is ABSENT:
            place.pop(last, None)
        else:
            place[last] = value
    return changed


def _check_used(change: Change) -> None:
    used = _used(change.update, change.condition)
    given = change.names.keys() | change.values.keys()
    if used != given:
        raise InvalidExpression(f"names or values that are not used, or not given: {sorted(used ^ given)}")


@functools.lru_cache(1024)
def _used(update: str, condition: str) -> frozenset[str]:
    return _update(update).used | (_condition(condition).used if condition else frozenset())


@functools.lru_cache(1024)
def _condition(text: str) -> Expression:
    reader = _Reader(text)
    test = reader.disjunction()
    reader.end()
    return Expression(test, (), frozenset(reader.used))


@functools.lru_cache(1024)
def _update(text: str) -> Expression:
    reader = _Reader(text)
    actions = tuple(reader.clauses())
    reader.end()
    return Expression(lambda given: True, actions, frozenset(reader.used))


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self.used: set[str] = set()

    # conditions, the loosest binding first

    def disjunction(self) -> Test:
        left = self._conjunction()
        while self._word("OR"):
            left = either(left, self._conjunction())
        return left

    def _conjunction(self) -> Test:
        tests = [self._negation()]
        while self._word("AND"):
            tests.append(self._negation())
        return every(tests) if len(tests) > 1 else tests[0]

    def _negation(self) -> Test:
        if self._word("NOT"):
            inner = self._negation()
            return lambda given: not inner(given)
        if self._take("("):
            inner = self.disjunction()
            self._need(")")
            return inner
        name = self._peek()
        if name in PREDICATES and self._peek(1) == "(":
            return PREDICATES[name](*self._arguments())
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._operand()
        if self._word("BETWEEN"):
            low = self._operand()
            self._need("AND")
            return between(left, low, self._operand())
        if self._word("IN"):
            self._need("(")
            return among(left, self._list())
        sign = self._next()
        if sign not in COMPARISONS:
            raise self._wrong(sign)
        return COMPARISONS[sign](left, self._operand())

    def _operand(self) -> Operand:
        name = self._peek()
        if name in FUNCTIONS and self._peek(1) == "(":
            return FUNCTIONS[name](*self._arguments())
        if name.startswith(":"):
            self.used.add(self._next())
            return lambda given: given.values[name]
        return at(self._path())

    def _arguments(self) -> list[Operand]:
        self._at += 2
        return self._list()

    def _list(self) -> list[Operand]:
        found = [self._operand()]
        while self._take(","):
            found.append(self._operand())
        self._need(")")
        return found

    def _path(self) -> Path:
        steps = [self._name()]
        while self._take("."):
            steps.append(self._name())
        return tuple(steps)

    def _name(self) -> str:
        name = self._next()
        if not re.fullmatch(r"#?\w+", name):
            raise self._wrong(name)
        if name.startswith("#"):
            self.used.add(name)
        return name

    # updates

    def clauses(self) -> Iterator[Set]:
        while self._at < len(self._tokens):
            clause = self._next()
            if clause not in CLAUSES:
                raise self._wrong(clause)
            yield CLAUSES[clause](self)
            while self._take(","):
                yield CLAUSES[clause](self)

    def setting(self) -> Set:
        path = self._path()
        self._need("=")
        left = self._operand()
        for sign, reckon in ARITHMETIC.items():
            if self._take(sign):
                return Set(path, reckoned(reckon, left, self._operand()))
        return Set(path, present(left))

    def removal(self) -> Set:
        return Set(self._path(), lambda given: ABSENT)

    def addition(self) -> Set:
        path = self._path()
        return Set(path, added(at(path), self._operand()))

    def deletion(self) -> Set:
        path = self._path()
        return Set(path, deleted(at(path), self._operand()))

    # tokens

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._wrong(self._peek())

    def _peek(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._peek(-1)

    def _take(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _word(self, word: str) -> bool:
        return self._take(word) or self._take(word.lower())

    def _need(self, token: str) -> None:
        if not self._word(token):
            raise self._wrong(self._peek())

    def _wrong(self, token: str) -> InvalidExpression:
        return InvalidExpression(f"{token!r} is not expected there: {self._text}")


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if found is None:
            raise InvalidExpression(f"{text[at:].strip()[:1]!r} has no meaning there: {text}")
        yield found[1] or found[2]
        at = found.end()


def _resolved(path: Path, given: Given) -> Sequence[str]:
    return [given.names[name] if name[0] == "#" else name for name in path] if _is_named(path) else path


@functools.lru_cache(1024)
def _is_named(path: Path) -> bool:
    """True where some part of it stands among the names."""
    return any(name[0] == "#" for name in path)


CLAUSES: Mapping[str, Callable[[_Reader], Set]] = {
    "SET": _Reader.setting,
    "REMOVE": _Reader.removal,
    "ADD": _Reader.addition,
    "DELETE": _Reader.deletion,
}
