"""The exchange with an MCP server of the tests, and vendors that call its tools as a test tells them to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from interchange.exchange.mcp import Mcp, McpLimits, Session
from interchange.hub.mcp import McpServer
from interchange.upstream.mcp_servers import McpSession
from interchange.upstream.public import read_reach
from interchange.wire import codec
from tests.exchange import world as w

HERE = read_reach("127.0.0.1")
MODELS = ("gpt", "claude", "gemini", "grok")


async def connect(server: McpServer) -> Session:
    return McpSession(server, HERE, 30.0)


@contextmanager
def world(credit: str = "10", limits: McpLimits | None = None) -> Iterator[w.World]:
    with w.world(credit) as here:
        here.services = replace(here.services, mcp=Mcp(connect, limits or McpLimits()))
        yield here


Call = tuple[str, str, dict[str, Any]]
"""(id, name, arguments)"""


def answer(model: str, text: str = "", calls: list[Call] | None = None, *, stream: bool = False) -> w.Says:
    """What the model's vendor says: 10 tokens in, 5 out."""
    said = {"gpt": _chat, "grok": _responses, "claude": _messages, "gemini": _gemini}[model]
    return w.Says(chunks=said(text, calls or [], stream))


def _chat(text: str, calls: list[Call], stream: bool) -> list[bytes]:
    made = [
        {"id": i, "type": "function", "function": {"name": n, "arguments": codec.dumps_text(a)}} for i, n, a in calls
    ]
    finish = "tool_calls" if calls else "stop"
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    if stream:
        pieces = [w.chat_chunk({"tool_calls": [{"index": at, **call}]}) for at, call in enumerate(made)]
        head = [w.chat_chunk({"role": "assistant", "content": text})]
        return [*head, *pieces, w.chat_chunk({}, finish), w.chat_chunk(None, usage=usage), b"data: [DONE]\n\n"]
    message = {"role": "assistant", "content": text or None, "refusal": None, "tool_calls": made or None}
    choices = [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}]
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return [codec.dumps(body)]


def _messages(text: str, calls: list[Call], stream: bool) -> list[bytes]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    blocks += [{"type": "tool_use", "id": i, "name": n, "input": a} for i, n, a in calls]
    reason = "tool_use" if calls else "end_turn"
    shell = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "stop_sequence": None}
    usage = {"input_tokens": 10, "output_tokens": 5}
    if not stream:
        return [codec.dumps({**shell, "content": blocks, "stop_reason": reason, "usage": usage})]
    begun: dict[str, Any] = {**shell, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    frames = [w.messages_frame("message_start", message=begun)]
    for at, block in enumerate(blocks):
        if block["type"] == "text":
            opening: dict[str, Any] = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            told = codec.dumps_text(block["input"])
            opening, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": told}
        frames.append(w.messages_frame("content_block_start", index=at, content_block=opening))
        frames.append(w.messages_frame("content_block_delta", index=at, delta=delta))
        frames.append(w.messages_frame("content_block_stop", index=at))
    ended = {"stop_reason": reason, "stop_sequence": None}
    frames.append(w.messages_frame("message_delta", delta=ended, usage={"output_tokens": 5}))
    return [*frames, w.messages_frame("message_stop")]


def signature(identity: str) -> str:
    """Of a call, in Gemini's form."""
    return base64.b64encode(f"signature of {identity}".encode()).decode()


def _gemini(text: str, calls: list[Call], stream: bool) -> list[bytes]:
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    parts += [{"functionCall": {"id": i, "name": n, "args": a}, "thoughtSignature": signature(i)} for i, n, a in calls]
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    found = [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}]
    body = codec.dumps({"candidates": found, "usageMetadata": usage, "modelVersion": "g"})
    return [b"data: " + body + b"\n\n"] if stream else [body]


def _responses(text: str, calls: list[Call], stream: bool) -> list[bytes]:
    part = {"type": "output_text", "text": text, "annotations": []}
    output: list[dict[str, Any]] = []
    if text:
        shape = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
        output.append({**shape, "content": [part]})
    for i, n, a in calls:
        told = {"call_id": i, "name": n, "arguments": codec.dumps_text(a), "status": "completed"}
        output.append({"id": f"fc_{i}", "type": "function_call", **told})
    details = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **details}
    body = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed",
            "output": output, "usage": usage}  # fmt: skip
    return [codec.dumps(body)] if not stream else list(_responses_stream(body, output))


def _responses_stream(body: dict[str, Any], output: list[dict[str, Any]]) -> Iterator[bytes]:
    def frame(kind: str, **fields: Any) -> bytes:
        return f"event: {kind}\n".encode() + b"data: " + codec.dumps({"type": kind, **fields}) + b"\n\n"

    yield frame("response.created", response={**body, "output": [], "status": "in_progress", "usage": None})
    for at, item in enumerate(output):
        place = {"output_index": at, "item_id": item["id"]}
        if item["type"] == "message":
            yield frame("response.output_item.added", output_index=at, item={**item, "content": []})
            part = item["content"][0]
            yield frame("response.content_part.added", **place, content_index=0, part={**part, "text": ""})
            yield frame("response.output_text.delta", **place, content_index=0, delta=part["text"])
            yield frame("response.output_text.done", **place, content_index=0, text=part["text"])
            yield frame("response.content_part.done", **place, content_index=0, part=part)
        else:
            yield frame("response.output_item.added", output_index=at, item={**item, "arguments": ""})
            yield frame("response.function_call_arguments.delta", **place, delta=item["arguments"])
            yield frame("response.function_call_arguments.done", **place, arguments=item["arguments"])
        yield frame("response.output_item.done", output_index=at, item=item)
    yield frame("response.completed", response=body)


def asked(here: w.World, family: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    status, found, _ = asyncio.run(here.whole(family, body, **headers))
    return status, found


def headed(here: w.World, family: str, body: dict[str, Any], **headers: str) -> tuple[int, Any, Mapping[str, str]]:
    """With the answer's headers."""
    return asyncio.run(here.whole(family, body, **headers))


def streamed(here: w.World, family: str, body: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    """The events' data."""
    _, chunks = asyncio.run(here.streamed(family, {**body, "stream": True}, **headers))
    lines = b"".join(chunks).split(b"\n")
    told = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
    return [codec.loads(one) for one in told if one != b"[DONE]"]


def answered(here: w.World, body: dict[str, Any], *, stream: bool, **headers: str) -> Any:
    """The answer of Responses, whole or as the stream's last event has it."""
    if stream:
        return streamed(here, "responses", body, **headers)[-1]["response"]
    return asked(here, "responses", body, **headers)[1]


GATEWAY = {"x_interchange_mcp": "gateway"}


def messages(model: str, url: str, **more: Any) -> dict[str, Any]:
    found = {"model": model, "max_tokens": 500, "messages": w.user("2 and 3?"),
             "mcp_servers": [{"type": "url", "name": "tests", "url": url}],
             "tools": [{"type": "mcp_toolset", "mcp_server_name": "tests"}]}  # fmt: skip
    return {**found, **more}


def responses(model: str, url: str, approval: Any = "never", **more: Any) -> dict[str, Any]:
    tool = {"type": "mcp", "server_label": "tests", "server_url": url, "require_approval": approval}
    return {"model": model, "input": "2 and 3?", "tools": [tool], **more}


def chat(model: str, url: str, **more: Any) -> dict[str, Any]:
    servers = [{"type": "url", "name": "tests", "url": url}]
    return {"model": model, "messages": w.user("2 and 3?"), "mcp_servers": servers, **more}


BODIES = {"messages": messages, "responses": responses, "chat": chat}
ADD: Call = ("call_1", "add", {"a": 2, "b": 3})


def vendor(here: w.World, model: str, family: str) -> str:
    """The words that the route speaks: a Responses caller's own where the vendor has them."""
    spoken = {"gpt": "gpt", "grok": "gpt", "claude": "claude", "gemini": "gemini"}[model]
    return "grok" if family == "responses" and model in ("gpt", "grok") else spoken


def told(family: str, found: Any) -> str:
    match family:
        case "messages":
            return "".join(block["text"] for block in found["content"] if block["type"] == "text")
        case "responses":
            parts = [part for item in found["output"] if item["type"] == "message" for part in item["content"]]
            return "".join(part["text"] for part in parts)
        case _:
            return str(found["choices"][0]["message"]["content"])
