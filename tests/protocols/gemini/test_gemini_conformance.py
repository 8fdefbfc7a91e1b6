"""The conformance cases that concern Gemini, by their numbers."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google.genai import types

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.fold import fold
from interchange.hub.usage import Usage
from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini.dialect import Dialect
from interchange.protocols.gemini.words import FINISH, SKIP_SIGNATURE
from tests.protocols.gemini.recorded import part_frame, read, sse
from tests.protocols.gemini.written import (
    BLIND,
    GEMINI_3,
    GEMINI_25,
    ask,
    call,
    calls_match_results,
    model,
    result,
    user,
    write,
)

OTHER = base64.b64encode(b"other").decode()
SIGNATURE = base64.b64encode(bytes(range(256))).decode()


def parts_of(contents: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    return [part for content in contents for part in content["parts"] if word in part]


def test_C1_a_call_without_its_signature_takes_the_documented_word_where_one_is_required() -> None:
    history = (user("go"), model(call("a"), call("b")), user(result("a", "1"), result("b", "2")))
    first, second = parts_of(write(ask(*history), GEMINI_3)[0]["contents"], "functionCall")
    assert first["thoughtSignature"] == SKIP_SIGNATURE
    assert "thoughtSignature" not in second, "only the first call of a step carries one"
    assert all("thoughtSignature" not in p for p in parts_of(write(ask(*history))[0]["contents"], "functionCall"))


def test_C1_a_signature_that_came_back_goes_out_where_it_was() -> None:
    history = (user("go"), model(call("a", signature=SIGNATURE), call("b")), user(result("a", "1"), result("b", "2")))
    first, second = parts_of(write(ask(*history), GEMINI_3)[0]["contents"], "functionCall")
    assert first["thoughtSignature"] == SIGNATURE
    assert "thoughtSignature" not in second


def test_C1_a_conversations_prefix_does_not_change_when_it_grows() -> None:
    history = (user("go"), model(call("a")), user(result("a", "1")))
    grown = (*history, model("done"), user("and now?"))
    short, long = (write(ask(*messages), GEMINI_3)[0]["contents"] for messages in (history, grown))
    assert long[: len(short)] == short


def test_C2_state_of_another_issuer_is_left_out() -> None:
    foreign = b.Continuation("anthropic_messages", SIGNATURE)
    turn = model(b.Thinking("hm", foreign), b.RedactedThinking(foreign), b.Text("yes", state=foreign))
    body, losses = write(ask(user("go"), turn, user("on")), GEMINI_3)
    assert body["contents"][1] == {"role": "model", "parts": [{"text": "yes"}]}
    assert losses == []


def test_C3_parallel_results_stand_in_one_turn_in_the_calls_order() -> None:
    history = (
        user("go"),
        model(call("a", "f"), call("b", "g"), call("c", "h")),
        user(result("c", "3"), result("a", "1")),
        user(result("b", "2"), "go on"),
    )
    merged = (history[0], history[1], b.Message(b.Role.USER, (*history[2].content, *history[3].content)))
    contents = write(ask(*merged))[0]["contents"]
    assert calls_match_results(contents)
    names = [p["functionResponse"]["name"] for p in parts_of(contents, "functionResponse")]
    assert names == ["f", "g", "h"]
    assert contents[2]["parts"][3] == {"text": "go on"}


def test_C3_a_call_without_a_result_is_named() -> None:
    with pytest.raises(RequestError) as caught:
        write(ask(user("go"), model(call("a"), call("b")), user(result("a", "1"))))
    assert "'b'" in caught.value.failure.message
    assert caught.value.failure.param == "messages[1].content[1]"
    with pytest.raises(RequestError) as caught:
        write(ask(user("go"), user(result("nowhere", "1"))))
    assert "nowhere" in caught.value.failure.message


def test_C4_streamed_calls_have_their_own_indexes_and_ids() -> None:
    frames = [part_frame({"functionCall": {"name": "f", "args": {"n": n}}}) for n in range(3)]
    events = read(sse(*frames, part_frame({"text": ""}, finishReason="STOP")))
    starts = [event for event in events if isinstance(event, e.BlockStart)]
    assert [start.index for start in starts] == [0, 1, 2]
    ids = [start.block.id for start in starts if isinstance(start.block, b.ToolUse)]
    assert len(set(ids)) == 3
    assert all(identity.startswith("call_") and len(identity) == 29 for identity in ids)


def test_C4_the_vendors_own_id_is_kept() -> None:
    answer = Client().read_response(part_frame({"functionCall": {"id": "x1", "name": "f"}}, finishReason="STOP"))
    assert answer.blocks == (b.ToolUse("x1", "f", "{}"),)


def test_C5_calls_in_messages_of_their_own_become_one_turn() -> None:
    history = (user("go"), model(call("a")), model(call("b")), model("busy"), user(result("a", "1"), result("b", "2")))
    contents = write(ask(*history))[0]["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert calls_match_results(contents)


FOREIGN_SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"n": {"type": "integer", "exclusiveMinimum": 0}, "t": {"type": ["string", "null"], "const": "x"}},
    "propertyNames": {"pattern": "^a"},
    "unevaluatedProperties": False,
}


@pytest.mark.parametrize("json_schema", [True, False])
def test_C6_C7_C8_a_foreign_schema_never_costs_the_request(json_schema: bool) -> None:
    tools = (r.FunctionTool("f", schema=FOREIGN_SCHEMA),)
    body, losses = write(ask(tools=tools), client=Client(Dialect(json_schema=json_schema)))
    declaration = body["tools"][0]["functionDeclarations"][0]
    schema = declaration["parametersJsonSchema" if json_schema else "parameters"]
    assert schema["properties"]["n"] == {"type": "integer", "minimum": 1}
    assert schema["properties"]["t"]["enum"] == ["x"]
    assert losses == ["tools[0].parameters.propertyNames", "tools[0].parameters.unevaluatedProperties"]


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])
def test_C9_a_broken_call_is_no_success_and_its_siblings_stay(reason: str) -> None:
    good = {"functionCall": {"name": "f", "args": {"a": 1}}}
    answer = fold(read(sse(part_frame(good), part_frame({"text": ""}, finishReason=reason))))
    assert answer.stop == e.Stop(e.StopReason.MALFORMED_TOOL_CALL, detail=reason)
    assert [block.name for block in answer.blocks if isinstance(block, b.ToolUse)] == ["f"]


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (r.ToolChoice(r.ToolMode.REQUIRED), {"mode": "ANY"}),
        (r.ToolChoice(r.ToolMode.NONE), {"mode": "NONE"}),
        (r.ToolChoice(r.ToolMode.AUTO), {"mode": "AUTO"}),
        (r.ToolChoice(r.ToolMode.NAMED, ("g",)), {"mode": "ANY", "allowedFunctionNames": ["g"]}),
        (r.ToolChoice(r.ToolMode.REQUIRED, ("f", "g")), {"mode": "ANY", "allowedFunctionNames": ["f", "g"]}),
    ],
)
def test_C9_tool_choice(choice: r.ToolChoice, config: dict[str, Any]) -> None:
    body, losses = write(ask(tools=(r.FunctionTool("f"), r.FunctionTool("g")), tool_choice=choice))
    assert body["toolConfig"] == {"functionCallingConfig": config}
    assert losses == []


def test_C9_every_finish_reason_of_the_sdk_has_its_word() -> None:
    assert {reason.value for reason in types.FinishReason} == set(FINISH)


@pytest.mark.parametrize("parallel", [True, False, None])
def test_C10_the_parallel_flag_never_changes_the_mode(parallel: bool | None) -> None:
    body, losses = write(ask(tools=(r.FunctionTool("f"),), parallel_tool_calls=parallel))
    assert "toolConfig" not in body
    assert losses == (["parallel_tool_calls"] if parallel is False else [])


def test_C11_marks_of_other_protocols_do_not_reach_the_instruction() -> None:
    mark = b.CacheControl("5m")
    body, losses = write(ask(system=(b.Text("be brief", cache=mark),)))
    assert body["systemInstruction"] == {"parts": [{"text": "be brief"}]}
    assert losses == ["system[0].cache_control"]


def test_C12_a_signature_is_the_same_to_the_byte_after_a_round_trip() -> None:
    frame = part_frame(
        {"text": "hm", "thought": True, "thoughtSignature": SIGNATURE},
        {"functionCall": {"id": "a", "name": "f", "args": {}}, "thoughtSignature": OTHER},
        finishReason="STOP",
    )
    answer = Client().read_response(frame)
    body, _ = write(ask(user("go"), b.Message(b.Role.ASSISTANT, answer.blocks), user(result("a", "1"))), GEMINI_3)
    assert body["contents"][1]["parts"] == frame["candidates"][0]["content"]["parts"]


def test_B12_a_call_in_an_early_frame_decides_the_stop_reason() -> None:
    frames = [part_frame({"functionCall": {"name": "f", "args": {}}}), part_frame({"text": "."}), part_frame()]
    frames[-1]["candidates"][0]["finishReason"] = "STOP"
    assert fold(read(sse(*frames))).stop.reason is e.StopReason.TOOL_USE
    limited = part_frame({"functionCall": {"name": "f", "args": {}}}, finishReason="MAX_TOKENS")
    assert Client().read_response(limited).stop.reason is e.StopReason.MAX_TOKENS


def test_B13_absent_usage_is_not_zero_usage() -> None:
    frame = {**part_frame({"text": "a"}, finishReason="STOP"), "usageMetadata": {"trafficType": "ON_DEMAND"}}
    assert Client().read_response(frame).usage is None
    assert not [event for event in read(sse(frame)) if isinstance(event, e.UsageReported)]


def test_E1_a_later_instruction_keeps_its_place_and_is_never_the_models() -> None:
    late = b.Message(b.Role.SYSTEM, (b.Text("now in French"),))
    body, losses = write(ask(user("hi"), model("hello"), late, user("go on")))
    assert body["contents"][2]["parts"] == [{"text": "<system>\nnow in French\n</system>"}, {"text": "go on"}]
    assert losses == ["messages[2].role"]
    between = (user("go"), model(call("a")), late, user(result("a", "1")))
    assert calls_match_results(write(ask(*between))[0]["contents"])


def test_E3_empty_text_is_left_out() -> None:
    body, _ = write(ask(user("go"), model("", call("a")), user(result("a", "1"), "")))
    assert [len(content["parts"]) for content in body["contents"]] == [1, 1, 1]


def test_E15_an_error_result_and_broken_arguments_are_still_told() -> None:
    body, _ = write(ask(user("go"), model(call("a", arguments="{broken")), user(result("a", "no", is_error=True))))
    assert body["contents"][1]["parts"][0]["functionCall"]["args"] == {"input": "{broken"}
    assert body["contents"][2]["parts"][0]["functionResponse"]["response"] == {"error": "no"}


def test_E17_media_of_a_result_go_inside_where_they_may_and_after_the_run_where_not() -> None:
    picture = b.Image(b.Base64Source("image/png", "aGk="))
    history = (user("go"), model(call("a"), call("b")), user(result("a", "see", picture), result("b", "2")))
    data = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    inside = write(ask(*history), GEMINI_3)[0]["contents"][2]["parts"]
    assert inside[0]["functionResponse"]["parts"] == [data]
    assert len(inside) == 2
    after = write(ask(*history), GEMINI_25)[0]["contents"][2]["parts"]
    assert ["functionResponse" in part for part in after] == [True, True, False, False]
    assert after[3] == data
    assert after[2] == {"text": "[media of f a]"}
    assert after[0]["functionResponse"]["response"]["output"].endswith("marked: f a]")


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        (b.Image(b.Base64Source("image/png", "aGk=")), "image"),
        (b.Document(b.Base64Source("application/pdf", "aGk=")), "document"),
        (b.Audio(b.Base64Source("audio/wav", "aGk="), "wav"), "audio"),
    ],
)
def test_E18_E19_media_reach_the_model_or_the_caller_is_told(block: b.Block, kind: str) -> None:
    assert "inlineData" in write(ask(user(block)))[0]["contents"][0]["parts"][0]
    with pytest.raises(RequestError) as caught:
        write(ask(user(block)), BLIND)
    assert kind in caught.value.failure.message
    assert caught.value.failure.param == "messages[0].content[0]"


def test_F4_the_same_request_gives_the_same_bytes() -> None:
    request = ask(user("hi"), model("hello"), user("go"), tools=(r.FunctionTool("f", schema=FOREIGN_SCHEMA),))
    assert str(write(request)[0]) == str(write(request)[0])


def test_H6_searches_are_counted_by_query_that_ran() -> None:
    grounding = {"webSearchQueries": ["a", "", "b", "a"], "searchEntryPoint": {}}
    frame = part_frame({"text": "x"}, finishReason="STOP", groundingMetadata=grounding)
    frame["usageMetadata"] = {"promptTokenCount": 1, "totalTokenCount": 2, "candidatesTokenCount": 1}
    usage = Client().read_usage(frame)
    assert usage is not None
    assert usage.tool_calls == {"web_search": 2, "grounded_prompt": 1}, "billed by the query or by the prompt"


@pytest.mark.parametrize(
    ("report", "output", "reasoning"),
    [
        ({"candidatesTokenCount": 10, "thoughtsTokenCount": 5, "totalTokenCount": 115}, 15, 5),
        ({"candidatesTokenCount": 15, "thoughtsTokenCount": 5, "totalTokenCount": 115}, 15, 5),
        ({"candidatesTokenCount": 10, "thoughtsTokenCount": 5}, 15, 5),
        ({"candidatesTokenCount": 10, "thoughtsTokenCount": 50, "totalTokenCount": 110}, 60, 50),
        ({"thoughtsTokenCount": 78, "totalTokenCount": 178}, 78, 78),
    ],
)
def test_I9_output_is_the_total_less_the_prompt(report: dict[str, int], output: int, reasoning: int) -> None:
    usage = Client().read_usage({**part_frame({"text": "x"}), "usageMetadata": {"promptTokenCount": 100, **report}})
    assert usage == Usage(input=100, output=output, reasoning=reasoning)


def test_I17_usage_is_one_report_not_the_highest_of_several() -> None:
    first = {**part_frame({"text": "x"}), "usageMetadata": {"promptTokenCount": 101, "totalTokenCount": 101}}
    last = {**part_frame({"text": "y"}, finishReason="STOP")}
    last["usageMetadata"] = {"promptTokenCount": 27, "candidatesTokenCount": 32, "totalTokenCount": 59}
    reports = [event.usage for event in read(sse(first, last)) if isinstance(event, e.UsageReported)]
    assert reports == [Usage(input=27, output=32)]


def test_K1_a_stream_that_is_cut_off_is_a_failure_with_what_was_used() -> None:
    frame = {**part_frame({"text": "half"}), "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 9}}
    events = read(sse(frame))
    assert isinstance(events[-2], e.UsageReported)
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.code == "stream_truncated"
    assert isinstance(read(b"")[-1], e.StreamFailed)


def test_K2_an_error_as_the_first_frame_is_an_error() -> None:
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    events = read(sse(error, part_frame({"text": "never read"})))
    assert [type(event) for event in events] == [e.MessageStart, e.StreamFailed]
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.message == "The model is overloaded."
    assert events[-1].failure.kind == "overloaded"
