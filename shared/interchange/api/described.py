"""Words for the OpenAPI document beyond what FastAPI reads off an endpoint's code, and checks against its models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from interchange.hub.failure import RequestError, invalid
from interchange.wrong_fields import deepest, path, said

SCHEMAS = "#/components/schemas/{model}"
CODES = {"missing": "missing_required_parameter", "extra_forbidden": "unknown_parameter"}
TYPES = ("_type", "_parsing", "_tag_invalid", "_tag_not_found")
"""Endings of pydantic's words for a value of another type."""


def described(*headers: str, free: bool = False, body: type[BaseModel] | None = None) -> dict[str, Any]:
    """Entries of `openapi_extra`: headers that are read (by their names in scripts/openapi/shared.yaml), whether
    callers without a key are taken, and the body of an endpoint that reads it raw
    (https://fastapi.tiangolo.com/advanced/path-operation-advanced-configuration/#custom-openapi-content-type)."""
    told: dict[str, Any] = {"errors": "Error", "headers": list(headers), "free": free}
    if body is not None:
        content = {"application/json": {"schema": body.model_json_schema(ref_template=SCHEMAS)}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def checked(kind: type[BaseModel]) -> Callable[[Mapping[str, Any]], None]:
    """A check of a body's fields against `kind`. What it returns raises RequestError naming the field, by its path."""

    def check(fields: Mapping[str, Any]) -> None:
        try:
            kind.model_validate(fields)
        except ValidationError as error:
            raise refused(error.errors(include_url=False, include_input=False)) from error

    return check


def refused(found: Sequence[Mapping[str, Any]]) -> RequestError:
    """The deepest of pydantic's findings, as a refusal."""
    first = deepest(found)
    field = path(first["loc"])
    return invalid(f"{field}: {said(field, first)}", field, _code(first["type"]))


def _code(kind: str) -> str:
    return CODES.get(kind, "invalid_type" if kind.endswith(TYPES) else "invalid_value")
