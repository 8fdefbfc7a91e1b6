"""A stock SDK in front of the exchange, and vendors that answer what the schema that they were sent allows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import anthropic
import httpx2 as httpx
import openai
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w
from tests.rules.every import parts

Json = dict[str, Any]
DEEPEST = 4
TEXTS = {"date": "2026-01-02", "date-time": "2026-01-02T03:04:05Z", "email": "a@b.example", "uri": "https://a.example"}
"""By format."""


class Through(httpx.BaseTransport):
    """An SDK's requests go to the exchange, without a socket."""

    def __init__(self, here: w.World) -> None:
        self.here = here

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        family = request.url.path.partition("/v1/")[2].removesuffix("/completions")
        body = codec.loads(request.read())
        if not body.get("stream"):
            status, said, headers = asyncio.run(self.here.whole(family, body))
            return httpx.Response(status, headers=dict(headers), content=codec.dumps(said))
        answer, chunks = asyncio.run(self.here.streamed(family, body))
        return httpx.Response(answer.status, headers=dict(answer.headers), content=b"".join(chunks))


def of_openai(here: w.World) -> openai.OpenAI:
    http = httpx.Client(transport=Through(here))
    return openai.OpenAI(api_key=w.KEY, base_url="http://here/v1", http_client=http, max_retries=0)


def of_anthropic(here: w.World) -> anthropic.Anthropic:
    http = httpx.Client(transport=Through(here))
    return anthropic.Anthropic(api_key=w.KEY, base_url="http://here", http_client=http, max_retries=0)


def instance(schema: Any, root: Any, last: bool, depth: int = 0) -> Any:
    """What a model may write under the schema: of alternatives the first or the last, null wherever it may, every
    property that there is, one key in a map."""
    if not isinstance(schema, Mapping) or not schema:
        return {"any": 1}
    if "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return instance({**found, **{k: x for k, x in schema.items() if k != "$ref"}}, root, last, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1 if last else 0]
    if "allOf" in schema:
        merged: Json = {}
        for one in schema["allOf"]:
            made = instance(one, root, last, depth)
            merged = {**merged, **made} if isinstance(made, dict) else made
        return merged
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        nulls = [one for one in options if one.get("type") == "null"]
        return (
            None if nulls and (last or depth > DEEPEST) else instance(options[-1 if last else 0], root, last, depth + 1)
        )
    kind = schema.get("type")
    if isinstance(kind, list):
        return None if "null" in kind and last else instance({**schema, "type": kind[0]}, root, last, depth)
    if schema.get("nullable") and last:
        return None
    return _plain(kind, schema, root, last, depth)


def _plain(kind: Any, schema: Mapping[str, Any], root: Any, last: bool, depth: int) -> Any:
    match kind:
        case "object":
            made = {
                name: instance(one, root, last, depth + 1)
                for name, one in (schema.get("properties") or {}).items()
                if depth <= DEEPEST or name in schema.get("required", ())  # else one that holds itself has no end
            }
            more = schema.get("additionalProperties", {} if not made else False)
            return {**made, "key": instance(more, root, last, depth + 1)} if more not in (False, True, {}) else made
        case "array":
            tuple_ = schema.get("prefixItems")
            if tuple_:
                return [instance(one, root, last, depth + 1) for one in tuple_]
            least = schema.get("minItems", 0)
            if depth > DEEPEST and not least:
                return []
            return [instance(schema.get("items", {}), root, last, depth + 1)] * max(1, least)
        case "string":
            return TEXTS.get(str(schema.get("format")), "text")
        case "integer" | "number":
            return schema.get("minimum", 7)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return "text"


def sent_schema(body: Json) -> Any:
    """The schema that an answer is held to; None where it was asked for in words."""
    for part in parts(body):
        if part.get("type") == "json_schema":
            return part.get("schema") or (part.get("json_schema") or {}).get("schema")
        for name in ("responseJsonSchema", "responseSchema"):
            if name in part:
                return part[name]
    return None


class Answering:
    """Vendors that answer by the schema; by the caller's own where they got none but in words."""

    def __init__(self, own: Json, last: bool) -> None:
        self.own, self.last = own, last
        self.written: list[Any] = []
        self.wrong: list[str] = []

    def __call__(self, outgoing: Outgoing) -> w.Says:
        body = codec.loads(outgoing.body or b"{}")
        schema = sent_schema(body)
        held = self.own if schema is None else schema
        made = instance(held, held, self.last)
        wrong = [error.message for error in Draft202012Validator(held).iter_errors(made)]
        self.wrong += [f"{wrong} of {held}"] if wrong else []
        self.written.append(made)
        text = codec.dumps_text(made)
        if schema is None:
            text = f"```json\n{text}\n```"
        return w.Says(chunks=list(_said(outgoing, text, bool(body.get("stream")) or ":stream" in outgoing.url)))


def _said(outgoing: Outgoing, text: str, stream: bool) -> Iterator[bytes]:
    pieces = wire.pieces(text, 7)
    if "/messages" in outgoing.url:
        yield from w.messages_stream(*pieces) if stream else [v.claude_whole({"type": "text", "text": text})]
    elif "/chat/completions" in outgoing.url:
        yield from w.chat_stream(*pieces) if stream else [w.chat_answer(text)]
    elif "/responses" in outgoing.url:
        yield from _responses(text, pieces) if stream else [wire.responses_whole(_message(text))]
    elif stream:
        for at, piece in enumerate(pieces):
            whole = codec.loads(v.gemini_whole({"text": piece}))
            if at + 1 < len(pieces):
                del whole["candidates"][0]["finishReason"]
            yield b"data: " + codec.dumps(whole) + b"\r\n\r\n"
    else:
        yield v.gemini_whole({"text": text})


def _message(text: str) -> Json:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def _responses(text: str, pieces: list[str]) -> Iterator[bytes]:
    whole, at = codec.loads(wire.responses_whole(_message(text))), {"item_id": "msg_1", "output_index": 0}
    part = {**at, "content_index": 0}
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0,
         "item": {**_message(""), "content": [], "status": "in_progress"}},
        {"type": "response.content_part.added", **part, "part": {"type": "output_text", "text": "", "annotations": []}},
        *({"type": "response.output_text.delta", **part, "delta": one, "logprobs": []} for one in pieces),
        {"type": "response.output_text.done", **part, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **part, "part": _message(text)["content"][0]},
        {"type": "response.output_item.done", "output_index": 0, "item": _message(text)},
        {"type": "response.completed", "response": whole},
    ]  # fmt: skip
    for number, event in enumerate(events):
        yield w.messages_frame(event["type"], sequence_number=number, **{k: x for k, x in event.items() if k != "type"})
