"""Sections D, E, F: what of a caller's request reaches each vendor."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.exchange import models
from interchange.exchange.http import Inbound
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.exchange import world as w

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
IMAGE_PART = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
IMAGE_BLOCK = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
PDF = {"type": "document", "title": "a.pdf",
       "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}}  # fmt: skip
FAMILIES = ("chat", "messages")
MODELS = ("gpt", "grok", "claude", "gemini")


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        catalog = made.services.catalog
        for model in catalog.models:
            object.__setattr__(model, "input", ("text", "image", "document"))
        yield made


def sent(here: w.World, family: str, model: str, answer: bytes | None = None, **extra: Any) -> dict[str, Any]:
    """The upstream body of a request that is served."""
    here.script.answers = [w.Says(chunks=[answer or v.one_call(model)])]
    status, said, _ = asyncio.run(here.whole(family, v.asked(family, model, **extra)))
    assert status == 200, said
    body: dict[str, Any] = here.script.bodies[-1]
    return body


def test_D14_thinking_and_empty_text_are_passed_on_and_can_be_replayed(here: w.World) -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    raw = v.claude_whole(thinking, {"type": "text", "text": ""})
    here.script.answers = [w.Says(chunks=[raw])]
    status, answer, _ = asyncio.run(here.whole("chat", v.asked("chat", "claude")))
    message = answer["choices"][0]["message"]
    assert (status, message["content"] or "", answer["choices"][0]["finish_reason"]) == (200, "", "stop")
    body = sent(here, "chat", "claude", messages=[*w.user(), message, *w.user("and?")])
    for turn in body["messages"]:
        blocks = turn["content"] if isinstance(turn["content"], list) else []
        assert all(block.get("text") for block in blocks if block["type"] == "text")
    assert [turn["role"] for turn in body["messages"]][-1] == "user"


def test_D14_by_messages_the_answer_comes_as_it_is(here: w.World) -> None:
    raw = v.claude_whole({"type": "thinking", "thinking": "hm", "signature": "c2ln"}, {"type": "text", "text": ""})
    here.script.answers = [w.Says(chunks=[raw])]
    answer = asyncio.run(here.ask("messages", v.asked("messages", "claude")))
    assert answer.body == raw.replace(b"claude-up", b"claude")


@pytest.mark.parametrize("model", MODELS)
def test_E4_parts_are_not_wrapped_again(here: w.World, model: str) -> None:
    content = [{"type": "text", "text": "what is this?"}, IMAGE_PART]
    body = sent(here, "chat", model, messages=[{"role": "user", "content": content}], tools=v.weather("chat"))
    if model == "gemini":
        parts = body["contents"][0]["parts"]
        assert parts[0]["text"] == "what is this?" and parts[1]["inlineData"]["data"] == PIXEL
        return
    first, second = body["messages"][0]["content"]
    assert (first["type"], first["text"]) == ("text", "what is this?")
    assert second["type"] in ("image", "image_url")


TURN = [
    {"role": "user", "content": [{"type": "text", "text": "go"}, IMAGE_BLOCK, PDF]},
    {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "text", "text": "Looking."},
        {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Oslo"}}]},
    {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "rain"}]},
        {"type": "text", "text": "so?"}]},
]  # fmt: skip


def turn(here: w.World, **extra: Any) -> dict[str, Any]:
    """The chat body of a Messages caller's turn with everything in it."""
    return sent(here, "messages", "gpt", messages=TURN, tools=v.weather("messages"), **extra)


def test_E13_a_text_beside_a_call_is_kept(here: w.World) -> None:
    assistant = turn(here)["messages"][1]
    assert assistant["tool_calls"][0]["function"]["name"] == "get_weather"
    text = assistant["content"]
    assert (text if isinstance(text, str) else text[0]["text"]) == "Looking."


def test_E13_b_the_tool_choice_is_converted(here: w.World) -> None:
    chosen = turn(here, tool_choice={"type": "tool", "name": "get_weather"})["tool_choice"]
    assert chosen == {"type": "function", "function": {"name": "get_weather"}}


def test_E13_c_thinking_is_asked_for_or_told_lost(here: w.World) -> None:
    w.traits(here, 0)["reasoning"] = {"efforts": ["low", "high"]}
    try:
        body = turn(here, thinking={"type": "enabled", "budget_tokens": 2000})
    finally:
        w.traits(here, 0).pop("reasoning")
    assert body["reasoning_effort"] in ("low", "high")
    here.script.answers = [w.Says(chunks=[v.one_call("gpt")])]
    asked = v.asked("messages", "gpt", thinking={"type": "enabled", "budget_tokens": 2000})
    _, _, headers = asyncio.run(here.whole("messages", asked))
    assert "thinking" in headers["x-interchange-dropped"]


def test_E13_d_an_image_by_url_stays_a_url(here: w.World) -> None:
    content = [{"type": "image", "source": {"type": "url", "url": "https://a.example/x.png"}}]
    body = sent(here, "messages", "gpt", messages=[{"role": "user", "content": content}])
    (part,) = body["messages"][0]["content"]
    assert part["image_url"]["url"] == "https://a.example/x.png"


def test_E13_e_documents_arrive(here: w.World) -> None:
    kinds = {part["type"]: part for part in turn(here)["messages"][0]["content"]}
    assert kinds["file"]["file"]["file_data"].endswith("JVBERi0xLjQK")


def test_E13_f_a_vendors_tool_never_becomes_a_function(here: w.World) -> None:
    tools = [{"type": "web_search_20250305", "name": "web_search"}]
    status, answer, _ = asyncio.run(here.whole("messages", v.asked("messages", "gpt", tools=tools)))
    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert "tools[0]" in answer["error"]["message"]
    assert not here.script.sent


def test_E13_g_a_result_is_text_not_json_of_blocks(here: w.World) -> None:
    result = next(message for message in turn(here)["messages"] if message["role"] == "tool")
    text = result["content"]
    assert (text if isinstance(text, str) else text[0]["text"]) == "rain"


@pytest.mark.parametrize("model", MODELS)
def test_E21_a_picture_inside_a_chat_tool_result_arrives_as_the_vendor_wants_it(here: w.World, model: str) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    history = [
        *w.user(),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "see"}, IMAGE_PART]},
    ]
    body = sent(here, "chat", model, messages=history, tools=v.weather("chat"))
    text = codec.dumps_text(body)
    assert text.count(PIXEL) == 1, "once, wherever it stands"
    if model == "claude":
        (result,) = body["messages"][-1]["content"]
        assert [block["type"] for block in result["content"]] == ["text", "image"]
        assert "image_url" not in text
    if model == "gemini":
        assert "image_url" not in text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("family", FAMILIES)
def test_E22_one_tool_each_pair(here: w.World, family: str, model: str, stream: bool) -> None:
    asked = v.asked(family, model, tools=v.weather(family), stream=stream)
    here.script.answers = [w.Says(chunks=streamed_call(model) if stream else [v.one_call(model)])]
    answer, chunks = asyncio.run(here.streamed(family, asked))
    assert answer.status == 200, chunks
    body = here.script.bodies[0]
    declared = codec.dumps_text(body["tools"])
    assert declared.count("get_weather") == 1 and '"city"' in declared
    said = b"".join(chunks)
    assert b"get_weather" in said and b"Oslo" in said
    assert (b"tool_calls" if family == "chat" else b'"tool_use"') in said


def streamed_call(model: str) -> list[bytes]:
    """The stream that calls one tool."""
    match model:
        case "claude":
            start = w.messages_stream()[0]
            tool = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}
            piece = {"type": "input_json_delta", "partial_json": '{"city":"Oslo"}'}
            return [
                start,
                w.messages_frame("content_block_start", index=0, content_block=tool),
                w.messages_frame("content_block_delta", index=0, delta=piece),
                w.messages_frame("content_block_stop", index=0),
                w.messages_frame("message_delta", delta={"stop_reason": "tool_use"}, usage={"output_tokens": 5}),
                w.messages_frame("message_stop"),
            ]
        case "gemini":
            return [b"data: " + v.one_call("gemini") + b"\r\n\r\n"]
        case _:
            call = {"index": 0, "id": "call_1", "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Oslo"}'}}  # fmt: skip
            return [
                w.chat_chunk({"role": "assistant", "content": None, "tool_calls": [call]}),
                w.chat_chunk({}, "tool_calls"),
                w.chat_chunk(None, usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}),
                b"data: [DONE]\n\n",
            ]


@pytest.mark.parametrize("model", ["claude", "gemini"])
def test_F3_cache_parameters_go_only_where_they_are_taken(here: w.World, model: str) -> None:
    here.script.answers = [w.Says(chunks=[v.one_call(model)])]
    asked = v.asked("chat", model, prompt_cache_key="k", prompt_cache_retention="24h")
    status, _, headers = asyncio.run(here.whole("chat", asked))
    assert status == 200
    assert not {"prompt_cache_key", "prompt_cache_retention"} & set(here.script.bodies[0])
    assert {"prompt_cache_key", "prompt_cache_retention"} <= set(headers["x-interchange-dropped"].split(", "))


def test_F3_and_stay_where_they_are(here: w.World) -> None:
    body = sent(here, "chat", "gpt", prompt_cache_key="k", prompt_cache_retention="24h")
    assert (body["prompt_cache_key"], body["prompt_cache_retention"]) == ("k", "24h")


@pytest.mark.parametrize("version", [{}, {"anthropic-version": "2023-06-01"}])
def test_F5_the_model_list_says_which_models_cache(here: w.World, version: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {w.KEY}", **version}
    listed = asyncio.run(models.index(here.services, Inbound("GET", "/v1/models", headers, b"", 0.0)))
    said = {entry["id"]: entry["supports_prompt_caching"] for entry in listed["data"]}
    assert said["claude"] is True and said["vectors"] is False
