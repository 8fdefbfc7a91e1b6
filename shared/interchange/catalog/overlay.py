"""Changes of a catalog that lie in the table: models that are added, changed and taken out without a deployment.

    {"models": [{"id": ..., ...}], "remove": ["grok-*"]}

An entry whose id the catalog has changes the fields that it names, any other is added. A name that an entry takes is no
other model's alias any more. A later release may have lost what was changed, or may have what was added: neither stops
the gateway.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from .load import read
from .lookup import Catalog

Entry = Mapping[str, Any]
NEEDED = ("routes", "price")
"""What an entry has that changes no other."""


def overlaid(base: Catalog, text: str) -> Catalog:
    """The catalog with the changes; itself where there are none. Raises CatalogError, ValueError for what was never
    checked (`checked_changes` of the operator's actions)."""
    if not text:
        return base
    changes = json.loads(text)
    entries = merged(base.entries, changes.get("models", ()), changes.get("remove", ()))
    made = read(list(entries), "catalog", checked=True)
    return Catalog(made.models, base.providers, made.entries)


def merged(base: Iterable[Entry], models: Iterable[Entry], remove: Iterable[str]) -> list[Entry]:
    """Entries of the whole catalog."""
    patterns = list(remove)
    kept = {str(one["id"]): one for one in base if not any(fnmatchcase(str(one["id"]), given) for given in patterns)}
    changed = {str(one["id"]): {**kept.get(str(one["id"]), {}), **one} for one in models}
    changed = {name: one for name, one in changed.items() if all(field in one for field in NEEDED)}
    taken = {given for name, one in changed.items() for given in (name, *one.get("aliases", ()))}
    others = {name: _without(one, taken) for name, one in kept.items() if name not in changed and name not in taken}
    return [
        changed.get(name, others.get(name, one)) for name, one in kept.items() if name in changed or name in others
    ] + [one for name, one in changed.items() if name not in kept]


def _without(entry: Entry, taken: set[str]) -> Entry:
    aliases = entry.get("aliases", ())
    if not taken.intersection(aliases):
        return entry
    return {**entry, "aliases": [one for one in aliases if one not in taken]}
