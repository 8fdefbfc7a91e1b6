"""Finding a model by the name that a caller uses. Unknown names are never guessed, only suggested."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from .models import Model, Provider


@dataclass(frozen=True)
class Catalog:
    """`models` in the order of the file; `providers`, by name, are those that a file adds to the built-in ones."""

    models: tuple[Model, ...]
    providers: Mapping[str, Provider] = field(default_factory=dict)

    def find(self, name: str) -> Model | None:
        """Finds a model by its id or alias."""
        return self._by_name.get(name)

    def near(self, name: str) -> str | None:
        """A name that was probably meant, for an error message."""
        found = difflib.get_close_matches(name, list(self._by_name), n=1, cutoff=0.75)
        return found[0] if found else None

    def served_by(self, providers: Collection[str]) -> Catalog:
        """Keeps the models that one of these providers has a route for."""
        able = (model for model in self.models if any(route.provider in providers for route in model.routes))
        return Catalog(tuple(able), self.providers)

    @cached_property
    def version(self) -> str:
        """A digest of everything in it."""
        data = [asdict(model) for model in self.models]
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def _by_name(self) -> dict[str, Model]:
        return {name: model for model in self.models for name in (*model.aliases, model.id)}
