"""The Agents SDK's hosted MCP tool, whole, streamed and with an approval; prints what it saw as JSON.

python hosted_mcp.py BASE_URL KEY MODEL MCP_URL TOKEN
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from agents import Agent, HostedMCPTool, ModelSettings, OpenAIResponsesModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI

ASKED = "use add, please"


async def main(base_url: str, key: str, model: str, mcp_url: str, token: str) -> dict[str, Any]:
    set_tracing_disabled(True)
    client = AsyncOpenAI(base_url=base_url, api_key=key, max_retries=0)

    def agent(approval: str, **more: Any) -> Agent[Any]:
        config: Any = {"type": "mcp", "server_label": "sums", "server_url": mcp_url, "authorization": token,
                       "require_approval": approval}  # fmt: skip
        return Agent(
            name="Adder",
            instructions="Add.",
            model=OpenAIResponsesModel(model=model, openai_client=client),
            model_settings=ModelSettings(extra_headers={"x-interchange-mcp": "gateway"}),
            tools=[HostedMCPTool(tool_config=config, **more)],
        )

    whole = await Runner.run(agent("never"), ASKED)
    streamed = Runner.run_streamed(agent("never"), ASKED)
    events = [event.data.type async for event in streamed.stream_events() if event.type == "raw_response_event"]
    asked: list[str] = []

    def approve(request: Any) -> Any:
        asked.append(request.data.name)
        return {"approve": True}

    approved = await Runner.run(agent("always", on_approval_request=approve), ASKED)
    second = await Runner.run(agent("never"), [*whole.to_input_list(), {"role": "user", "content": "thanks"}])
    return {
        "whole": _kinds(whole), "streamed": _kinds(streamed), "events": events, "asked": asked,
        "approved": _kinds(approved), "second": _kinds(second), "text": str(whole.final_output),
        "usage": whole.context_wrapper.usage.output_tokens,
    }  # fmt: skip


def _kinds(result: Any) -> list[str]:
    """Of all answers' items."""
    return [item.type for response in result.raw_responses for item in response.output]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
