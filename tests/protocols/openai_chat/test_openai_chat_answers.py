"""Laws over recorded answers: framing, chunking, grammar, fold, and the SDK's own strict types for what we emit."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import Folder, fold, unfold
from interchange.hub.grammar import Grammar
from interchange.protocols.faces import Envelope
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.client.stream import read_whole
from interchange.protocols.openai_chat.server import Server
from interchange.wire.sse import FrameReader
from tests.recordings.read import carried

LINES = carried("openai_chat")
WHOLE = [line for line in LINES if line["status"] == 200 and "choices" in line.get("response_json", {})]
STREAMS = [line for line in LINES if line["status"] == 200 and line.get("response_sse")]
SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))
SERVER = Server(Seal(b"sixteen bytes key"))
ENVELOPE = Envelope("0123456789abcdef", 1_700_000_000, "the-model", include_usage=True)


def name(line: dict[str, Any]) -> str:
    return f"{line['provider']}-{line['id']}"


def read_events(sse: str, chunks: random.Random | None = None) -> list[e.Event]:
    raw, frames, reader = sse.encode(), FrameReader(), Client().read_stream()
    events: list[e.Event] = []
    forwarded = b""
    rest = raw
    while rest:
        size = chunks.randint(1, 300) if chunks else len(rest)
        for frame in frames.feed(rest[:size]):
            forwarded += frame.raw
            events += reader.read(frame)
        rest = rest[size:]
    for frame in frames.finish():
        forwarded += frame.raw
        events += reader.read(frame)
    assert forwarded.rstrip() == raw.rstrip(), "framing lost bytes"
    return [*events, *reader.finish()]


def check(events: list[e.Event]) -> None:
    grammar = Grammar()
    for event in events:
        grammar.check(event)
    grammar.end()


def chunks_of(out: bytes) -> list[ChatCompletionChunk]:
    frames = [frame.removeprefix(b"data: ") for frame in out.split(b"\n\n") if frame]
    return [ChatCompletionChunk.model_validate_json(frame, strict=True) for frame in frames if frame != b"[DONE]"]


def test_there_is_variety() -> None:
    assert len(WHOLE) > 300
    assert len(STREAMS) > 100
    assert {line["provider"] for line in STREAMS} >= {"openai", "xai", "groq", "mistral", "deepseek", "azure"}


@pytest.mark.parametrize("line", STREAMS, ids=name)
def test_a_stream_is_read_the_same_however_it_is_cut(line: dict[str, Any]) -> None:
    print(f"CHUNK_SEED={SEED}")
    events = read_events(line["response_sse"])
    check(events)
    assert read_events(line["response_sse"], random.Random(SEED)) == events


@pytest.mark.parametrize("line", STREAMS, ids=name)
def test_a_stream_says_what_its_chunks_say(line: dict[str, Any]) -> None:
    """Text, reasoning, arguments and finish reasons, against a naive reading of the same bytes."""
    folder = Folder()
    for event in read_events(line["response_sse"]):
        folder.add(event)
    if folder.failure is not None:
        assert '"error"' in line["response_sse"]
        return
    deltas: dict[int, list[dict[str, Any]]] = {}
    for frame in FrameReader().feed(line["response_sse"].encode() + b"\n\n"):
        for choice in json.loads(frame.data).get("choices", []) if frame.data and frame.data[:1] == b"{" else ():
            deltas.setdefault(choice["index"], []).append(choice.get("delta") or {})
    for index, choice in enumerate(folder.response().choices):
        said = deltas[index]
        calls = [call["function"] for delta in said for call in delta.get("tool_calls") or []]
        assert _texts(choice, b.Text) == "".join(_plain(delta.get("content"), "text") for delta in said)
        assert _texts(choice, b.Thinking) == "".join(
            (delta.get("reasoning_content") or delta.get("reasoning") or "") + _plain(delta.get("content"), "thinking")
            for delta in said
        )
        arguments = "".join(block.arguments for block in choice.blocks if isinstance(block, b.ToolUse))
        assert sorted(arguments) == sorted("".join(call.get("arguments") or "" for call in calls))
        assert choice.stop.reason is not e.StopReason.OTHER


def _texts(choice: e.Choice, kind: type[b.Text] | type[b.Thinking]) -> str:
    return "".join(block.text for block in choice.blocks if isinstance(block, kind))


def _plain(content: Any, kind: str) -> str:
    """The text of a delta's content; Mistral's reasoning models send parts."""
    match content:
        case str():
            return content if kind == "text" else ""
        case list():
            return "".join(
                part["text"] if kind == "text" else "".join(item["text"] for item in part["thinking"])
                for part in content
                if part["type"] == kind
            )
        case _:
            return ""


@pytest.mark.parametrize("line", WHOLE, ids=name)
def test_a_whole_answer_is_the_fold_of_its_stream(line: dict[str, Any]) -> None:
    body = line["response_json"]
    check(list(read_whole(body)))
    response = Client().read_response(body)
    assert fold(unfold(response)) == response
    usage = body["usage"]
    assert response.usage is not None
    assert response.usage.total_input == usage["prompt_tokens"]
    assert response.usage.total == usage["total_tokens"]
    assert response.usage.reasoning <= response.usage.output
    for choice, raw in zip(response.choices, body["choices"], strict=True):
        message = raw.get("message") or {}
        texts = "".join(block.text for block in choice.blocks if isinstance(block, b.Text))
        if isinstance(message.get("content"), str):
            assert texts == message["content"]
        calls = [block for block in choice.blocks if isinstance(block, b.ToolUse)]
        assert [call.arguments for call in calls] == [
            call["function"]["arguments"] for call in message.get("tool_calls") or []
        ] + ([message["function_call"]["arguments"]] if message.get("function_call") else [])


@pytest.mark.parametrize("line", WHOLE, ids=name)
def test_a_whole_answer_streamed_is_the_same_answer(line: dict[str, Any]) -> None:
    """write_stream(unfold(r)) read again is r: text, calls, reasons and usage."""
    response = Client().read_response(line["response_json"])
    writer = SERVER.write_stream(ENVELOPE)
    out = b"".join(writer.write(event) for event in unfold(response))
    again = fold(read_events(out.decode()))
    assert [_essence(choice) for choice in again.choices] == [_essence(choice) for choice in response.choices]
    assert again.usage is not None and response.usage is not None
    assert again.usage.total == response.usage.total
    assert again.usage.cache_read == response.usage.cache_read


def _essence(choice: e.Choice) -> tuple[object, ...]:
    blocks = choice.blocks
    return (
        "".join(block.text for block in blocks if isinstance(block, b.Text)),
        "".join(block.text for block in blocks if isinstance(block, b.Thinking)),
        "".join(block.text for block in blocks if isinstance(block, b.Refusal)),
        [(block.id, block.name, block.arguments, block.kind) for block in blocks if isinstance(block, b.ToolUse)],
        [(c.url, c.title) for block in blocks if isinstance(block, b.Text) for c in block.citations],
        choice.logprobs,
    )


@pytest.mark.parametrize("line", [*WHOLE, *STREAMS], ids=name)
def test_what_we_emit_parses_strictly_and_accumulates_in_the_sdk(line: dict[str, Any]) -> None:
    sse = line.get("response_sse")
    folder = Folder()
    writer = SERVER.write_stream(ENVELOPE)
    out = b""
    for event in read_events(sse) if sse else list(read_whole(line["response_json"])):
        folder.add(event)
        out += writer.write(event)
    if folder.failure is not None:
        assert b'"error"' in out and b"[DONE]" not in out
        return
    body = SERVER.write_response(folder.response(), ENVELOPE)
    whole = ChatCompletion.model_validate(body, strict=True)
    chunks = chunks_of(out)
    assert out.endswith(b"data: [DONE]\n\n")
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {(chunk.id, chunk.created, chunk.model) for chunk in chunks} == {
        ("chatcmpl-0123456789abcdef", 1_700_000_000, "the-model")
    }
    state = ChatCompletionStreamState()
    for chunk in chunks:
        state.handle_chunk(chunk)
    final = state.current_completion_snapshot
    for ours, theirs in zip(whole.choices, final.choices, strict=True):
        assert (theirs.message.content or None) == (ours.message.content or None)
        assert theirs.finish_reason == ours.finish_reason
        assert [_call(call) for call in theirs.message.tool_calls or []] == [
            _call(call) for call in ours.message.tool_calls or []
        ]
    assert final.usage == whole.usage


def _call(call: Any) -> tuple[str, str, str]:
    return call.id, call.function.name, call.function.arguments
