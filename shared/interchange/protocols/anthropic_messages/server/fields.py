"""A place in the caller's body, and what is wrong there in the API's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import RequestError, invalid

from ..words import Json

GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is the JSON path ("messages[0].content"); `told` the API's way to say it, which also names a block's type
    ("messages.0.content.0.text.text")."""

    path: str = ""
    told: str = ""

    def key(self, name: str) -> Place:
        return Place(f"{self.path}.{name}" if self.path else name, f"{self.told}.{name}" if self.told else name)

    def item(self, number: int) -> Place:
        return Place(f"{self.path}[{number}]", f"{self.told}.{number}")

    def tag(self, kind: str) -> Place:
        return Place(self.path, f"{self.told}.{kind}")

    def wrong(self, message: str) -> RequestError:
        return invalid(f"{self.told}: {message}" if self.told else message, self.path or None)


def text(raw: Mapping[str, Any], name: str, place: Place) -> str:
    value = _required(raw, name, place)
    if not isinstance(value, str):
        raise place.key(name).wrong("Input should be a valid string")
    return value


def optional_text(raw: Mapping[str, Any], name: str, place: Place) -> str | None:
    return None if raw.get(name) is None else text(raw, name, place)


def mapping(raw: Mapping[str, Any], name: str, place: Place) -> Json:
    value = _required(raw, name, place)
    if not isinstance(value, dict):
        raise place.key(name).wrong("Input should be an object")
    return value


def optional_mapping(raw: Mapping[str, Any], name: str, place: Place) -> Json | None:
    return None if raw.get(name) is None else mapping(raw, name, place)


def optional_flag(raw: Mapping[str, Any], name: str, place: Place) -> bool | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise place.key(name).wrong("Input should be a valid boolean")
    return value


def optional_integer(raw: Mapping[str, Any], name: str, place: Place, least: int = 0) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.key(name).wrong("Input should be a valid integer")
    if value < least:
        raise place.key(name).wrong(f"Input should be greater than or equal to {least}")
    if value > GREATEST:
        raise place.key(name).wrong("Input should be an integer of 64 bits")
    return value


def optional_share(raw: Mapping[str, Any], name: str, place: Place) -> float | None:
    """A number from 0 to 1."""
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise place.key(name).wrong("Input should be a valid number")
    if not 0 <= value <= 1:
        raise place.key(name).wrong("range: 0..1")
    return value


def objects(raw: Mapping[str, Any], name: str, place: Place) -> list[tuple[Json, Place]]:
    """A list of objects, each with its place; [] where there is none."""
    value = raw.get(name)
    if value is None:
        return []
    here = place.key(name)
    if not isinstance(value, list):
        raise here.wrong("Input should be a valid list")
    return [(as_object(item, here.item(number)), here.item(number)) for number, item in enumerate(value)]


def as_object(value: Any, place: Place) -> Json:
    if not isinstance(value, dict):
        raise place.wrong("Input should be an object")
    return value


def texts(raw: Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
    value = raw.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise place.key(name).wrong("Input should be a valid list")
    for number, item in enumerate(value):
        if not isinstance(item, str):
            raise place.key(name).item(number).wrong("Input should be a valid string")
    return tuple(value)


def _required(raw: Mapping[str, Any], name: str, place: Place) -> Any:
    if raw.get(name) is None:
        raise place.key(name).wrong("Field required")
    return raw[name]


ROOT = Place()
