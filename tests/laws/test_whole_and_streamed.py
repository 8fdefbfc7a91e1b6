"""A streamed answer, put together by the vendor's own SDK, says what the whole answer says: every reader x caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from interchange.continuity.seal import Seal
from interchange.hub import events as e
from interchange.protocols.anthropic_messages import client as messages_client
from interchange.protocols.anthropic_messages import server as messages_server
from interchange.protocols.bedrock_converse import client as converse_client
from interchange.protocols.faces import Envelope
from interchange.protocols.gemini import client as gemini_client
from interchange.protocols.openai_chat import client as chat_client
from interchange.protocols.openai_chat import server as chat_server
from interchange.protocols.openai_responses import client as responses_client
from interchange.protocols.openai_responses import server as responses_server
from interchange.wire import codec
from interchange.wire.sse import Frame
from tests.laws import streamed
from tests.laws.streamed import Json

SEAL = Seal(b"0123456789abcdef")
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_760_000_000, "asked", include_usage=True, estimate=7)
CALLERS: dict[str, Any] = {
    "chat": chat_server.Server(SEAL),
    "messages": messages_server.Server(SEAL),
    "responses": responses_server.Server(SEAL),
}
READERS: dict[str, tuple[Any, Callable[[Json], Iterator[Frame]]]] = {
    "chat": (chat_client.Client(), streamed.chat),
    "messages": (messages_client.Client(), streamed.messages),
    "responses": (responses_client.Client(), streamed.responses),
    "gemini": (gemini_client.Client(), streamed.gemini),
    "converse": (converse_client.Client(), streamed.converse),
}
EXCEPTIONS = {
    ("chat", r"\.index$"): "entries of a streamed list are numbered, by which the SDK merges them",
    ("chat", r"\.service_tier$"): "the SDK keeps the first chunk's; a tier that comes with the usage is in the last",
    ("chat", r"\.message\.content$"): "the role chunk says an empty content, as OpenAI's does; a whole answer null",
    ("messages", r"\.usage\.(cache_creation|service_tier)\b"): "the SDK keeps message_start's, and Claude Code 2.1.79 "
    "refuses a message_start without them: they are told before anything is known",
    ("messages", r"\._malformed_arguments$"): "arguments that were cut short are no object; a stream has told them",
}
"""Where the two may differ: (caller, path) -> why."""


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
        "picture": chat({"content": "a cat", "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}),  # noqa: E501
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
        "logprobs of two parts": responses(message(text("ab", logprobs=(step("ab"),)), text(" cd", logprobs=(step(" cd"),)))),  # noqa: E501
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


def read(reader: Any, frames: Iterator[Frame]) -> list[e.Event]:
    stream = reader.read_stream()
    return [*(event for one in frames for event in stream.read(one)), *stream.finish()]


def client(kind: str, data: bytes) -> Any:
    """The SDK of a caller, which is answered with these bytes."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers={"content-type": kind}, content=data))
    return httpx2.Client(transport=transport)


def ask(caller: str, data: bytes, *, stream: bool) -> Any:
    http = client("text/event-stream" if stream else "application/json", data)
    if caller == "messages":
        claude: Any = anthropic.Anthropic(api_key="x", base_url="http://h", http_client=http, max_retries=0)
        if not stream:
            return claude.beta.messages.create(model="m", max_tokens=9, messages=[]).model_dump()
        with claude.beta.messages.stream(model="m", max_tokens=9, messages=[]) as events:
            return events.get_final_message().model_dump()
    gpt: Any = openai.OpenAI(api_key="x", base_url="http://h/v1", http_client=http, max_retries=0)
    if caller == "responses":
        if not stream:
            return gpt.responses.create(model="m", input="x").model_dump()
        with gpt.responses.stream(model="m", input="x") as events:
            return list(events)[-1].response.model_dump()
    if not stream:
        return gpt.chat.completions.create(model="m", messages=[]).model_dump()
    with gpt.chat.completions.stream(model="m", messages=[], stream_options={"include_usage": True}) as events:
        for _ in events:
            pass
        return events.current_completion_snapshot.model_dump()


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The paths at which two answers differ; null is absent, and so is what the SDK alone adds (`parsed`)."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            if not name.startswith("parsed"):
                yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{at}]")
    elif one != other:
        yield f"{path}: {one!r} whole, {other!r} streamed"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("vendor", "name"),
    [pytest.param(vendor, name, id=f"{vendor}-{name}") for vendor, answers in ANSWERS.items() for name in answers],
)
def test_a_streamed_answer_says_what_the_whole_one_says(vendor: str, name: str, caller: str) -> None:
    reader, frames = READERS[vendor]
    body, server = ANSWERS[vendor][name], CALLERS[caller]
    whole = ask(caller, codec.dumps(server.write_response(reader.read_response(body), ENVELOPE)), stream=False)
    writer = server.write_stream(ENVELOPE)
    told = b"".join(writer.write(event) for event in read(reader, frames(body)))
    found = differences(whole, ask(caller, told, stream=True))
    allowed = [re.compile(path) for (of, path) in EXCEPTIONS if of == caller]
    assert [said for said in found if not any(path.search(said.partition(":")[0]) for path in allowed)] == []
