"""What an Anthropic client is answered, whatever the upstream did: whole answers and streams, held to equal cases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.fold import fold, unfold
from interchange.hub.usage import Usage
from interchange.protocols.anthropic_messages.server import Server
from interchange.protocols.faces import Envelope
from tests.protocols.anthropic_messages.messages_sdk import accumulate, parse_whole
from tests.protocols.anthropic_messages.recorded_messages import frames

SEAL = Seal(b"sixteen bytes key")
SERVER = Server(SEAL)
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_700_000_000, "the-model", estimate=7)
USAGE = Usage(input=10, output=5)
THOUGHT = b.Continuation("openai_responses", "gAAAA", "rs_1")


def stream(*events: e.Event) -> bytes:
    writer = SERVER.write_stream(ENVELOPE)
    return b"".join(writer.write(event) for event in events)


def streamed(*events: e.Event) -> dict[str, Any]:
    return accumulate(stream(*events))


def both(blocks: Sequence[b.Block], stop: e.Stop, usage: Usage | None = USAGE, **extra: Any) -> dict[str, Any]:
    """The message, which both paths must agree on."""
    response = e.Response("up_1", "up-model", None, (e.Choice(tuple(blocks), stop),), usage, extra)
    whole = parse_whole(SERVER.write_response(response, ENVELOPE))
    assert streamed(*unfold(response)) | {"usage": 0} == whole | {"usage": 0}
    return whole


def events(*inner: e.Event, reason: e.StopReason = e.StopReason.END) -> list[e.Event]:
    return [e.MessageStart("up_1", "up-model"), *inner, e.MessageStop((e.Stop(reason),))]


# --- order (A1 to A6): the hub's blocks are sequential; what is written must be too


def test_A1_no_delta_outside_an_open_block() -> None:
    message = streamed(
        *events(
            e.BlockStart(0, b.ToolUse("call_1", "f", "")),
            e.BlockStop(0),
            e.ArgumentsDelta(0, '{"late": 1}'),
            e.BlockStop(0),
            e.BlockStart(1, b.ToolUse("call_2", "g", '{"a":1}')),
            e.BlockStop(1),
        )
    )
    assert [block["input"] for block in message["content"]] == [{}, {"a": 1}]


def test_A2_blocks_follow_each_other_from_index_0_and_a_call_without_arguments_is_whole() -> None:
    raw = stream(
        *events(
            e.BlockStart(0, b.Text("")),
            e.BlockStop(0),
            e.BlockStart(1, b.ToolUse("call_1", "now", "")),
            e.BlockStop(1),
            e.BlockStart(2, b.ToolUse("call_2", "g", "")),
            e.ArgumentsDelta(2, "{}"),
            e.BlockStop(2),
        )
    )
    message = accumulate(raw)
    assert [block["type"] for block in message["content"]] == ["tool_use", "tool_use"]
    assert [block["input"] for block in message["content"]] == [{}, {}]


def test_A3_every_call_has_a_block_of_its_own() -> None:
    calls = [b.ToolUse("a", "f", '{"a":1}'), b.ToolUse("b", "f", '{"b":2}')]
    message = both(calls, e.Stop(e.StopReason.TOOL_USE))
    assert [(block["id"], block["input"]) for block in message["content"]] == [("a", {"a": 1}), ("b", {"b": 2})]


def test_A4_one_message_start_and_deltas_of_their_block() -> None:
    message = both([b.Thinking("hm"), b.Text("so")], e.Stop(e.StopReason.END))
    assert [block["type"] for block in message["content"]] == ["thinking", "text"]


def test_A5_reasoning_alone_is_a_thinking_block() -> None:
    message = both([b.Thinking("only thought")], e.Stop(e.StopReason.MAX_TOKENS))
    assert message["content"] == [{"type": "thinking", "thinking": "only thought", "signature": ""}]


def test_A6_indexes_count_blocks_that_were_written() -> None:
    raw = stream(
        *events(
            e.BlockStart(0, b.Thinking("")),
            e.BlockStop(0),
            e.BlockStart(1, b.Text("")),
            e.TextDelta(1, "hi"),
            e.BlockStop(1),
            e.BlockStart(2, b.ToolUse("a", "f", "{}")),
            e.BlockStop(2),
        )
    )
    starts = [json.loads(x.data or b"") for x in frames(raw) if x.event == "content_block_start"]
    assert [(x["index"], x["content_block"]["type"]) for x in starts] == [(0, "text"), (1, "tool_use")]


def test_only_the_first_choice_is_written_however_choices_interleave() -> None:
    message = streamed(
        *events(
            e.BlockStart(0, b.Text(""), 0),
            e.BlockStart(1, b.Text(""), 1),
            e.TextDelta(1, "second"),
            e.TextDelta(0, "first"),
            e.BlockStop(1),
            e.BlockStart(2, b.ToolUse("x", "f", "{}"), 1),
            e.BlockStop(2),
            e.BlockStop(0),
        )
    )
    assert [block["text"] for block in message["content"]] == ["first"]
    assert message["stop_reason"] == "end_turn"


# --- usage (A7 to A10, A16)


def test_A7_message_start_has_the_full_usage_with_an_estimate() -> None:
    first = json.loads(frames(stream(e.MessageStart()))[0].data or b"")
    usage = first["message"]["usage"]
    assert usage["input_tokens"] == 7 and usage["cache_creation"] == {
        "ephemeral_5m_input_tokens": 0,
        "ephemeral_1h_input_tokens": 0,
    }


def test_A7_the_estimate_is_never_nothing() -> None:
    writer = SERVER.write_stream(Envelope("00", 0, "m", estimate=0))
    first = json.loads(frames(writer.write(e.MessageStart()))[0].data or b"")
    assert first["message"]["usage"]["input_tokens"] == 1


def test_A8_A9_A10_the_truth_is_in_message_delta() -> None:
    usage = Usage(input=25, cache_read=75, cache_write_5m=3, cache_write_1h=4, output=9, reasoning=2)
    raw = stream(*events(e.UsageReported(Usage(input=25)), e.UsageReported(usage)))
    end = next(json.loads(x.data or b"") for x in frames(raw) if x.event == "message_delta")
    assert end["usage"] == {
        "input_tokens": 25,
        "cache_creation_input_tokens": 7,
        "cache_read_input_tokens": 75,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 2},
        "server_tool_use": None,
    }
    whole = both([b.Text("x")], e.Stop(e.StopReason.END), usage)["usage"]
    assert {name: whole[name] for name in end["usage"]} == end["usage"]
    assert whole["cache_creation"] == {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}


def test_I4_cached_tokens_are_not_counted_twice() -> None:
    """100 prompt tokens, 75 of them cached, as an OpenAI-shaped upstream reports them to the hub."""
    usage = SERVER.write_usage(Usage(input=25, cache_read=75))
    assert (usage["input_tokens"], usage["cache_read_input_tokens"]) == (25, 75)


def test_A16_an_upstream_without_usage_still_ends_properly() -> None:
    message = both([b.Text("twelve chars")], e.Stop(e.StopReason.END), usage=None)
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (7, 3)
    ended = streamed(*events(e.BlockStart(0, b.Text("twelve chars")), e.BlockStop(0)))
    assert (ended["stop_reason"], ended["usage"]["output_tokens"]) == ("end_turn", 3)


def test_I16_reported_zero_is_not_replaced_by_an_estimate() -> None:
    message = both([b.Text("twelve chars")], e.Stop(e.StopReason.END), Usage())
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (0, 0)


def test_calls_of_vendor_run_tools_are_counted() -> None:
    usage = both([b.Text("x")], e.Stop(e.StopReason.END), Usage(tool_calls={"web_search": 2}))["usage"]
    assert usage["server_tool_use"]["web_search_requests"] == 2


# --- why it stopped (A11, A12)


@pytest.mark.parametrize("reason", [e.StopReason.END, e.StopReason.TOOL_USE, e.StopReason.OTHER,
                                    e.StopReason.STOP_SEQUENCE, e.StopReason.PAUSE,
                                    e.StopReason.MALFORMED_TOOL_CALL])  # fmt: skip
def test_A11_A12_a_call_ends_in_tool_use_on_both_paths(reason: e.StopReason) -> None:
    blocks: list[b.Block] = [b.Text("let me look"), b.ToolUse("call_1", "f", "{}")]
    assert both(blocks, e.Stop(reason))["stop_reason"] == "tool_use"


@pytest.mark.parametrize(("reason", "word"), [
    (e.StopReason.MAX_TOKENS, "max_tokens"),
    (e.StopReason.CONTEXT_WINDOW, "model_context_window_exceeded"),
    (e.StopReason.CONTENT_FILTER, "refusal"),
    (e.StopReason.REFUSAL, "refusal"),
])  # fmt: skip
def test_A11_a_cut_or_blocked_call_is_not_to_be_run(reason: e.StopReason, word: str) -> None:
    assert both([b.ToolUse("call_1", "f", "{}")], e.Stop(reason))["stop_reason"] == word


def test_A12_tool_use_without_a_call_is_an_end() -> None:
    assert both([b.Text("hi")], e.Stop(e.StopReason.TOOL_USE))["stop_reason"] == "end_turn"


@pytest.mark.parametrize("reason", [reason for reason in e.StopReason if reason is not e.StopReason.COMPACTION])
def test_every_reason_has_a_word_that_the_sdk_knows(reason: e.StopReason) -> None:
    both([b.Text("hi")], e.Stop(reason))


def test_a_stop_sequence_is_named() -> None:
    message = both([b.Text("hi")], e.Stop(e.StopReason.STOP_SEQUENCE, sequence="END"))
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")


def test_a_refusal_is_told_as_text_and_as_a_reason() -> None:
    message = both([b.Refusal("I cannot help with that")], e.Stop(e.StopReason.END))
    assert message["content"] == [{"type": "text", "text": "I cannot help with that"}]
    assert message["stop_reason"] == "refusal"
    assert message["stop_details"] == {"type": "refusal", "category": None, "explanation": None}


def test_a_filter_keeps_its_own_word() -> None:
    message = both([b.Text("part")], e.Stop(e.StopReason.CONTENT_FILTER, detail="SAFETY"))
    assert message["stop_details"]["explanation"] == "SAFETY"


# --- calls


def test_E5_ids_conform_and_those_that_do_are_untouched() -> None:
    calls = [b.ToolUse(identity, "f", "{}") for identity in ("functions.Bash:0", "call_ok-1", "")]
    found = [block["id"] for block in both(calls, e.Stop(e.StopReason.TOOL_USE))["content"]]
    assert found[0].startswith("functions_Bash_0_") and found[0].replace("_", "").isalnum()
    assert found[1] == "call_ok-1"
    assert found[2].startswith("toolu_")
    assert len({x["id"] for x in both([b.ToolUse(i, "f", "{}") for i in ("a:0", "a.0", "a_0")],
                                      e.Stop(e.StopReason.TOOL_USE))["content"]}) == 3  # fmt: skip


@pytest.mark.parametrize("text", ["[1, 2]", '"text"', "get_weather(Paris)", "null", " 12"])
def test_arguments_that_are_no_object_are_kept_whole_on_both_paths(text: str) -> None:
    """E15: never silently {}."""
    message = both([b.ToolUse("call_1", "f", text)], e.Stop(e.StopReason.TOOL_USE))
    assert message["content"][0]["input"] == {"_malformed_arguments": text}


def test_free_form_arguments_are_wrapped() -> None:
    message = both([b.ToolUse("call_1", "f", '{"not": "parsed"}', kind="custom")], e.Stop(e.StopReason.TOOL_USE))
    assert message["content"][0]["input"] == {"input": '{"not": "parsed"}'}


def test_arguments_stream_as_they_come() -> None:
    pieces = ['{"', 'a": ', "1}"]
    raw = stream(*events(e.BlockStart(0, b.ToolUse("a", "f", "")), *(e.ArgumentsDelta(0, p) for p in pieces),
                         e.BlockStop(0)))  # fmt: skip
    found = [json.loads(x.data or b"")["delta"]["partial_json"] for x in frames(raw)
             if x.event == "content_block_delta"]  # fmt: skip
    assert found == pieces


# --- reasoning state


def test_D4_another_vendors_state_is_sealed_and_comes_back_whole() -> None:
    message = both([b.Thinking("summary", THOUGHT), b.Text("x")], e.Stop(e.StopReason.END))
    echoed = {"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": message["content"]}]}
    assert SERVER.read_request(echoed).messages[0].content[0] == b.Thinking("summary", THOUGHT)


def test_D2_state_without_text_is_a_block() -> None:
    message = both([b.Thinking("", THOUGHT)], e.Stop(e.StopReason.END))
    assert message["content"][0]["thinking"] == "" and SEAL.open(message["content"][0]["signature"]) == THOUGHT


def test_D13_no_empty_thinking_is_made_up() -> None:
    assert both([b.Thinking(""), b.Text("x")], e.Stop(e.StopReason.END))["content"][0]["type"] == "text"


def test_D15_encrypted_reasoning_is_redacted_thinking_with_its_item_id() -> None:
    message = both([b.RedactedThinking(THOUGHT)], e.Stop(e.StopReason.END))
    assert message["content"][0]["type"] == "redacted_thinking"
    assert SEAL.open(message["content"][0]["data"]) == THOUGHT


def test_own_signatures_are_untouched() -> None:
    own = b.Continuation("anthropic_messages", "EqQBCg==")
    assert both([b.Thinking("t", own)], e.Stop(e.StopReason.END))["content"][0]["signature"] == "EqQBCg=="


def test_state_that_comes_after_the_block_began() -> None:
    message = streamed(
        *events(
            e.BlockStart(0, b.Thinking("")),
            e.StateDelta(0, THOUGHT),
            e.ThinkingDelta(0, "t"),
            e.BlockStop(0),
            e.BlockStart(1, b.RedactedThinking(b.Continuation("gemini", "x"))),
            e.StateDelta(1, THOUGHT),
            e.BlockStop(1),
        )
    )
    assert SEAL.open(message["content"][0]["signature"]) == THOUGHT
    assert SEAL.open(message["content"][1]["data"]) == THOUGHT


# --- what has no block of its own


def test_sources_on_the_web_are_citations_and_others_are_not() -> None:
    web = b.Citation("openai_chat", {"url_citation": {}}, url="https://a.example", title="A", cited_text="so")
    file = b.Citation("gemini", {"file": 1}, title="B")
    message = both([b.Text("so", (web, file))], e.Stop(e.StopReason.END))
    citation = message["content"][0]["citations"][0]
    assert len(message["content"][0]["citations"]) == 1
    assert (citation["type"], citation["url"], citation["cited_text"]) == (
        "web_search_result_location", "https://a.example", "so",
    )  # fmt: skip
    echoed = {"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": message["content"]}]}
    assert SERVER.read_request(echoed).messages[0].content == (b.Text("so"),)


def test_other_vendors_own_tool_calls_are_left_out() -> None:
    search = b.ServerToolUse("ws_1", "web_search", "{}", "web_search", "openai_responses", {"type": "web_search_call"})
    result = b.ServerToolResult("ws_1", "web_search", "gemini", {"x": 1})
    message = both([search, result, b.Opaque("gemini", {}), b.Text("found")], e.Stop(e.StopReason.END))
    assert [block["type"] for block in message["content"]] == ["text"]


def test_a_picture_is_told_as_markdown_and_is_a_picture_again_in_the_history() -> None:
    picture = b.Image(b.Base64Source("image/png", "iVBORw0KGgo="))
    message = both([b.Text("here:"), picture], e.Stop(e.StopReason.END))
    assert message["content"][1]["text"] == "![image](data:image/png;base64,iVBORw0KGgo=)"
    echoed = {"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": message["content"]}]}
    assert SERVER.read_request(echoed).messages[0].content == (b.Text("here:"), picture)


def test_sound_is_told_as_its_transcript() -> None:
    spoken = b.Audio(b.Base64Source("audio/wav", "UklGRg=="), "wav", transcript="hello")
    assert both([spoken], e.Stop(e.StopReason.END))["content"][0]["text"] == "hello"
    message = streamed(
        *events(
            e.BlockStart(0, b.Audio(b.Base64Source("audio/wav", ""), "wav")),
            e.AudioDelta(0, "UklG", "hel"),
            e.AudioDelta(0, "Rg==", "lo"),
            e.BlockStop(0),
        )
    )
    assert message["content"][0]["text"] == "hello"
    silent: list[e.Event] = [
        e.BlockStart(0, b.Audio(b.Base64Source("audio/wav", ""), "wav")),
        e.AudioDelta(0, "UklG"),
        e.AudioDelta(0, "Rg=="),
        e.BlockStop(0),
    ]
    whole = SERVER.write_response(fold(events(*silent)), ENVELOPE)
    assert streamed(*events(*silent))["content"] == whole["content"]


# --- failures and silence


def test_K3_a_broken_stream_ends_in_an_error_event() -> None:
    failure = Failure(ErrorKind.OVERLOADED, "Overloaded", request_id="req_1")
    raw = stream(e.MessageStart(), e.BlockStart(0, b.Text("so f")), e.StreamFailed(failure))
    last = frames(raw)[-1]
    ours = replace(failure, request_id=ENVELOPE.request_id)
    assert last.event == "error" and last.raw == SERVER.write_stream_failure(ours)
    assert json.loads(last.data or b"") == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Overloaded"},
        "request_id": ENVELOPE.request_id,
    }


def test_K5_the_heartbeat_is_a_ping() -> None:
    assert SERVER.heartbeat() == b'event: ping\ndata: {"type":"ping"}\n\n'


def test_the_message_has_our_id_and_the_callers_name_of_the_model() -> None:
    message = both([b.Text("x")], e.Stop(e.StopReason.END))
    assert (message["id"], message["model"]) == ("msg_0123456789abcdef0123456789abcdef", "the-model")
