"""Checked access to a caller's fields, JSON's and a form's alike (a form says everything in texts). Each refusal is a
400 naming the field, in OpenAI's own words and codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from interchange.hub.failure import RequestError, invalid
from interchange.hub.media import Form

_WHOLE = re.compile(r"-?[0-9]{1,18}")


def mistyped(path: str, expected: str) -> RequestError:
    return invalid(f"Invalid type for '{path}': expected {expected}.", path, "invalid_type")


def missing(path: str) -> RequestError:
    return invalid(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def unsupported(path: str, value: Any, supported: Sequence[str]) -> RequestError:
    words = ", ".join(f"'{word}'" for word in supported)
    return invalid(f"Invalid value: '{value}'. Supported values are: {words}.", path, "invalid_value")


def text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise mistyped(name, "a string")
    return value


def needed_text(fields: Mapping[str, Any], name: str) -> str:
    value = text(fields, name)
    if value is None:
        raise missing(name)
    if not value.strip():
        raise invalid(f"Invalid '{name}': empty string.", name, "empty_string")
    return value


def word(fields: Mapping[str, Any], name: str, supported: Sequence[str]) -> str | None:
    value = text(fields, name)
    if value is not None and value not in supported:
        raise unsupported(name, value, supported)
    return value


def integer(form: Form, name: str, least: int, most: int) -> int | None:
    """A whole number within bounds; a form's text is read as one."""
    value = form.fields.get(name)
    if value is None:
        return None
    if isinstance(value, str) and form.multipart and _WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise mistyped(name, "an integer")
    if not least <= value <= most:
        raise invalid(f"Invalid '{name}': {value} is not from {least} to {most}.", name, "integer_out_of_range")
    return value


def number(form: Form, name: str, least: float, most: float) -> float | None:
    value = form.fields.get(name)
    if value is None:
        return None
    if isinstance(value, str) and form.multipart:
        try:
            value = float(value)
        except ValueError as error:
            raise mistyped(name, "a number") from error
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN is within no bounds
        raise mistyped(name, "a number")
    if not least <= value <= most:
        raise invalid(f"Invalid '{name}': {value} is not from {least} to {most}.", name, "number_out_of_range")
    return value


def boolean(form: Form, name: str) -> bool:
    """False where it is absent."""
    value = form.fields.get(name)
    if isinstance(value, str) and form.multipart and value in ("true", "false"):
        return value == "true"
    if value is not None and not isinstance(value, bool):
        raise mistyped(name, "a boolean")
    return bool(value)
