"""Changes of the catalog that lie in the table: models that are added, changed and taken out without a deployment.

They are part of the tariff's versions: one version says which models there are, and what customers pay for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from interchange import wiring
from interchange.catalog.load import CatalogError, check_entry, parse_yaml
from interchange.catalog.lookup import Catalog
from interchange.catalog.models import read_model
from interchange.catalog.overlay import NEEDED, merged, overlaid
from interchange.metering.tariffs import AGE_MS, NEAR_AGE_MS, Version

from .books import Books, CommandError, Shown, Unmet
from .dates import written
from .report_actions import check_models

FIELDS = ("models", "remove")
MOST_BYTES = 150_000
"""An item holds 400 KB, and the tariff's rules are beside it."""


def show_changes(books: Books) -> Shown:
    """The changes that are in force, and how many models there are with them."""
    current = books.tariffs.current()
    if current is None:
        return {"version": 0, "catalog": len(books.catalog().models), "remove": [], "models": []}
    return _shown(books, current)


def set_changes(books: Books, form: str | Any, reason: str, expected: int | None = None) -> Shown:
    """Puts changes in force in the place of those that there are, once all of it is valid. `form` is YAML, JSON, or
    what was parsed from it: `{"models": [...], "remove": [...]}`, or a list of models. Raises CommandError,
    TariffChanged."""
    text = _checked(books, form)
    made = books.tariffs.set(None, reason, books.now_ms, expected, models=text, by=books.who())
    age = (NEAR_AGE_MS if books.table.near else AGE_MS) // 1000
    return {**_shown(books, made), "in_force_within_seconds": age}


def preview_changes(books: Books, form: str | Any) -> Shown:
    """Says what `set_changes` would do, and does nothing of it: which models would come, which would go, and which
    would be others in what, beside those that are in force. Raises like it."""
    before = {str(one["id"]): one for one in books.catalog().entries}
    after = {str(one["id"]): one for one in overlaid(books.base(), _checked(books, form)).entries}
    changed = [
        {"model": name, "field": field, "now": before[name].get(field), "then": one.get(field)}
        for name, one in after.items()
        if name in before
        for field in sorted({*before[name], *one})
        if before[name].get(field) != one.get(field)
    ]
    return {
        "catalog": len(after), "added": [name for name in after if name not in before],
        "removed": [name for name in before if name not in after], "changed": changed,
    }  # fmt: skip


def remove_models(books: Books, pattern: str, reason: str = "") -> Shown:
    """Takes out the models whose ids the pattern means, those that were added among them."""
    current = books.tariffs.current()
    changes = _changes(current)
    models = [one for one in changes["models"] if not fnmatchcase(str(one["id"]), pattern)]
    remove = list(changes["remove"])
    if any(fnmatchcase(str(one["id"]), pattern) for one in books.base().entries):
        remove = [*(one for one in remove if one != pattern), pattern]
    elif len(models) == len(changes["models"]):
        raise Unmet(f"models: {pattern[:80]!r} matches no model of the catalog")
    version = 0 if current is None else current.version
    return set_changes(books, {"models": models, "remove": remove}, reason, version)


def _checked(books: Books, form: str | Any) -> str:
    """Returns the changes as they are stored."""
    changes = _read(form)
    try:
        _check(books.base(), changes)
    except CatalogError as error:
        raise CommandError(str(error)) from error
    empty = not changes["models"] and not changes["remove"]
    text = "" if empty else json.dumps(changes, sort_keys=True, separators=(",", ":"))
    if len(text.encode()) > MOST_BYTES:
        raise CommandError(f"models: too much; the changes of a catalog may have {MOST_BYTES} bytes")
    return text


def _read(form: str | Any) -> dict[str, list[Any]]:
    found = form if not isinstance(form, str) else _parsed(form)
    found = {"models": found} if isinstance(found, list) else found
    if not isinstance(found, Mapping):
        raise CommandError('catalog: must be an object, such as {"models": [], "remove": []}')
    for name in found:
        if name not in FIELDS:
            raise CommandError(f"{str(name)[:80]}: there is no such field; there are {', '.join(FIELDS)}")
    changes = {name: found.get(name) or [] for name in FIELDS}
    for name, listed in changes.items():
        if not isinstance(listed, list):
            raise CommandError(f"{name}: must be a list")
    return changes


def _parsed(text: str) -> Any:
    import yaml

    try:
        return parse_yaml(text)
    except (yaml.YAMLError, ValueError) as error:  # the latter for a day that there is not
        raise CommandError(f"catalog: not valid: {' '.join(str(error).split())[:200]}") from error


def _check(base: Catalog, changes: Mapping[str, list[Any]]) -> None:
    """Raises CommandError, CatalogError with the path of what is wrong."""
    for number, pattern in enumerate(changes["remove"]):
        if not isinstance(pattern, str) or not pattern:
            raise CommandError(f"remove[{number}]: must be an id or a pattern, such as 'grok-*'")
        if not any(fnmatchcase(str(one["id"]), pattern) for one in base.entries):
            raise Unmet(f"remove[{number}]: {pattern[:80]!r} matches no model of the deployment's catalog")
    seen: set[str] = set()
    for number, entry in enumerate(changes["models"]):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise CommandError(f"models[{number}].id: is needed")
        if entry["id"] in seen:
            raise Unmet(f"models[{number}].id: {entry['id'][:80]!r} stands twice")
        seen.add(entry["id"])
    known = {str(one["id"]): one for one in merged(base.entries, (), changes["remove"])}
    whole = [{**known.get(entry["id"], {}), **entry} for entry in changes["models"]]
    for number, entry in enumerate(whole):
        where = f"models[{number}] ({entry['id'][:80]})"
        missing = next((field for field in NEEDED if field not in entry), None)
        if missing is not None:
            raise Unmet(f"{where}.{missing}: Field required, since the catalog has no such model to be changed")
        check_entry("Model", entry, where)
    alone = Catalog(tuple(map(read_model, whole)), base.providers)
    _check_served(alone)
    try:
        check_models(alone.models, overlaid(base, json.dumps(changes)), "catalog")
    except (TypeError, ValueError) as error:
        raise CommandError(f"catalog: {error}") from error


def _check_served(alone: Catalog) -> None:
    """Raises Unmet for what no provider of the deployment can serve."""
    try:
        wiring.check_routes(alone)
        wiring.check_protocols(alone)
    except CatalogError as error:
        raise Unmet(str(error)) from error


def _changes(current: Version | None) -> dict[str, list[Any]]:
    found = json.loads(current.models) if current is not None and current.models else {}
    return {name: list(found.get(name, ())) for name in FIELDS}


def _shown(books: Books, one: Version) -> Shown:
    changes = _changes(one)
    catalog = overlaid(books.base(), one.models)
    return {
        "version": one.version, "digest": one.digest, "set": written(one.created_ms), "by": one.by,
        "reason": one.reason, "catalog": len(catalog.models), "remove": changes["remove"], "models": changes["models"],
    }  # fmt: skip
