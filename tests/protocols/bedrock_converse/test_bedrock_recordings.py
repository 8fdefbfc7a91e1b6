"""Converse and ConverseStream over recorded traffic, and the requests that we write against botocore's own model."""

from __future__ import annotations

import base64
import json
import os
import random
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub import request as r
from interchange.hub.fold import Folder, fold, unfold
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols.bedrock_converse.client import Client
from interchange.protocols.bedrock_converse.client.stream import unfolded
from interchange.protocols.faces import Profile
from interchange.providers.bedrock import EventStreamFrames
from tests.recordings.read import carried

LINES = carried("bedrock_converse")
WHOLE = [line for line in LINES if line["api"] == "converse" and line["status"] == 200 and line["response_json"]]
STREAMS = [line for line in LINES if line.get("response_body_b64") and line["status"] == 200]
SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))


def stream_events(line: dict[str, Any], chunks: random.Random | None) -> list[e.Event]:
    raw = base64.b64decode(line["response_body_b64"])
    frames, reader = EventStreamFrames(), Client().read_stream()
    events: list[e.Event] = []
    while raw:
        size = chunks.randint(1, 400) if chunks else len(raw)
        for frame in frames.feed(raw[:size]):
            events += reader.read(frame)
        raw = raw[size:]
    return [*events, *reader.finish()]


@pytest.mark.parametrize("line", WHOLE, ids=lambda line: line["id"])
def test_a_whole_answer_obeys_the_grammar_and_keeps_its_numbers(line: dict[str, Any]) -> None:
    body = line["response_json"]
    grammar = Grammar()
    for event in unfolded(body):
        grammar.check(event)
    grammar.end()
    response = Client().read_response(body)
    assert fold(unfold(response)).blocks == response.blocks
    assert response.usage is not None
    assert response.usage.total_input + response.usage.output == body["usage"]["totalTokens"]
    texts = [part["text"] for part in body["output"]["message"]["content"] if "text" in part]
    said = [block.text for block in response.blocks if isinstance(block, b.Text)]
    assert [text for text in said if text in texts] == texts
    calls = [part["toolUse"] for part in body["output"]["message"]["content"] if "toolUse" in part]
    read = [block for block in response.blocks if isinstance(block, b.ToolUse | b.ServerToolUse)]
    assert [(block.id, block.name, json.loads(block.arguments)) for block in read] == [
        (call["toolUseId"], call["name"], call.get("input") or {}) for call in calls
    ]


@pytest.mark.parametrize("line", STREAMS, ids=lambda line: line["id"])
def test_a_stream_reads_the_same_however_it_is_cut(line: dict[str, Any]) -> None:
    print(f"CHUNK_SEED={SEED}")
    events = stream_events(line, None)
    assert stream_events(line, random.Random(SEED)) == events
    grammar, folder = Grammar(), Folder()
    for event in events:
        grammar.check(event)
        folder.add(event)
    grammar.end()
    assert folder.failure is None
    assert folder.usage is not None


def test_I3_cached_tokens_come_on_top_of_input_tokens() -> None:
    usage = Client().read_usage(
        {"usage": {"inputTokens": 3, "outputTokens": 5, "totalTokens": 20, "cacheReadInputTokens": 4,
                   "cacheWriteInputTokens": 8, "cacheDetails": [{"ttl": "1h", "inputTokens": 6}]}}
    )  # fmt: skip
    assert usage is not None
    assert (usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h) == (3, 4, 2, 6)


MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
SHAPE: Any = MODEL.operation_model("Converse").input_shape
PNG = b.Base64Source("image/png", "aGk=")


def validated(request: r.Request, **traits: Any) -> tuple[dict[str, Any], Losses]:
    """The body we write, held against botocore's model of the operation (bytes travel as base64 text)."""
    losses = Losses()
    inputs = frozenset({"text", "image", "document", "audio"})
    body = Client().write_request(request, Profile("m", inputs, 8192, traits), losses)
    report = ParamValidator().validate({"modelId": "m", **body}, SHAPE)
    assert not report.has_errors(), report.generate_report()
    return body, losses


def test_everything_that_converse_can_say() -> None:
    body, losses = validated(
        r.Request(
            model="m",
            system=(b.Text("be brief", cache=b.CacheControl("1h")),),
            messages=(
                b.Message(b.Role.USER, (b.Text("hi"), b.Image(PNG))),
                b.Message(b.Role.ASSISTANT, (b.Text(""), b.ToolUse("functions.f:0", "f", '{"a":1}'))),
                b.Message(
                    b.Role.USER, (b.Text("after"), b.ToolResult("functions.f:0", (b.Text("42"),), is_error=True))
                ),
            ),
            tools=(r.FunctionTool("f", "does f", {"type": "object", "properties": {"a": {"type": "integer"}}}),),
            tool_choice=r.ToolChoice(r.ToolMode.REQUIRED),
            max_tokens=100,
            temperature=0.5,
            stop=("END",),
            output_format=r.OutputFormat(r.OutputKind.SCHEMA, {"type": "object"}, "answer"),
        ),
        cache=True,
    )
    assert not losses.items
    assert body["system"] == [{"text": "be brief"}, {"cachePoint": {"type": "default", "ttl": "1h"}}]
    call = body["messages"][1]["content"]
    result = body["messages"][2]["content"]
    assert [list(item) for item in call] == [["toolUse"]]
    assert "toolResult" in result[0] and result[0]["toolResult"]["status"] == "error"
    assert result[0]["toolResult"]["toolUseId"] == call[0]["toolUse"]["toolUseId"]
    assert body["toolConfig"]["toolChoice"] == {"any": {}}


def test_what_it_cannot_say_is_told() -> None:
    _, losses = validated(r.Request("m", (b.Message(b.Role.USER, (b.Text("hi"),)),), seed=1, extra={"foo": 1}))
    assert [loss.path for loss in losses.items] == ["seed", "foo"]


def test_thinking_fits_below_max_tokens() -> None:
    request = r.Request(
        "m",
        (b.Message(b.Role.USER, (b.Text("hi"),)),),
        max_tokens=2000,
        temperature=0.2,
        reasoning=r.Reasoning(effort="high"),
    )
    body, losses = validated(request, thinking="budget")
    assert body["additionalModelRequestFields"]["thinking"]["budget_tokens"] == 1999
    assert [loss.path for loss in losses.items] == ["temperature"]


def test_a_refusal_of_the_service_is_read() -> None:
    failure = Client().read_failure(
        429, {"x-amzn-errortype": "ThrottlingException:http://x/", "x-amzn-requestid": "r1"}, b'{"message":"slow"}'
    )
    assert (failure.kind, failure.message, failure.request_id) == ("rate_limit", "slow", "r1")
