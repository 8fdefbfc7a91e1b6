"""Maps fields of the hub to a body of Responses."""

from __future__ import annotations

from interchange.continuity.seal import Seal
from interchange.hub.places import Places, tool_fields, trace
from interchange.protocols.faces import JsonObject
from interchange.protocols.openai import fields

from .messages import Conversation
from .tools import is_server

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
        conversation.messages.clear()
        found["system[0]"] = "instructions"
    if isinstance(body.get("input"), str):
        found |= {"messages[0]": "input", "messages[0].content[0]": "input"}
    else:
        found |= trace(conversation, conversation.add, fields.objects(body, "input"), INSIDE)
    return found | _tools(body)


def _tools(body: JsonObject) -> dict[str, str]:
    found: dict[str, str] = {}
    number = servers = 0
    for here, tool in fields.objects(body, "tools"):
        if is_server(tool):
            found |= {f"mcp_servers[{servers}]{hub}": f"{here}{own}" for hub, own in SERVER.items()}
            servers += 1
            continue
        inner = fields.objects(tool, "tools", f"{here}.tools") if tool.get("type") == "namespace" else [(here, tool)]
        for path, _ in inner:
            found |= tool_fields(f"tools[{number}]", path, "", "parameters")
            number += 1
    return found
