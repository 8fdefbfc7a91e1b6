"""The pass-through lane's edits: the caller's bytes, with another name of the model."""

from __future__ import annotations

from interchange.hub.media import Form
from interchange.wire import splice


def renamed(form: Form, model: str) -> bytes:
    """The body with the model's upstream name; nulls, padding, boundaries and files as they came."""
    if not form.multipart:
        return splice.put(form.raw, model, "model")
    start, end = form.spans["model"]
    return form.raw[:start] + model.encode() + form.raw[end:]
