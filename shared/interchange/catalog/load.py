"""Reading a catalog file. What is wrong with it is said with its path, before the first request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .lookup import Catalog
from .models import Provider, read_model, read_provider

PROVIDER_NAME = re.compile(r"[a-z][a-z0-9_-]*")
BUILT_IN = Path(__file__).resolve().parent / "data" / "catalog.json"


class CatalogError(Exception):
    """One line: the file, the path of what is wrong in it, and why."""


def load(path: Path | None = None) -> Catalog:
    """The catalog of `path` (YAML or JSON), or the built-in one. A file is a list of models, or an object with `models`
    and `providers`. What is built in was checked when it was built in. Raises CatalogError."""
    file = path or BUILT_IN
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogError(f"{file}: cannot be read ({error.strerror})") from error
    return read(_parse(text, file), file.name, checked=path is None)


def read(data: Any, name: str = "catalog", *, checked: bool = False) -> Catalog:
    """A catalog from parsed data. Raises CatalogError, unless it is `checked` already."""
    listed = {"models": data} if isinstance(data, list) else data
    extends = isinstance(listed, dict) and bool(set(EXTENDING) & set(listed))
    if isinstance(listed, dict):
        unknown = sorted(str(given) for given in listed if given not in ("models", "providers", *EXTENDING))
        if unknown:
            known = "`models`, `remove` and `providers`" if extends else "`models` and `providers`"
            raise CatalogError(f"{name}: unknown field {unknown[0]!r}; expected {known}")
    if extends:
        listed = {"models": [], **listed}  # nothing but removals, perhaps
    if not isinstance(listed, dict) or not isinstance(listed.get("models"), list):
        raise CatalogError(f"{name}: expected a list of models, or an object with `models`")
    if extends:
        listed = _extended(listed, name)
    if not checked:
        for number, entry in enumerate(listed["models"]):
            check_entry("Model", entry, f"{name}: models[{number}]" + _named(entry, extends))
    models = tuple(read_model(entry) for entry in listed["models"])
    providers = _providers(listed.get("providers", {}), name)
    _unique((given for model in models for given in model.asked_for_as), name)
    return Catalog(models, providers, tuple(listed["models"]))


EXTENDING = ("extends", "remove")


def _extended(listed: dict[str, Any], name: str) -> dict[str, Any]:
    """The built-in list without what is removed, with a file's own entries in it: one whose id is known changes what it
    names of the known one, any other is added."""
    if listed.get("extends") != "builtin":
        raise CatalogError(f"{name}: extends: {listed.get('extends')!r}; only `builtin` can be extended")
    base = {entry["id"]: entry for entry in json.loads(BUILT_IN.read_text(encoding="utf-8"))}
    for pattern in _patterns(listed.get("remove", []), name):
        gone = [one for one in base if fnmatchcase(one, pattern)]
        if not gone:
            raise CatalogError(f"{name}: remove: {pattern!r} matches no built-in model")
        for one in gone:
            del base[one]
    for number, entry in enumerate(listed["models"]):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise CatalogError(f"{name}: models[{number}].id: is needed")
        base[entry["id"]] = {**base.get(entry["id"], {}), **entry}
    return {"models": list(base.values()), "providers": listed.get("providers", {})}


def _patterns(found: Any, name: str) -> list[str]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise CatalogError(f"{name}: remove: expected a list of ids or patterns")
    return found


def _providers(listed: Any, name: str) -> dict[str, Provider]:
    if not isinstance(listed, dict):
        raise CatalogError(f"{name}: providers: expected an object of a name and a provider each")
    for given in listed:
        if not isinstance(given, str) or not PROVIDER_NAME.fullmatch(given):
            raise CatalogError(f"{name}: providers: {given!r} is no name; small letters, digits, - and _ make one")
        check_entry("Provider", listed[given], f"{name}: providers.{given}")
    return {given: read_provider(entry) for given, entry in listed.items()}


def parse_yaml(text: str) -> Any:
    """Parses YAML, days as they are written. Raises yaml.YAMLError, ValueError."""
    import yaml  # only where a file needs it: the built-in catalog is JSON

    return _days_written(yaml.safe_load(text))


def _days_written(value: Any) -> Any:
    """YAML makes a date of 2027-01-31 without quotes."""
    match value:
        case dict():
            return {name: _days_written(one) for name, one in value.items()}
        case list():
            return [_days_written(one) for one in value]
        case date():
            return value.isoformat()
        case _:
            return value


def _parse(text: str, file: Path) -> Any:
    try:
        if file.suffix in (".yaml", ".yml"):
            return parse_yaml(text)
        return json.loads(text)
    except Exception as error:
        if isinstance(error, ValueError) or type(error).__module__.startswith("yaml"):
            raise CatalogError(f"{file.name}: not valid: {str(error).splitlines()[0]}") from error
        raise


def check_entry(kind: str, entry: Any, where: str) -> None:
    """Raises CatalogError for what the schema's class of that name refuses. It is imported here: the built-in catalog
    needs none of it."""
    from pydantic import ValidationError

    from . import schema

    try:
        getattr(schema, kind).model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        quotes = "; put the amount in quotes" if first["type"] == "string_type" and "price" in first["loc"] else ""
        raise CatalogError(f"{where}{place}: {first['msg'].removeprefix('Value error, ')}{quotes}") from error


def _named(entry: Any, extended: bool) -> str:
    """The id, where the place in the list is not that of the file."""
    return f" ({entry.get('id')})" if extended and isinstance(entry, dict) else ""


def _unique(names: Iterable[str], file: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CatalogError(f"{file}: the name {name!r} stands twice")
        seen.add(name)
