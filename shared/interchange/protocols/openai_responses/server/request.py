"""The rest of a caller's body: every parameter beside items and tools."""

from __future__ import annotations

from typing import Any

from interchange.hub import request as r
from interchange.hub.failure import invalid
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields
from interchange.protocols.parameters import names

from ..words import ENCRYPTED, LOGPROBS, ROWS

STORED = {
    "previous_response_id": "this deployment keeps no answers; send the earlier items in 'input' instead",
    "conversation": "none is kept here; send 'previous_response_id', or the earlier items in 'input', instead",
    "prompt": "prompts are not kept here; send its text in 'instructions' and 'input' instead",
}
"""Fields that point at what the vendor keeps for one of its own customers; here every customer shares the vendor's
account, so none of it may be reached."""
_NESTED = {
    "reasoning": frozenset({"effort", "summary", "generate_summary"}),
    "text": frozenset({"format", "verbosity"}),
    "stream_options": frozenset({"include_obfuscation"}),
}
"""Fields that hold others -> those that are known."""
KNOWN = names(ROWS) | {
    "model", "input", "instructions", "tools", "tool_choice", "stream", "stream_options", "reasoning", "text",
    "include", "background", "truncation", *STORED,
}  # fmt: skip


def read_parameters(body: JsonObject) -> dict[str, Any]:
    """Arguments of `hub.request.Request`. Null means absent."""
    _refuse_stored(body)
    include = fields.texts(body, "include")
    text = fields.mapping(body, "text") or {}
    found = fields.parameters(body, ROWS) | {
        "logprobs": True if LOGPROBS in include else None,
        "stream": bool(fields.boolean(body, "stream")),
        "reasoning": _reasoning(body),
        "output_format": _format(text),
        "verbosity": fields.text(text, "verbosity", "text.verbosity"),
    }
    found["extra"] = _extra(body, include)
    return found


def _refuse_stored(body: JsonObject) -> None:
    for name, instead in STORED.items():
        if body.get(name) is not None:
            raise invalid(f"'{name}': {instead}.", name, "unsupported_parameter")
    if fields.boolean(body, "background"):
        said = "'background': nothing runs in the background here; leave it out, or send 'stream': true instead."
        raise invalid(said, "background", "unsupported_parameter")


def _extra(body: JsonObject, include: tuple[str, ...]) -> dict[str, Any]:
    """Parameters that only this protocol has. Asking for what is always given, or for what is the default, asks for
    nothing."""
    extra = {name: value for name, value in body.items() if name not in KNOWN and value is not None}
    rest = [word for word in include if word not in (ENCRYPTED, LOGPROBS)]
    if rest:
        extra["include"] = rest
    if fields.text(body, "truncation") not in (None, "disabled"):
        extra["truncation"] = body["truncation"]
    fields.integer(body, "max_tool_calls", 1)
    options = fields.mapping(body, "stream_options") or {}
    fields.boolean(options, "include_obfuscation", "stream_options.include_obfuscation")
    for holder, known in _NESTED.items():
        given = fields.mapping(body, holder) or {}
        extra |= {f"{holder}.{name}": value for name, value in given.items() if name not in known and value is not None}
    return extra


def _reasoning(body: JsonObject) -> r.Reasoning | None:
    raw = fields.mapping(body, "reasoning")
    if raw is None:
        return None
    effort = fields.text(raw, "effort", "reasoning.effort")
    summary = fields.text(raw, "summary", "reasoning.summary")
    summary = summary or fields.text(raw, "generate_summary", "reasoning.generate_summary")
    if effort is None and summary is None:
        return None
    return r.Reasoning(effort=effort, display="summarized" if summary else None, summary=summary)


def _format(text: JsonObject) -> r.OutputFormat | None:
    raw = fields.mapping(text, "format", "text.format")
    if raw is None:
        return None
    word = fields.needed_text(raw, "type", "text.format.type")
    kinds = [str(kind) for kind in r.OutputKind]
    if word not in kinds:
        raise fields.unsupported("text.format.type", word, kinds)
    if word != r.OutputKind.SCHEMA:
        return r.OutputFormat(r.OutputKind(word))
    return r.OutputFormat(
        r.OutputKind.SCHEMA,
        schema=fields.needed_mapping(raw, "schema", "text.format.schema"),
        name=fields.needed_text(raw, "name", "text.format.name"),
        description=fields.text(raw, "description", "text.format.description"),
        strict=fields.boolean(raw, "strict", "text.format.strict"),
    )
