"""Maps fields of the hub to a body of Messages: turn for turn, under other words."""

from __future__ import annotations

from interchange.hub.places import Places, tool_fields

from ..toolsets import members
from ..words import Json

WORDS = {
    "stop": "stop_sequences",
    "user": "metadata.user_id",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
    "reasoning_effort": "output_config.effort",
}


def places(body: Json) -> Places:
    form = "output_config.format" if body.get("output_format") is None else "output_format"
    words = {hub: here for hub, here in WORDS.items() if hub not in body}  # an unknown field is told as it was sent
    found = {**words, "response_format": form, "response_format.json_schema.schema": f"{form}.schema"}
    found["output_config.format.schema"] = f"{form}.schema"
    if isinstance(body.get("system"), str):
        found["system[0]"] = "system"
    for number, message in enumerate(body["messages"]):
        here = f"messages[{number}].content"
        if isinstance(message.get("content"), str):
            found[f"{here}[0]"] = here
    number = 0
    for at, tool in enumerate(body.get("tools") or ()):
        for _ in members(tool) or (tool,):
            found |= tool_fields(f"tools[{number}]", f"tools[{at}]", "", "input_schema")
            number += 1
    return found
