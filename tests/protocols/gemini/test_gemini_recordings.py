"""Laws over recorded answers: every stream, every whole answer, every error."""

from __future__ import annotations

import json
import random

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import fold, unfold
from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini.words import FINISH, SKIP_SIGNATURE
from tests.protocols.gemini.recorded import (
    SEED,
    bodies,
    failures,
    frames,
    joined,
    read,
    streams,
    wholes,
)
from tests.protocols.gemini.written import GEMINI_3, ask, calls_match_results, user, write
from tests.recordings.read import Record, carried, every

RECORDS = carried("gemini")
STREAMS = [pytest.param(record, id=record["id"]) for record in streams(RECORDS)]
WHOLES = [pytest.param(record, id=record["id"]) for record in wholes(RECORDS)]
FAILURES = [pytest.param(record, id=record["id"]) for record in failures(RECORDS)]


def test_there_is_variety() -> None:
    assert len(STREAMS) > 150
    assert len(WHOLES) > 200
    assert len(FAILURES) > 5
    features = {feature for record in RECORDS for feature in record["features"]}
    wanted = {
        "code_execution_out",
        "grounding_out",
        "mcp",
        "audio_out",
        "image_out",
        "streamed_function_args",
        "logprobs",
    }
    assert wanted <= features


@pytest.mark.parametrize("record", STREAMS)
def test_a_stream_reads_the_same_however_it_is_cut(record: Record) -> None:
    print(f"CHUNK_SEED={SEED}")
    data = record["response_sse"].encode()
    chunks = random.Random(SEED)
    assert b"".join(frame.raw for frame in frames(data, chunks)) == data, "framing lost bytes"
    events = read(data)
    assert read(data, chunks) == events
    assert isinstance(events[-1], e.MessageStop | e.StreamFailed)


@pytest.mark.parametrize("record", STREAMS)
def test_the_fold_of_a_stream_is_the_whole_answer(record: Record) -> None:
    data = record["response_sse"].encode()
    events = read(data)
    if isinstance(events[-1], e.StreamFailed):
        pytest.fail(f"a recorded success failed: {events[-1].failure}")
    assert fold(events) == Client().read_response(joined(bodies(data)))


@pytest.mark.parametrize("record", WHOLES)
def test_a_whole_answer_survives_its_own_stream(record: Record) -> None:
    answer = Client().read_response(record["response_json"])
    again = fold(unfold(answer))
    assert again.choices == answer.choices
    assert again.usage == answer.usage
    assert Client().read_usage(record["response_json"]) == answer.usage


@pytest.mark.parametrize("record", [*STREAMS, *WHOLES])
def test_nothing_of_the_content_is_lost(record: Record) -> None:
    found = [record["response_json"]] if "response_json" in record else bodies(record["response_sse"].encode())
    parts = [p for a in found for c in a.get("candidates") or () for p in (c.get("content") or {}).get("parts") or ()]
    answer = Client().read_response(joined(found))
    blocks = [block for choice in answer.choices for block in choice.blocks]
    said = "".join(p["text"] for p in parts if "text" in p and not p.get("thought"))
    thought = "".join(p["text"] for p in parts if "text" in p and p.get("thought"))
    assert "".join(block.text for block in blocks if isinstance(block, b.Text)) == said
    assert "".join(block.text for block in blocks if isinstance(block, b.Thinking)) == thought
    signatures = [p["thoughtSignature"] for p in parts if p.get("thoughtSignature")]
    kept = [block.state.data for block in blocks if isinstance(block, b.Text | b.Thinking | b.ToolUse) and block.state]
    served = (b.ServerToolUse, b.ServerToolResult, b.Opaque)
    kept += [
        block.raw["thoughtSignature"]
        for block in blocks
        if isinstance(block, served) and "thoughtSignature" in block.raw
    ]
    assert sorted(kept) == sorted(signatures), "a thought signature was lost or changed"
    assert not [block for block in blocks if isinstance(block, b.Opaque)], "a part that the hub has no block for"


@pytest.mark.parametrize("record", [*STREAMS, *WHOLES])
def test_usage_adds_up_to_the_total_that_was_reported(record: Record) -> None:
    found = [record["response_json"]] if "response_json" in record else bodies(record["response_sse"].encode())
    report = joined(found).get("usageMetadata") or {}
    usage = Client().read_response(joined(found)).usage
    if not report.get("totalTokenCount"):
        return
    assert usage is not None
    prompt = report.get("promptTokenCount", 0) + report.get("toolUsePromptTokenCount", 0)
    assert usage.total_input == prompt
    if report["totalTokenCount"] - prompt >= max(
        report.get("candidatesTokenCount", 0), report.get("thoughtsTokenCount", 0)
    ):
        assert usage.total == report["totalTokenCount"]
    assert min(usage.input, usage.input_audio, usage.input_image, usage.cache_read, usage.output, usage.reasoning) >= 0
    assert usage.reasoning <= usage.output


@pytest.mark.parametrize("record", [*STREAMS, *WHOLES])
def test_every_finish_reason_is_in_the_table(record: Record) -> None:
    found = [record["response_json"]] if "response_json" in record else bodies(record["response_sse"].encode())
    reasons = {c["finishReason"] for a in found for c in a.get("candidates") or () if c.get("finishReason")}
    assert reasons <= set(FINISH)


@pytest.mark.parametrize("record", WHOLES)
def test_a_recorded_answer_goes_back_as_history(record: Record) -> None:
    """C12 over everything recorded: what the model said returns to it in the words of the API, signatures intact."""
    answer = Client().read_response(record["response_json"])
    results = [b.ToolResult(block.id, (b.Text("ok"),)) for block in answer.blocks if isinstance(block, b.ToolUse)]
    turns = (user("go"), b.Message(b.Role.ASSISTANT, answer.blocks), b.Message(b.Role.USER, (*results, b.Text("on"))))
    if len({result.tool_use_id for result in results}) < len(results):
        pytest.skip("the recording's redaction made ids equal")
    written = write(ask(*turns), GEMINI_3)[0]["contents"]
    assert calls_match_results(written)
    candidates = record["response_json"].get("candidates") or [{}]
    parts = (candidates[0].get("content") or {}).get("parts") or []
    signatures = [part["thoughtSignature"] for part in parts if part.get("thoughtSignature")]
    back = [part["thoughtSignature"] for content in written for part in content["parts"] if "thoughtSignature" in part]
    assert [signature for signature in back if signature != SKIP_SIGNATURE] == signatures
    sent = [part["functionCall"]["args"] for content in written for part in content["parts"] if "functionCall" in part]
    called = [part["functionCall"].get("args", {}) for part in parts if "functionCall" in part]
    assert sent == called


@pytest.mark.parametrize("record", FAILURES)
def test_every_error_keeps_its_message(record: Record) -> None:
    body = record.get("response_json")
    said = body["error"]["message"] if isinstance(body, dict) else None
    raw = (record.get("response_sse") or record.get("response_text") or "").encode()
    if said is not None:
        raw = json.dumps(body).encode()
    failure = Client().read_failure(record["status"], record.get("response_headers") or {}, raw)
    assert failure.upstream
    assert failure.status == record["status"]
    assert failure.message == (said or failure.message)
    assert failure.code


def test_every_recording_is_read() -> None:
    rng = random.Random(SEED)
    print(f"CHUNK_SEED={SEED}")
    count = 0
    for record in every("gemini"):
        if record.get("status") != 200:
            continue
        if record.get("response_sse"):
            data = record["response_sse"].encode()
            events = read(data, rng)
            assert events == read(data), record["id"]
            assert fold(events) == Client().read_response(joined(bodies(data))), record["id"]
            count += 1
        elif isinstance(record.get("response_json"), dict):
            answer = Client().read_response(record["response_json"])
            assert fold(unfold(answer)).choices == answer.choices, record["id"]
            count += 1
    assert count > 450
