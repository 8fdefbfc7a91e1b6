"""`dataclass` of the standard library, whose methods are compiled when one is first called and not at import.

A function loads some two hundred of these classes, a request makes a third of them, and hardly one is ever compared
or printed; compiling all their methods took a third of a cold start (docs/decisions/0003-cold-start.md). `__init__` is
written here, since requests wait for it; the rest is made by the standard library from the same fields. So a class
behaves as it says there: `fields`, `replace`, `asdict`, `match`, inheritance. What an impossible class would raise (a
mutable default, a field without a default behind one with) is raised at the first call, and by a test over all classes.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError
from typing import TYPE_CHECKING, Any, NamedTuple, cast


class _Declared(NamedTuple):
    """A field as it stands in the class body; `given` is its default, its `field(...)`, or MISSING."""

    type: Any
    given: Any
    kw_only: bool

    @property
    def positional(self) -> bool:
        given = self.given
        if not isinstance(given, Field):
            return not self.kw_only
        return given.init and not (self.kw_only if given.kw_only is MISSING else given.kw_only)

    def specified(self) -> Any:
        """Like `field(...)`, and knows whether the field is taken by name only."""
        if not isinstance(self.given, Field):
            return dataclasses.field(default=self.given, kw_only=self.kw_only)
        if self.given.kw_only is MISSING:
            self.given.kw_only = self.kw_only
        return self.given


class _Recipe(NamedTuple):
    frozen: bool
    declared: Mapping[str, _Declared]


def _dataclass(*, slots: bool, frozen: bool = False, kw_only: bool = False) -> Callable[[type], type]:
    if not slots:
        raise TypeError("only classes with slots are made here")
    return lambda cls: _slotted(cls, _Recipe(frozen, _declared(cls, kw_only)))


def _declared(cls: type, kw_only: bool) -> dict[str, _Declared]:
    inherited = cls.__base__.__dict__["_recipe"].declared if "_recipe" in cls.__base__.__dict__ else {}
    own = {
        name: _Declared(kind, cls.__dict__.get(name, MISSING), kw_only) for name, kind in cls.__annotations__.items()
    }
    return {**inherited, **own}


def _slotted(cls: type, recipe: _Recipe) -> type:
    """The class again, with slots (a class cannot be given them once it is made)."""
    own = cls.__annotations__
    kept = {name: value for name, value in cls.__dict__.items() if name not in own and name not in _UNSLOTTED}
    made = {
        "__qualname__": cls.__qualname__,
        "__slots__": tuple(name for name in own if not hasattr(cls.__base__, name)),
        "__match_args__": tuple(name for name, one in recipe.declared.items() if one.positional),
        "_recipe": recipe,
        **_SHARED,
        **(_FROZEN if recipe.frozen else _MUTABLE),
    }
    return type(cls)(cls.__name__, cls.__bases__, {**made, **kept})


_UNSLOTTED = frozenset({"__dict__", "__weakref__"})


def _twin(cls: type, **methods: bool) -> type:
    """A class that the standard library made from the same fields, with these of its methods and no other."""
    recipe: _Recipe = cls.__dict__["_recipe"]
    shown = [(name, one.type, one.specified()) for name, one in recipe.declared.items()]
    namespace = {"__doc__": cls.__name__}  # without one, it is made up from a signature, which is slow
    wanted: dict[str, Any] = {"init": False, "repr": False, "eq": False, "frozen": False, **methods}
    return dataclasses.make_dataclass(cls.__name__, shown, namespace=namespace, **wanted)


def _complete(cls: type, method: str) -> Any:
    """Puts the real method where the class, or the one it inherits from, has none yet."""
    for owner in cls.__mro__:
        if owner.__dict__.get(method) is _SHARED.get(method, _FROZEN.get(method)):
            setattr(owner, method, _MAKES[method](owner))
    return getattr(cls, method)


def _make_init(owner: type) -> Any:
    """Assigns the fields in their order, then calls `__post_init__`; those taken by name only come behind a star."""
    recipe: _Recipe = owner.__dict__["_recipe"]
    known: dict[str, Any] = {"_none_given": MISSING}
    by_place: list[str] = []
    by_name: list[str] = []
    body: list[tuple[str, str]] = []
    for name, one in recipe.declared.items():
        parameter, value = _parameter(name, one, known)
        if parameter:
            (by_place if one.positional else by_name).append(parameter)
        if value:
            body.append((name, value))
    text = _assigned(owner, body, known) if recipe.frozen else [f"self.{name} = {value}" for name, value in body]
    if hasattr(owner, "__post_init__"):
        text.append("self.__post_init__()")
    taken = ", ".join(["self", *by_place, *(["*"] if by_name else []), *by_name])
    exec(f"def __init__({taken}):\n    " + "\n    ".join(text or ["pass"]), known)  # noqa: S102 - names of fields only
    made = known["__init__"]
    made.__qualname__ = f"{owner.__qualname__}.__init__"
    return made


_FEW = 4
"""Fields that are sooner set one by one."""


def _assigned(owner: type, body: Sequence[tuple[str, str]], known: dict[str, Any]) -> list[str]:
    """Lines that assign the fields of a frozen instance: each by its slot's own setter; or, where they are many, as
    an instance of an open class of the same slots, which it is meanwhile. A class that inherits without being made
    here has another layout."""
    known |= {f"_set_{name}": getattr(owner, name).__set__ for name, _ in body}
    one_by_one = [f"_set_{name}(self, {value})" for name, value in body]
    if len(body) <= _FEW or owner.__base__ is not object:
        return one_by_one
    opened = type(owner.__name__, (), {"__slots__": owner.__dict__["__slots__"]})
    known |= {"_owner": owner, "_become": _BECOME, "_open": opened}
    return [
        "if self.__class__ is _owner:",
        "    _become(self, _open)",
        *(f"    self.{name} = {value}" for name, value in body),
        "    self.__class__ = _owner",
        "else:",
        *(f"    {line}" for line in one_by_one),
    ]


_BECOME = object.__dict__["__class__"].__set__


def _parameter(name: str, one: _Declared, known: dict[str, Any]) -> tuple[str, str]:
    """(the parameter, the value to assign), either empty where the field has none; defaults go to `known`."""
    spec: Field[Any] = one.specified()
    if spec.default is not MISSING:
        known[f"_default_{name}"] = spec.default
        return (f"{name}=_default_{name}", name) if spec.init else ("", f"_default_{name}")
    if spec.default_factory is not MISSING:
        known[f"_make_{name}"] = spec.default_factory
        made = f"_make_{name}()"
        return (f"{name}=_none_given", f"{made} if {name} is _none_given else {name}") if spec.init else ("", made)
    return (name, name) if spec.init else ("", "")


_MAKES: Mapping[str, Callable[[type], Any]] = {
    "__init__": _make_init,
    "__repr__": lambda owner: _twin(owner, repr=True).__repr__,
    "__eq__": lambda owner: _twin(owner, eq=True).__eq__,
    "__hash__": lambda owner: _twin(owner, eq=True, frozen=True).__hash__,
}


def _init(self: Any, *args: Any, **named: Any) -> None:
    _complete(type(self), "__init__")(self, *args, **named)


def _repr(self: Any) -> Any:
    return _complete(type(self), "__repr__")(self)


def _eq(self: Any, other: object) -> Any:
    return _complete(type(self), "__eq__")(self, other)


def _hash(self: Any) -> Any:
    return _complete(type(self), "__hash__")(self)


def _replace(self: Any, /, **changes: Any) -> Any:
    """`dataclasses.replace`, at a tenth of its time, for the classes that are made here."""
    cls: Any = type(self)
    if "_recipe" not in cls.__dict__:
        return dataclasses.replace(self, **changes)
    return _copier(cls, *changes)(self, *changes.values())


@functools.lru_cache(maxsize=2048)
def _copier(cls: type, *changed: str) -> Callable[..., Any]:
    """Maker of an instance from another one and the values that are to be different, in the order of their names.
    Raises TypeError for a name that no field has."""
    shown = [(name, one) for name, one in cls.__dict__["_recipe"].declared.items() if one.specified().init]
    shown.sort(key=lambda named: not named[1].positional)
    given = {name: f"_{number}" for number, name in enumerate(changed)}
    taken = [f"{'' if one.positional else f'{name}='}{given.get(name, f'self.{name}')}" for name, one in shown]
    unknown = next((name for name in given if name not in dict(shown)), None)
    if unknown is not None:
        raise TypeError(f"{cls.__name__}.__init__() got an unexpected keyword argument {unknown!r}")
    text = f"lambda {', '.join(['self', *given.values()])}: cls({', '.join(taken)})"
    return cast("Callable[..., Any]", eval(text, {"cls": cls}))  # noqa: S307 - names of fields only


def _refuse_to_set(_self: Any, name: str, _value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in type(self)._recipe.declared]


def _set_state(self: Any, state: list[Any]) -> None:
    for name, value in zip(type(self)._recipe.declared, state, strict=True):
        object.__setattr__(self, name, value)


class _Described:
    """`__dataclass_fields__` and `__dataclass_params__`: what `fields`, `replace` and `asdict` look at."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, _instance: object, cls: type) -> Any:
        owner = next(one for one in cls.__mro__ if one.__dict__.get(self.name) is self)
        frozen = self.name == "__dataclass_params__" and owner.__dict__["_recipe"].frozen
        found = getattr(_twin(owner, frozen=frozen), self.name)
        setattr(owner, self.name, found)
        return found


_SHARED: Mapping[str, Any] = {
    "__init__": _init, "__repr__": _repr, "__eq__": _eq, "__replace__": _replace,
    "__dataclass_fields__": _Described("__dataclass_fields__"),
    "__dataclass_params__": _Described("__dataclass_params__"),
}  # fmt: skip
_FROZEN: Mapping[str, Any] = {
    "__hash__": _hash, "__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete,
    "__getstate__": _state, "__setstate__": _set_state,
}  # fmt: skip
_MUTABLE: Mapping[str, Any] = {"__hash__": None}


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:
    dataclass, replace = _dataclass, _replace
