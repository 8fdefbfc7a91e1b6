"""Bodies that nobody sends on purpose: each is an answer or a 400 of the caller's protocol, never a fault of ours."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from interchange.continuity.store import TableMemory
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.bedrock_converse.client import Client as Converse
from interchange.protocols.faces import Profile
from interchange.tables.dynamodb import DynamoTable, create_table
from interchange.wire.schema import GEMINI_JSON, MESSAGES_OUTPUT, OPENAI_STRICT, OPENAPI, sanitize
from tests.exchange import world as w

HALF = "\ud800"
"""Half of a character pair: JSON can say it, UTF-8 cannot."""
MODELS = ("gpt", "claude", "gemini", "grok")


@pytest.fixture(scope="module")
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def chat(**extra: Any) -> dict[str, Any]:
    call = {"id": HALF, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    thought = {"type": "reasoning.text", "text": HALF, "signature": f"ic1.{HALF}.{HALF}", "index": 0}
    return {
        "messages": [
            {"role": "user", "content": HALF},
            {"role": "assistant", "content": HALF, "tool_calls": [call], "reasoning_details": [thought]},
            {"role": "tool", "tool_call_id": HALF, "content": HALF},
            {"role": "assistant", "function_call": {"name": HALF, "arguments": "{}"}, "content": None},
            {"role": "function", "name": HALF, "content": "x"},
        ],
        **extra,
    }


def messages(**extra: Any) -> dict[str, Any]:
    call = {"type": "tool_use", "id": HALF, "name": "f", "input": {HALF: HALF}}
    thought = {"type": "thinking", "thinking": HALF, "signature": f"ic1.{HALF}"}
    source = {"type": "text", "media_type": "text/plain", "data": HALF}
    return {
        "max_tokens": 10,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": HALF}, {"type": "document", "source": source}]},
            {"role": "assistant", "content": [thought, call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": HALF, "content": HALF}]},
        ],
        **extra,
    }


def responses(**extra: Any) -> dict[str, Any]:
    return {
        "input": [
            {"role": "user", "content": HALF},
            {"type": "reasoning", "id": HALF, "summary": [], "encrypted_content": f"ic1.{HALF}"},
            {"type": "function_call", "call_id": HALF, "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": HALF, "output": HALF},
        ],
        **extra,
    }


BODIES = {"chat": chat, "messages": messages, "responses": responses}


@pytest.mark.parametrize(("family", "model"), itertools.product(BODIES, MODELS))
def test_half_of_a_character_pair_is_carried_or_refused(here: w.World, family: str, model: str) -> None:
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    status, said, _ = asyncio.run(here.whole(family, BODIES[family](model=model)))
    assert (status, "error" in said) == (400, True)


@pytest.mark.parametrize("family", BODIES)
def test_converse_carries_half_of_a_character_pair_or_refuses_it(here: w.World, family: str) -> None:
    request = here.faces()[family].server.read_request(BODIES[family](model="m"))
    profile = Profile("m", frozenset({"text", "document"}), 100, {})
    try:
        written = Converse().write_request(request, profile, Losses())
    except RequestError as refused:
        assert refused.failure.param == "messages[0].content[1]"
    else:
        assert written["messages"]


@pytest.mark.parametrize("subset", [OPENAPI, GEMINI_JSON, MESSAGES_OUTPUT, OPENAI_STRICT], ids=lambda one: one.name)
@pytest.mark.parametrize("kind", [[{}], [[]], ["string", {}], {"a": 1}, 7, None, [None]], ids=repr)
def test_a_type_that_is_none_is_left_out_and_told(subset: Any, kind: Any) -> None:
    schema, dropped = sanitize({"type": "object", "properties": {"a": {"type": kind}}}, subset)
    assert "type" not in schema["properties"]["a"] or schema["properties"]["a"].get("type") != kind
    assert "properties.a.type" in [item.path for item in dropped]


def test_long_ids_have_places_of_their_own() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(client, "ids")
        memory = TableMemory(DynamoTable(client, "ids"))
        names = ["x" * 300 + "a", "x" * 300 + "b", "short", HALF, "\N{PILE OF POO}" * 300]
        memory.put("acc", {name: str(at).encode() for at, name in enumerate(names)}, 1000)
        assert memory.get("acc", names, 1000) == {name: str(at).encode() for at, name in enumerate(names)}


def test_a_field_with_a_line_end_in_its_name_cannot_write_headers(here: w.World) -> None:
    here.script.default = lambda _outgoing: w.Says(chunks=w.messages_stream("hello"))
    body = {"messages": w.user(), "stream": True, "a\r\nx-evil: 1": 1, "\N{PILE OF POO}": 2}
    answer, _ = asyncio.run(here.streamed("chat", {**body, "model": "claude"}))
    told = answer.headers["x-interchange-dropped"]
    assert answer.status == 200
    assert told == r"a\r\nx-evil: 1, \U0001f4a9"


@pytest.mark.parametrize("family", BODIES)
@pytest.mark.parametrize("raw", ["{}".encode("utf-16"), b"\xef\xbb\xbf{}", b'{"temperature": 1e999}', b'{"a": NaN}'])
def test_what_is_no_json_in_utf_8_is_a_400(here: w.World, family: str, raw: bytes) -> None:
    status, _, _ = asyncio.run(here.whole(family, raw))
    assert status == 400


@pytest.mark.parametrize("family", BODIES)
def test_a_compressed_body_is_a_415_that_says_so(here: w.World, family: str) -> None:
    status, said, _ = asyncio.run(here.whole(family, b"\x1f\x8b", content_encoding="gzip"))
    assert (status, "gzip" in said["error"]["message"]) == (415, True)


def test_losses_and_refusals_are_told_by_the_callers_own_fields(here: w.World) -> None:
    here.script.default = lambda _outgoing: w.Says(chunks=w.messages_stream("hello"))
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns: list[dict[str, Any]] = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "x"},
        {"role": "assistant", "tool_calls": [call, {**call, "id": "b"}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "2"},
        {"role": "user", "name": "bob", "content": [{"type": "text", "text": "z"}]},
    ]
    asked = {"model": "claude", "stream": True, "messages": turns}
    answer, _ = asyncio.run(here.streamed("chat", asked))
    assert answer.headers["x-interchange-dropped"] == "messages[5].name"
    turns[-1] |= {"content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}
    status, said, _ = asyncio.run(here.whole("chat", {**asked, "stream": False}))
    assert (status, said["error"]["param"]) == (400, "messages[5].content[0]")
    assert said["error"]["message"].startswith("messages[5].content[0]: ")


def test_a_parameter_is_refused_by_the_name_that_the_caller_gave(here: w.World) -> None:
    form = {"type": "json_schema", "name": "x", "schema": {}}
    body = {"model": "claude", "input": "hi", "text": {"format": form}}
    status, said, _ = asyncio.run(here.whole("responses", body))
    assert (status, said["error"]["param"]) == (400, "text.format")
    asked = {"model": "gemini", "max_tokens": 10, "messages": w.user(), "stop_sequences": ["a"] * 6}
    status, said, _ = asyncio.run(here.whole("messages", asked))
    assert (status, said["error"]["message"][:16]) == (400, "stop_sequences: ")


def test_a_field_that_nobody_reads_is_told_where_a_request_is_translated(here: w.World) -> None:
    here.script.default = lambda _outgoing: w.Says(chunks=w.messages_stream("hello"))
    turns = [{"role": "user", "content": [{"type": "text", "text": "hi", "zork": 1}]}]
    answer, _ = asyncio.run(here.streamed("chat", {"model": "claude", "stream": True, "messages": turns}))
    assert answer.headers["x-interchange-dropped"] == "messages[0].content[0].zork"
    status, said, _ = asyncio.run(
        here.whole("chat", {"model": "claude", "messages": turns}, x_interchange_strict="true")
    )
    assert (status, said["error"]["param"]) == (400, "messages[0].content[0].zork")


def test_an_address_of_a_picture_is_read_in_any_case(here: w.World) -> None:
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    picture = {"type": "image_url", "image_url": {"url": " HTTPS://Example.com/A.png"}}
    body = {"model": "gpt", "max_tokens": 9, "messages": [{"role": "user", "content": [picture]}]}
    request = here.faces()["chat"].server.read_request(body)
    assert request.messages[0].content[0].source.url == "https://Example.com/A.png"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"mcp_servers": [{"name": ["x"], "url": "https://a.example"}]}, "mcp_servers.0.name"),
        ({"mcp_servers": [{"name": "x", "url": 1}]}, "mcp_servers.0.url"),
        (
            {"mcp_servers": [{"name": "x", "tool_configuration": {"allowed_tools": [1]}}]},
            "mcp_servers.0.tool_configuration.allowed_tools.0",
        ),
        (
            {"messages": [{"role": "assistant", "content": [
                {"type": "mcp_tool_use", "id": "i", "name": "n", "server_name": ["x"], "input": {}}]}]},
            "messages.0.content.0.mcp_tool_use.server_name",
        ),
        (
            {"messages": [{"role": "assistant", "content": [{"type": "server_tool_use", "id": "i", "input": {}}]}]},
            "messages.0.content.0.server_tool_use.name",
        ),
    ],
)  # fmt: skip
def test_calls_that_a_vendor_ran_are_checked_like_others(here: w.World, said: dict[str, Any], path: str) -> None:
    asked = {"model": "gpt", "max_tokens": 10, "messages": w.user(), **said}
    status, told, _ = asyncio.run(here.whole("messages", asked))
    assert (status, told["error"]["message"].partition(": ")[0]) == (400, path)


def test_blocks_within_blocks_have_an_end(here: w.World) -> None:
    block: dict[str, Any] = {"type": "text", "text": "x"}
    for _ in range(200):
        block = {"type": "document", "source": {"type": "content", "content": [block]}}
    for model in MODELS:
        asked = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": [block]}]}
        status, said, _ = asyncio.run(here.whole("messages", asked))
        assert (status, said["error"]["message"].endswith("nested too deeply")) == (400, True)
        assert said["error"]["message"].startswith("messages.0.content.0.document.source.content.")


@pytest.mark.parametrize("family", ["chat", "responses"])
@pytest.mark.parametrize("model", MODELS)
def test_arguments_of_any_depth_are_carried(here: w.World, family: str, model: str) -> None:
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    deep = '{"a":' * 3000 + "1" + "}" * 3000
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": deep}}
    turns = [
        *w.user(),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": deep},
    ]
    items = [
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": deep},
        {"type": "function_call_output", "call_id": "c", "output": deep},
    ]
    asked = {"messages": turns} if family == "chat" else {"input": items}
    status, said, _ = asyncio.run(here.whole(family, {**asked, "model": model}))
    assert (status, "error" in said) == (400, True)


@pytest.mark.parametrize("depth", [500, 990, 1015])
@pytest.mark.parametrize(("family", "model"), itertools.product(BODIES, MODELS))
def test_a_schema_of_any_depth_is_carried_or_refused(here: w.World, family: str, model: str, depth: int) -> None:
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    schema = b'{"type":"object","properties":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
    tool = {
        "chat": b'{"type":"function","function":{"name":"f","parameters":SCHEMA}}',
        "messages": b'{"name":"f","input_schema":SCHEMA}',
        "responses": b'{"type":"function","name":"f","parameters":SCHEMA}',
    }[family].replace(b"SCHEMA", schema)
    asked = b'{"model":"%b","max_tokens":9,"input":"x","messages":[{"role":"user","content":"x"}],"tools":[%b]}'
    status, said, _ = asyncio.run(here.whole(family, asked % (model.encode(), tool)))
    assert (status, "error" in said, here.balance().held_nano) == (400, True, 0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["user", "message", "system", "later"])
@pytest.mark.parametrize("part", [[], None, 7, "x", [[]]], ids=repr)
def test_a_part_that_is_no_object_is_a_400_that_names_it(here: w.World, model: str, kind: str, part: Any) -> None:
    """Whatever the item's own type is, a known one or none."""
    item = {"role": "user", "type": kind, "content": [part, {"type": "input_text", "text": "a"}]}
    asked = {"model": model, "max_output_tokens": 50, "input": [item, {"role": "user", "content": "hi"}]}
    status, said, _ = asyncio.run(here.whole("responses", asked))
    assert (status, said["error"]["param"]) == (400, "input[0].content[0]")


@pytest.mark.parametrize("required", [[[]], [{}], [None, 1], ["a", ["b"]], "a", {"a": 1}], ids=repr)
@pytest.mark.parametrize(("family", "model"), itertools.product(["chat", "responses"], MODELS))
def test_what_a_strict_schema_requires_may_be_anything(here: w.World, family: str, model: str, required: Any) -> None:
    """Found by the fuzzer: names that are none."""
    here.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "no"}}'])
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": required}
    tool: dict[str, Any] = {"name": "f", "parameters": schema, "strict": True}
    tools = [{"type": "function", "function": tool}] if family == "chat" else [{"type": "function", **tool}]
    asked = {"messages": w.user()} if family == "chat" else {"input": "hi"}
    status, said, _ = asyncio.run(here.whole(family, {**asked, "model": model, "tools": tools}))
    assert (status, "error" in said, here.balance().held_nano) == (400, True, 0)


@pytest.mark.parametrize("name", [[], {}, ["a"], 5, None, True])
@pytest.mark.parametrize("model", ["claude", "gemini"])
def test_a_tools_name_may_be_anything_where_another_field_is_refused(here: w.World, model: str, name: Any) -> None:
    """Finding the caller's field for a refusal reads all of the tools."""
    tool = {"type": "other", "name": name}
    brought = {"type": "additional_tools", "tools": [tool, tool]}
    for body in ({"input": "hi", "tools": [tool]}, {"input": [{"role": "user", "content": "hi"}, brought]}):
        status, found, _ = asyncio.run(here.whole("responses", {"model": model, **body}))
        assert status == 400, found
        assert found["error"]["param"]
