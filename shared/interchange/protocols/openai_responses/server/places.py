"""Maps fields of the hub to a body of Responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub.places import Places, tool_fields, trace
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

from .messages import Conversation, brings_tools
from .tools import is_server, joined

WORDS = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "thinking": "reasoning",
    "thinking.display": "reasoning.summary",
    "verbosity": "text.verbosity",
    "logprobs": "include",
    "response_format": "text.format",
    "response_format.json_schema.schema": "text.format.schema",
    "output_config.format.schema": "text.format.schema",
    "mcp_servers": "tools",
}
INSIDE = {
    "source.data": ("image_url", "file_data", "input_audio.data"),
    "arguments": ("arguments", "input"),
    "cache_control": ("cache_control", "prompt_cache_breakpoint"),
    "citations": ("annotations",),
    "content": ("output",),
}


SERVER = {
    "": "", ".name": ".server_label", ".url": ".server_url", ".authorization_token": ".authorization",
    ".tool_configuration.allowed_tools": ".allowed_tools",
}  # fmt: skip
"""Of a server in Messages' form."""


def places(body: JsonObject, seal: Seal) -> Places:
    conversation = Conversation(seal)
    found = {hub: here for hub, here in WORDS.items() if hub not in body}  # an unknown field is told as it was sent
    found["system"] = "instructions" if body.get("instructions") else "input"
    if body.get("instructions"):
        conversation.read({"instructions": body["instructions"], "input": ""})
        conversation.turns.clear()
        found["system[0]"] = "instructions"
    if isinstance(body.get("input"), str):
        found |= {"messages[0]": "input", "messages[0].content[0]": "input"}
    else:
        found |= trace(conversation, conversation.add, fields.objects(body, "input"), INSIDE)
    return found | _servers(body) | _tools(body)


def _servers(body: JsonObject) -> dict[str, str]:
    servers = [here for here, tool in fields.objects(body, "tools") if is_server(tool)]
    return {
        f"mcp_servers[{number}]{hub}": f"{here}{own}"
        for number, here in enumerate(servers)
        for hub, own in SERVER.items()
    }


def _tools(body: JsonObject) -> dict[str, str]:
    """Those of the request, then those that items bring: in the order in which a model is given them."""
    found: dict[str, str] = {}
    known: set[str] = set()
    declared = list(_declared(body, "tools"))
    brought = [one for here, item in _bringing(body) for one in _declared(item, f"{here}.tools")]
    for number, (path, name) in enumerate(declared):
        found |= tool_fields(f"tools[{number}]", path, "", "parameters")
        known.add(repr(name))  # it may be anything: the body is the caller's
    number = len(declared)
    for path, name in brought:
        if repr(name) not in known:
            found |= tool_fields(f"tools[{number}]", path, "", "parameters")
            known.add(repr(name))
            number += 1
    return found


def _bringing(body: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(body.get("input"), list):
        for here, item in fields.objects(body, "input"):
            if brings_tools(item):
                yield here, item


def _declared(holder: JsonObject, place: str) -> Iterator[tuple[str, Any]]:
    for here, tool in fields.objects(holder, "tools", place):
        if is_server(tool):
            continue
        if tool.get("type") != "namespace":
            yield here, tool.get("name")
            continue
        for path, inner in fields.objects(tool, "tools", f"{here}.tools"):
            yield path, joined(str(tool.get("name")), str(inner.get("name")))
