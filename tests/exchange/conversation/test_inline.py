"""Inline media: what is no base64 is refused by the caller's field before anything is sent or held; what some vendor
takes (another alphabet, no padding, line ends) reaches every vendor in the one spelling that all of them take."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from tests.exchange import world as w

GOOD = "-_-_ AA\r\nA"
SPELLED = "+/+/AAA="


@pytest.fixture(scope="module")
def here() -> Iterator[w.World]:
    see = {"input": ["text", "image", "document", "audio"]}
    catalog = read([{**entry, **see} for entry in w.CATALOG if entry.get("kind") is None])
    with w.world() as made:
        made.services = replace(made.services, catalog=catalog)
        made.judges = False  # what is sent is looked at; every vendor here answers 400 anyway
        yield made


def url(data: str) -> str:
    return f"data:image/png;base64,{data}"


def chat(part: dict[str, Any]) -> dict[str, Any]:
    first = {"role": "system", "content": "s"}
    return {"messages": [first, {"role": "user", "content": [{"type": "text", "text": "x"}, part]}]}


def messages(block: dict[str, Any]) -> dict[str, Any]:
    return {"max_tokens": 9, "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}, block]}]}


def responses(part: dict[str, Any]) -> dict[str, Any]:
    return {"input": [{"role": "user", "content": [{"type": "input_text", "text": "x"}, part]}]}


def source(data: str, media_type: str = "image/png") -> dict[str, Any]:
    return {"type": "base64", "media_type": media_type, "data": data}


def chat_bodies(data: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    here = "messages[1].content[1]"
    picture: dict[str, Any] = {"type": "image_url", "image_url": {"url": url(data)}}
    yield "chat", f"{here}.image_url.url", chat(picture)
    yield (
        "chat",
        f"{here}.input_audio.data",
        chat({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}),
    )
    yield "chat", f"{here}.file.file_data", chat({"type": "file", "file": {"filename": "a.pdf", "file_data": data}})
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    said = [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": [call]}]
    result = {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}, picture]}
    yield "chat", "messages[2].content[1].image_url.url", {"messages": [*said, result]}


def messages_bodies(data: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    here = "messages[0].content[1]"
    picture = {"type": "image", "source": source(data)}
    paper = {"type": "document", "source": source(data, "application/pdf")}
    yield "messages", f"{here}.source.data", messages(picture)
    yield "messages", f"{here}.source.data", messages(paper)
    yield "messages", f"{here}.source.url", messages({"type": "image", "source": {"type": "url", "url": url(data)}})
    within = {"type": "document", "source": {"type": "content", "content": [picture]}}
    yield "messages", f"{here}.source.content[0].source.data", messages(within)
    call = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "c", "content": [picture]}
    turns = [*w.user(), {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    yield "messages", "messages[2].content[0].content[0].source.data", {"max_tokens": 9, "messages": turns}


def responses_bodies(data: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    here = "input[0].content[1]"
    picture = {"type": "input_image", "image_url": url(data)}
    yield "responses", f"{here}.image_url", responses(picture)
    yield "responses", f"{here}.file_data", responses({"type": "input_file", "filename": "a.pdf", "file_data": data})
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "c", "output": [picture]}
    yield "responses", "input[1].output[0].image_url", {"input": [call, result]}


def bodies(data: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [*chat_bodies(data), *messages_bodies(data), *responses_bodies(data)]


MODELS = {
    "chat": ("claude", "gemini"),
    "messages": ("gpt", "gemini", "grok"),
    "responses": ("claude", "gemini"),
}


@pytest.mark.parametrize("bad", ["AA!A", "AAAAA", "AA=A", "AAAA\xe9", "===="])
@pytest.mark.parametrize("number", range(len(bodies(""))))
def test_what_is_no_base64_is_refused_by_its_field(here: w.World, number: int, bad: str) -> None:
    family, path, body = bodies(bad)[number]
    before = here.balance()
    for model in MODELS[family]:
        status, said, _ = asyncio.run(here.whole(family, {**body, "model": model}))
        told = said["error"].get("param") or said["error"]["message"].partition(": ")[0]
        assert (status, told) == (400, path), (model, said)
    assert (here.script.sent, here.balance()) == ([], before)


@pytest.mark.parametrize("number", range(len(bodies(""))))
def test_every_spelling_of_base64_reaches_every_vendor(here: w.World, number: int) -> None:
    family, _, body = bodies(GOOD)[number]
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    for model in MODELS[family]:
        here.script.sent.clear()
        _, said, _ = asyncio.run(here.whole(family, {**body, "model": model}))
        if "takes no" not in str(said):
            assert SPELLED.encode() in (here.script.sent[0].body or b""), (model, said)
    here.script.sent.clear()


def test_a_callers_own_bytes_pass_as_they_are(here: w.World) -> None:
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    for family, model in (("chat", "gpt"), ("messages", "claude"), ("responses", "gpt")):
        here.script.sent.clear()
        _, _, body = next(one for one in bodies("AA!A") if one[0] == family)
        asyncio.run(here.whole(family, {**body, "model": model}))
        assert b"AA!A" in (here.script.sent[0].body or b"")
    here.script.sent.clear()
