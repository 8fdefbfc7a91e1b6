"""State is kept from an answer and put back into the next request's history."""

from __future__ import annotations

import pytest

from interchange.continuity.memory import Collector, restore, wanted
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import unfold
from interchange.hub.request import Request

SIGNED = b.Continuation("anthropic_messages", "sig==")
HIDDEN = b.Continuation("anthropic_messages", "enc==")


def collected(*blocks: b.Block) -> dict[str, bytes]:
    collector = Collector()
    answer = e.Response("r", "m", 0, (e.Choice(blocks, e.Stop(e.StopReason.TOOL_USE)),), None)
    for event in unfold(answer):
        collector.add(event)
    return collector.records()


def history(*blocks: b.Block) -> Request:
    return Request("m", (b.Message(b.Role.ASSISTANT, blocks),))


def test_D1_thinking_comes_back_before_its_turn() -> None:
    thinking = (b.Thinking("why", SIGNED), b.RedactedThinking(HIDDEN))
    calls = (b.ToolUse("call_1", "f", "{}"), b.ToolUse("call_2", "g", "{}"))
    records = collected(*thinking, b.Text("so"), *calls)
    asked = history(b.Thinking("why, unsigned"), b.Text("so"), *calls)
    assert wanted(asked) == ("call_1", "call_2")
    assert restore(asked, records).messages[0].content == (*thinking, b.Text("so"), *calls)


def test_D2_an_empty_thinking_text_with_a_signature_is_kept() -> None:
    records = collected(b.Thinking("", SIGNED), b.ToolUse("call_1", "f", "{}"))
    restored = restore(history(b.ToolUse("call_1", "f", "{}")), records)
    assert restored.messages[0].content[0] == b.Thinking("", SIGNED)


def test_C1_a_signature_of_a_call_survives_a_client_that_keeps_id_name_and_arguments() -> None:
    state = b.Continuation("gemini", "c2ln")
    records = collected(b.ToolUse("call_1", "f", "{}", state=state), b.ToolUse("call_2", "f", "{}"))
    restored = restore(history(b.ToolUse("call_1", "f", "{}"), b.ToolUse("call_2", "f", "{}")), records)
    assert restored.messages[0].content == (b.ToolUse("call_1", "f", "{}", state=state), b.ToolUse("call_2", "f", "{}"))


def test_what_the_caller_echoed_is_not_replaced() -> None:
    echoed = history(b.Thinking("mine", SIGNED), b.ToolUse("call_1", "f", "{}"))
    assert restore(echoed, collected(b.Thinking("other", HIDDEN), b.ToolUse("call_1", "f", "{}"))) == echoed


def test_nothing_is_kept_of_an_answer_without_state() -> None:
    assert collected(b.Thinking("unsigned"), b.ToolUse("call_1", "f", "{}")) == {}
    assert collected(b.Thinking("signed", SIGNED), b.Text("no call")) == {}


A, B = b.Thinking("A", SIGNED), b.Thinking("B", b.Continuation("anthropic_messages", "sig2=="))
CALL = b.ToolUse("call_1", "f", "{}")
BETWEEN = (A, b.Text("I look."), B, CALL)


@pytest.mark.parametrize(
    "kept",
    [(b.Text("I look."), CALL), (A, B, b.Text("I look."), CALL), (b.Thinking("AB"), b.Text("I look."), CALL)],
    ids=["plain", "full", "thinking as bare text"],
)
def test_interleaved_thinking_comes_back_where_it_stood(kept: tuple[b.Block, ...]) -> None:
    assert restore(history(*kept), collected(*BETWEEN)).messages[0].content == BETWEEN


def test_texts_and_calls_come_back_in_the_order_in_which_they_were_said() -> None:
    second = b.ToolUse("call_2", "g", "{}")
    turn = (A, b.Text("one"), CALL, b.Text("two"), B, b.Text("three"), second)
    asked = history(b.Text("onetwothree"), CALL, second)
    assert restore(asked, collected(*turn)).messages[0].content == turn


def test_a_turn_that_the_caller_changed_gets_its_thinking_in_front() -> None:
    changed = history(b.Text("I looked up."), CALL)
    assert restore(changed, collected(*BETWEEN)).messages[0].content == (A, B, b.Text("I looked up."), CALL)


@pytest.mark.parametrize(
    "kept",
    [
        (B, b.Text("I look."), CALL),
        (b.Thinking("AB", B.state), b.Text("I look."), CALL),
        (A, B, CALL, b.Text("I look.")),
        (b.Thinking("AB", B.state), CALL, b.Text("I look.")),
    ],
    ids=["a part", "two in one", "calls first", "two in one, calls first"],
)
def test_thinking_that_a_client_merges_or_moves_comes_back_as_it_was_said(kept: tuple[b.Block, ...]) -> None:
    assert restore(history(*kept), collected(*BETWEEN)).messages[0].content == BETWEEN


def test_a_text_that_a_client_sends_behind_its_calls_comes_back_before_them() -> None:
    turn = (A, b.Text("I look."), CALL)
    assert restore(history(A, CALL, b.Text("I look.")), collected(*turn)).messages[0].content == turn


def test_thinking_that_is_not_of_the_turn_stays_as_the_caller_has_it() -> None:
    other = history(b.Thinking("C", b.Continuation("anthropic_messages", "sig3==")), b.Text("I look."), CALL)
    assert restore(other, collected(*BETWEEN)) == other


def test_the_mark_of_a_text_stays_at_its_end() -> None:
    cached = b.Text("onetwo", cache=b.CacheControl())
    turn = (A, b.Text("one"), B, b.Text("two"), CALL)
    found = restore(history(cached, CALL), collected(*turn)).messages[0].content
    assert found == (A, b.Text("one"), B, b.Text("two", cache=b.CacheControl()), CALL)


GEMINI = b.Continuation("gemini", "c2ln")


@pytest.mark.parametrize(
    "turn",
    [
        (b.Text("I look.", state=GEMINI), CALL),
        (b.Text("I look."), b.Text("", state=GEMINI), CALL),
        (b.Thinking("Hm."), b.Text("I look.", state=GEMINI), b.ToolUse("call_1", "f", "{}", state=GEMINI)),
    ],
    ids=["on the text", "on an empty part", "on the text and the call"],
)
def test_T14_a_texts_signature_comes_back_with_its_turn(turn: tuple[b.Block, ...]) -> None:
    asked = history(*(block for block in (b.Text("I look."), turn[-1])))
    unthought = tuple(block for block in turn if not isinstance(block, b.Thinking))
    assert wanted(asked) == ("call_1",)
    assert restore(asked, collected(*turn)).messages[0].content == unthought


def test_T14_a_signature_of_an_answer_without_calls_is_found_by_its_text() -> None:
    records = collected(b.Thinking("Hm."), b.Text("Oak."), b.Text("", state=GEMINI))
    asked = history(b.Text("Oak."))
    assert wanted(asked) == ()
    assert wanted(asked, texts=True) == tuple(records)
    assert restore(asked, records).messages[0].content == (b.Text("Oak."), b.Text("", state=GEMINI))
    assert restore(history(b.Text("Elm.")), records) == history(b.Text("Elm."))
