"""Answers of each vendor in the vendor's own form, one for each thing that an answer may hold."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def chat(message: Json, finish: str = "stop", logprobs: Json | None = None, **more: Any) -> Json:
    message = {"role": "assistant", "content": None, "refusal": None, **message}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": logprobs}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"}
    return {**head, "choices": [choice], "usage": usage, **more}


def responses(*items: Json, status: str = "completed", **more: Any) -> Json:
    output = [{"id": f"item_{at}", **item} for at, item in enumerate(items)]
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": status, "error": None}
    return {**head, "incomplete_details": None, "output": output, "usage": usage, **more}


def messages(*content: Json, stop: str = "end_turn") -> Json:
    usage = {"input_tokens": 10, "output_tokens": 5, "service_tier": "priority"}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": list(content)}
    return {**head, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def gemini(*parts: Json, **about: Any) -> Json:
    candidate = {"index": 0, "content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP", **about}
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "m", "responseId": "r"}


def converse(*content: Json, stop: str = "end_turn") -> Json:
    usage = {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15}
    message = {"message": {"role": "assistant", "content": list(content)}}
    return {"output": message, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}


def step(token: str) -> Json:
    return {"token": token, "logprob": -0.5, "bytes": list(token.encode()), "top_logprobs": []}


def function(arguments: str) -> Json:
    return {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": arguments}}


def text(said: str, *annotations: Json, logprobs: tuple[Json, ...] = ()) -> Json:
    return {"type": "output_text", "text": said, "annotations": list(annotations), "logprobs": list(logprobs)}


def message(*parts: Json) -> Json:
    return {"type": "message", "role": "assistant", "status": "completed", "content": list(parts)}


def call(name: str, arguments: str) -> Json:
    return {"type": "function_call", "call_id": name, "name": name, "arguments": arguments, "status": "completed"}


def thought(**parts: Any) -> Json:
    return {"type": "reasoning", "summary": [], **parts}


def grounded(*segments: tuple[int, int, str]) -> Json:
    supports = [{"segment": {"startIndex": start, "endIndex": end, "text": said}, "groundingChunkIndices": [0]}
                for start, end, said in segments]  # fmt: skip
    chunks = [{"web": {"uri": "https://a.example", "title": "A"}}]
    return {"groundingMetadata": {"groundingChunks": chunks, "groundingSupports": supports}}


SITE = {"type": "url_citation", "start_index": 4, "end_index": 8, "url": "https://a.example", "title": "A"}
CHAT_SITE = {"type": "url_citation", "url_citation": {name: SITE[name] for name in SITE if name != "type"}}
CODE = (
    {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
    {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
)
PICTURE = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
SOUND = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AAECAwQF"}}
GEMINI_CALL = {"functionCall": {"name": "f", "args": {"a": 1}}}
SEARCH = {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}
CUT: Json = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": "x y"}}

ANSWERS: dict[str, dict[str, Json]] = {
    "chat": {
        "text": chat({"content": "hello \U0001f600 there"}),
        "empty": chat({"content": ""}),
        "refusal": chat({"refusal": "I cannot do it"}),
        "logprobs": chat({"content": "ab cd"}, logprobs={"content": [step("ab"), step(" cd")], "refusal": None}),
        "logprobs and a call": chat({"content": "ab", "tool_calls": [function("{}")]}, "tool_calls",
                                    {"content": [step("ab")], "refusal": None}),
        "citation": chat({"content": "see this", "annotations": [CHAT_SITE]}),
        "call": chat({"content": "so", "tool_calls": [function('{"a": "x y z"}')]}, "tool_calls"),
        "call without arguments": chat({"tool_calls": [function("")]}, "tool_calls"),
        "call cut short": chat({"tool_calls": [function('{"a": ')]}, "length"),
        "reasoning": chat({"reasoning_content": "let me think", "content": "42"}),
        "picture": chat({"content": "a cat", "images": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}),
        "cut": chat({"content": "cut"}, "length"),
        "filter": chat({"content": "cu"}, "content_filter"),
        "tier": chat({"content": "x"}, service_tier="flex", system_fingerprint="fp_1"),
    },
    "responses": {
        "text": responses(message(text("hello there"))),
        "nothing": responses(),
        "parts": responses(message(text("one "), text("two"))),
        "refusal": responses(message({"type": "refusal", "refusal": "I cannot"})),
        "citation of the second part": responses(message(text("first part "), text("see this", SITE))),
        "logprobs of two parts": responses(
            message(text("ab", logprobs=(step("ab"),)), text(" cd", logprobs=(step(" cd"),)))),
        "logprobs and a call": responses(message(text("ab", logprobs=(step("ab"),))), call("f", "{}")),
        "summary": responses(thought(summary=[{"type": "summary_text", "text": t} for t in ("think", "more")],
                                     encrypted_content="E"), message(text("42"))),
        "reasoning": responses(thought(content=[{"type": "reasoning_text", "text": t} for t in ("raw", "more")]),
                               message(text("42"))),
        "state alone": responses(thought(encrypted_content="E"), message(text("42"))),
        "calls": responses(message(text("a")), call("f", '{"a": 1}'), call("g", ""), message(text("b"))),
        "search": responses(SEARCH, message(text("see this", SITE))),
        "cut": responses(message(text("cut")), **CUT),
        "call cut short": responses(call("f", '{"a": '), **CUT),
    },
    "messages": {
        "text": messages({"type": "text", "text": "hello there"}),
        "nothing": messages(),
        "thinking": messages({"type": "thinking", "thinking": "hmm", "signature": "S"}, {"type": "text", "text": "42"}),
        "no words": messages({"type": "thinking", "thinking": "", "signature": "S"}, {"type": "text", "text": "42"}),
        "redacted": messages({"type": "redacted_thinking", "data": "R"}, {"type": "text", "text": "42"}),
        "call": messages({"type": "text", "text": "a"}, USE, stop="tool_use"),
        "cut": messages({"type": "text", "text": "cut"}, stop="max_tokens"),
        "refusal": messages({"type": "text", "text": "no"}, stop="refusal"),
    },
    "gemini": {
        "text": gemini({"text": "hello there"}),
        "thought": gemini({"text": "think", "thought": True}, {"text": "42", "thoughtSignature": "U0lH"}),
        "calls": gemini({"text": "a"}, {**GEMINI_CALL, "thoughtSignature": "U0lH"}, GEMINI_CALL),
        "code": gemini({"text": "first"}, *CODE, {"text": "done"}),
        "grounding": gemini({"text": "sée thïs page"}, **grounded((5, 10, "thïs"))),
        "grounding behind code": gemini({"text": "first part. "}, *CODE, {"text": "see this"},
                                        **grounded((0, 5, "first"), (4, 8, "this"))),
        "grounding before a call": gemini({"text": "see this"}, GEMINI_CALL, **grounded((4, 8, "this"))),
        "grounding before a picture": gemini({"text": "see this"}, PICTURE, **grounded((4, 8, "this"))),
        "sound": gemini(SOUND),
        "cut": gemini({"text": "cut"}, finishReason="MAX_TOKENS"),
        "safety": gemini({"text": "cu"}, finishReason="SAFETY"),
    },
    "converse": {
        "text": converse({"text": "hello"}),
        "thinking": converse({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "S"}}}, {"text": "42"}),
        "call": converse({"text": "a"}, {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"a": 1}}},
                         stop="tool_use"),
        "cut": converse({"text": "cut"}, stop="max_tokens"),
    },
}  # fmt: skip
