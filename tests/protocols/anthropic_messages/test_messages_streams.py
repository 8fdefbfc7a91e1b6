"""Streams of a Messages provider: every event, and what can go wrong with them."""

from __future__ import annotations

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind
from interchange.hub.fold import fold
from interchange.hub.usage import Usage
from interchange.protocols.anthropic_messages.client import Client
from interchange.protocols.anthropic_messages.usage import merge, read_usage
from interchange.wire.sse import Frame
from tests.protocols.anthropic_messages.recorded_messages import (
    closed,
    delta,
    ended,
    frames,
    opened,
    read,
    sse,
    start,
)
from tests.recordings.read import Record

TEXT = (opened(0, type="text", text=""), delta(0, type="text_delta", text="hi"), closed(0))


def test_B5_text_in_the_start_of_a_block_is_kept() -> None:
    events = read(sse(start(), opened(0, type="text", text="Hel"), delta(0, type="text_delta", text="lo"),
                      closed(0), *ended()))  # fmt: skip
    assert fold(events).blocks == (b.Text("Hello"),)
    events = read(sse(start(), opened(0, type="thinking", thinking="a", signature="S"), closed(0), *ended()))
    assert fold(events).blocks == (b.Thinking("a", b.Continuation("anthropic_messages", "S")),)


def test_D1_the_signature_is_the_blocks_state() -> None:
    events = read(
        sse(start(), opened(0, type="thinking", thinking=""), delta(0, type="thinking_delta", thinking="hm"),
            delta(0, type="signature_delta", signature="EqQB"), closed(0), *ended())
    )  # fmt: skip
    assert fold(events).blocks == (b.Thinking("hm", b.Continuation("anthropic_messages", "EqQB")),)


def test_arguments_in_pieces_in_the_start_and_not_at_all() -> None:
    call: Record = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    events = read(
        sse(
            start(),
            opened(0, **call), delta(0, type="input_json_delta", partial_json=""),
            delta(0, type="input_json_delta", partial_json='{"x"'),
            delta(0, type="input_json_delta", partial_json=": 1}"), closed(0),
            opened(1, **{**call, "input": {"city": "Boston"}}), closed(1),
            opened(2, **call), delta(2, type="input_json_delta", partial_json=""), closed(2),
            *ended("tool_use"),
        )
    )  # fmt: skip
    found = [block.arguments for block in fold(events).blocks if isinstance(block, b.ToolUse)]
    assert found == ['{"x": 1}', '{"city":"Boston"}', "{}"]


def test_citations() -> None:
    raw = {"type": "web_search_result_location", "url": "https://a.example", "title": "A", "cited_text": "c",
           "encrypted_index": "x"}  # fmt: skip
    block = fold(read(sse(start(), opened(0, type="text", text="", citations=[]),
                          delta(0, type="citations_delta", citation=raw), closed(0), *ended()))).blocks[0]  # fmt: skip
    assert isinstance(block, b.Text)
    assert block.citations == (b.Citation("anthropic_messages", raw, "https://a.example", "A", "c"),)


def test_a_compaction_arrives_in_a_delta() -> None:
    piece = delta(0, type="compaction_delta", content="summary")
    response = fold(
        read(sse(start(), opened(0, type="compaction", content=None), piece, closed(0), *ended("compaction")))
    )
    assert response.blocks == (b.Opaque("anthropic_messages", {"type": "compaction", "content": "summary"}),)
    assert response.stop.reason is e.StopReason.COMPACTION


def test_what_is_unknown_is_a_note_or_opaque() -> None:
    events = read(
        sse(start(), {"type": "ping"}, {"type": "weather_report", "sun": True}, opened(0, type="hologram", data=1),
            closed(0), *TEXT[:1], delta(0, type="aura_delta", glow=1), closed(0), delta(9, type="text_delta", text="x"),
            *ended())
    )  # fmt: skip
    assert [type(event).__name__ for event in events].count("Note") == 3
    assert fold(events).blocks == (b.Opaque("anthropic_messages", {"type": "hologram", "data": 1}), b.Text(""))


@pytest.mark.parametrize(("word", "reason"), [
    ("end_turn", e.StopReason.END), ("max_tokens", e.StopReason.MAX_TOKENS), ("tool_use", e.StopReason.TOOL_USE),
    ("stop_sequence", e.StopReason.STOP_SEQUENCE), ("refusal", e.StopReason.REFUSAL),
    ("pause_turn", e.StopReason.PAUSE), ("model_context_window_exceeded", e.StopReason.CONTEXT_WINDOW),
    ("compaction", e.StopReason.COMPACTION), ("boredom", e.StopReason.OTHER), (None, e.StopReason.OTHER),
])  # fmt: skip
def test_B7_every_stop_reason(word: str | None, reason: e.StopReason) -> None:
    stop = fold(read(sse(start(), *ended(word)))).stop
    assert stop.reason is reason
    assert stop.detail == ("boredom" if word == "boredom" else None)


def test_details_of_a_refusal_are_kept() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "no"}
    response = fold(read(sse(start(), *ended("refusal", stop_details=details, container={"id": "c"}))))
    assert response.stop == e.Stop(e.StopReason.REFUSAL, detail="cyber", raw={"stop_details": details})
    assert response.extra == {"container": {"id": "c"}}


# --- usage


def test_usage_is_merged_from_both_reports() -> None:
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 40}
    first = start(cache_creation_input_tokens=40, cache_read_input_tokens=7, cache_creation=split, service_tier="batch")
    events = read(
        sse(first, *TEXT, *ended(usage={"input_tokens": 3, "cache_creation_input_tokens": 40, "output_tokens": 9,
                                 "server_tool_use": {"web_search_requests": 2},
                                 "output_tokens_details": {"thinking_tokens": 4}}))
    )  # fmt: skip
    assert fold(events).usage == Usage(
        input=3, cache_read=7, cache_write_1h=40, output=9, reasoning=4, tool_calls={"web_search": 2},
        service_tier="batch",
    )  # fmt: skip


def test_I3_the_total_is_all_three_kinds_of_input() -> None:
    usage = read_usage({"input_tokens": 7, "cache_read_input_tokens": 9000, "cache_creation_input_tokens": 993,
                        "output_tokens": 1})  # fmt: skip
    assert usage.total_input == 10_000


def test_I5_writes_are_split_by_their_lifetime() -> None:
    split = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}
    usage = read_usage({"cache_creation_input_tokens": 30, "output_tokens": 0, "cache_creation": split})
    assert (usage.cache_write_5m, usage.cache_write_1h) == (10, 20)


@pytest.mark.parametrize("split", [{}, {"cache_creation": None}, {"cache_creation": {}}])
def test_I6_without_a_split_all_writes_are_of_five_minutes(split: Record) -> None:
    usage = read_usage({"cache_creation_input_tokens": 2805, **split})
    assert (usage.cache_write_5m, usage.cache_write_1h) == (2805, 0)


def test_writes_beyond_the_split_are_of_five_minutes() -> None:
    report = merge(
        {"cache_creation_input_tokens": 30, "cache_creation": {"ephemeral_1h_input_tokens": 30}},
        {"cache_creation_input_tokens": 50, "cache_creation": None},
    )
    assert (read_usage(report).cache_write_5m, read_usage(report).cache_write_1h) == (20, 30)


def test_compactions_and_advice_are_billed_on_top() -> None:
    iterations = [
        {"type": "compaction", "input_tokens": 1000, "output_tokens": 50, "cache_creation_input_tokens": 9},
        {"type": "message", "input_tokens": 10, "output_tokens": 5},
        {"type": "advisor_message", "input_tokens": 300, "output_tokens": 20, "cache_read_input_tokens": 2},
    ]
    usage = read_usage({"input_tokens": 10, "output_tokens": 5, "iterations": iterations})
    assert usage == Usage(input=1310, output=75, cache_write_5m=9, cache_read=2)


def test_B13_null_is_not_zero() -> None:
    assert Client().read_usage({"usage": None}) is None
    assert Client().read_usage({}) is None
    reader = Client().read_stream()
    list(reader.read(frames(sse(start()))[0]))
    assert reader.usage == Usage(input=3, output=1)


def test_fast_mode_is_a_tier_of_its_own_price() -> None:
    assert read_usage({"speed": "fast", "service_tier": "standard"}).service_tier == "fast"
    assert read_usage({"speed": "standard", "service_tier": "standard"}).service_tier == "default"


# --- what goes wrong


def test_B3_an_error_in_the_stream_ends_it() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"}
    events = read(sse(start(), TEXT[0], error, *TEXT[1:], *ended()))
    last = events[-1]
    assert isinstance(last, e.StreamFailed)
    assert (last.failure.kind, last.failure.message, last.failure.request_id) == (
        ErrorKind.OVERLOADED, "Overloaded", "req_1",
    )  # fmt: skip
    assert last.failure.upstream


def test_K2_an_error_may_be_the_first_frame() -> None:
    raw = sse({"type": "error", "error": {"type": "api_error", "message": "Internal server error"}})
    assert Client().is_content(frames(raw)[0])
    assert isinstance(read(raw)[-1], e.StreamFailed)


@pytest.mark.parametrize("count", range(6))
def test_K1_a_cut_is_a_failure(count: int) -> None:
    whole = [start(), *TEXT, ended()[0]]
    last = read(sse(*whole[:count]))[-1]
    assert isinstance(last, e.StreamFailed) and last.failure.code == "upstream_cut"


def test_a_frame_that_is_no_object_is_a_failure() -> None:
    last = read(sse(start()) + b"event: content_block_delta\ndata: {bad\n\n")[-1]
    assert isinstance(last, e.StreamFailed) and last.failure.code == "upstream_malformed"


def test_a_block_that_is_never_closed_is_closed() -> None:
    assert fold(read(sse(start(), *TEXT[:2], *ended("max_tokens")))).blocks == (b.Text("hi"),)
    assert len(fold(read(sse(start(), *TEXT[:2], opened(1, type="text", text="b"), closed(1), *ended()))).blocks) == 2


def test_nothing_is_read_after_the_end() -> None:
    assert read(sse(start(), *ended(), *TEXT)) == read(sse(start(), *ended()))


def test_streams_without_event_names_are_read() -> None:
    raw = b"".join(b"data: " + (frame.data or b"") + b"\n\n" for frame in frames(sse(start(), *TEXT, *ended())))
    assert fold(read(raw)).blocks == (b.Text("hi"),)
    kinds = [Client().is_content(frame) for frame in frames(raw)]
    assert kinds == [False, True, True, True, True, True]


def test_what_counts_as_content() -> None:
    assert not Client().is_content(frames(sse(start()))[0])
    assert not Client().is_content(frames(sse({"type": "ping"}))[0])
    assert not Client().is_content(Frame(b": x\n\n", None, None))
    assert Client().is_content(frames(sse(TEXT[0]))[0])


def test_a_whole_answer_must_be_a_message() -> None:
    with pytest.raises(ValueError, match="not a message"):
        Client().read_response({"type": "completion"})


def test_the_region_and_the_speed_that_are_charged_by_are_read() -> None:
    usage = read_usage({"input_tokens": 1, "output_tokens": 2, "inference_geo": "us", "speed": "fast"})
    assert (usage.region, usage.service_tier) == ("us", "fast")
    later = usage.merge(read_usage({"input_tokens": 1, "output_tokens": 9}))
    assert (later.region, later.service_tier, later.output) == ("us", "fast", 9)
