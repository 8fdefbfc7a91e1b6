"""Reading a catalog file. What is wrong with it is said with its path, before the first request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
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
    if not isinstance(listed, dict) or not isinstance(listed.get("models"), list):
        raise CatalogError(f"{name}: expected a list of models, or an object with `models`")
    unknown = sorted(set(listed) - {"models", "providers"})
    if unknown:
        raise CatalogError(f"{name}: unknown field {unknown[0]!r}; expected `models` and `providers`")
    if not checked:
        for number, entry in enumerate(listed["models"]):
            _check("Model", entry, f"{name}: models[{number}]")
    models = tuple(read_model(entry) for entry in listed["models"])
    providers = _providers(listed.get("providers", {}), name)
    _unique((given for model in models for given in (model.id, *model.aliases)), name)
    return Catalog(models, providers)


def _providers(listed: Any, name: str) -> dict[str, Provider]:
    if not isinstance(listed, dict):
        raise CatalogError(f"{name}: providers: expected an object of a name and a provider each")
    for given in listed:
        if not isinstance(given, str) or not PROVIDER_NAME.fullmatch(given):
            raise CatalogError(f"{name}: providers: {given!r} is no name; small letters, digits, - and _ make one")
        _check("Provider", listed[given], f"{name}: providers.{given}")
    return {given: read_provider(entry) for given, entry in listed.items()}


def _parse(text: str, file: Path) -> Any:
    try:
        if file.suffix in (".yaml", ".yml"):
            import yaml  # only where a file needs it: the built-in catalog is JSON

            return yaml.safe_load(text)
        return json.loads(text)
    except Exception as error:
        if isinstance(error, ValueError) or type(error).__module__.startswith("yaml"):
            raise CatalogError(f"{file.name}: not valid: {str(error).splitlines()[0]}") from error
        raise


def _check(kind: str, entry: Any, where: str) -> None:
    """By the schema's class of that name. It is imported here: the built-in catalog needs none of it."""
    from pydantic import ValidationError

    from . import schema

    try:
        getattr(schema, kind).model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"])
        raise CatalogError(f"{where}{place}: {first['msg'].removeprefix('Value error, ')}") from error


def _unique(names: Iterable[str], file: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CatalogError(f"{file}: the name {name!r} stands twice")
        seen.add(name)
