"""`interchange.dataclass` against the standard library's: the same class body, the same behaviour."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, field
from pathlib import Path
from typing import Any

import pytest

import interchange
from interchange.dataclass import _make_init, _twin, dataclass

Decorator = Callable[..., Any]
both = pytest.mark.parametrize("make", [dataclasses.dataclass, dataclass], ids=["standard", "ours"])


def point(make: Decorator, **how: Any) -> Any:
    @make(slots=True, **how)
    class Point:
        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        hidden: str = field(default="h", repr=False, compare=False)

        def sum(self) -> int:
            return self.x + self.y

    return Point


def heir(make: Decorator) -> Any:
    @make(slots=True, frozen=True, kw_only=True)
    class Named:
        name: str = ""

    @make(slots=True, frozen=True)
    class Priced(Named):
        price: int
        label: str = "none"

    return Priced


@both
def test_makes_prints_and_compares(make: Decorator) -> None:
    kind = point(make, frozen=True)
    one = kind(1)
    assert (one.x, one.y, one.tags, one.hidden, one.sum()) == (1, 2, [], "h", 3)
    assert repr(one).endswith("Point(x=1, y=2, tags=[])")
    assert one == kind(1, hidden="other")
    assert one != kind(1, 3)
    assert one != (1, 2, [])
    assert kind(1).tags is not one.tags


@both
def test_tells_what_is_missing_or_too_much(make: Decorator) -> None:
    kind = point(make, frozen=True)
    with pytest.raises(TypeError, match=r"Point.__init__\(\) missing 1 required positional argument: 'x'"):
        kind()
    with pytest.raises(TypeError, match="unexpected keyword argument 'z'"):
        kind(1, z=2)


@both
def test_a_frozen_one_stays_as_it_is(make: Decorator) -> None:
    one = point(make, frozen=True)(1, tags=())
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        one.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del one.x
    assert hash(one) == hash(point(make, frozen=True)(1, tags=()))


@both
def test_a_mutable_one_changes_and_has_no_hash(make: Decorator) -> None:
    one = point(make)(1)
    one.x = 5
    assert one == point(make)(5) or one.x == 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)


@both
def test_has_slots_and_no_dict(make: Decorator) -> None:
    one = point(make)(1)
    assert not hasattr(one, "__dict__")
    with pytest.raises(AttributeError):
        one.other = 1
    assert type(one).__qualname__ == "point.<locals>.Point"
    assert type(one).__slots__ == ("x", "y", "tags", "hidden")
    assert type(one).__match_args__ == ("x", "y", "tags", "hidden")


@both
def test_the_standard_librarys_functions_see_it(make: Decorator) -> None:
    kind = point(make, frozen=True)
    seen: bool = dataclasses.is_dataclass(kind)
    assert seen
    assert [one.name for one in dataclasses.fields(kind)] == ["x", "y", "tags", "hidden"]
    assert dataclasses.fields(kind)[1].default == 2
    assert dataclasses.asdict(kind(1)) == {"x": 1, "y": 2, "tags": [], "hidden": "h"}
    assert dataclasses.replace(kind(1), y=7) == kind(1, 7)
    assert kind.__dataclass_params__.frozen is True


@both
def test_inherits_overrides_and_takes_by_name(make: Decorator) -> None:
    kind = heir(make)
    assert repr(kind(3)).endswith("Priced(name='', price=3, label='none')")
    assert kind(price=3, name="n").name == "n"
    assert kind.__match_args__ == ("price", "label")
    with pytest.raises(TypeError):
        kind.__base__("n")
    assert kind.__base__(name="n").name == "n"


@both
def test_made_after_its_base_and_before_it(make: Decorator) -> None:
    first, second = heir(make), heir(make)
    assert first.__base__(name="b").name == first(1, name="b").name
    assert second(1, name="b").name == second.__base__(name="b").name


@both
def test_a_plain_subclass_is_made_the_same_way(make: Decorator) -> None:
    kind = type("Sub", (point(make, frozen=True),), {"more": 1})
    one = kind(1)
    assert (one.x, one.more) == (1, 1)
    assert repr(one).endswith("Sub(x=1, y=2, tags=[])")
    assert dataclasses.replace(one, x=2).x == 2
    assert type(dataclasses.replace(one, x=2)) is kind


@both
def test_own_methods_stand(make: Decorator) -> None:
    @make(slots=True)
    class Counted:
        start: int
        total: int = field(init=False)
        seen: list[int] = field(init=False, default_factory=list)
        word_: str = field(init=False, default="fixed")

        def __post_init__(self) -> None:
            self.total = self.start + 1

        def __repr__(self) -> str:
            return "mine"

        @property
        def twice(self) -> int:
            return self.total * 2

        @classmethod
        def zero(cls) -> Any:
            return cls(0)  # type: ignore[call-arg]

        @staticmethod
        def word() -> str:
            return "w"

    kind: Any = Counted
    one = kind(1)
    assert (one.total, repr(one), one.twice, Counted.zero().total, one.word()) == (2, "mine", 4, 1, "w")
    assert (one.seen, one.word_) == ([], "fixed")
    assert kind.__match_args__ == ("start",)


@dataclass(slots=True, frozen=True)
class Kept:
    """At the top of a module, as pickling wants it."""

    a: int
    b: tuple[int, ...] = ()


def test_is_copied_and_pickled() -> None:
    one = Kept(1, (2, 3))
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert Kept.__doc__ == "At the top of a module, as pickling wants it."
    assert Kept.__module__ == __name__


def test_is_matched() -> None:
    match Kept(1, (2,)):
        case Kept(a, b=(first,)):
            assert (a, first) == (1, 2)
        case _:
            pytest.fail("not matched")


def test_without_slots_it_is_refused() -> None:
    with pytest.raises(TypeError, match="slots"):
        dataclass(frozen=True)


def _classes() -> Iterator[type]:
    for info in pkgutil.walk_packages(interchange.__path__, "interchange."):
        if not info.name.endswith("__main__"):
            module = importlib.import_module(info.name)
            yield from (
                kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == info.name
            )


MADE = ("MISSING", "factory")
"""How the marks of a default that is made on each call print: ours, and the standard library's."""


def shape(init: Any) -> list[tuple[str, Any, str]]:
    """Each parameter: its name, whether it is by place or by name, and its default."""
    found = inspect.signature(init).parameters.values()
    defaults = ("made" if any(mark in repr(one.default) for mark in MADE) else repr(one.default) for one in found)
    return [(one.name, one.kind, default) for one, default in zip(found, defaults, strict=True)]


def test_every_class_of_the_product_can_be_made() -> None:
    """What the standard library would refuse at import is refused here."""
    lazy: list[Any] = [kind for kind in _classes() if "_recipe" in kind.__dict__]
    assert len(lazy) > 200
    for kind in lazy:
        frozen = kind.__dict__["_recipe"].frozen
        twin: Any = _twin(kind, init=True, repr=True, eq=True, frozen=frozen)
        assert twin.__match_args__ == kind.__match_args__, kind
        assert shape(_make_init(kind)) == shape(twin.__init__), kind


def test_nothing_is_compiled_before_it_is_called() -> None:
    code = (
        "import dataclasses, interchange.dataclass as ours\n"
        "made = []; real = dataclasses.make_dataclass\n"
        "dataclasses.make_dataclass = lambda *a, **k: made.append(a[0]) or real(*a, **k)\n"
        "@ours.dataclass(slots=True, frozen=True)\nclass A:\n    x: int\n"
        "assert made == []; A(1); A(2); assert made == [], made; A(1) == A(1); A(1) == A(2); assert made == ['A'], made"
    )
    shared = Path(interchange.__file__).parent.parent
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(shared)}, check=True)
