"""Pictures, and calls of vendor-run tools, are no gift where the vendor counts nothing: whole, streamed, broken off."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.wire import codec
from tests.exchange import world as w

TOOL = {"input": "2", "output": "10", "per_call": {"image_generation": "0.2", "web_search": "0.01"}}
MODELS: list[dict[str, Any]] = [
    {"id": "painter", "routes": [{"provider": "gemini", "model": "g"}], "max_output": 8000, "output": ["text", "image"],
     "price": {"input": "2", "output": "10", "output_image": "30"}},
    {"id": "tooled", "routes": [{"provider": "openai", "model": "t"}], "max_output": 8000, "price": TOOL},
    {"id": "compatible", "routes": [{"provider": "openai", "model": "c", "protocol": "openai_chat"}],
     "max_output": 8000, "price": {"input": "2", "output": "10", "output_image": "30"}},
]  # fmt: skip
PICTURE = "aGk=" * 50


@contextmanager
def place(chunks: list[bytes]) -> Iterator[w.World]:
    with w.world() as here:
        here.services = replace(here.services, catalog=read(MODELS))
        here.script.default = lambda _: w.Says(chunks=chunks)
        yield here


def sse(*events: Any) -> list[bytes]:
    return [b"data: " + codec.dumps(event) + b"\n\n" for event in events]


def candidate(finish: str | None, usage: Any = None) -> dict[str, Any]:
    part = {"inlineData": {"mimeType": "image/png", "data": PICTURE}}
    one = {"content": {"role": "model", "parts": [part]}, "index": 0}
    made = {"candidates": [{**one, "finishReason": finish} if finish else one]}
    return {**made, "usageMetadata": usage} if usage else made


SHOWN = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
DELTA = {"role": "assistant", "images": [SHOWN]}
CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "c",
         "choices": [{"index": 0, "delta": DELTA, "finish_reason": None}]}  # fmt: skip
FROM_MODEL = [
    ("painter", True, sse(candidate("STOP")), "ok"),
    ("painter", True, sse(candidate(None)), "truncated"),
    ("painter", False, [codec.dumps(candidate("STOP"))], "ok"),
    ("compatible", True, sse(CHUNK), "truncated"),
]


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize(("model", "stream", "chunks", "outcome"), FROM_MODEL)
def test_a_models_picture_without_usage_has_its_price(
    family: str, model: str, stream: bool, chunks: list[bytes], outcome: str
) -> None:
    with place(chunks) as here:
        said = {"input": "x"} if family == "responses" else {"messages": w.user(), "max_tokens": 4000}
        asyncio.run(here.streamed(family, {"model": model, "stream": stream, **said}))
        (row,) = here.rows()
        assert (row.outcome, row.usage.output_image) == (outcome, 1290)
        assert row.charge_nano == row.usage.input * 2000 + 1290 * 30_000


def test_a_picture_that_the_vendor_counted_is_charged_as_counted() -> None:
    counted = {"promptTokenCount": 5, "candidatesTokenCount": 1400, "totalTokenCount": 1405,
               "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1400}]}  # fmt: skip
    for finish in ("STOP", None):
        with place(sse(candidate(finish, counted))) as here:
            asyncio.run(here.streamed("chat", {"model": "painter", "stream": True, "messages": w.user()}))
            (row,) = here.rows()
            assert (row.usage.output, row.usage.output_image) == (0, 1400)


ITEM = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": PICTURE, "output_format": "png"}
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "x"}}
HEAD = {"id": "resp_1", "object": "response", "created_at": 1, "model": "t", "status": "in_progress", "output": [],
        "usage": None}  # fmt: skip
CREATED = {"type": "response.created", "response": HEAD}
BEGUN = {**ITEM, "status": "in_progress", "result": None}
ADDED = {"type": "response.output_item.added", "output_index": 0, "item": BEGUN}
PARTIAL = {"type": "response.image_generation_call.partial_image", "output_index": 0, "item_id": "ig_1",
           "partial_image_index": 0, "partial_image_b64": PICTURE}  # fmt: skip
DONE = {"type": "response.output_item.done", "output_index": 0, "item": ITEM}
ENDED = {**HEAD, "status": "completed", "output": [ITEM]}
COMPLETED = {"type": "response.completed", "response": ENDED}
FROM_TOOL = [
    (True, sse(CREATED, ADDED, PARTIAL), "image_generation", 200_000_000),
    (True, sse(CREATED, ADDED, PARTIAL, DONE), "image_generation", 200_000_000),
    (True, sse(CREATED, ADDED, DONE, COMPLETED), "image_generation", 200_000_000),
    (False, [codec.dumps(ENDED)], "image_generation", 200_000_000),
    (True, sse(CREATED, {**DONE, "item": SEARCH}), "web_search", 10_000_000),
    (False, [codec.dumps({**ENDED, "output": [SEARCH]})], "web_search", 10_000_000),
]


@pytest.mark.parametrize(("stream", "chunks", "kind", "fee"), FROM_TOOL)
def test_what_a_tool_made_has_its_fee_though_nothing_was_counted(
    stream: bool, chunks: list[bytes], kind: str, fee: int
) -> None:
    with place(chunks) as here:
        body = {"model": "tooled", "input": "x", "stream": stream, "tools": [{"type": kind}]}
        asyncio.run(here.streamed("responses", body))
        (row,) = here.rows()
        assert row.usage.tool_calls == {kind: 1}
        assert row.charge_nano == row.usage.input * 2000 + row.usage.output * 10_000 + fee


@pytest.mark.parametrize(
    ("told", "items", "calls"),
    [
        ({"web_search": {"num_requests": 3}}, [SEARCH], {"web_search": 3}),
        ({"web_search": {"num_requests": 0}}, [SEARCH], {}),
        ({"web_search": {}}, [SEARCH], {"web_search": 1}),
        ({"image_gen": {"input_tokens": 10, "output_tokens": 4160, "total_tokens": 4170}}, [], {"image_generation": 1}),
        ({"image_gen": {"input_tokens": 10, "output_tokens": 8320}}, [ITEM, ITEM], {"image_generation": 2}),
        ({"image_gen": None, "web_search": "many"}, [SEARCH], {"web_search": 1}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_an_answer_says_of_its_tools_counts(
    told: dict[str, Any], items: list[Any], calls: dict[str, int], stream: bool
) -> None:
    usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
    ended = {**HEAD, "status": "completed", "output": items, "usage": usage, "tool_usage": told}
    end = {"type": "response.completed", "response": ended}
    with place(sse(CREATED, end) if stream else [codec.dumps(ended)]) as here:
        tools = [{"type": "image_generation"}, {"type": "web_search"}]
        asyncio.run(here.streamed("responses", {"model": "tooled", "input": "x", "stream": stream, "tools": tools}))
        (row,) = here.rows()
        assert row.usage.tool_calls == calls


WORDS_ALONE = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
WHOLE_PICTURE: dict[str, Any] = {
    "id": "c", "object": "chat.completion", "created": 1, "model": "c", "usage": WORDS_ALONE,
    "choices": [{"index": 0, "message": {**DELTA, "content": "here"}, "finish_reason": "stop"}],
}  # fmt: skip


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_picture_beside_a_count_of_the_words_alone_is_no_gift(family: str, stream: bool) -> None:
    end = {**CHUNK, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": WORDS_ALONE}
    chunks = [*sse(CHUNK, end), b"data: [DONE]\n\n"] if stream else [codec.dumps(WHOLE_PICTURE)]
    asked = {"input": "x"} if family == "responses" else {"messages": w.user(), "max_tokens": 5000}
    with place(chunks) as here:
        asyncio.run(here.streamed(family, {"model": "compatible", **asked, "stream": stream}))
        (row,) = here.rows()
        assert (row.outcome, row.usage.output, row.usage.output_image) == ("ok", 7, 1290)
        assert row.charge_nano == 10 * 2000 + 7 * 10_000 + 1290 * 30_000


def test_a_plot_of_a_model_that_paints_nothing_costs_nothing_beside_its_count() -> None:
    with place([codec.dumps(WHOLE_PICTURE)]) as here:
        plain = {**MODELS[2], "price": {"input": "2", "output": "10"}}
        here.services = replace(here.services, catalog=read([plain]))
        asyncio.run(here.whole("chat", {"model": "compatible", "messages": w.user()}))
        (row,) = here.rows()
        assert row.charge_nano == 10 * 2000 + 7 * 10_000


def test_a_shell_in_the_vendors_container_is_a_session_of_it() -> None:
    """However many commands; the caller's own shell costs nothing."""
    where = {"type": "container_reference", "container_id": "cntr_1"}
    call = {"type": "shell_call", "call_id": "s", "status": "completed", "action": {"commands": ["ls"]}}
    items = [{**call, "id": "sh_1", "environment": where}, {**call, "id": "sh_2", "environment": where},
             {**call, "id": "sh_3", "environment": {"type": "local"}}]  # fmt: skip
    usage = {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
    ended = {**HEAD, "status": "completed", "output": items, "usage": usage}
    priced = {**MODELS[1], "price": {**TOOL, "per_call": {"code_execution": "0.03"}}}
    tool = {"type": "shell", "environment": {"type": "container_auto"}}
    with place([codec.dumps(ended)]) as here:
        here.services = replace(here.services, catalog=read([priced]))
        asyncio.run(here.whole("responses", {"model": "tooled", "input": "x", "tools": [tool]}))
        (row,) = here.rows()
        assert row.usage.tool_calls == {"code_execution": 1}
        assert row.charge_nano == 5 * 2000 + 7 * 10_000 + 30_000_000 <= row.hold_nano


SPEAKER = {"id": "speaker", "routes": [{"provider": "openai", "model": "s"}], "max_output": 8000,
           "input": ["text", "audio"], "output": ["text", "audio"],
           "price": {"input": "2", "output": "10", "input_audio": "40", "output_audio": "80"}}  # fmt: skip
SECOND = "A" * 64_000
"""Base64 of a second of 24 kHz and 16 bits: twenty tokens."""


@pytest.mark.parametrize("finish", ["stop", None])
def test_spoken_words_that_nobody_counted_cost_what_sound_costs(finish: str | None) -> None:
    def chunk(delta: Any, end: str | None = None) -> dict[str, Any]:
        return {**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]}

    spoken = [chunk({"role": "assistant", "audio": {"id": "audio_1", "data": SECOND[:32_000]}}),
              chunk({"audio": {"id": "audio_1", "data": SECOND[32_000:]}}),
              chunk({"audio": {"id": "audio_1", "transcript": "four"}})]  # fmt: skip
    with place(
        [*sse(*spoken, *([chunk({}, finish)] if finish else [])), *([b"data: [DONE]\n\n"] if finish else [])]
    ) as here:
        here.services = replace(here.services, catalog=read([SPEAKER]))
        asked = {"model": "speaker", "messages": w.user(), "modalities": ["text", "audio"], "stream": True,
                 "audio": {"voice": "alloy", "format": "pcm16"}}  # fmt: skip
        asyncio.run(here.streamed("chat", asked))
        (row,) = here.rows()
        assert (row.usage.output, row.usage.output_audio) == (1, 20)
        assert row.charge_nano == row.usage.input * 2000 + 10_000 + 20 * 80_000


MPEG = base64.b64encode((b"\xff\xf3\x84\xc4" + bytes(188)) * 42).decode()
"""42 frames of 24 ms each: a second."""


@pytest.mark.parametrize(("form", "data"), [("pcm16", SECOND), ("mp3", MPEG)])
def test_a_whole_spoken_answer_that_nobody_counted_costs_what_sound_costs(form: str, data: str) -> None:
    said = {"role": "assistant", "content": None,
            "audio": {"id": "audio_1", "data": data, "transcript": "four", "expires_at": 1}}  # fmt: skip
    whole = {**WHOLE_PICTURE, "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    del whole["usage"]
    with place([codec.dumps(whole)]) as here:
        here.services = replace(here.services, catalog=read([SPEAKER]))
        asked = {"model": "speaker", "messages": w.user(), "modalities": ["text", "audio"],
                 "audio": {"voice": "alloy", "format": form}}  # fmt: skip
        asyncio.run(here.whole("chat", asked))
        (row,) = here.rows()
        assert row.usage.output <= 1
        assert abs(row.usage.output_audio - 20) <= 1
