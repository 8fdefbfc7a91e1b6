"""Fields of a chat body that no reader uses. Unknown fields at the top, of a turn and of a tool are kept by
their readers; these are the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import unread

from .messages import KNOWN

_PART = frozenset({"type", "cache_control", "prompt_cache_breakpoint", "index", "id"})
PARTS = {
    "text": _PART | {"text", "annotations"},
    "refusal": _PART | {"refusal"},
    "image_url": _PART | {"image_url"},
    "input_audio": _PART | {"input_audio"},
    "file": _PART | {"file"},
}
INNER = {
    "image_url": frozenset({"url", "detail"}),
    "input_audio": frozenset({"data", "format"}),
    "file": frozenset({"file_id", "file_data", "filename"}),
}
CALL = frozenset({"id", "type", "index", "function", "custom", "extra_content", "cache_control"})
CALLED = frozenset({"name", "arguments", "input", "parsed_arguments"})
FORM = {"response_format": frozenset({"type", "json_schema"})}
SCHEMA = frozenset({"name", "description", "schema", "strict"})
SETTINGS = {
    "reasoning": frozenset({"effort", "max_tokens", "enabled", "exclude", "summary"}),
    "thinking": frozenset({"type", "budget_tokens", "display"}),
    "audio": frozenset({"voice", "format"}),
    "web_search_options": frozenset({"user_location", "search_context_size"}),
}
LOCATION = frozenset({"type", "approximate"})


def unread_fields(body: JsonObject) -> Iterator[str]:
    turn = False
    for path, raw in unread.items(body.get("messages"), "messages"):
        role = raw.get("role")
        turn = turn or role not in ("system", "developer") or raw.get("name") is not None
        if role in ("tool", "function") or not turn:  # no turn of their own that could keep them
            yield from unread.fields(raw, KNOWN, path)
        yield from _content(raw.get("content"), f"{path}.content")
        for here, call in unread.items(raw.get("tool_calls"), f"{path}.tool_calls"):
            yield from unread.fields(call, CALL, here)
            kind = "custom" if call.get("type") == "custom" else "function"
            yield from unread.fields(call.get(kind), CALLED, f"{here}.{kind}")
    form = body.get("response_format")
    yield from unread.fields(form, FORM["response_format"], "response_format")
    if isinstance(form, dict):
        yield from unread.fields(form.get("json_schema"), SCHEMA, "response_format.json_schema")
    yield from _settings(body)


def _settings(body: JsonObject) -> Iterator[str]:
    for name, known in SETTINGS.items():
        yield from unread.fields(body.get(name), known, name)
    if body.get("tool_choice") is not None and body.get("function_call") is not None:
        yield "function_call"
    path = "web_search_options.user_location"
    location = (body.get("web_search_options") or {}).get("user_location") or {}
    yield from unread.fields(location, LOCATION, path)
    yield from unread.fields(location.get("approximate"), unread.PLACE, f"{path}.approximate")


def _content(content: Any, path: str) -> Iterator[str]:
    yield from unread.parts(content, PARTS, path)
    for here, part in unread.items(content, path):
        word = part.get("type")
        if isinstance(word, str) and word in INNER:
            yield from unread.fields(part.get(word), INNER[word], f"{here}.{word}")
