"""A conversation that changes its model: what the new one refuses is left out, whatever lane it goes by."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from interchange.continuity.memory import wanted
from interchange.hub import blocks as b
from interchange.hub.request import Request
from interchange.wire import codec
from tests.exchange.world import Says, chat_answer, user, world

ANSWER = codec.dumps({
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "ok"}], "usage": {"input_tokens": 1, "output_tokens": 1},
})  # fmt: skip
UNSIGNED = {"type": "thinking", "thinking": "Hm.", "signature": ""}
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "1"}]}
TOOLS = [{"name": "f", "input_schema": {"type": "object"}}]


def sent(family: str, body: dict[str, Any], answer: bytes) -> tuple[Any, str]:
    """What went upstream, and what was told to be dropped."""

    async def run() -> tuple[Any, str]:
        with world() as made:
            made.script.answers.append(Says(chunks=[answer]))
            status, told, headers = await made.whole(family, body)
            assert status == 200, told
            return made.script.bodies[0], headers.get("x-interchange-dropped", "")

    return asyncio.run(run())


def messages(history: list[Any], **extra: Any) -> dict[str, Any]:
    return {"model": "claude", "max_tokens": 2000, "messages": history, **extra}


def test_unsigned_thinking_never_reaches_claude() -> None:
    turn = {"role": "assistant", "content": [UNSIGNED, {"type": "text", "text": "Oak."}]}
    body, _ = sent("messages", messages([*user(), turn, *user("why")]), ANSWER)
    assert body["messages"][1]["content"] == [{"type": "text", "text": "Oak."}]


def test_thinking_that_claude_signed_itself_goes_back_as_it_was() -> None:
    turn = {"role": "assistant", "content": [SIGNED, {"type": "text", "text": "Oak."}]}
    body, _ = sent("messages", messages([*user(), turn, *user("why")]), ANSWER)
    assert body["messages"][1] == turn


@pytest.mark.parametrize("first", [[], [UNSIGNED]], ids=["no thinking", "another vendor's"])
def test_thinking_is_switched_off_where_the_open_loop_began_without_it(first: list[Any]) -> None:
    history = [*user(), {"role": "assistant", "content": [*first, CALL]}, RESULT]
    asked = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "tools": TOOLS}
    body, dropped = sent("messages", messages(history, **asked), ANSWER)
    assert body["thinking"] == {"type": "disabled"}
    assert "thinking" in dropped


@pytest.mark.parametrize(
    ("first", "thinking"),
    [([SIGNED], {"type": "enabled", "budget_tokens": 1024}), ([], {"type": "adaptive"})],
    ids=["its own thinking", "adaptive"],
)
def test_thinking_stays_on_where_claude_takes_it(first: list[Any], thinking: dict[str, Any]) -> None:
    history = [*user(), {"role": "assistant", "content": [*first, CALL]}, RESULT]
    body, dropped = sent("messages", messages(history, thinking=thinking, tools=TOOLS), ANSWER)
    assert body["thinking"] == thinking
    assert dropped == ""


ADDED: dict[str, Any] = {
    "reasoning_content": "Hm.",
    "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "format": "interchange-v1", "index": 0}],
    "extra_content": {"google": {"thought_signature": "c2ln"}},
    "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}],
}
SAID: dict[str, Any] = {
    "role": "assistant", "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}  # fmt: skip


def chat(model: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"model": model, "messages": [*user(), said, {"role": "tool", "tool_call_id": "c1", "content": "1"}]}


@pytest.mark.parametrize("model", ["gpt", "grok"])
def test_fields_that_we_added_for_one_vendor_never_reach_another(model: str) -> None:
    calls = [{**SAID["tool_calls"][0], "extra_content": ADDED["extra_content"]}]
    body, _ = sent("chat", chat(model, {**SAID, **ADDED, "tool_calls": calls}), chat_answer())
    assert body["messages"][1] == SAID


def test_groks_own_reasoning_goes_back_to_grok_and_not_to_openai() -> None:
    said = {**SAID, "reasoning_content": "Hm."}
    body, _ = sent("chat", chat("grok", said), chat_answer())
    assert body["messages"][1] == said
    body, _ = sent("chat", chat("gpt", said), chat_answer())
    assert body["messages"][1] == SAID


@pytest.mark.parametrize("family", ["responses", "chat"])
def test_a_field_of_one_name_and_two_shapes_is_dropped_by_name(family: str) -> None:
    least = {"input": "hi"} if family == "responses" else {"messages": user()}
    management = [{"type": "compaction", "compact_threshold": 1000}]
    body, dropped = sent(family, {"model": "claude", **least, "context_management": management}, ANSWER)
    assert "context_management" not in body
    assert "context_management" in dropped


def test_an_items_id_alone_is_no_state() -> None:
    call = b.ToolUse("call_1", "f", "{}", state=b.Continuation("openai_responses", "", "fc_1"))
    assert wanted(Request("m", (b.Message(b.Role.ASSISTANT, (call,)),))) == ("call_1",)
