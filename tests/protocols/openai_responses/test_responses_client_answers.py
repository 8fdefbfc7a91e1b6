"""Answers that the recordings lack: items that interleave or are not announced, failures, odd ends, damage."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.events import Stop, StopReason
from interchange.hub.failure import ErrorKind
from interchange.hub.fold import Folder
from interchange.hub.grammar import Grammar
from interchange.hub.usage import Usage
from interchange.protocols.openai_responses.client import Client
from interchange.protocols.openai_responses.usage import write_usage
from interchange.wire.sse import Frame
from tests.recordings.read import carried

SEED = int(os.environ.get("DAMAGE_SEED", random.randrange(1 << 30)))
WRONG: tuple[Any, ...] = (None, 1, -1, 1.5, True, "x", "", [], {}, [1], {"a": 1}, ["x"], [None], [[]], [{}])
HEAD = {"id": "resp_1", "object": "response", "created_at": 7.0, "model": "gpt-up", "status": "in_progress"}


def frame(kind: str, **fields: Any) -> Frame:
    return Frame(b"", f"response.{kind}", json.dumps({"type": f"response.{kind}", **fields}).encode())


def end(*output: Any, kind: str = "completed", **fields: Any) -> Frame:
    return frame(kind, response={**HEAD, "status": kind, "output": list(output), **fields})


def text_part(text: str, *annotations: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": list(annotations), **fields}


def message(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "role": "assistant", "content": list(parts), **fields}


def call(name: str = "f", arguments: str = '{"a":1}', **fields: Any) -> dict[str, Any]:
    return {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments, **fields}


def read(*frames: Frame) -> Folder:
    reader, grammar, folder = Client().read_stream(), Grammar(), Folder()
    for event in [*(event for one in frames for event in reader.read(one)), *reader.finish()]:
        grammar.check(event)
        folder.add(event)
    grammar.end()
    return folder


def whole(*output: Any, **fields: Any) -> e.Response:
    return Client().read_response({**HEAD, "status": "completed", "output": list(output), **fields})


def created() -> Frame:
    return frame("created", response=HEAD)


# --- order


def test_items_that_interleave_are_put_in_sequence() -> None:
    folder = read(
        created(),
        frame("output_item.added", output_index=0, item=call(arguments="")),
        frame("output_item.added", output_index=1, item=call("g", "", call_id="call_2")),
        frame("function_call_arguments.delta", output_index=1, delta='{"b"'),
        frame("function_call_arguments.delta", output_index=0, delta='{"a"'),
        frame("function_call_arguments.delta", output_index=1, delta=":2}"),
        frame("function_call_arguments.delta", output_index=0, delta=":1}"),
        frame("output_item.done", output_index=1, item=call("g", '{"b":2}', call_id="call_2")),
        frame("output_item.done", output_index=0, item=call()),
        end(),
    )
    response = folder.response()
    assert response.blocks == (b.ToolUse("call_1", "f", '{"a":1}'), b.ToolUse("call_2", "g", '{"b":2}'))
    assert response.stop == Stop(StopReason.TOOL_USE)


def test_the_first_item_is_not_held_back() -> None:
    reader = Client().read_stream()
    seen = [list(reader.read(one)) for one in (
        created(), frame("output_item.added", output_index=0, item=message()),
        frame("output_text.delta", output_index=0, content_index=0, delta="hel"),
    )]  # fmt: skip
    assert seen[-1] == [e.BlockStart(0, b.Text("")), e.TextDelta(0, "hel")]


def test_items_without_announcement_or_end() -> None:
    folder = read(
        frame("output_text.delta", output_index=0, content_index=0, delta="hel"),
        frame("output_text.delta", output_index=0, content_index=0, delta="lo"),
        end(message(text_part("hello")), call()),
    )
    assert folder.response().blocks == (b.Text("hello"), b.ToolUse("call_1", "f", '{"a":1}'))


def test_an_end_that_repeats_no_items() -> None:
    folder = read(
        created(),
        frame("output_item.added", output_index=0, item=message()),
        frame("output_text.delta", output_index=0, content_index=0, delta="hello"),
        frame("output_item.added", output_index=1, item=call(arguments="")),
        frame("function_call_arguments.delta", output_index=1, delta="{}"),
        end(),
    )
    assert folder.response().blocks == (b.Text("hello"), b.ToolUse("call_1", "f", "{}"))


def test_what_was_streamed_is_not_said_again_and_the_rest_is() -> None:
    folder = read(
        created(),
        frame("output_item.added", output_index=0, item=message()),
        frame("output_text.delta", output_index=0, content_index=0, delta="hel"),
        frame("content_part.done", output_index=0, content_index=0, part=text_part("hello")),
        frame(
            "output_item.done", output_index=0, item=message(text_part("hello"), {"type": "refusal", "refusal": "no"})
        ),
        end(message(text_part("hello"))),
    )
    assert folder.response().blocks == (b.Text("hello"), b.Refusal("no"))
    assert folder.response().stop.reason is StopReason.REFUSAL


def ended_early(item: Any, rest: list[Frame]) -> list[Frame]:
    """A stream whose part ends with "An ", and goes on."""
    return [
        created(),
        frame("output_item.added", output_index=0, item=message()),
        frame("content_part.added", output_index=0, content_index=0, part=text_part("")),
        frame("output_text.delta", output_index=0, content_index=0, delta="An "),
        frame("content_part.done", output_index=0, content_index=0, part=text_part("An ")),
        *rest,
        frame("output_item.done", output_index=0, item=item),
        end(item),
    ]


@pytest.mark.parametrize("rest", [
    [frame("output_text.delta", output_index=0, content_index=0, delta="oak.")],
    [frame("output_text.delta", output_index=0, content_index=0, delta="oak."),
     frame("content_part.done", output_index=0, content_index=0, part=text_part("An oak."))],
    [frame("content_part.done", output_index=0, content_index=0, part=text_part("An oak."))],
    [],
], ids=["pieces", "pieces and an end", "an end", "the item alone"])  # fmt: skip
def test_a_part_that_goes_on_after_its_end_is_said_whole(rest: list[Frame]) -> None:
    item = message(text_part("An oak."))
    folder = read(*ended_early(item, rest))
    assert folder.response().choices[0].blocks == whole(item).blocks == (b.Text("An oak."),)


SOURCE = {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2}


@pytest.mark.parametrize("rest", [
    [frame("output_text.annotation.added", output_index=0, content_index=0, annotation_index=0, annotation=SOURCE)],
    [frame("content_part.done", output_index=0, content_index=0, part=text_part("An ", SOURCE))],
    [],
], ids=["an event", "an end", "the item alone"])  # fmt: skip
def test_citations_that_come_after_a_parts_end_are_told(rest: list[Frame]) -> None:
    item = message(text_part("An ", SOURCE))
    folder = read(*ended_early(item, rest))
    assert folder.response().blocks == whole(item).blocks
    (text,) = folder.response().blocks
    assert isinstance(text, b.Text) and [one.url for one in text.citations] == ["https://a.example"]


def test_parts_that_an_item_tells_as_one_are_not_said_again() -> None:
    item = message(text_part("An oak."))
    folder = read(
        created(),
        frame("output_item.added", output_index=0, item=message()),
        frame("output_text.delta", output_index=0, content_index=0, delta="An "),
        frame("content_part.done", output_index=0, content_index=0, part=text_part("An ")),
        frame("output_text.delta", output_index=0, content_index=1, delta="oak."),
        frame("content_part.done", output_index=0, content_index=1, part=text_part("oak.")),
        frame("output_item.done", output_index=0, item=item),
        end(item),
    )
    assert folder.response().choices[0].blocks == (b.Text("An "), b.Text("oak."))


def test_an_event_without_a_type_in_its_data_has_one_in_its_name() -> None:
    data = json.dumps({"response": {**HEAD, "status": "completed", "output": [message(text_part("hi"))]}}).encode()
    assert read(Frame(b"", "response.completed", data)).response().blocks == (b.Text("hi"),)


# --- kinds of items


def test_summaries_and_open_reasoning() -> None:
    parts = [{"type": "summary_text", "text": "one"}, {"type": "summary_text", "text": "two"}]
    item = {"id": "rs_1", "type": "reasoning", "summary": parts, "encrypted_content": "gAAAA"}
    state = b.Continuation("openai_responses", "gAAAA", "rs_1")
    assert whole(item).blocks == (b.Thinking("one\n\ntwo", state),)
    folder = read(
        frame("output_item.added", output_index=0, item={**item, "summary": [], "encrypted_content": "early"}),
        frame("reasoning_summary_part.added", output_index=0, summary_index=0, part={}),
        frame("reasoning_summary_text.delta", output_index=0, summary_index=0, delta="one"),
        frame("reasoning_summary_part.added", output_index=0, summary_index=1, part={}),
        frame("reasoning_summary_text.delta", output_index=0, summary_index=1, delta="two"),
        frame("output_item.done", output_index=0, item=item),
        end(item),
    )
    assert folder.response().blocks == (b.Thinking("one\n\ntwo", state),)
    spoken = {"id": "rs_2", "type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]}
    assert whole(spoken).blocks == (b.Thinking("hm"),)
    assert whole({"id": "rs_3", "type": "reasoning", "summary": []}).blocks == ()


def test_free_form_calls() -> None:
    item = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "call_1", "name": "sh", "input": "ls"}
    assert whole(item).blocks == (b.ToolUse("call_1", "sh", "ls", "custom"),)


def test_a_call_without_an_id_gets_a_deterministic_one() -> None:
    bare = {"type": "function_call", "name": "f", "arguments": {"a": 1}}
    (first,), (again,) = whole(bare).blocks, whole(bare).blocks
    assert isinstance(first, b.ToolUse) and first == again
    assert first.id.startswith("call_") and len(first.id) == 29 and first.arguments == '{"a":1}'


def test_calls_of_the_vendors_own_tools() -> None:
    search = {
        "id": "ws_1",
        "type": "web_search_call",
        "status": "completed",
        "action": {"type": "search", "query": "q"},
    }
    mcp = {"id": "mcp_1", "type": "mcp_call", "name": "roll", "server_label": "dice", "arguments": "{}", "output": "4"}
    code = {"id": "ci_1", "type": "code_interpreter_call", "code": "1+1", "container_id": "c"}
    listed = {"id": "mcpl_1", "type": "mcp_list_tools", "server_label": "dice", "tools": []}
    blocks = whole(search, mcp, code, listed).blocks
    found = [(x.id, x.name, x.arguments, x.kind, x.server) for x in blocks if isinstance(x, b.ServerToolUse)]
    assert found == [
        ("ws_1", "web_search", '{"type":"search","query":"q"}', "web_search", None),
        ("mcp_1", "roll", "{}", "mcp", "dice"),
        ("ci_1", "code_execution", '{"code":"1+1"}', "code_execution", None),
    ]
    assert blocks[-1] == b.Opaque("openai_responses", listed)


def test_a_picture_is_a_picture() -> None:
    item = {"id": "ig_1", "type": "image_generation_call", "result": "aGk=", "output_format": "webp"}
    assert whole(item).blocks[1] == b.Image(b.Base64Source("image/webp", "aGk="))


def test_citations_count_from_the_beginning_of_the_answer() -> None:
    note = {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 1, "end_index": 3}
    blocks = whole(message(text_part("first")), message(text_part("second", note))).blocks
    (citation,) = blocks[1].citations if isinstance(blocks[1], b.Text) else ()
    assert (citation.start, citation.end, citation.url, citation.title) == (6, 8, "https://a.example", "A")


def test_log_probabilities_are_told_once() -> None:
    token = {"token": "hi", "logprob": -0.1, "bytes": [104, 105], "top_logprobs": []}
    folder = read(
        frame("output_item.added", output_index=0, item=message()),
        frame("output_text.delta", output_index=0, content_index=0, delta="hi", logprobs=[token]),
        frame("output_item.done", output_index=0, item=message(text_part("hi", logprobs=[token]))),
        end(),
    )
    assert folder.response().choices[0].logprobs == e.Logprobs(0, (token,))


def test_what_is_unknown_is_kept() -> None:
    part, item = {"type": "hologram", "x": 1}, {"id": "z", "type": "hologram_call"}
    assert whole(message(part), item).blocks == (b.Opaque("openai_responses", part), b.Opaque("openai_responses", item))
    reader = Client().read_stream()
    found = list(reader.read(frame("hologram.started", x=1)))
    assert isinstance(found[-1], e.Note)


# --- ends


@pytest.mark.parametrize(("output", "fields", "stop"), [
    ((message(text_part("x")),), {}, Stop(StopReason.END)),
    ((message(text_part("x")),), {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
     Stop(StopReason.MAX_TOKENS)),
    ((call(),), {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
     Stop(StopReason.MAX_TOKENS)),
    ((message(text_part("x")),), {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
     Stop(StopReason.CONTENT_FILTER)),
    ((), {"status": "incomplete", "incomplete_details": {"reason": "steered"}},
     Stop(StopReason.OTHER, detail="steered")),
    ((message(text_part("x")), call()), {}, Stop(StopReason.TOOL_USE)),
])  # fmt: skip
def test_why_an_answer_ended(output: Any, fields: Any, stop: Stop) -> None:
    assert whole(*output, **fields).stop == stop


@pytest.mark.parametrize(("frames", "code", "kind"), [
    ((Frame(b"", "error", b'{"type":"error","code":"rate_limit_exceeded","message":"slow down","param":null}'),),
     "rate_limit_exceeded", ErrorKind.RATE_LIMIT),
    ((created(), Frame(b"", "error", b'{"type":"error","error":{"type":"server_error","message":"slow down"}}')),
     None, ErrorKind.API),
    ((created(), end(kind="failed", error={"code": "server_is_overloaded", "message": "slow down"})),
     "server_is_overloaded", ErrorKind.OVERLOADED),
    ((created(), end(kind="failed", error={"code": "invalid_prompt", "message": "slow down"})),
     "invalid_prompt", ErrorKind.INVALID_REQUEST),
])  # fmt: skip
def test_K3_failures_inside_a_stream(frames: tuple[Frame, ...], code: str | None, kind: ErrorKind) -> None:
    failure = read(*frames).failure
    assert failure is not None
    assert (failure.message, failure.code, failure.kind, failure.upstream) == ("slow down", code, kind, True)


def test_K1_a_stream_that_stops_is_cut_and_one_that_is_not_json_is_broken() -> None:
    cut = read(created(), frame("output_item.added", output_index=0, item=message())).failure
    broken = read(created(), Frame(b"", None, b"{oops")).failure
    assert cut is not None and cut.code == "upstream_truncated"
    assert broken is not None and broken.code == "upstream_malformed"


@pytest.mark.parametrize("body", [
    {"error": {"message": "no", "code": "server_error"}}, {**HEAD, "status": "failed", "output": []},
    {**HEAD, "status": "queued", "output": []}, {"status": "completed"}, {**HEAD, "status": "completed", "output": [1]},
])  # fmt: skip
def test_what_is_no_answer(body: Any) -> None:
    with pytest.raises(ValueError):
        Client().read_response(body)


def test_content_begins_with_what_the_first_item_holds() -> None:
    client = Client()
    before = [
        created(),
        frame("in_progress", response=HEAD),
        Frame(b": hi\n\n", None, None),
        frame("output_item.added", output_index=0, item=call()),
        frame("content_part.added", output_index=0, part={"type": "output_text", "text": ""}),
    ]
    after = [
        frame("output_item.added", output_index=0, item={"type": "web_search_call", "id": "ws_1"}),
        frame("function_call_arguments.delta", output_index=0, delta="{"),
        Frame(b"", "error", b"{}"),
        Frame(b"", None, b"{x"),
    ]
    assert not any(client.is_content(one) for one in before)
    assert all(client.is_content(one) for one in after)
    assert not client.is_content(Frame(b"", None, b'{"type":"response.created"}'))


# --- usage


def usage_of(raw: Any, *output: Any) -> Usage | None:
    return Client().read_usage({"usage": raw, "output": list(output), "service_tier": "flex"})


def test_tokens_are_counted_once() -> None:
    raw = {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 20},
           "output_tokens": 40, "output_tokens_details": {"reasoning_tokens": 25}, "total_tokens": 140}  # fmt: skip
    found = usage_of(raw)
    assert found == Usage(input=50, cache_read=30, cache_write_5m=20, output=40, reasoning=25, service_tier="flex")
    assert write_usage(found) == raw
    assert usage_of(None) is None and usage_of({}) is None


def test_H6_the_older_search_is_counted_apart() -> None:
    call = {"type": "web_search_call", "action": {"type": "search"}}
    body = {"usage": {"input_tokens": 1, "output_tokens": 1}, "output": [call, call]}
    for kind, name in (("web_search", "web_search"), ("web_search_preview_2025_03_11", "web_search_preview")):
        usage = Client().read_usage({**body, "tools": [{"type": "function"}, {"type": kind}]})
        assert usage is not None
        assert usage.tool_calls == {name: 2}


def test_I5_what_is_written_for_twelve_hours_is_told_apart() -> None:
    details = {"cached_tokens": 30, "cache_write_tokens": 20,
               "cache_write_tokens_details": {"ttl_12h_tokens": 15, "ttl_30m_tokens": 5}}  # fmt: skip
    found = usage_of({"input_tokens": 100, "input_tokens_details": details, "output_tokens": 1})
    assert found == Usage(input=50, cache_read=30, cache_write_5m=5, cache_write_1h=15, output=1, service_tier="flex")
    assert write_usage(found)["input_tokens_details"]["cache_write_tokens"] == 20


def test_I8_reasoning_beside_the_output_is_decided_by_the_total() -> None:
    raw = {
        "input_tokens": 10,
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 20},
        "total_tokens": 35,
    }
    found = usage_of(raw)
    assert found is not None and (found.output, found.reasoning) == (25, 20)


def test_calls_of_tools_that_have_a_price() -> None:
    search = {"type": "web_search_call", "action": {"type": "search"}}
    opened = {"type": "web_search_call", "action": {"type": "open_page"}}
    code = {"type": "code_interpreter_call", "container_id": "c"}
    found = usage_of({"input_tokens": 1, "output_tokens": 1}, search, search, opened, code, code)
    assert found is not None and found.tool_calls == {"web_search": 2, "code_execution": 1}
    told = {"input_tokens": 1, "output_tokens": 1, "server_side_tool_usage_details": {"x_search_calls": 3}}
    found = usage_of(told, search)
    assert found is not None and found.tool_calls == {"x_search": 3}


# --- damage


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((value, key), *places(value[key]))]


def test_a_damaged_stream_is_read_or_fails_within_the_grammar() -> None:
    print(f"DAMAGE_SEED={SEED}")
    chance = random.Random(SEED)
    streams = [line["response_sse"] for line in carried("openai_responses") if line.get("response_sse")]
    events = [[json.loads(x[6:]) for x in sse.splitlines() if x.startswith("data: {")] for sse in streams]
    short = [found for found in events if 0 < len(found) < 60]
    for _ in range(500):
        damaged = copy.deepcopy(chance.choice(short))
        for _ in range(chance.randint(1, 3)):
            container, key = chance.choice(places(damaged))
            container[key] = copy.deepcopy(chance.choice(WRONG))
        if chance.random() < 0.2:
            chance.shuffle(damaged)
        read(*(Frame(b"", None, json.dumps(event).encode()) for event in damaged))
