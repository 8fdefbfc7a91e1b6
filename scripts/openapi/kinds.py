"""Kinds of models in the document: an endpoint takes those of its own, and names the others, which it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.catalog.load import load
from interchange.exchange.models import ENDPOINTS

Json = dict[str, Any]


def tell_kinds(document: Json) -> None:
    """Puts into each endpoint's `model` the ids of the built-in catalog that are of another kind: `not` one of them."""
    schemas = document["components"]["schemas"]
    names = {kind: _others(kind) for kind in ENDPOINTS}
    schemas |= {f"NotFor{kind.title()}": {"type": "string", "enum": found} for kind, found in names.items()}
    for kind, paths in ENDPOINTS.items():
        for path in paths:
            for content in document["paths"][path]["post"]["requestBody"]["content"].values():
                _refuse(content["schema"], schemas, {"$ref": f"#/components/schemas/NotFor{kind.title()}"})


def _others(kind: str) -> list[str]:
    return sorted({name for model in load().models if model.kind != kind for name in model.asked_for_as})


def _refuse(schema: Json, schemas: Mapping[str, Json], others: Json) -> None:
    whole = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    whole["properties"]["model"]["not"] = others
