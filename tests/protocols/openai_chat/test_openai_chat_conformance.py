"""Cases that gateways got wrong, each as its number says, where chat completions can be seen doing it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub import request as r
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.fold import fold, unfold
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.dialect import Dialect
from interchange.protocols.openai_chat.server import Server
from interchange.protocols.openai_chat.usage import read_usage, write_usage
from interchange.protocols.openai_chat.words import FINISH_REASONS
from interchange.wire.sse import FrameReader

SERVER = Server(Seal(b"sixteen bytes key"))
ENVELOPE = Envelope("0123456789abcdef", 1_700_000_000, "the-model")
EVERYTHING = frozenset({"text", "image", "document", "audio"})
PNG = b.Base64Source("image/png", "iVBORw0KGgo=")
PDF = b.Base64Source("application/pdf", "JVBERi0=")


# --- reading streams


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}


def call(index: int | None, name: str | None = None, arguments: str = "", id: str | None = None) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    found = {"index": index, "id": id, "type": "function", "function": function}
    return {key: value for key, value in found.items() if value is not None}


def read(chunks: Iterable[dict[str, Any]], *, done: bool = True) -> list[e.Event]:
    raw = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in chunks)
    raw += b"data: [DONE]\n\n" if done else b""
    frames, reader = FrameReader(), Client().read_stream()
    events = [event for frame in frames.feed(raw) for event in reader.read(frame)]
    events += reader.finish()
    grammar = Grammar()
    for event in events:
        grammar.check(event)
    grammar.end()
    return events


def calls_of(events: Iterable[e.Event]) -> list[tuple[str, str]]:
    return [(x.name, x.arguments) for x in fold(events).blocks if isinstance(x, b.ToolUse)]


def test_A1_arguments_that_all_come_in_the_last_chunk_reach_their_calls() -> None:
    events = read(
        [
            chunk({"tool_calls": [call(0, "one", id="a")]}),
            chunk({"tool_calls": [call(1, "two", id="b")]}),
            chunk({"tool_calls": [call(0, arguments='{"x":1}'), call(1, arguments='{"y":2}')]}),
            chunk({}, "tool_calls"),
        ]
    )
    assert calls_of(events) == [("one", '{"x":1}'), ("two", '{"y":2}')]


def test_A2_several_calls_of_one_chunk_are_all_read() -> None:
    events = read(
        [chunk({"tool_calls": [call(0, "one", '{"x":1}', "a"), call(1, "two", "", "b")]}), chunk({}, "tool_calls")]
    )
    assert calls_of(events) == [("one", '{"x":1}'), ("two", "")]


def test_A5_reasoning_alone_opens_a_thinking_block_before_the_text() -> None:
    for field in ("reasoning_content", "reasoning"):
        events = read([chunk({field: "hm", "content": None}), chunk({"content": "yes"}), chunk({}, "stop")])
        assert fold(events).blocks == (b.Thinking("hm"), b.Text("yes"))
    details = [{"type": "reasoning.text", "text": "hm", "index": 0}]
    events = read([chunk({"reasoning": "hm", "reasoning_details": details}), chunk({"content": "yes"}, "stop")])
    assert fold(events).blocks == (b.Thinking("hm"), b.Text("yes"))


@pytest.mark.parametrize("second", [call(0, "two", '{"y":2}', "b"), call(0, "two", '{"y":2}')])
def test_A13_a_new_id_or_name_under_an_old_index_is_a_new_call(second: dict[str, Any]) -> None:
    first = [chunk({"tool_calls": [call(0, "one", '{"x":', "a")]}), chunk({"tool_calls": [call(0, arguments="1}")]})]
    events = read([*first, chunk({"tool_calls": [second]}), chunk({}, "tool_calls")])
    assert calls_of(events) == [("one", '{"x":1}'), ("two", '{"y":2}')]
    assert len({x.id for x in fold(events).blocks if isinstance(x, b.ToolUse)}) == 2


@pytest.mark.parametrize(
    "pieces",
    [
        ['{"a":1}', '{"b":2}'],
        ['{"a":1}{"b":2}'],
        ['{"a":', '1}{"b"', ":2}"],
        ['{"a":1} \n', '{"b":2}'],
    ],
)
def test_A14_two_objects_under_one_id_are_two_calls(pieces: Sequence[str]) -> None:
    start = chunk({"tool_calls": [call(0, "one", "", "a")]})
    rest = [chunk({"tool_calls": [call(0, arguments=piece)]}) for piece in pieces]
    found = calls_of(read([start, *rest, chunk({}, "tool_calls")]))
    assert [(name, json.loads(arguments)) for name, arguments in found] == [("one", {"a": 1}), ("one", {"b": 2})]


def test_A14_braces_inside_strings_split_nothing() -> None:
    text = '{"a":"}{ \\" }{","b":{"c":"{"}}'
    for cut in range(1, len(text)):
        pieces = [call(0, "one", text[:cut], "a"), call(0, arguments=text[cut:])]
        events = read([chunk({"tool_calls": [piece]}) for piece in pieces] + [chunk({}, "stop")])
        assert calls_of(events) == [("one", text)]


def test_text_between_a_call_and_its_arguments_keeps_its_place() -> None:
    events = read(
        [
            chunk({"tool_calls": [call(0, "one", "", "a")]}),
            chunk({"content": "meanwhile"}),
            chunk({"tool_calls": [call(0, arguments="{}")]}),
            chunk({}, "tool_calls"),
        ]
    )
    assert fold(events).blocks == (b.ToolUse("a", "one", "{}"), b.Text("meanwhile"))


def test_calls_without_index_or_id_are_told_apart_and_get_stable_ids() -> None:
    chunks = [
        chunk({"tool_calls": [call(None, "one", '{"x":1}')]}),
        chunk({"tool_calls": [call(None, "two", '{"y":2}')]}),
        chunk({}, "stop"),
    ]
    assert calls_of(read(chunks)) == [("one", '{"x":1}'), ("two", '{"y":2}')]
    ids = [x.id for x in fold(read(chunks)).blocks if isinstance(x, b.ToolUse)]
    assert ids == [x.id for x in fold(read(chunks)).blocks if isinstance(x, b.ToolUse)]
    assert all(len(found) <= 40 for found in ids) and len(set(ids)) == 2


def test_a_function_call_of_old_is_a_tool_call() -> None:
    events = read(
        [
            chunk({"function_call": {"name": "one", "arguments": ""}}),
            chunk({"function_call": {"arguments": '{"x":1}'}}),
            chunk({}, "function_call"),
        ]
    )
    assert calls_of(events) == [("one", '{"x":1}')]
    assert fold(events).stop.reason is e.StopReason.TOOL_USE


def test_spoken_answers_are_put_together() -> None:
    events = read(
        [
            chunk({"audio": {"id": "audio_1"}}),
            chunk({"audio": {"transcript": "Hel"}}),
            chunk({"audio": {"data": "AAAA", "transcript": "lo"}}),
            chunk({"audio": {"expires_at": 17}}),
        ]
    )
    sound = b.Audio(b.Base64Source("audio/*", "AAAA"), "", id="audio_1", transcript="Hello", expires_at=17)
    assert fold(events).blocks == (sound,)


def test_prompt_filter_results_without_choices_are_no_answer_yet() -> None:
    filtered = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{}]}
    events = read([filtered, chunk({"role": "assistant", "content": ""}), chunk({"content": "hi"}, "stop")])
    assert isinstance(events[0], e.MessageStart) and events[0].id == "c1"
    frame = next(FrameReader().feed(b"data: " + json.dumps(filtered).encode() + b"\n\n"))
    assert not Client().is_content(frame)


@pytest.mark.parametrize(
    ("delta", "finish", "content"),
    [
        ({"role": "assistant", "content": ""}, None, False),
        ({"role": "assistant", "content": None, "refusal": None}, None, False),
        ({"content": "x"}, None, True),
        ({"reasoning_content": "x"}, None, True),
        ({"tool_calls": [call(0, "one", "", "a")]}, None, True),
        ({}, "stop", True),
    ],
)
def test_what_counts_as_content(delta: dict[str, Any], finish: str | None, content: bool) -> None:
    frame = next(FrameReader().feed(b"data: " + json.dumps(chunk(delta, finish)).encode() + b"\n\n"))
    assert Client().is_content(frame) is content


# --- the end of a stream


def test_K1_a_stream_without_its_end_is_a_failure() -> None:
    events = read([chunk({"content": "half"})], done=False)
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.code == "upstream_truncated"
    assert not any(isinstance(event, e.MessageStop) for event in events)


def test_a_finish_reason_is_an_end_without_done() -> None:
    events = read([chunk({"content": "all"}), chunk({}, "stop"), chunk(usage=dict(_COUNTS))], done=False)
    assert isinstance(events[-1], e.MessageStop)
    assert isinstance(events[-2], e.UsageReported), "usage comes before the end, whenever the provider told it"


def test_done_without_any_answer_is_a_failure() -> None:
    assert isinstance(read([chunk()])[-1], e.StreamFailed)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"error": {"message": "boom", "type": "server_error", "code": None}}, ErrorKind.API),
        ({"error": {"message": "slow down", "code": 429}}, ErrorKind.RATE_LIMIT),
        ({"error": {"message": "no", "type": "invalid_request_error", "status_code": 400}}, ErrorKind.INVALID_REQUEST),
        ({"object": "error", "message": "boom", "type": "x", "code": 502}, ErrorKind.API),
        ({"error": "boom", "code": "Internal"}, ErrorKind.API),
        (chunk({}, "error") | {"error": {"message": "boom", "code": 529}}, ErrorKind.OVERLOADED),
    ],
)
def test_B3_an_error_inside_a_stream_is_a_failure(frame: dict[str, Any], kind: ErrorKind) -> None:
    events = read([chunk({"content": "half"}), frame, chunk({}, "stop")])
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.kind is kind and events[-1].failure.upstream


def test_B3_a_failure_is_written_as_an_error_and_never_done() -> None:
    writer = SERVER.write_stream(ENVELOPE)
    failed = e.StreamFailed(Failure(ErrorKind.OVERLOADED, "Overloaded"))
    out = b"".join(
        writer.write(x) for x in (e.MessageStart(), e.BlockStart(0, b.Text("")), e.TextDelta(0, "a"), failed)
    )
    assert b"[DONE]" not in out
    last = json.loads(out.strip().split(b"\n\n")[-1].removeprefix(b"data: "))
    assert last == {"error": {"message": "Overloaded", "type": "server_error", "param": None, "code": "overloaded"}}
    assert SERVER.write_stream_failure(failed.failure) == out[-len(SERVER.write_stream_failure(failed.failure)) :]


def test_a_chunk_that_cannot_be_read_is_a_failure() -> None:
    reader = Client().read_stream()
    frames = list(FrameReader().feed(b'data: {"choices": [{"delta": \n\n'))
    assert Client().is_content(frames[0])
    events = list(reader.read(frames[0]))
    assert isinstance(events[-1], e.StreamFailed) and events[-1].failure.code == "upstream_malformed"
    assert list(reader.finish()) == []


def test_K2_an_error_answered_with_200_is_no_answer() -> None:
    with pytest.raises(ValueError, match="boom"):
        Client().read_response({"error": {"message": "boom"}})


# --- writing answers


def written(*blocks: b.Block, stop: e.Stop | None = None, usage: Usage | None = None) -> e.Response:
    stop = stop or e.Stop(e.StopReason.END)
    return e.Response("msg_1", "claude", 7, (e.Choice(blocks, stop),), usage)


def stream(response: e.Response, envelope: Envelope = ENVELOPE) -> list[dict[str, Any]]:
    writer = SERVER.write_stream(envelope)
    out = b"".join(writer.write(event) for event in unfold(response))
    frames = [frame.removeprefix(b"data: ") for frame in out.split(b"\n\n") if frame]
    assert frames[-1] == b"[DONE]"
    return [json.loads(frame) for frame in frames[:-1]]


def deltas(chunks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


CALLED = (b.Thinking("hm"), b.Text("Let me see."), b.ToolUse("a", "one", '{"x":1}'), b.ToolUse("b", "two", "{}"))


def test_B1_tool_indexes_count_tools_alone() -> None:
    entries = [entry for delta in deltas(stream(written(*CALLED))) for entry in delta.get("tool_calls", ())]
    assert {entry["index"] for entry in entries} == {0, 1}
    assert [entry["id"] for entry in entries if "id" in entry] == ["a", "b"]


def test_A2_a_call_without_arguments_is_an_empty_object() -> None:
    silent = written(b.ToolUse("a", "one", ""), b.ToolUse("b", "free", "", "custom"))
    told = SERVER.write_response(silent, ENVELOPE)["choices"][0]["message"]["tool_calls"]
    assert told[0]["function"]["arguments"] == "{}" and told[1]["custom"]["input"] == ""
    entries = [entry for delta in deltas(stream(silent)) for entry in delta.get("tool_calls", ())]
    assert "".join(entry["function"]["arguments"] for entry in entries if "function" in entry) == "{}"
    cut = written(b.ToolUse("a", "one", ""), stop=e.Stop(e.StopReason.MAX_TOKENS))
    told = SERVER.write_response(cut, ENVELOPE)["choices"][0]["message"]["tool_calls"]
    assert told[0]["function"]["arguments"] == "", "a call that was cut short must not become a valid one"
    assert '"{}"' not in json.dumps(stream(cut))


def test_B2_the_choice_is_zero_whatever_the_block() -> None:
    assert {choice["index"] for chunk in stream(written(*CALLED)) for choice in chunk["choices"]} == {0}


def test_B5_text_given_with_the_start_of_a_block_is_told() -> None:
    writer = SERVER.write_stream(ENVELOPE)
    events = (e.MessageStart(), e.BlockStart(0, b.Text("Hello")), e.TextDelta(0, " you"), e.BlockStop(0))
    assert b'"content":"Hello"' in b"".join(writer.write(event) for event in events)


def test_B6_finish_reasons_are_the_sdks_words_only() -> None:
    assert set(FINISH_REASONS) == set(e.StopReason)
    assert set(FINISH_REASONS.values()) <= {"stop", "length", "tool_calls", "content_filter"}


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (e.StopReason.REFUSAL, "content_filter"),
        (e.StopReason.CONTEXT_WINDOW, "length"),
        (e.StopReason.PAUSE, "stop"),
        (e.StopReason.MALFORMED_TOOL_CALL, "content_filter"),
    ],
)
def test_B7_every_reason_has_its_word(reason: e.StopReason, word: str) -> None:
    stop = e.Stop(reason, raw={"stop_details": {"type": "refusal", "explanation": "I will not."}})
    response = written(b.Text("…"), stop=stop)
    body = SERVER.write_response(response, ENVELOPE)
    assert body["choices"][0]["finish_reason"] == word
    assert stream(response)[-1]["choices"][0]["finish_reason"] == word
    said = "I will not." if reason is e.StopReason.REFUSAL else None
    assert body["choices"][0]["message"]["refusal"] == said


def test_B8_usage_is_told_exactly_when_asked_for() -> None:
    response = written(b.Text("hi"), usage=Usage(input=10, cache_read=90, output=5))
    silent = stream(response)
    assert all("usage" not in chunk for chunk in silent) and all(chunk["choices"] for chunk in silent)
    *others, last = stream(response, replace(ENVELOPE, include_usage=True))
    assert all(chunk["usage"] is None for chunk in others)
    assert last["choices"] == [] and last["usage"]["prompt_tokens"] == 100 and last["usage"]["total_tokens"] == 105


def test_B8_usage_is_always_asked_of_the_provider() -> None:
    for asked in (None, False, True):
        body = write(message("hi"), stream=True, include_usage=asked)
        assert body["stream_options"] == {"include_usage": True}
    assert "stream_options" not in write(message("hi"))


@pytest.mark.parametrize("word", ["stop", "tool_calls", "completed", "function_call"])
def test_B11_tool_calls_end_a_turn_for_the_tool(word: str) -> None:
    events = read([chunk({"tool_calls": [call(0, "one", "{}", "a")]}), chunk({}, word)])
    assert fold(events).stop.reason is e.StopReason.TOOL_USE
    body = SERVER.write_response(written(*CALLED, stop=e.Stop(e.StopReason.END)), ENVELOPE)
    assert body["choices"][0]["finish_reason"] == "tool_calls"


def test_B11_a_turn_that_was_cut_short_stays_so() -> None:
    events = read([chunk({"tool_calls": [call(0, "one", '{"x', "a")]}), chunk({}, "length")])
    assert fold(events).stop.reason is e.StopReason.MAX_TOKENS


def test_A11_tool_calls_as_the_word_of_an_answer_without_any_is_not_believed() -> None:
    events = read([chunk({"content": "done"}), chunk({}, "tool_calls")])
    assert fold(events).stop.reason is e.StopReason.END


# --- usage

_COUNTS = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def test_B13_null_is_not_zero() -> None:
    reader = Client().read_stream()
    for one in (chunk({"content": "a"}, usage=None), chunk({}, "stop", usage=None)):
        list(reader.read(next(FrameReader().feed(b"data: " + json.dumps(one).encode() + b"\n\n"))))
    assert reader.usage is None
    assert read_usage(None) is None and read_usage({}) is None and read_usage({"prompt_tokens": None}) is None


def test_I16_a_reported_zero_is_a_number() -> None:
    assert read_usage({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) == Usage()


def test_I4_cached_tokens_are_a_part_of_the_prompt() -> None:
    usage = read_usage(
        {**_COUNTS, "prompt_tokens": 100, "total_tokens": 105, "prompt_tokens_details": {"cached_tokens": 75}}
    )
    assert usage == Usage(input=25, cache_read=75, output=5)
    odd = read_usage({"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 75}})
    assert odd is not None and (odd.input, odd.cache_read) == (0, 10)


def test_I7_reasoning_outside_the_completion_is_billed() -> None:
    usage = read_usage(
        {
            "prompt_tokens": 10120,
            "completion_tokens": 1499,
            "total_tokens": 14428,
            "prompt_tokens_details": {"text_tokens": 10120, "cached_tokens": 6080},
            "completion_tokens_details": {"reasoning_tokens": 2809},
        }
    )
    assert usage == Usage(input=4040, cache_read=6080, output=4308, reasoning=2809)


def test_I8_reasoning_inside_the_completion_is_not_counted_twice() -> None:
    usage = read_usage(
        {
            "prompt_tokens": 500,
            "completion_tokens": 500,
            "total_tokens": 1000,
            "completion_tokens_details": {"reasoning_tokens": 400},
        }
    )
    assert usage == Usage(input=500, output=500, reasoning=400)


def test_I17_usage_is_taken_whole_from_one_chunk() -> None:
    early = {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101}
    late = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "total_tokens": 109,
        "prompt_tokens_details": {"cached_tokens": 80},
    }
    events = read([chunk({"content": "a"}, usage=early), chunk({}, "stop"), chunk(usage=late)])
    assert fold(events).usage == Usage(input=20, cache_read=80, output=9)
    assert sum(isinstance(event, e.UsageReported) for event in events) == 1


def test_audio_image_and_written_tokens_are_parts_of_the_prompt() -> None:
    usage = read_usage(
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "prompt_tokens_details": {
                "cached_tokens": 10,
                "cache_write_tokens": 20,
                "audio_tokens": 30,
                "image_tokens": 5,
            },
            "completion_tokens_details": {"audio_tokens": 40},
        }
    )
    assert usage == Usage(
        input=35, input_audio=30, input_image=5, cache_read=10, cache_write_5m=20, output=10, output_audio=40
    )
    assert usage.total == 150


def test_usage_survives_the_round_trip() -> None:
    usage = Usage(input=1, input_audio=2, cache_read=3, cache_write_5m=4, output=10, reasoning=6, output_audio=7)
    assert read_usage(write_usage(usage)) == usage


def test_H6_a_search_that_the_answer_cites_is_counted() -> None:
    annotation = {
        "type": "url_citation",
        "url_citation": {"start_index": 0, "end_index": 2, "title": "t", "url": "https://a.b"},
    }
    message = {"role": "assistant", "content": "hi", "annotations": [annotation]}
    body = {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": _COUNTS}
    usage = Client().read_usage(body)
    assert usage is not None and usage.tool_calls == {"web_search": 1}
    assert Client().read_response(body).usage == usage
    emitted = SERVER.write_response(Client().read_response(body), ENVELOPE)
    assert emitted["choices"][0]["message"]["annotations"] == [annotation]


# --- writing requests


def message(*content: b.Block | str, role: b.Role = b.Role.USER) -> b.Message:
    return b.Message(role, tuple(b.Text(block) if isinstance(block, str) else block for block in content))


def write(
    *messages: b.Message,
    dialect: Dialect | None = None,
    traits: dict[str, Any] | None = None,
    inputs: frozenset[str] = EVERYTHING,
    losses: Losses | None = None,
    **fields: Any,
) -> dict[str, Any]:
    request = r.Request("asked", messages, protocol="another", **fields)
    profile = Profile("upstream", inputs, traits=traits or {})
    return Client(dialect or Dialect()).write_request(request, profile, losses if losses is not None else Losses())


def test_E1_system_text_inside_a_conversation_keeps_its_place() -> None:
    turns = (message("a"), message("now", role=b.Role.SYSTEM), message("b", role=b.Role.ASSISTANT))
    assert [turn["role"] for turn in write(*turns)["messages"]] == ["user", "system", "assistant"]
    folded = write(*turns, dialect=Dialect(system_anywhere=False))["messages"]
    assert [turn["role"] for turn in folded] == ["user", "user", "assistant"]
    assert folded[1]["content"] == "now"


def test_E1_system_text_between_a_call_and_its_result_stands_behind_the_result() -> None:
    turns = (
        message(b.ToolUse("a", "one", "{}"), role=b.Role.ASSISTANT),
        message("reminder", role=b.Role.SYSTEM),
        message(b.ToolResult("a", (b.Text("ok"),)), "go on"),
    )
    assert [turn["role"] for turn in write(*turns)["messages"]] == ["assistant", "tool", "system", "user"]


def test_E2_system_text_is_one_message_at_the_beginning() -> None:
    body = write(message("hi"), system=(b.Text("one"), b.Text("two")))
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    caller = {"model": "m", "messages": [{"role": role, "content": role} for role in ("system", "developer", "user")]}
    assert SERVER.read_request(caller).system == (b.Text("system"), b.Text("developer"))


def test_E3_an_empty_assistant_text_beside_calls_is_no_block() -> None:
    function = {"name": "one", "arguments": "{}"}
    for content in ("", None):
        turn = {
            "role": "assistant",
            "content": content,
            "tool_calls": [{"id": "a", "type": "function", "function": function}],
        }
        request = SERVER.read_request({"model": "m", "messages": [turn]})
        assert request.messages[0].content == (b.ToolUse("a", "one", "{}"),)


def test_E6_long_ids_are_mapped_alike_in_call_and_result() -> None:
    long, short = "toolu_" + "x" * 60, "call_" + "y" * 35
    turns = (
        message(b.ToolUse(long, "one", "{}"), b.ToolUse(short, "one", "{}"), role=b.Role.ASSISTANT),
        message(b.ToolResult(long, (b.Text("1"),)), b.ToolResult(short, (b.Text("2"),))),
    )
    assistant, first, second = write(*turns)["messages"]
    ids = [entry["id"] for entry in assistant["tool_calls"]]
    assert ids[1] == short and len(ids[0]) <= 40
    assert [first["tool_call_id"], second["tool_call_id"]] == ids
    assert write(*turns) == write(*turns)


def test_E8_a_missing_result_is_a_400_that_names_the_id() -> None:
    with pytest.raises(RequestError, match="'lost'"):
        write(message(b.ToolUse("lost", "one", "{}"), role=b.Role.ASSISTANT), message("hm"))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (r.ToolChoice(r.ToolMode.NONE), "none"),
        (r.ToolChoice(r.ToolMode.AUTO), "auto"),
        (r.ToolChoice(r.ToolMode.REQUIRED), "required"),
        (r.ToolChoice(r.ToolMode.NAMED, ("one",)), {"type": "function", "function": {"name": "one"}}),
        (r.ToolChoice(r.ToolMode.NAMED, ("free",), "custom"), {"type": "custom", "custom": {"name": "free"}}),
        (
            r.ToolChoice(r.ToolMode.REQUIRED, ("one", "free")),
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [
                        {"type": "function", "function": {"name": "one"}},
                        {"type": "custom", "custom": {"name": "free"}},
                    ],
                },
            },
        ),
    ],
)
def test_E10_every_tool_choice_goes_both_ways(choice: r.ToolChoice, expected: Any) -> None:
    tools = (r.FunctionTool("one"), r.CustomTool("free"))
    assert write(message("hi"), tools=tools, tool_choice=choice)["tool_choice"] == expected
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "tool_choice": expected}
    found = SERVER.read_request(body).tool_choice
    assert found is not None and (found.mode, found.names, found.kind) == (choice.mode, choice.names, choice.kind)


def test_E11_some_tool_must_be_called_is_required() -> None:
    choice = r.ToolChoice(r.ToolMode.REQUIRED)
    assert write(message("hi"), tools=(r.FunctionTool("one"),), tool_choice=choice)["tool_choice"] == "required"
    with pytest.raises(RequestError, match="tool_choice"):
        write(message("hi"), tool_choice=choice)


def test_E12_parallel_calls_are_switched_off_where_there_are_tools() -> None:
    body = write(message("hi"), tools=(r.FunctionTool("one"),), parallel_tool_calls=False)
    assert body["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in write(message("hi"), parallel_tool_calls=False)


def test_E14_a_function_is_a_function_whatever_its_name() -> None:
    body = write(message("hi"), tools=(r.FunctionTool("web_search", "mine", {"type": "object"}),))
    assert body["tools"][0]["function"]["name"] == "web_search" and "web_search_options" not in body
    caller = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "web_search"}}, {"type": "web_search"}],
    }
    mine, theirs = SERVER.read_request(caller).tools
    assert isinstance(mine, r.FunctionTool)
    assert isinstance(theirs, r.HostedTool) and theirs.kind == "web_search"


def test_E15_a_failed_result_says_so_and_arguments_stay_as_they_were() -> None:
    turns = (
        message("Let me see.", b.ToolUse("a", "one", '{"broken": '), role=b.Role.ASSISTANT),
        message(b.ToolResult("a", (b.Text("no such file"),), is_error=True)),
    )
    assistant, result = write(*turns)["messages"]
    assert assistant["content"] == "Let me see."
    assert assistant["tool_calls"][0]["function"]["arguments"] == '{"broken": '
    assert result["content"] == "Error: no such file"


def test_E16_tools_of_another_protocol_are_not_strict_unless_they_say_so() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    (tool,) = write(message("hi"), tools=(r.FunctionTool("one", schema=schema),))["tools"]
    assert tool["function"]["strict"] is False and tool["function"]["parameters"] == schema
    losses = Losses()
    (tool,) = write(message("hi"), tools=(r.FunctionTool("one", schema=schema, strict=True),), losses=losses)["tools"]
    assert tool["function"]["strict"] is True
    assert tool["function"]["parameters"]["required"] == ["a"] and losses.items


def test_E17_images_of_tool_results_follow_the_whole_run_of_tool_messages() -> None:
    turns = (
        message(b.ToolUse("a", "one", "{}"), b.ToolUse("b", "two", "{}"), role=b.Role.ASSISTANT),
        message(
            b.ToolResult("a", (b.Text("a chart"), b.Image(PNG))), b.ToolResult("b", (b.Document(PDF),)), "what now?"
        ),
    )
    _, first, second, user = write(*turns)["messages"]
    assert first["role"] == second["role"] == "tool"
    assert [part["type"] for part in first["content"]] == ["text", "text"]
    assert isinstance(second["content"], str) and second["content"]
    assert user["role"] == "user"
    assert [part["type"] for part in user["content"]] == ["text", "image_url", "text", "file", "text"]
    assert user["content"][1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="


def test_E18_an_image_for_a_model_without_sight_is_refused() -> None:
    assert write(message(b.Image(PNG)))["messages"][0]["content"][0]["type"] == "image_url"
    with pytest.raises(RequestError, match="image") as refused:
        write(message("see", b.Image(PNG)), inputs=frozenset({"text"}))
    assert refused.value.failure.param == "messages[0].content[1]"


def test_E19_documents_are_files_or_text_or_refused() -> None:
    (part,) = write(message(b.Document(PDF, title="a.pdf")))["messages"][0]["content"]
    assert part == {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}
    assert write(message(b.Document(b.TextSource("plain"))))["messages"][0]["content"] == "plain"
    encoded = b.Document(b.Base64Source("text/plain", "cGxhaW4="), title="notes")
    assert write(message(encoded))["messages"][0]["content"] == "notes\n\nplain"
    with pytest.raises(RequestError, match="document"):
        write(message(b.Document(PDF)), inputs=frozenset({"text"}))
    with pytest.raises(RequestError, match="msword"):
        write(message(b.Document(b.Base64Source("application/msword", "AAAA"))))


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_E23_the_output_limit_has_one_meaning(field: str) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], field: 7}
    request = SERVER.read_request(body)
    assert request.max_tokens == 7
    assert write(message("hi"), max_tokens=7)["max_completion_tokens"] == 7
    assert write(message("hi"), max_tokens=7, dialect=Dialect(max_tokens="max_tokens"))["max_tokens"] == 7
    assert write(message("hi"), max_tokens=7, traits={"max_tokens_field": "max_tokens"})["max_tokens"] == 7


def test_F2_a_providers_own_parameters_are_an_allow_list() -> None:
    losses = Losses()
    poor = Dialect(parameters=frozenset({"temperature", "stop", "n"}))
    body = write(message("hi"), dialect=poor, losses=losses, temperature=0.5, prompt_cache_key="k", seed=1, top_k=4)
    assert body == {"model": "upstream", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.5}
    assert [loss.path for loss in losses.items] == ["top_k", "seed", "prompt_cache_key"]


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ("", {}),
        ("cache_control", {"cache_control": {"type": "ephemeral", "ttl": "1h"}}),
        ("prompt_cache_breakpoint", {"prompt_cache_breakpoint": {"mode": "explicit"}}),
    ],
)
def test_F1_breakpoints_go_in_the_providers_words_or_are_told_lost(cache: str, expected: dict[str, Any]) -> None:
    losses = Losses()
    text = b.Text("long", cache=b.CacheControl("1h"))
    content = write(message(text), dialect=Dialect(cache=cache), losses=losses)["messages"][0]["content"]
    assert content == ([{"type": "text", "text": "long", **expected}] if expected else "long")
    assert [loss.path for loss in losses.items] == ([] if expected else ["messages[0].content[0].cache_control"])


def test_F1_a_breakpoint_on_a_tool_is_told_where_there_is_none() -> None:
    losses = Losses()
    tool = r.FunctionTool("f", schema={"type": "object"}, cache=b.CacheControl())
    body = write(message("hi"), dialect=Dialect(cache="prompt_cache_breakpoint"), losses=losses, tools=(tool,))
    assert "prompt_cache_breakpoint" not in body["tools"][0]
    assert [loss.path for loss in losses.items] == ["tools[0].cache_control"]


# --- reasoning that goes round


STATE = b.Continuation("anthropic_messages", "c2lnbmF0dXJl")
THOUGHT = (
    b.Thinking("one ", STATE),
    b.RedactedThinking(b.Continuation("anthropic_messages", "ZW5jcnlwdGVk")),
    b.Thinking("two", b.Continuation("openai_responses", "enc", "rs_1")),
    b.Thinking("", STATE),
    b.ToolUse("a", "one", "{}", state=b.Continuation("gemini", "Z2Vt")),
)


def back(turn: dict[str, Any]) -> tuple[b.Block, ...]:
    return SERVER.read_request({"model": "m", "messages": [turn]}).messages[0].content


def test_D5_what_we_tell_of_reasoning_is_what_we_take_back() -> None:
    told = SERVER.write_response(written(*THOUGHT), ENVELOPE)["choices"][0]["message"]
    assert told["reasoning_content"] == "one two"
    assert back(told) == THOUGHT


def test_D5_the_pieces_of_a_stream_come_back_too_joined_or_side_by_side() -> None:
    told = deltas(stream(written(*THOUGHT)))
    side_by_side = [entry for delta in told for entry in delta.get("reasoning_details", ())]
    joined: dict[int, dict[str, Any]] = {}
    for entry in side_by_side:
        known = joined.setdefault(entry["index"], {})
        for name, value in entry.items():
            known[name] = known[name] + value if name in known and name not in ("index", "type") else value
    calls: list[dict[str, Any]] = [entry for delta in told for entry in delta.get("tool_calls", ()) if "id" in entry]
    calls[0]["function"]["arguments"] = "{}"
    for details in (side_by_side, list(joined.values())):
        turn = {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_details": details}
        assert back(turn) == THOUGHT


def test_D15_a_tampered_or_foreign_state_is_left_out() -> None:
    told = SERVER.write_response(written(b.Thinking("hm", STATE), b.Text("x")), ENVELOPE)["choices"][0]["message"]
    (entry,) = told["reasoning_details"]
    entry["signature"] = entry["signature"][:-2] + "AA"
    assert back(told) == (b.Thinking("hm"), b.Text("x"))
    bare = {"role": "assistant", "content": "x", "reasoning_content": "hm"}
    assert back(bare) == (b.Thinking("hm"), b.Text("x"))


def test_C1_thought_signatures_travel_on_the_call() -> None:
    told = SERVER.write_response(written(THOUGHT[-1]), ENVELOPE)["choices"][0]["message"]["tool_calls"]
    assert told[0]["extra_content"] == {"google": {"thought_signature": "Z2Vt"}}
    assert back({"role": "assistant", "content": None, "tool_calls": told}) == (THOUGHT[-1],)


def test_D7_reasoning_goes_back_where_the_provider_wants_it() -> None:
    turns = (message(b.Thinking("hm", STATE), "yes", role=b.Role.ASSISTANT), message("go on"))
    assert write(*turns)["messages"][0] == {"role": "assistant", "content": "yes"}
    body = write(*turns, dialect=Dialect(reasoning_replay="reasoning_content"))
    assert body["messages"][0] == {"role": "assistant", "content": "yes", "reasoning_content": "hm"}


def test_D7_a_providers_own_details_go_back_as_they_came() -> None:
    details = [
        {"type": "reasoning.text", "text": "hm", "signature": "s", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "e", "id": "rs_1", "format": "openai-responses-v1", "index": 1},
    ]
    message_ = {"role": "assistant", "content": "yes", "reasoning": "hm", "reasoning_details": details}
    body = {"id": "x", "choices": [{"index": 0, "message": message_, "finish_reason": "stop"}], "usage": _COUNTS}
    turn = b.Message(b.Role.ASSISTANT, Client().read_response(body).blocks)
    echoed = write(turn, message("go on"), dialect=Dialect(reasoning_replay="reasoning_details"))["messages"][0]
    assert echoed == {"role": "assistant", "reasoning_details": details, "content": "yes"}
    assert write(turn, message("go on"))["messages"][0] == {"role": "assistant", "content": "yes"}
