"""Ends that are no good ends, limits that the catalog knows, and what a model does not take together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


ABNORMAL = ["TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE", "OTHER", "NO_IMAGE", "A_NEW_WORD"]


def _ended(word: str, parts: list[Any]) -> bytes:
    candidate = {"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": word}
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 0, "totalTokenCount": 10}
    return codec.dumps({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini"})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("word", ABNORMAL)
def test_an_abnormal_end_is_no_clean_one(here: w.World, word: str, family: str, stream: bool) -> None:
    turn: dict[str, Any] = {"input": "q"} if family == "responses" else {"max_tokens": 99, "messages": [wire.user()]}
    body = {"model": "gemini-3.5-flash", **turn, "stream": stream}
    said = _said(here, family, body, [{"text": "half"}], word)
    raw = codec.dumps_text(said)
    clean = {"chat": '"finish_reason":"stop"', "messages": '"end_turn"', "responses": '"status":"completed"'}[family]
    assert clean not in raw and "half" in raw
    assert '"content_filter"' in raw or '"refusal"' in raw


def _said(here: w.World, family: str, body: dict[str, Any], parts: list[Any], word: str, times: int = 1) -> Any:
    """What the caller hears of an answer that is given so many times; then the vendor answers well."""
    ended = _ended(word, parts)
    answer = w.Says(chunks=[b"data: " + ended + b"\n\n" if body["stream"] else ended])
    here.script.answers, here.script.default = [answer] * times, _hello
    if body["stream"]:
        told, chunks = asyncio.run(here.streamed(family, body))
        whole = told.body if isinstance(told.body, bytes) else b"".join(chunks)
        return v.frames(chunks) if told.status == 200 else codec.loads(whole)
    return asyncio.run(here.whole(family, body))[1]


def _hello(outgoing: Outgoing) -> w.Says:
    whole = v.gemini_whole({"text": "hello"})
    return w.Says(chunks=[b"data: " + whole + b"\n\n" if "stream" in outgoing.url else whole])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
@pytest.mark.parametrize("word", ["OTHER", "MALFORMED_FUNCTION_CALL"])
def test_an_abnormal_end_of_nothing_is_asked_again(here: w.World, word: str, family: str, stream: bool) -> None:
    turn: dict[str, Any] = {"input": "q"} if family == "responses" else {"max_tokens": 99, "messages": [wire.user()]}
    said = _said(here, family, {"model": "gemini-3.5-flash", **turn, "stream": stream}, [], word)
    assert "hello" in codec.dumps_text(said) and len(here.script.sent) == 2


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
def test_one_that_stays_is_an_error_and_free(here: w.World, family: str, stream: bool) -> None:
    turn: dict[str, Any] = {"input": "q"} if family == "responses" else {"max_tokens": 99, "messages": [wire.user()]}
    said = _said(here, family, {"model": "gemini-3.5-flash", **turn, "stream": stream}, [], "OTHER", times=2)
    assert "error" in said
    assert here.reports[-1][1]["charge_nano"] == 0


@pytest.mark.parametrize("model, asked, limit", [("gpt-4o", 32000, 16384), ("gpt-4.1", 64000, 32768)])
def test_a_limit_above_the_models_is_cut_and_named(here: w.World, model: str, asked: int, limit: int) -> None:
    body = {"model": model, "max_tokens": asked, "messages": [wire.user()]}
    here.script.default = wire.hello
    status, said, headers = asyncio.run(here.whole("messages", body))
    assert status == 200, said
    up = here.script.bodies[-1]
    assert (up.get("max_completion_tokens") or up["max_tokens"]) == limit
    assert headers["x-interchange-max-tokens"] == str(limit)


def test_a_limit_that_the_model_gives_goes_as_it_is(here: w.World) -> None:
    body = {"model": "gpt-4o", "max_tokens": 16384, "messages": [wire.user()]}
    here.script.default = wire.hello
    _, _, headers = asyncio.run(here.whole("messages", body))
    assert "x-interchange-max-tokens" not in headers


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORMATS = [{"type": "json_object"}, {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}}]


@pytest.mark.parametrize("form", FORMATS, ids=["object", "schema"])
@pytest.mark.parametrize("model, beside", [("gemini-2.5-flash", False), ("gemini-2.5-pro", False),
                                           ("gemini-3.5-flash", True)])  # fmt: skip
def test_json_beside_functions_is_asked_for_in_words(here: w.World, model: str, beside: bool, form: Any) -> None:
    body = {"model": model, "messages": [wire.user()], "tools": [wire.function("f")], "response_format": form}
    status, said, lost = wire.ask(here, "chat", body)
    assert status == 200, said
    up = here.script.bodies[-1]
    assert ("responseMimeType" in up.get("generationConfig", {})) is beside
    assert ("response_format" in lost) is not beside
    assert "f" in codec.dumps_text(up["tools"])
    if not beside:
        told = codec.dumps_text(up["systemInstruction"])
        assert "valid JSON" in told and ("city" in told or form["type"] == "json_object")
