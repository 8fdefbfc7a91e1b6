"""What the vendors' API descriptions say of a request: `specs`, which `cut.py` makes of them, and botocore's own."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

SPECS = Path(__file__).resolve().parent / "specs"
SHAPES = frozenset({"additionalProperties", "type", "enum", "const", "required", "anyOf"})
UNTOLD = {
    "anthropic_messages": frozenset({"fallbacks", "fallback_credit_token", "diagnostics"}),
    "gemini": frozenset({"serviceTier", "mcpServers"}),
}
"""Members that are younger than the description: the SDK's types know them."""


@functools.cache
def _validator(protocol: str) -> Any:
    return Draft202012Validator(json.loads((SPECS / f"{protocol}.json").read_text(encoding="utf-8")))


def unlike(protocol: str, body: Any, bounds: bool = False) -> Iterator[str]:
    """How the body is not what the vendor's description says; only in lengths, numbers and patterns with `bounds`."""
    for error in _validator(protocol).iter_errors(body):
        for one in _leaves(error):
            if not _younger(protocol, one) and not (bounds and one.validator in SHAPES):
                yield _words(one)


def _leaves(error: ValidationError) -> list[ValidationError]:
    """Where a union fails: what is wrong with the member that was meant, which is the one of that `type` or `role`."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = {}
    for one in error.context:
        branches.setdefault(one.relative_schema_path[0], []).append(one)
    meant = [found for found in branches.values() if not any(_other(one) for one in found)] or list(branches.values())
    return [leaf for one in min(meant, key=len) for leaf in _leaves(one)]


def _other(error: ValidationError) -> bool:
    """True where the branch is of another kind of thing altogether."""
    at = list(error.relative_path)
    return (error.validator == "type" and not at) or (
        error.validator in ("enum", "const") and at in (["type"], ["role"])
    )


def _younger(protocol: str, error: ValidationError) -> bool:
    return error.validator == "additionalProperties" and any(
        f"'{name}'" in error.message for name in UNTOLD.get(protocol, ())
    )


def _words(error: ValidationError) -> str:
    return f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"


@functools.cache
def _converse() -> Shape:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    shape = model.operation_model("Converse").input_shape
    assert shape is not None
    return shape


def unlike_converse(body: Any) -> Iterator[str]:
    """By the service model that botocore carries. Bytes are base64 on the wire, which botocore would write itself."""
    report = ParamValidator().validate({"modelId": "m", **body}, _converse())
    if report.has_errors():
        yield report.generate_report()
    yield from _bounds(body, _converse(), "")


def _bounds(value: Any, shape: Any, path: str) -> Iterator[str]:
    """Patterns, words and greatest lengths, which botocore leaves to the server."""
    match shape.type_name:
        case "structure" if isinstance(value, dict) and not getattr(shape, "is_document_type", False):
            for name, inner in value.items():
                if name in shape.members:
                    yield from _bounds(inner, shape.members[name], f"{path}.{name}")
        case "list" if isinstance(value, list):
            for at, inner in enumerate(value):
                yield from _bounds(inner, shape.member, f"{path}[{at}]")
        case "map" if isinstance(value, dict):
            for name, inner in value.items():
                yield from _bounds(inner, shape.value, f"{path}.{name}")
        case "string" if isinstance(value, str):
            form, most = shape.metadata.get("pattern"), shape.metadata.get("max")
            if form is not None and not re.fullmatch(form, value):
                yield f"{path}: failed to satisfy constraint: Member must satisfy regular expression pattern: {form}"
            if most is not None and len(value) > most:
                yield f"{path}: failed to satisfy constraint: Member must have length less than or equal to {most}"
            if shape.enum and value not in shape.enum:
                yield f"{path}: failed to satisfy constraint: Member must satisfy enum value set: {shape.enum}"
        case "float" | "integer" if not isinstance(value, bool) and isinstance(value, int | float):
            if value > shape.metadata.get("max", value):
                yield f"{path}: failed to satisfy constraint: less than or equal to {shape.metadata['max']}"
        case _:
            pass  # free documents, bytes and flags have no bounds
