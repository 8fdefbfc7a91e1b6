"""LangChain against the running gateway: both of its vendor packages, every vendor, tools, streams, embeddings."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr

from tests.patience import PATIENCE_S
from tests.sdk.gateway import Gateway

MODELS = ("gpt-5.1", "claude-sonnet-4-5", "gemini-3-flash-preview", "grok-4")


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


class Place(BaseModel):
    city: str


def chat(gateway: Gateway, face: str, model: str) -> Any:
    key = SecretStr(gateway.key)
    if face == "openai":
        return ChatOpenAI(model=model, api_key=key, base_url=f"{gateway.url}/v1", max_retries=0, stream_usage=True)
    return ChatAnthropic(
        model=model,
        api_key=key,
        base_url=gateway.url,
        max_retries=0,
        max_tokens_to_sample=1000,
        timeout=PATIENCE_S,
        stop=None,
    )


@pytest.mark.parametrize("face", ["openai", "anthropic"])
@pytest.mark.parametrize("model", MODELS)
def test_a_tool_loop(gateway: Gateway, face: str, model: str) -> None:
    bound = chat(gateway, face, model).bind_tools([get_weather])
    messages: list[Any] = [HumanMessage("get_weather in Paris")]
    asked = bound.invoke(messages)
    assert [call["name"] for call in asked.tool_calls] == ["get_weather"]
    messages.append(asked)
    messages += [ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]) for call in asked.tool_calls]
    answer = bound.invoke(messages)
    assert "simulator" in answer.text
    assert answer.usage_metadata["input_tokens"] > 0


@pytest.mark.parametrize("face", ["openai", "anthropic"])
@pytest.mark.parametrize("model", MODELS)
def test_a_stream_adds_up(gateway: Gateway, face: str, model: str) -> None:
    chunks = list(chat(gateway, face, model).stream("hello"))
    assert len(chunks) > 2
    whole: AIMessageChunk = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    assert "simulator" in whole.text
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0


@pytest.mark.parametrize("model", MODELS)
def test_structured_output(gateway: Gateway, model: str) -> None:
    asked = chat(gateway, "openai", model).with_structured_output(Place, method="json_schema")
    assert isinstance(asked.invoke("Where is the tower?"), Place)


def test_embeddings(gateway: Gateway) -> None:
    key = SecretStr(gateway.key)
    embeddings: Any = OpenAIEmbeddings  # its fields have aliases that the type checker does not see
    own = embeddings(model="text-embedding-3-small", api_key=key, base_url=f"{gateway.url}/v1",
                           check_embedding_ctx_length=False, dimensions=64)  # fmt: skip
    assert [len(vector) for vector in own.embed_documents(["one", "two"])] == [64, 64]
    other = embeddings(model="gemini-embedding-001", api_key=key, base_url=f"{gateway.url}/v1",
                             check_embedding_ctx_length=False, dimensions=64)  # fmt: skip
    assert len(other.embed_query("one")) == 64
