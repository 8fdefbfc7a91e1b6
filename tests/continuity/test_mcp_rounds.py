"""Thinking and its state over the rounds of one request, and over the turns behind it: the calls are of MCP servers'
tools, and the vendors refuse what the real ones refuse (`vendors`)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from anthropic import AsyncAnthropic
from mcp.server.mcpserver import MCPServer
from openai import AsyncOpenAI

from interchange.exchange.mcp import Mcp
from tests.exchange.conversation import mcp_world as m
from tests.exchange.world import KEY, World, world
from tests.rounds.servers import running

from .added import Everyone, _catalog, everyone
from .clients import ToWorld
from .vendors import Part, Vendor, _plain

MODELS = {"anthropic": "claude-sonnet-4-5", "gemini": "gemini-3-flash-preview", "openai": "gpt-5.4", "xai": "grok-4.3"}
FAMILIES = ("messages", "responses", "chat")
BETA = "mcp-client-2025-11-20"
UNTOOLED = {"gpt-4o-audio-preview"}
"""Answers by sound."""
ROUNDS: dict[str, list[list[Part]]] = {
    "plain": [[("think", "A"), ("text", "I look."), ("call", "look"), ("call", "listen")],
              [("think", "B"), ("call", "look")],
              [("think", "C"), ("text", "Oak.")]],
    "silent": [[("think", "A"), ("call", "look")], [("think", "B"), ("call", "listen")], [("text", "Oak.")]],
    "between": [[("think", "A"), ("text", "I look."), ("think", "B"), ("call", "look")], [("text", "Oak.")]],
    "without": [[("call", "look")], [("text", "and")  , ("call", "look")], [("text", "Oak.")]],
}  # fmt: skip


ABLE = [model for model in _catalog().models if model.kind == "chat" and model.id not in UNTOOLED]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    made = MCPServer("trees")
    for name in ("look", "listen"):
        made.add_tool(lambda: "oak", name=name, description="Finds out.")
    with running(made.streamable_http_app()) as base:
        yield f"{base}/mcp"


@contextmanager
def gateway() -> Iterator[tuple[World, Everyone]]:
    with world() as here:
        vendors = everyone(here)
        here.services = replace(here.services, mcp=Mcp(m.connect))
        yield here, vendors


async def turn(
    here: World, family: str, model: str, url: str, history: list[Any], *, reason: bool, stream: bool
) -> list[Any]:
    """What goes back into the history, as the stock SDK gave it."""
    http = httpx2.AsyncClient(transport=ToWorld(here))
    headers = {"x-interchange-mcp": "gateway"}
    if family == "messages":
        claude = AsyncAnthropic(api_key=KEY, base_url="http://gateway", http_client=http, max_retries=0)
        asked: Any = {
            "model": model, "max_tokens": 4000, "messages": history, "betas": [BETA], "extra_headers": headers,
            **({"thinking": {"type": "enabled", "budget_tokens": 1024}} if reason else {}),
            "mcp_servers": [{"type": "url", "name": "trees", "url": url}],
            "tools": [{"type": "mcp_toolset", "mcp_server_name": "trees"}],
        }  # fmt: skip
        if not stream:
            return [{"role": "assistant", "content": (await claude.beta.messages.create(**asked)).content}]
        async with claude.beta.messages.stream(**asked) as events:
            return [{"role": "assistant", "content": (await events.get_final_message()).content}]
    client = AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)
    if family == "chat":
        servers = {"mcp_servers": [{"type": "url", "name": "trees", "url": url}]}
        asked = {"model": model, "messages": history, "extra_body": servers}
        asked |= {"reasoning_effort": "high"} if reason else {}
        if not stream:
            return [(await client.chat.completions.create(**asked)).choices[0].message]
        async with client.chat.completions.stream(**asked) as events:
            message = (await events.get_final_completion()).choices[0].message
        return [message.model_dump(exclude_none=True, exclude={"parsed": True})]
    tool = {"type": "mcp", "server_label": "trees", "server_url": url, "require_approval": "never"}
    asked = {"model": model, "input": history, "tools": [tool], "store": False, "extra_headers": headers,
             "include": ["reasoning.encrypted_content"]}  # fmt: skip
    asked |= {"reasoning": {"effort": "high"}} if reason else {}
    if not stream:
        return [item.model_dump(exclude_none=True) for item in (await client.responses.create(**asked)).output]
    async with client.responses.stream(**asked) as events:
        found = [item.model_dump(exclude_none=True) for item in (await events.get_final_response()).output]
    for item in found:
        for part in item.get("content") or ():
            part.pop("parsed", None)
    return found


def returned(name: str, body: Any) -> list[Any]:
    """The turns that a vendor was given back, in the form of its `turns`."""
    match name:
        case "anthropic":
            return [one["content"] for one in body["messages"] if one["role"] == "assistant"]
        case "gemini":
            turns = [one["parts"] for one in body["contents"] if one["role"] == "model"]
            for part in [part for parts in turns for part in parts]:
                part.get("functionCall", {}).pop("id", None)  # ours, so that results are told apart
            return turns
        case _:
            kinds = ("reasoning", "function_call")
            items = [one for one in body["input"] if one.get("type") in kinds or one.get("role") == "assistant"]
            return [_plain(item) for item in items]


def made(name: str, vendor: Vendor, count: int) -> list[Any]:
    turns = vendor.turns[:count]
    return turns if name in ("anthropic", "gemini") else [item for turn in turns for item in turn]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", list(ROUNDS))
@pytest.mark.parametrize("name", list(MODELS))
def test_each_round_gets_back_what_the_model_thought(
    url: str, name: str, shape: str, family: str, stream: bool
) -> None:
    rounds, reason = ROUNDS[shape], shape != "without"

    async def run() -> None:
        with gateway() as (here, vendors):
            vendor = vendors.made[name]
            vendor.script = [list(parts) for parts in rounds]
            user = {"role": "user", "content": "Which tree?"}
            back = await turn(here, family, MODELS[name], url, [user], reason=reason, stream=stream)
            assert vendors.refused == []
            assert len(vendor.bodies) == len(rounds)
            if "input" in vendor.bodies[0] or name in ("anthropic", "gemini"):
                for at, body in enumerate(vendor.bodies):
                    assert returned(name, body) == made(name, vendor, at)
            vendor.bodies.clear()
            await turn(here, family, MODELS[name], url, [user, *back, user], reason=reason, stream=stream)
            assert vendors.refused == []
            (body,) = vendor.bodies
            if "input" in body or name in ("anthropic", "gemini"):
                assert returned(name, body) == made(name, vendor, len(rounds))

    asyncio.run(run())


@pytest.mark.parametrize("at", range(len(ABLE)), ids=[model.id for model in ABLE])
def test_every_model_that_calls_tools_calls_a_servers(url: str, at: int) -> None:
    """OpenAI, Anthropic, Google, xAI and Bedrock have them, and providers by data; by the protocols in turn."""
    model, family, stream = ABLE[at], FAMILIES[at % 3], at % 2 == 0
    name = model.routes[0].provider
    thought: list[Part] = [("think", "A")] if model.traits.get("reasoning") or model.traits.get("thinking") else []

    async def run() -> None:
        with gateway() as (here, vendors):
            vendors.made[name].script = [[*thought, ("call", "look"), ("call", "listen")], [("text", "Oak.")]]
            user = {"role": "user", "content": "Which tree?"}
            back = await turn(here, family, model.id, url, [user], reason=bool(thought), stream=stream)
            assert (vendors.refused, "Oak." in str(back)) == ([], True)
            (row,) = here.rows()
            assert [one.calls for one in row.rounds] == [("trees.look", "trees.listen"), ()]
            await turn(here, family, model.id, url, [user, *back, user], reason=bool(thought), stream=stream)
            assert vendors.refused == []

    asyncio.run(run())
