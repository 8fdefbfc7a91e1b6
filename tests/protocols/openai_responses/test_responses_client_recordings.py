"""Laws over recorded answers: framing, chunking, grammar, and the whole answer as the fold of its stream."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import Folder, fold, unfold
from interchange.hub.grammar import Grammar
from interchange.protocols.openai_responses.client import Client
from interchange.wire.sse import FrameReader
from tests.recordings.read import carried, every

LINES = carried("openai_responses")
GOOD = [line for line in LINES if line["status"] == 200]
STREAMS = [line for line in GOOD if line.get("response_sse")]
WHOLE = [line for line in GOOD if (line.get("response_json") or {}).get("status") in ("completed", "incomplete")]
ERRORS = [line for line in LINES if (line["status"] or 0) >= 400 and line.get("response_json")]
SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))


def name(line: dict[str, Any]) -> str:
    return f"{line['provider']}-{line['id']}"


def read_events(sse: str, chunks: random.Random | None = None) -> list[e.Event]:
    rest, frames, reader = sse.encode(), FrameReader(), Client().read_stream()
    events: list[e.Event] = []
    while rest:
        size = chunks.randint(1, 400) if chunks else len(rest)
        for frame in frames.feed(rest[:size]):
            events += reader.read(frame)
        rest = rest[size:]
    for frame in frames.finish():
        events += reader.read(frame)
    return [*events, *reader.finish()]


def folded(events: list[e.Event]) -> Folder:
    grammar, folder = Grammar(), Folder()
    for event in events:
        grammar.check(event)
        folder.add(event)
    grammar.end()
    return folder


def wire_events(sse: str) -> Iterator[dict[str, Any]]:
    for frame in FrameReader().feed(sse.encode() + b"\n\n"):
        if frame.data and frame.data != b"[DONE]":
            yield json.loads(frame.data)


def without_states(response: e.Response) -> e.Response:
    """Reasoning is encrypted anew each time that it is told, and some recordings have cut a summary short."""

    def bare(block: b.Block) -> b.Block:
        match block:
            case b.Thinking():
                return b.Thinking("")
            case b.ServerToolUse(raw=raw):
                return replace(block, raw={name: value for name, value in raw.items() if name != "fingerprint"})
            case _:
                return block

    choice = response.choices[0]
    return replace(response, choices=(replace(choice, blocks=tuple(bare(block) for block in choice.blocks)),))


def test_there_is_variety() -> None:
    assert len(WHOLE) > 250 and len(STREAMS) > 100
    assert {line["provider"] for line in STREAMS} >= {"openai", "azure", "xai", "bedrock"}


@pytest.mark.parametrize("line", STREAMS, ids=name)
def test_a_stream_is_read_the_same_however_it_is_cut(line: dict[str, Any]) -> None:
    print(f"CHUNK_SEED={SEED}")
    events = read_events(line["response_sse"])
    folded(events)
    assert read_events(line["response_sse"], random.Random(SEED)) == events


@pytest.mark.parametrize("line", STREAMS, ids=name)
def test_a_stream_folds_to_its_whole_answer(line: dict[str, Any]) -> None:
    events = list(wire_events(line["response_sse"]))
    whole = next((event["response"] for event in events if event.get("type") in ENDS), None)
    folder = folded(read_events(line["response_sse"]))
    if whole is None:
        assert folder.failure is not None
        return
    streamed = [event["item"]["type"] for event in events if event.get("type") == "response.output_item.done"]
    if streamed != [item["type"] for item in whole["output"]]:
        pytest.skip("the recording's last event does not hold the items that were streamed")
    assert without_states(folder.response()) == without_states(Client().read_response(whole))
    assert Client().read_usage(whole) == folder.usage


ENDS = ("response.completed", "response.incomplete")


@pytest.mark.parametrize("line", WHOLE, ids=name)
def test_a_whole_answer_says_what_its_items_say(line: dict[str, Any]) -> None:
    body = line["response_json"]
    response = Client().read_response(body)
    parts = [part for item in body["output"] for part in item.get("content") or [] if item["type"] == "message"]
    texts = [part["text"] for part in parts if part["type"] == "output_text"]
    assert [block.text for block in response.blocks if isinstance(block, b.Text)] == texts
    calls = [item for item in body["output"] if item["type"] in ("function_call", "custom_tool_call")]
    found = [(block.id, block.arguments) for block in response.blocks if isinstance(block, b.ToolUse)]
    assert found == [(item["call_id"], item.get("arguments", item.get("input"))) for item in calls]
    states = [item["encrypted_content"] for item in body["output"] if item.get("encrypted_content")]
    thought = [block.state.data for block in response.blocks if isinstance(block, b.Thinking) and block.state]
    assert thought == [state for state in states if isinstance(state, str)]
    usage = body.get("usage")
    if usage:
        assert response.usage is not None
        assert (response.usage.total_input, response.usage.total) == (usage["input_tokens"], usage["total_tokens"])


@pytest.mark.parametrize("line", WHOLE, ids=name)
def test_a_whole_answer_is_the_fold_of_its_events(line: dict[str, Any]) -> None:
    response = Client().read_response(line["response_json"])
    assert fold(unfold(response)) == response


@pytest.mark.parametrize("line", ERRORS, ids=name)
def test_an_error_keeps_its_words(line: dict[str, Any]) -> None:
    body = line["response_json"]
    failure = Client().read_failure(line["status"], {}, json.dumps(body).encode())
    told = body["error"]
    assert failure.message == (told if isinstance(told, str) else told["message"])
    assert failure.status == line["status"] and failure.upstream


def test_every_recording_of_the_vendors_is_read() -> None:
    counts: Counter[str] = Counter()
    for line in every("openai_responses"):
        if line["status"] != 200:
            continue
        if line.get("response_sse"):
            folded(read_events(line["response_sse"]))
            counts["stream"] += 1
        elif (line.get("response_json") or {}).get("status") == "completed":
            Client().read_response(line["response_json"])
            counts["whole"] += 1
    assert counts["stream"] > 100 and counts["whole"] > 250
