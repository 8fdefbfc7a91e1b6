"""Fields of a Responses body that no reader uses. Unknown fields at the top and of a tool are kept by their readers;
these are the others. Source of the known ones: openai-python `types/responses/response_input_param.py`."""

from __future__ import annotations

from collections.abc import Iterator

from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import unread

from ..words import HOSTED_KINDS
from .tools import is_server

_ITEM = frozenset({"type", "id", "status", "created_by", "caller"})
_PART = frozenset({"type", "prompt_cache_breakpoint"})
_CALL = _ITEM | {"call_id", "name", "namespace", "async"}
ITEMS = {
    "message": _ITEM | {"role", "content", "phase"},
    "function_call": _CALL | {"arguments", "parsed_arguments"},
    "custom_tool_call": _CALL | {"input"},
    "function_call_output": _ITEM | {"call_id", "output", "name", "namespace"},
    "custom_tool_call_output": _ITEM | {"call_id", "output", "name", "namespace"},
    "reasoning": _ITEM | {"summary", "content", "encrypted_content"},
}
PARTS = {
    "text": _PART | {"text"},
    "input_text": _PART | {"text"},
    "output_text": _PART | {"text", "annotations", "logprobs", "parsed"},
    "refusal": _PART | {"refusal"},
    "input_image": _PART | {"image_url", "file_id", "detail"},
    "input_file": _PART | {"file_id", "file_data", "file_url", "filename"},
    "input_audio": _PART | {"input_audio"},
}
FORM = frozenset({"type", "name", "description", "schema", "strict"})
TOOLS = {
    "web_search": frozenset({"type", "name", "user_location", "filters", "search_context_size", "external_web_access"}),
    "code_execution": frozenset({"type", "name", "container"}),
}
"""By the hub's word for what the vendor runs."""
SERVER = frozenset(
    {"type", "server_label", "server_url", "require_approval", "authorization", "allowed_tools", "headers"}
)
WITHIN = {
    "user_location": unread.PLACE,
    "filters": frozenset({"allowed_domains", "blocked_domains"}),
    "container": frozenset({"type"}),
}


def unread_fields(body: JsonObject) -> Iterator[str]:
    for path, item in unread.items(body.get("input"), "input"):
        word = item.get("type", "message")
        if isinstance(word, str) and word in ITEMS:
            yield from unread.fields(item, ITEMS[word], path)
            yield from unread.parts(item.get("content"), PARTS, f"{path}.content")
            yield from unread.parts(item.get("output"), PARTS, f"{path}.output")
    text = body.get("text")
    if isinstance(text, dict):
        yield from unread.fields(text.get("format"), FORM, "text.format")
    if (body.get("stream_options") or {}).get("include_obfuscation"):
        yield "stream_options.include_obfuscation"
    for path, tool in unread.items(body.get("tools"), "tools"):
        yield from unread.fields(tool, SERVER, path) if is_server(tool) else _tool(tool, path)


def _tool(tool: JsonObject, path: str) -> Iterator[str]:
    known = TOOLS.get(HOSTED_KINDS.get(str(tool.get("type")), ""))
    if known is None:
        return
    yield from unread.fields(tool, known, path)
    for name, inner in WITHIN.items():
        yield from unread.fields(tool.get(name), inner, f"{path}.{name}")
    if isinstance(tool.get("container"), str):  # one that the vendor keeps
        yield f"{path}.container"
    if tool.get("external_web_access") is False:  # true is the default, and what every vendor's search does
        yield f"{path}.external_web_access"
