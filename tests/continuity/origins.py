"""Transcripts that began somewhere else, and go on here: each vendor's own, and those that other gateways and libraries
write. Their state was never seen here; a caller's protocol -> name -> the history, up to the results of a tool loop."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
USER = {"role": "user", "content": "Which tree?"}


def _called(identity: str, name: str, **more: Any) -> Json:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": "{}"}, **more}


def _chat(calls: list[Json] | None = None, content: Any = "I look.", **more: Any) -> list[Json]:
    made = calls or [_called("call_a", "look"), _called("call_b", "listen")]
    said = {"role": "assistant", "content": content, "tool_calls": made, **more}
    return [USER, said, *({"role": "tool", "tool_call_id": call["id"], "content": "oak"} for call in made)]


def _signed(identity: str, name: str, **more: Any) -> Json:
    return _called(identity, name, extra_content={"google": {"thought_signature": "c2lnbmVk"}}, **more)


OPENROUTER = "openrouter.ai/docs/use-cases/reasoning-tokens"
CHAT: dict[str, list[Json]] = {
    "openai": _chat(refusal=None, annotations=[], audio=None, function_call=None),
    "gemini's own endpoint": _chat([_signed("function-call-1", "look"), _called("function-call-2", "listen")]),
    "openrouter, claude": _chat(
        reasoning="Hm.",
        reasoning_details=[{"type": "reasoning.text", "text": "Hm.", "signature": "c2lnbmVk",
                            "format": "anthropic-claude-v1", "index": 0}],
    ),
    "openrouter, redacted claude": _chat(
        reasoning=None,
        reasoning_details=[{"type": "reasoning.encrypted", "data": "c2VjcmV0", "format": "anthropic-claude-v1",
                            "index": 0}],
    ),
    "openrouter, gpt": _chat(
        reasoning="Hm.",
        reasoning_details=[
            {"type": "reasoning.summary", "summary": "Hm.", "format": "openai-responses-v1", "index": 0},
            {"type": "reasoning.encrypted", "data": "gAAAA", "id": "rs_1", "format": "openai-responses-v1", "index": 0},
        ],
    ),
    "openrouter, gemini": _chat(
        reasoning="Hm.",
        reasoning_details=[{"type": "reasoning.encrypted", "data": "c2VjcmV0", "id": "call_a",
                            "format": "google-gemini-v1", "index": 0}],
    ),
    "openrouter, grok": _chat(
        reasoning_details=[{"type": "reasoning.encrypted", "data": "c2VjcmV0", "id": "rs_1",
                            "format": "xai-responses-v1", "index": 0}],
    ),
    "deepseek": _chat(reasoning_content="Hm."),
    "vllm": _chat(reasoning="Hm."),
    "litellm, claude": _chat(
        reasoning_content="Hm.",
        thinking_blocks=[{"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}],
        provider_specific_fields={"citations": None},
    ),
    "litellm, gemini": _chat(
        [_called("call_a__thought__c2lnbmVk", "look", provider_specific_fields={"thought_signature": "c2lnbmVk"}),
         _called("call_b", "listen")],
        content=None,
        provider_specific_fields={"thought_signatures": ["c2lnbmVk"]},
    ),
    "claude's blocks in chat": _chat(
        content=[{"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}, {"type": "text", "text": "I look."}],
    ),
    "system text in the middle": [
        {"role": "system", "content": "Be brief."}, *_chat(), {"role": "system", "content": "Answer in one word."},
        {"role": "developer", "content": "In English."},
    ],
    "pictures in results": [
        *_chat()[:-1],
        {"role": "tool", "tool_call_id": "call_b", "content": [
            {"type": "text", "text": "oak"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}]},
    ],
    "empty text": _chat(content=""),
    "several rounds": [
        *_chat(reasoning_content="Hm."),
        *_chat([_called("call_c", "look")], reasoning_content="Hm, hm.")[1:],
        {"role": "assistant", "content": "Oak."}, {"role": "user", "content": "And that?"},
        *_chat([_called("call_d", "look")], content=None, reasoning_content="Hmm.")[1:],
    ],
}  # fmt: skip

RESULTS = [{"type": "tool_result", "tool_use_id": one, "content": "oak"} for one in ("toolu_a", "toolu_b")]
USES = [{"type": "tool_use", "id": one, "name": name, "input": {}}
        for one, name in (("toolu_a", "look"), ("toolu_b", "listen"))]  # fmt: skip
TEXT = {"type": "text", "text": "I look."}


def _messages(*before: Json, uses: list[Json] = USES, results: list[Json] = RESULTS) -> list[Json]:
    return [USER, {"role": "assistant", "content": [*before, *uses]}, {"role": "user", "content": results}]


FOREIGN_MARK = "ic1.eyJhIjoxfQ.AAAAAAAAAAAAAAAAAAAAAAAA"
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}
MESSAGES: dict[str, list[Json]] = {
    "claude": _messages(THOUGHT, TEXT),
    "claude, redacted": _messages({"type": "redacted_thinking", "data": "c2VjcmV0"}, TEXT),
    "claude, interleaved": _messages(THOUGHT, TEXT, {**THOUGHT, "thinking": "Hm, hm."}),
    "a gateway without signatures": _messages({**THOUGHT, "signature": ""}, TEXT),
    "a library that drops signatures": _messages({"type": "thinking", "thinking": "Hm."}, TEXT),
    "a signature of null": _messages({**THOUGHT, "signature": None}, TEXT),
    "openrouter, gpt": _messages({**THOUGHT, "signature": "openrouter.gAAAA"}, TEXT),
    "our mark, another deployment's": _messages({**THOUGHT, "signature": FOREIGN_MARK}),
    "plain": _messages(TEXT),
    "fields of the SDK's dump": _messages(
        {**THOUGHT}, {**TEXT, "citations": None},
        uses=[{**use, "caller": {"type": "direct"}} for use in USES],
    ),
    "pictures in results": _messages(
        THOUGHT,
        results=[RESULTS[0], {**RESULTS[1], "content": [
            {"type": "text", "text": "oak"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}]}],
    ),
    "system text in the middle": [*_messages(TEXT), {"role": "system", "content": "Answer in one word."}],
    "several rounds": [
        *_messages(THOUGHT, TEXT),
        {"role": "assistant", "content": [THOUGHT, {**USES[0], "id": "toolu_c"}]},
        {"role": "user", "content": [{**RESULTS[0], "tool_use_id": "toolu_c"}]},
    ],
    "a finished loop": [
        *_messages(THOUGHT, TEXT), {"role": "assistant", "content": [THOUGHT, {"type": "text", "text": "Oak."}]},
        {"role": "user", "content": "And that?"},
    ],
}  # fmt: skip

SEALED = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}],
          "encrypted_content": "gAAAA"}  # fmt: skip
SAID = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []}]}  # fmt: skip
CALLS = [{"type": "function_call", "id": f"fc_{one}", "call_id": f"call_{one}", "name": name, "arguments": "{}",
          "status": "completed"} for one, name in (("a", "look"), ("b", "listen"))]  # fmt: skip
OUTPUTS = [{"type": "function_call_output", "call_id": f"call_{one}", "output": "oak"} for one in "ab"]


def _items(*before: Json, calls: list[Json] = CALLS, outputs: list[Json] = OUTPUTS) -> list[Json]:
    return [USER, *before, *calls, *outputs]


RESPONSES: dict[str, list[Json]] = {
    "gpt": _items(SEALED, SAID),
    "gpt, each call after its thought": [
        USER, SEALED, CALLS[0], {**SEALED, "id": "rs_2", "encrypted_content": "gBBBB"}, CALLS[1], *OUTPUTS],
    "gpt, stored there": _items({"type": "reasoning", "id": "rs_1", "summary": []}, SAID),
    "fields of the SDK's dump": _items(
        {**SEALED, "content": None, "status": None}, {**SAID, "phase": None},
        calls=[{**call, "namespace": None} for call in CALLS],
    ),
    "an open model": _items({**SEALED, "encrypted_content": None, "summary": [],
                             "content": [{"type": "reasoning_text", "text": "Hm."}]}, SAID),
    "grok": _items({**SEALED, "encrypted_content": "eGFp"}),
    "our mark, another deployment's": _items({**SEALED, "encrypted_content": FOREIGN_MARK}),
    "plain": _items({"role": "assistant", "content": "I look."},
                    calls=[{name: call[name] for name in ("type", "call_id", "name", "arguments")} for call in CALLS]),
    "ids dropped": _items({name: value for name, value in SEALED.items() if name != "id"}, SAID),
    "thoughts of a finished loop": [
        *_items(SEALED, SAID), {**SEALED, "id": "rs_2"}, {**SAID, "id": "msg_2"},
        {"role": "user", "content": "And that?"}],
    "pictures in results": _items(
        SEALED, outputs=[OUTPUTS[0], {**OUTPUTS[1], "output": [
            {"type": "input_text", "text": "oak"},
            {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}]}]),
    "system text in the middle": [
        *_items(SAID), {"role": "developer", "content": "Answer in one word."},
        {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "In English."}]}],
    "a result right after its call": [USER, SEALED, CALLS[0], OUTPUTS[0], CALLS[1], OUTPUTS[1]],
}  # fmt: skip
ORIGINS = {"chat": CHAT, "messages": MESSAGES, "responses": RESPONSES}
