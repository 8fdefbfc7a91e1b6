"""State is kept from an answer and put back into the next request's history."""

from __future__ import annotations

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
