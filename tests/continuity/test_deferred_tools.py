"""Claude Code's search for tools in a loop of three turns: the tools of a customer's MCP servers are declared with
`defer_loading`, its own tool `ToolSearch` answers with `tool_reference` blocks, then the found tool is called. Claude
has it as it came; any other model has every tool declared, and reads which were found.

Source: https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool (custom tool search)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange.world import world

from .added import everyone
from .test_begun_elsewhere import ALL
from .test_continuity import OWN
from .vendors import Part

SCHEMA = {"type": "object", "properties": {"a": {"type": "number"}}}
TOOLS: Any = [
    {"name": "ToolSearch", "description": "Finds tools.", "input_schema": {"type": "object", "properties": {}}},
    {"name": "mcp__sums__add", "description": "Adds.", "input_schema": SCHEMA, "defer_loading": True},
    {"name": "mcp__sums__mul", "description": "Multiplies.", "input_schema": SCHEMA, "defer_loading": True},
]
SEARCHED: list[Part] = [("think", "A"), ("call", 'ToolSearch {"query":"select:mcp__sums__add"}')]
ADDED: list[Part] = [("think", "B"), ("call", 'mcp__sums__add {"a":1}')]
FOUND = [{"type": "tool_reference", "tool_name": "mcp__sums__add"}]
VENDORS = ["anthropic", "openai", "gemini", "xai", "bedrock"]
MESSAGES = [name for name in VENDORS if "messages" in OWN.get(name, ())]
"""Vendors that read the blocks themselves."""


def _called(answer: Any) -> Any:
    return next(block for block in answer["content"] if block["type"] == "tool_use")


@pytest.mark.parametrize("second", VENDORS)
@pytest.mark.parametrize("first", VENDORS)
def test_a_tool_is_found_and_called_whichever_model_goes_on(first: str, second: str) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            vendors.made[first].script = [list(SEARCHED)]
            body: Any = {"model": ALL[first], "max_tokens": 4000, "tools": TOOLS,
                         "thinking": {"type": "enabled", "budget_tokens": 1024},
                         "messages": [{"role": "user", "content": "Add one."}]}  # fmt: skip
            for model, results, script in ((ALL[second], FOUND, [list(ADDED)]), (ALL[first], "2", [])):
                status, answer, headers = await here.whole(
                    "messages", body, anthropic_beta="advanced-tool-use-2025-11-20"
                )
                assert status == 200, answer
                vendors.made[second].script += script
                result = {"type": "tool_result", "tool_use_id": _called(answer)["id"], "content": results}
                body["messages"] += [{"role": "assistant", "content": answer["content"]},
                                     {"role": "user", "content": [result]}]  # fmt: skip
                body["model"] = model
            status, answer, headers = await here.whole("messages", body, anthropic_beta="advanced-tool-use-2025-11-20")
            assert (status, answer["content"][-1]["text"], vendors.refused) == (200, "Oak.", [])
            sent = codec.dumps_text(vendors.made[first].bodies[-1])
            assert all(tool["name"] in sent for tool in TOOLS)
            if first in MESSAGES:
                assert '"tool_reference"' in sent and '"defer_loading":true' in sent.replace(" ", "")
            else:
                assert "tool available: mcp__sums__add" in sent and "defer_loading" not in sent
                assert "tools[1].defer_loading" in headers["x-interchange-dropped"]

    asyncio.run(run())
