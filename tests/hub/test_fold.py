"""The whole answer is the fold of its stream."""

from __future__ import annotations

import pytest
from hypothesis import given

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.fold import Folder, StreamBroken, fold, unfold
from interchange.hub.grammar import Grammar
from interchange.hub.usage import Usage
from tests.hub.answers import responses

STOP = e.MessageStop((e.Stop(e.StopReason.END),))


@given(responses())
def test_folding_an_unfolded_answer_gives_it_back(response: e.Response) -> None:
    assert fold(unfold(response)) == response


@given(responses())
def test_an_unfolded_answer_keeps_to_the_grammar(response: e.Response) -> None:
    grammar = Grammar()
    for event in unfold(response):
        grammar.check(event)
    grammar.end()


def test_deltas_join_in_order() -> None:
    state = b.Continuation("gemini", "sig")
    events: list[e.Event] = [
        e.MessageStart("id", "model", 1, {"a": 1, "b": 1}),
        e.BlockStart(0, b.Thinking("")),
        e.ThinkingDelta(0, "th"),
        e.ThinkingDelta(0, "ink"),
        e.StateDelta(0, state),
        e.BlockStop(0),
        e.BlockStart(1, b.ToolUse("t", "f", "")),
        e.ArgumentsDelta(1, '{"a"'),
        e.ArgumentsDelta(1, ":1}"),
        e.BlockStop(1),
        e.UsageReported(Usage(input=3)),
        e.UsageReported(Usage(input=3, output=5)),
        e.MessageStop((e.Stop(e.StopReason.TOOL_USE),), {"b": 2}),
    ]
    response = fold(events)
    assert response.blocks == (b.Thinking("think", state), b.ToolUse("t", "f", '{"a":1}'))
    assert response.usage == Usage(input=3, output=5)
    assert response.extra == {"a": 1, "b": 2}
    assert (response.id, response.model, response.created) == ("id", "model", 1)


def test_choices_may_be_interleaved() -> None:
    events: list[e.Event] = [
        e.MessageStart(),
        e.BlockStart(0, b.Text(""), 0),
        e.BlockStart(1, b.Text(""), 1),
        e.TextDelta(1, "x"),
        e.TextDelta(0, "a"),
        e.TextDelta(1, "y"),
        e.BlockStop(1),
        e.BlockStop(0),
        e.MessageStop((e.Stop(e.StopReason.END), e.Stop(e.StopReason.MAX_TOKENS))),
    ]
    response = fold(events)
    assert [choice.blocks for choice in response.choices] == [(b.Text("a"),), (b.Text("xy"),)]
    assert [choice.stop.reason for choice in response.choices] == [e.StopReason.END, e.StopReason.MAX_TOKENS]


def test_log_probabilities_of_a_choice_join() -> None:
    one, two = e.Logprobs(0, ({"token": "a"},)), e.Logprobs(0, ({"token": "b"},))
    assert fold([e.MessageStart(), one, two, STOP]).choices[0].logprobs == e.Logprobs(0, (*one.content, *two.content))


def test_a_failure_carries_what_had_arrived() -> None:
    failure = Failure(ErrorKind.API, "boom")
    events: list[e.Event] = [
        e.MessageStart(),
        e.BlockStart(0, b.Text("")),
        e.TextDelta(0, "half"),
        e.StreamFailed(failure),
    ]
    with pytest.raises(StreamBroken) as caught:
        fold(events)
    assert caught.value.failure == failure
    assert caught.value.partial.blocks == (b.Text("half"),)


def test_a_stream_without_its_end_is_broken() -> None:
    with pytest.raises(StreamBroken) as caught:
        fold([e.MessageStart()])
    assert caught.value.failure is None


def test_the_answer_so_far_may_be_asked_at_any_time() -> None:
    folder = Folder()
    for event in (e.MessageStart(), e.BlockStart(0, b.Text("")), e.TextDelta(0, "so ")):
        folder.add(event)
    assert folder.response().blocks == (b.Text("so "),)
    folder.add(e.TextDelta(0, "far"))
    assert folder.response().blocks == (b.Text("so far"),)
    assert folder.ended is None


def test_an_answer_without_choices_has_no_blocks() -> None:
    empty = e.Response(None, None, None, (), None)
    assert empty.blocks == ()
    assert empty.stop.reason is e.StopReason.OTHER
