"""Rules of Converse and of the models behind it that its service model does not say: each was a recorded refusal."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.protocols.anthropic_messages.server import Server as Messages
from interchange.protocols.bedrock_converse.client import Client
from interchange.protocols.faces import Profile, Server
from interchange.protocols.openai_chat.server import Server as Chat
from tests.exchange.world import SEAL
from tests.laws.ways import way_of, written

Json = dict[str, Any]
CHAT, MESSAGES = Chat(SEAL), Messages(SEAL)
ASKED: Json = {"model": "m", "max_tokens": 2000}
USER: Json = {"role": "user", "content": "q"}


def sent(server: Server, body: Json, model: str = "claude-sonnet-4-5") -> Json:
    made = written(server, {**ASKED, **body}, way_of(model, "bedrock"))
    assert made is not None
    assert made.refusals(server.protocol) == []
    return made.body


def document(**fields: Any) -> Json:
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}
    return {"type": "document", "source": source, **fields}


def test_a_conversation_that_begins_with_an_answer_is_given_a_beginning() -> None:
    turns = [{"role": "assistant", "content": "Hello!"}, USER]
    roles = [turn["role"] for turn in sent(CHAT, {"messages": turns})["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_no_two_documents_have_one_name() -> None:
    text = {"type": "text", "text": "q"}
    first = {"role": "user", "content": [document(), document(title="report"), text]}
    last = {"role": "user", "content": [document(title="Report"), document(), text]}
    turns = sent(MESSAGES, {"messages": [first, {"role": "assistant", "content": "a"}, last]})["messages"]
    found = [block["document"]["name"] for turn in turns for block in turn["content"] if "document" in block]
    assert found == ["document", "report", "Report 2", "document 2"]


def test_a_document_has_text_beside_it() -> None:
    turn = sent(MESSAGES, {"messages": [{"role": "user", "content": [document()]}]})["messages"][0]
    assert [next(iter(block)) for block in turn["content"]] == ["document", "text"]


def test_images_inside_a_document_stand_behind_it() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    blocks = [{"type": "text", "text": "one"}, image]
    body = {"role": "user", "content": [document(source={"type": "content", "content": blocks})]}
    content = sent(MESSAGES, {"messages": [body]})["messages"][0]["content"]
    assert content[0]["document"]["source"] == {"content": [{"text": "one"}]}
    assert content[1]["image"]["format"] == "png"


def test_a_breakpoint_inside_a_result_stands_behind_it() -> None:
    cached = {"type": "text", "text": "o", "cache_control": {"type": "ephemeral"}}
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [cached]}
    turns = [USER, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    content = sent(MESSAGES, {"messages": turns})["messages"][-1]["content"]
    assert content[0]["toolResult"]["content"] == [{"text": "o"}]
    assert content[1] == {"cachePoint": {"type": "default"}}


@pytest.mark.parametrize("arguments, right", [
    ("null", {}), ("", {}), ("{oops", {"_malformed_arguments": "{oops"}), ("[1]", {"_malformed_arguments": "[1]"}),
])  # fmt: skip
def test_arguments_that_are_no_object_do_not_wedge_the_session(arguments: str, right: Json) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    turns = [USER, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c", "content": "o"}]
    assert sent(CHAT, {"messages": turns})["messages"][1]["content"][0]["toolUse"]["input"] == right


@pytest.mark.parametrize("model, right", [
    ("claude-sonnet-4-5", {"top_k": 40}), ("nova-2-lite", {"inferenceConfig": {"topK": 40}}),
    ("llama-4-maverick", None),
])  # fmt: skip
def test_top_k_stands_where_the_model_has_it(model: str, right: Json | None) -> None:
    assert sent(MESSAGES, {"messages": [USER], "top_k": 40}, model).get("additionalModelRequestFields") == right


def test_top_k_goes_where_claude_thinks() -> None:
    body = {"messages": [USER], "top_k": 40, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    assert "top_k" not in sent(MESSAGES, body)["additionalModelRequestFields"]


def test_nova_is_given_the_bare_root_of_a_schema_with_its_references_in_place() -> None:
    schema = {"$schema": "x", "title": "T", "type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
              "$defs": {"A": {"type": "integer", "minimum": 1}}, "additionalProperties": False}  # fmt: skip
    tools = [{"name": "f", "input_schema": schema}]
    spec = sent(MESSAGES, {"messages": [USER], "tools": tools}, "nova-2-lite")["toolConfig"]["tools"][0]["toolSpec"]
    assert spec["inputSchema"]["json"] == {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}


def test_a_breakpoint_of_an_hour_stands_behind_none_of_five_minutes() -> None:
    """headroomlabs-ai/headroom#2939"""
    short, long = ({"cache_control": {"type": "ephemeral", **more}} for more in ({}, {"ttl": "1h"}))
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "b", **long}]}
    turns = [{"role": "user", "content": [{"type": "text", "text": "a", **short}]},
             {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
             {"role": "user", "content": [result, {"type": "text", "text": "c", **long}]}]  # fmt: skip
    tools = [{"name": "f", "input_schema": {"type": "object"}, **long}]
    body = sent(MESSAGES, {"messages": turns, "tools": tools})
    marks = [block["cachePoint"] for turn in body["messages"] for block in turn["content"] if "cachePoint" in block]
    assert [mark.get("ttl", "5m") for mark in marks] == ["5m", "5m", "5m"]
    assert body["toolConfig"]["tools"][1]["cachePoint"]["ttl"] == "1h"


@pytest.mark.parametrize("torn", [False, True])
def test_a_loss_keeps_its_number_beside_thoughts_that_are_left_out(torn: bool) -> None:
    state = b.Continuation("bedrock_converse", "sig")
    content = (b.Thinking("A", state), b.Thinking("B", None), b.ToolUse("c1", "look", "[1]"))
    turns = (b.Message(b.Role.USER, (b.Text("q"),)), b.Message(b.Role.ASSISTANT, content, torn=torn),
             b.Message(b.Role.USER, (b.ToolResult("c1", (b.Text("oak"),)),)))  # fmt: skip
    losses = Losses()
    body = Client().write_request(Request(model="m", messages=turns, max_tokens=2000), Profile("m"), losses)
    assert [next(iter(block)) for block in body["messages"][1]["content"]] == ["toolUse"]
    assert [loss.path for loss in losses.items] == ["messages[1].content[2].arguments"]
