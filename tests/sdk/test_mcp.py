"""MCP servers by the stock SDKs, on all four vendors: the gateway connects, and the simulated models call the tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from tests.rounds.servers import TOKEN, Seen, server
from tests.sdk.gateway import Gateway, running

MODELS = ("claude-sonnet-4-5", "gpt-5.1", "gemini-3-flash-preview", "grok-4")
GATEWAY = {"x-interchange-mcp": "gateway"}
ASKED = "use add, please"
"""The simulated models call the tool that is named."""
BETA = "mcp-client-2025-11-20"


@pytest.fixture(scope="module")
def reaching() -> Iterator[Gateway]:
    with running(INTERCHANGE_MCP_ADDRESSES="127.0.0.1") as found:
        yield found


@pytest.fixture(scope="module")
def tools() -> Iterator[tuple[str, Seen]]:
    with server(token=TOKEN) as made:
        yield made


def messages(url: str) -> dict[str, Any]:
    named = {"type": "url", "name": "sums", "url": url, "authorization_token": TOKEN}
    return {
        "max_tokens": 1000, "betas": [BETA], "messages": [{"role": "user", "content": ASKED}], "mcp_servers": [named],
        "tools": [{"type": "mcp_toolset", "mcp_server_name": "sums"}], "extra_headers": GATEWAY,
    }  # fmt: skip


def responses(url: str, approval: str = "never") -> dict[str, Any]:
    tool = {"type": "mcp", "server_label": "sums", "server_url": url, "authorization": TOKEN}
    return {"input": ASKED, "tools": [{**tool, "require_approval": approval}], "extra_headers": GATEWAY}


@pytest.mark.parametrize("model", MODELS)
def test_anthropic_whole(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = anthropic.Anthropic(base_url=reaching.url, api_key=reaching.key)
    found = client.beta.messages.create(model=model, **messages(tools[0]))
    kinds = [block.type for block in found.content]
    assert kinds == ["mcp_tool_use", "mcp_tool_result", "text"]
    use, result = found.content[:2]
    assert (use.name, use.server_name) == ("add", "sums")
    assert (result.tool_use_id, result.is_error) == (use.id, False)
    assert found.stop_reason == "end_turn"


@pytest.mark.parametrize("model", MODELS)
def test_anthropic_streamed(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = anthropic.Anthropic(base_url=reaching.url, api_key=reaching.key)
    with client.beta.messages.stream(model=model, **messages(tools[0])) as stream:
        for _ in stream:
            pass
        found = stream.get_final_message()
    assert [block.type for block in found.content] == ["mcp_tool_use", "mcp_tool_result", "text"]
    assert found.usage.output_tokens > 0
    turns = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": found.content}]
    asked = {**messages(tools[0]), "messages": [*turns, {"role": "user", "content": "thanks"}]}
    again = client.beta.messages.create(model=model, **asked)
    assert [block.type for block in again.content] == ["text"]


@pytest.mark.parametrize("model", MODELS)
def test_anthropic_counts_the_servers_tools(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = anthropic.Anthropic(base_url=reaching.url, api_key=reaching.key)
    asked = {name: value for name, value in messages(tools[0]).items() if name != "max_tokens"}
    plain = client.beta.messages.count_tokens(model=model, messages=asked["messages"]).input_tokens
    assert client.beta.messages.count_tokens(model=model, **asked).input_tokens > plain + 100


@pytest.mark.parametrize("model", MODELS)
def test_openai_responses_whole(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = openai.OpenAI(base_url=f"{reaching.url}/v1", api_key=reaching.key)
    found = client.responses.create(model=model, **responses(tools[0]))
    assert [item.type for item in found.output] == ["mcp_list_tools", "mcp_call", "message"]
    assert found.output[1].status == "completed"
    assert found.output[1].output
    assert found.status == "completed"
    assert TOKEN not in found.to_json()


@pytest.mark.parametrize("model", MODELS)
def test_openai_responses_streamed(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = openai.OpenAI(base_url=f"{reaching.url}/v1", api_key=reaching.key)
    with client.responses.stream(model=model, **responses(tools[0])) as stream:
        kinds = [event.type for event in stream]
        found = stream.get_final_response()
    assert "response.mcp_call.completed" in kinds
    assert "response.mcp_list_tools.completed" in kinds
    assert [item.type for item in found.output] == ["mcp_list_tools", "mcp_call", "message"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_openai_approvals(reaching: Gateway, tools: tuple[str, Seen], model: str, stream: bool) -> None:
    client = openai.OpenAI(base_url=f"{reaching.url}/v1", api_key=reaching.key)

    def asked(**fields: Any) -> Any:
        body = {**responses(tools[0], "always"), "model": model, **fields}
        if not stream:
            return client.responses.create(**body)
        with client.responses.stream(**body) as events:
            for _ in events:
                pass
            return events.get_final_response()

    first = asked()
    request = first.output[-1]
    assert request.type == "mcp_approval_request"
    reply = {"type": "mcp_approval_response", "approval_request_id": request.id, "approve": True}
    found = asked(input=[reply], previous_response_id=first.id)
    assert [item.type for item in found.output] == ["mcp_call", "message"]
    assert found.output[0].approval_request_id == request.id
    turns = [{"role": "user", "content": ASKED}, *[item.to_dict() for item in first.output]]
    found = asked(input=[*turns, {**reply, "approve": False}])
    assert [item.type for item in found.output] == ["message"]


@pytest.mark.parametrize("model", MODELS)
def test_openai_chat(reaching: Gateway, tools: tuple[str, Seen], model: str) -> None:
    client = openai.OpenAI(base_url=f"{reaching.url}/v1", api_key=reaching.key)
    servers = [{"type": "url", "name": "sums", "url": tools[0], "authorization_token": TOKEN}]
    asked: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": ASKED}]}
    whole = client.chat.completions.create(**asked, extra_body={"mcp_servers": servers})
    (call,) = (whole.choices[0].message.model_extra or {})["mcp_calls"]
    assert (call["name"], call["server_name"], call["is_error"]) == ("add", "sums", False)
    with client.chat.completions.stream(**asked, extra_body={"mcp_servers": servers}) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    (streamed,) = (message.model_extra or {})["mcp_calls"]
    assert json.loads(streamed["arguments"]) == json.loads(call["arguments"])
    assert (streamed["index"], streamed["output"], streamed["is_error"]) == (0, call["output"], False)
    assert message.content


def test_a_vendor_that_is_simulated_says_that_it_reached_no_server(reaching: Gateway, tools: tuple[str, Seen]) -> None:
    seen = len(tools[1].headers)
    for path, body in (
        ("/v1/messages", {"model": "claude-sonnet-4-5", "max_tokens": 500,
                          "messages": [{"role": "user", "content": ASKED}],
                          "mcp_servers": [{"type": "url", "name": "sums", "url": "https://mcp.example.com/"}],
                          "tools": [{"type": "mcp_toolset", "mcp_server_name": "sums"}]}),
        ("/v1/responses", {"model": "gpt-5.1", "input": ASKED, "tools": [
            {"type": "mcp", "server_label": "sums", "server_url": "https://mcp.example.com/",
             "require_approval": "never"}]}),
    ):  # fmt: skip
        found = reaching.post(path, body)
        assert found.status_code == 200, found.text
        assert "MCP is not simulated" in found.text
    assert len(tools[1].headers) == seen


def test_what_the_operator_has_not_named_is_not_reached(gateway: Gateway, tools: tuple[str, Seen]) -> None:
    client = anthropic.Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0)
    seen = len(tools[1].headers)
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.beta.messages.create(model="gpt-5.1", **messages(tools[0]))
    assert "mcp_servers" in str(caught.value)
    assert len(tools[1].headers) == seen
