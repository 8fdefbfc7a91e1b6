"""Finding a model by the name that a caller uses. Unknown names are never guessed, only suggested."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from .models import Model, Provider

VENDORS: Mapping[str, str] = {
    "google": "gemini", "models": "gemini", "vertex_ai": "gemini", "google-vertex": "gemini", "x-ai": "xai",
    "amazon": "bedrock", "meta": "bedrock", "meta-llama": "bedrock",
}  # fmt: skip
"""What stands before the slash in other gateways' names and in the vendors' own (https://openrouter.ai/models,
https://docs.litellm.ai/docs/providers, Gemini's `models/ID`) -> our provider. A provider's own name stands too."""
SUGGESTED = 3
"""Names that an error suggests at most."""
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|preview-\d{2}-\d{4}|\d{4}|\d{3}|latest|preview)$")
_ROLLING = re.compile(r"-(?:latest|001)$")
"""What vendors put behind the id of a model for itself: https://docs.x.ai/docs/models (`ID-latest`: its newest),
https://ai.google.dev/gemini-api/docs/models (`ID-latest`, and `ID-001` for its first, stable version)."""
_REGION = re.compile(r"^(?:global|us|eu|apac|jp|au|ca)\.(?=\w+\.)")
"""Before the id of a model at Bedrock: docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html."""
_HOSTED = re.compile(r"^(?:[a-z]+\.)?(?:anthropic|amazon|meta)\.|-v\d+(?::\d+)?$|:[a-z]+$|\[\w+\]$")
"""How Bedrock wraps an id, the variants of other gateways, and Claude Code's mark of a long context."""


@dataclass(frozen=True)
class Catalog:
    """`models` in the order of the file; `providers`, by name, are those that a file adds to the built-in ones.
    `entries` are the models as the file has them, for changes of them."""

    models: tuple[Model, ...]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    entries: tuple[Mapping[str, Any], ...] = field(default=(), repr=False, compare=False)

    def find(self, name: str) -> Model | None:
        """Finds a model by its id, by an alias or by its vendor's own id, also behind the vendor's name
        ("anthropic/claude-sonnet-4.5")."""
        return self._named(name) or self._behind_vendor(name)

    def near(self, name: str, among: Collection[Model] | None = None) -> tuple[str, ...]:
        """Ids that were probably meant, the likeliest first, at most three, for an error message; of the models `among`
        which to look, or of all."""
        models = self.models if among is None else among
        exact = {_plain(one): model.id for model in models for one in (*model.aliases, model.id)}
        known = {_SNAPSHOT.sub("", one): model for one, model in exact.items()} | exact
        asked = _plain(name)
        whole = [known[one] for one in (asked, _SNAPSHOT.sub("", asked)) if one in known]
        if whole:
            return (whole[0],)
        close = difflib.get_close_matches(_SNAPSHOT.sub("", asked), list(known), n=2 * SUGGESTED, cutoff=0.7)
        return tuple(dict.fromkeys(known[one] for one in close))[:SUGGESTED]

    def served_by(self, providers: Collection[str]) -> Catalog:
        """Keeps the models that one of these providers has a route for."""
        able = (model for model in self.models if any(route.provider in providers for route in model.routes))
        return Catalog(tuple(able), self.providers, self.entries)

    @cached_property
    def version(self) -> str:
        """A digest of everything in it."""
        data = [asdict(model) for model in self.models]
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def _by_name(self) -> dict[str, Model]:
        listed = {name: model for model in self.models for name in (*model.aliases, model.id)}
        routes = [(route.model, model) for model in reversed(self.models) for route in model.routes]
        vendors = {name: model for given, model in routes for name in (given, _REGION.sub("", given))}
        return {**vendors, **listed}

    def _named(self, name: str) -> Model | None:
        spellings = (name, _ROLLING.sub("", name), _REGION.sub("", name))
        return next((self._by_name[one] for one in spellings if one in self._by_name), None)

    def _behind_vendor(self, name: str) -> Model | None:
        """Other gateways write the dots of a version where the vendor has dashes."""
        vendor, slash, bare = name.partition("/")
        found = self._named(bare) or self._named(bare.replace(".", "-")) if slash else None
        provider = VENDORS.get(vendor, vendor)
        return found if found and any(route.provider == provider for route in found.routes) else None


def _plain(name: str) -> str:
    """Strips case, dots, and what stands around a vendor's own id."""
    bare = name.lower().rpartition("/")[2].replace("@", "-").replace("_", "-").replace(" ", "-")
    while (shorter := _HOSTED.sub("", bare)) != bare:
        bare = shorter
    return bare.replace(".", "-")
