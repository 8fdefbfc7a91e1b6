"""Laws over recorded traffic: framing, chunking, grammar, fold, requests written back, the SDK's own strict types."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import StreamBroken, fold, unfold
from interchange.hub.losses import Losses
from interchange.protocols.anthropic_messages.client import Client
from interchange.protocols.anthropic_messages.server import Server
from interchange.protocols.faces import Envelope, Profile
from tests.protocols.anthropic_messages.messages_sdk import accumulate, parse_whole
from tests.protocols.anthropic_messages.recorded_messages import (
    SEED,
    failures,
    frames,
    read,
    requests,
    streams,
    wholes,
)
from tests.recordings.read import Record, carried, every

RECORDS = carried("anthropic_messages")
STREAMS = [pytest.param(record, id=record["id"]) for record in streams(RECORDS)]
WHOLES = [pytest.param(record, id=record["id"]) for record in wholes(RECORDS)]
FAILURES = [pytest.param(record, id=record["id"]) for record in failures(RECORDS)]
REQUESTS = [pytest.param(record, id=record["id"]) for record in requests(RECORDS)]
SERVER = Server(Seal(b"sixteen bytes key"))
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_700_000_000, "the-model", estimate=7)
ABLE = Profile("the-upstream-model", frozenset({"text", "image", "document"}), 64_000)


def test_there_is_variety() -> None:
    assert len(STREAMS) > 120
    assert len(WHOLES) > 200
    assert len(REQUESTS) > 300
    assert len(FAILURES) > 8


# --- answers


@pytest.mark.parametrize("record", STREAMS)
def test_framing_loses_nothing_and_reading_does_not_depend_on_the_cuts(record: Record) -> None:
    raw = record["response_sse"].encode()
    print(f"CHUNK_SEED={SEED}")
    assert b"".join(frame.raw for frame in frames(raw, random.Random(SEED))).rstrip() == raw.rstrip()
    assert read(raw, random.Random(SEED)) == read(raw)


@pytest.mark.parametrize("record", STREAMS)
def test_the_fold_of_a_stream_is_the_whole_answer(record: Record) -> None:
    raw = record["response_sse"].encode()
    folded = fold(read(raw))
    whole = Client().read_response(joined(raw))
    assert plain(folded) == plain(whole)


@pytest.mark.parametrize("record", STREAMS)
def test_a_stream_goes_out_as_a_stream_that_the_sdk_takes(record: Record) -> None:
    events = read(record["response_sse"].encode())
    response = fold(events)
    if response.stop.reason is e.StopReason.MAX_TOKENS and any("_malformed" in str(x) for x in written(response)):
        pytest.skip("its arguments are cut: no object in a stream, wrapped in a whole answer")
    message = accumulate(emit(events), beta=True)
    whole = parse_whole(SERVER.write_response(response, ENVELOPE), beta=True)
    assert message == whole | {"usage": message["usage"]}


def written(response: e.Response) -> list[dict[str, Any]]:
    return list(SERVER.write_response(response, ENVELOPE)["content"])


@pytest.mark.parametrize("record", WHOLES)
def test_a_whole_answer_goes_out_both_ways(record: Record) -> None:
    response = Client().read_response(record["response_json"])
    assert fold(unfold(response)) == response
    whole = parse_whole(SERVER.write_response(response, ENVELOPE), beta=True)
    streamed = accumulate(emit(unfold(response)), beta=True)
    assert streamed["usage"].items() >= {k: v for k, v in whole["usage"].items() if k in SAME_USAGE}.items()
    assert streamed | {"usage": 0} == whole | {"usage": 0}


@pytest.mark.parametrize("record", WHOLES)
def test_an_answer_comes_back_as_it_was(record: Record) -> None:
    """Through the hub and out by the same protocol: content, stop and billed tokens are the provider's own."""
    body = record["response_json"]
    whole = SERVER.write_response(Client().read_response(body), ENVELOPE)
    assert without_nothing(whole["content"]) == without_nothing(body["content"])
    assert whole["stop_reason"] == body["stop_reason"]
    if "iterations" not in body["usage"]:
        for name in ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"):
            assert whole["usage"][name] == body["usage"].get(name, 0)


@pytest.mark.parametrize("record", STREAMS)
def test_a_cut_stream_fails(record: Record) -> None:
    raw = record["response_sse"].encode()
    end = raw.index(b"message_stop") - len(b"event: ")
    events = read(raw[: random.Random(SEED).randrange(1, end)])
    assert isinstance(events[-1], e.StreamFailed)
    with pytest.raises(StreamBroken):
        fold(events)


@pytest.mark.parametrize("record", FAILURES)
def test_errors_keep_their_kind_and_words(record: Record) -> None:
    body = record["response_json"]
    failure = Client().read_failure(record["status"], record.get("response_headers", {}), json.dumps(body).encode())
    assert failure.upstream and failure.message == body["error"]["message"]
    status, written = SERVER.write_failure(failure)
    assert (status, written["error"]) == (record["status"], body["error"])
    assert written["request_id"] == body.get("request_id", failure.request_id)


# --- requests


@pytest.mark.parametrize("record", REQUESTS)
def test_a_request_is_written_back_as_it_was(record: Record) -> None:
    losses = Losses()
    written = Client().write_request(SERVER.read_request(copy.deepcopy(record["request_json"])), ABLE, losses)
    assert not losses.items
    assert normal(written) == normal({**record["request_json"], "model": ABLE.model})


def test_everything_recorded() -> None:
    for record in every("anthropic_messages"):
        if record["status"] >= 300:
            continue
        if record.get("response_sse"):
            raw = record["response_sse"].encode()
            events = read(raw)
            assert events == read(raw, random.Random(SEED)), SEED
            accumulate_or_cut(events)
        elif isinstance(record.get("response_json"), dict):
            response = Client().read_response(record["response_json"])
            parse_whole(SERVER.write_response(response, ENVELOPE), beta=True)
        if isinstance(record.get("request_json"), dict):
            body = copy.deepcopy(record["request_json"])
            written = Client().write_request(SERVER.read_request(body), ABLE, Losses())
            assert normal(written) == normal({**record["request_json"], "model": ABLE.model}), record["id"]


# --- what they are compared by

SAME_USAGE = {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"}


def emit(events: Any) -> bytes:
    writer = SERVER.write_stream(ENVELOPE)
    return b"".join(writer.write(event) for event in events)


def accumulate_or_cut(events: list[e.Event]) -> None:
    try:
        accumulate(emit(events), beta=True)
    except json.JSONDecodeError:
        assert fold(events).stop.reason is e.StopReason.MAX_TOKENS, "arguments are cut by a limit only"


def joined(raw: bytes) -> dict[str, Any]:
    """The message that a recorded stream is the pieces of, by the rules of the API's documentation."""
    message: dict[str, Any] = {}
    arguments: dict[int, str] = {}
    for frame in frames(raw):
        event = json.loads(frame.data or b"{}")
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                message["content"].append(event["content_block"])
            case "content_block_delta":
                block, piece = message["content"][event["index"]], event["delta"]
                match piece["type"]:
                    case "text_delta":
                        block["text"] += piece["text"]
                    case "thinking_delta":
                        block["thinking"] += piece["thinking"]
                    case "signature_delta":
                        block["signature"] = piece["signature"]
                    case "citations_delta":
                        block["citations"] = [*(block.get("citations") or []), piece["citation"]]
                    case "input_json_delta":
                        arguments[event["index"]] = arguments.get(event["index"], "") + piece["partial_json"]
                    case "compaction_delta":
                        block.update({name: value for name, value in piece.items() if name != "type"})
            case "message_delta":
                message.update(event["delta"])
                message["usage"].update({k: v for k, v in event.get("usage", {}).items() if v is not None})
                message.update({k: v for k, v in event.items() if k not in ("type", "delta", "usage")})
            case _:
                pass
    for index, text in arguments.items():
        message["content"][index]["input"] = as_object(text) if text else {}
    return message


def as_object(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except ValueError:  # cut by max_tokens
        return {"_malformed_arguments": text}


def plain(response: e.Response) -> Any:
    """Arguments by their meaning: a stream has the model's own white space, a whole answer has not."""

    def settled(block: b.Block) -> b.Block | tuple[Any, ...]:
        if isinstance(block, b.ToolUse | b.ServerToolUse):
            try:
                return (block.id, block.name, json.loads(block.arguments))
            except ValueError:
                return block
        if isinstance(block, b.Opaque):
            return b.Opaque(block.protocol, {name: value for name, value in block.raw.items() if value is not None})
        return block

    choice = response.choices[0]
    return ([settled(block) for block in choice.blocks], choice.stop, response.usage, response.id, dict(response.extra))


def without_nothing(value: Any) -> Any:
    """Without nulls and empty lists of citations, the direct `caller` of a call, and empty text and thinking."""
    if isinstance(value, list):
        kept = [without_nothing(item) for item in value]
        return [item for item in kept if item not in ({"type": "text", "text": ""},)]
    if isinstance(value, dict):
        return {
            name: without_nothing(item)
            for name, item in value.items()
            if item is not None
            and not (name == "citations" and item == [])
            and not (name == "caller" and value.get("type") == "tool_use")
            and not (name == "signature" and item == "")
        }
    return value


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """A body with what two bodies may differ in and still say the same. These are all the exceptions:

    1. null is absence, and so are `stream: false`, `is_error: false`, `caller: direct`, a tool's `type: custom`, and
       empty lists of tools, stop sequences and system blocks
    2. a text is a list of one text block
    3. text of whitespace only is left out (the API refuses it)
    4. neighbours of one role are one turn, results first (the API joins them)
    5. `output_format` (beta) is `output_config.format`
    """
    found = settle(body)
    if "output_format" in found:
        found.setdefault("output_config", {})["format"] = found.pop("output_format")
    found["messages"] = turns(found["messages"])
    return {name: value for name, value in found.items() if value not in ([], False) and (name, value) not in EMPTY}


EMPTY: list[tuple[str, Any]] = [("metadata", {})]
DEFAULTS: list[tuple[str, Any]] = [("is_error", False), ("caller", {"type": "direct"}), ("type", "custom")]
AS_GIVEN = ("input", "schema", "input_schema")


def settle(value: Any) -> Any:
    if isinstance(value, list):
        kept = [settle(item) for item in value]
        return [item for item in kept if not (isinstance(item, dict) and item.get("type") == "text" and blank(item))]
    if not isinstance(value, dict):
        return value
    found = {k: v if k in AS_GIVEN else settle(v) for k, v in value.items() if v is not None and (k, v) not in DEFAULTS}
    for name in ("content", "system"):
        if isinstance(found.get(name), str) and ("role" in value or "messages" in value or "tool_use_id" in value):
            found[name] = settle([{"type": "text", "text": found[name]}])
        if found.get(name) == []:
            del found[name]
    return found


def blank(block: dict[str, Any]) -> bool:
    return not block["text"].strip()


def turns(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for message in messages:
        if found and found[-1]["role"] == message["role"]:
            found[-1] = {**found[-1], "content": found[-1]["content"] + message["content"]}
        elif len(message) > 1:
            found.append(message)
    for message in found:
        if message["role"] == "user":
            message["content"].sort(key=lambda block: block["type"] != "tool_result")
    return found
