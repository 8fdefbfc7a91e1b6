"""Bedrock's Converse as a vendor of `vendors`: what it refuses of a history, whole and as an event stream."""

from __future__ import annotations

import binascii
import functools
import struct
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from interchange.wire import codec
from tests.exchange.world import Says

from .vendors import Refused, Vendor

Json = dict[str, Any]
THOUGHT = "reasoningContent"


@functools.cache
def _shape() -> Any:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    return model.operation_model("Converse").input_shape


def converse(vendor: Vendor, body: Json, stream: bool, claude: bool) -> Says:
    """`claude` is a Claude, which checks the signatures and the place of its thinking; botocore's model of the
    operation says which fields and words there are."""
    report = ParamValidator().validate({"modelId": "m", **body}, _shape())
    if report.has_errors():
        raise Refused(report.generate_report())
    _check_turns(body["messages"])
    said = [turn["content"] for turn in body["messages"] if turn["role"] == "assistant"]
    for turn in said:
        for block in turn:
            thought = block.get("reasoningContent")
            if thought is not None and not claude:
                raise Refused("This model doesn't support the reasoningContent field in user messages")
            if thought is not None and "reasoningText" in thought:
                found = thought["reasoningText"]
                vendor.known(found.get("signature"), found["text"], "Invalid `signature` in `thinking` block")
            elif thought is not None:
                vendor.known(thought["redactedContent"], None, "Invalid `data` in `redacted_thinking` block")
    thinking = (body.get("additionalModelRequestFields") or {}).get("thinking") or {}
    thought_last = claude and bool(said) and any(THOUGHT in block for block in said[-1])
    if thought_last and _marks(said[-1]) not in [_marks(turn) for turn in vendor.turns]:  # BerriAI/litellm#23047
        raise Refused("`thinking` blocks in the latest assistant message cannot be modified")
    begun = body["messages"][-1]["role"] == "assistant"
    loop = begun or (bool(said) and any("toolUse" in block for block in said[-1]))
    if claude and thinking.get("type") == "enabled" and loop and THOUGHT not in said[-1][0]:
        raise Refused("a final `assistant` message must start with a thinking block. Expected `thinking`")
    content: list[Json] = []
    for kind, text in vendor.next():
        match kind:
            case "think":
                content.append({"reasoningContent": {"reasoningText": {"text": text, "signature": vendor.state(text)}}})
            case "redacted":
                content.append({"reasoningContent": {"redactedContent": vendor.state("")}})
            case "text":
                content.append({"text": text})
            case _:
                name = f"tooluse_{next(vendor.count)}"
                content.append({"toolUse": {"toolUseId": name, "name": text, "input": {}}})
    vendor.turns.append(content)
    return _says(content, stream)


def _marks(turn: list[Json]) -> list[Any]:
    """What of a turn has to come back in its place, in the words of Converse and of Messages alike; not which tool."""
    found: list[Any] = []
    for block in turn:
        match block:
            case {"reasoningContent": {"reasoningText": {"signature": state}}} | {"signature": state}:
                found.append(state)
            case {"reasoningContent": {"redactedContent": state}} | {"type": "redacted_thinking", "data": state}:
                found.append(state)
            case {"text": text}:
                found.append(("text", text))
            case _:
                found.append("call")
    return found


def _check_turns(messages: list[Json]) -> None:
    """docs.aws.amazon.com/bedrock/latest/userguide/tool-use-inference-call.html, and the service's own words: roles
    alternate, and each call has its result in the turn right after it."""
    waiting: list[str] = []
    last = None
    for turn in messages:
        if turn["role"] == last:
            raise Refused("A conversation must alternate between user and assistant roles.")
        last = turn["role"]
        results = [block["toolResult"]["toolUseId"] for block in turn["content"] if "toolResult" in block]
        if sorted(results) != sorted(waiting):
            raise Refused("Expected toolResult blocks at the turn after the toolUse blocks, for each of their ids")
        waiting = [block["toolUse"]["toolUseId"] for block in turn["content"] if "toolUse" in block]
    if messages[0]["role"] != "user":
        raise Refused("A conversation must start with a user message.")


def _says(content: list[Json], stream: bool) -> Says:
    stop = "tool_use" if any("toolUse" in block for block in content) else "end_turn"
    usage = {"inputTokens": 5, "outputTokens": 5, "totalTokens": 10}
    if not stream:
        message = {"role": "assistant", "content": content}
        return Says(chunks=[codec.dumps({"output": {"message": message}, "stopReason": stop, "usage": usage})])
    frames = [event("messageStart", {"role": "assistant"})]
    for at, block in enumerate(content):
        match block:
            case {"text": text}:
                deltas: list[Json] = [{"text": text}]
            case {"reasoningContent": {"reasoningText": thought}}:
                deltas = [{"reasoningContent": {"text": thought["text"]}},
                          {"reasoningContent": {"signature": thought["signature"]}}]  # fmt: skip
            case {"reasoningContent": hidden}:
                deltas = [{"reasoningContent": hidden}]
            case _:
                call = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
                frames.append(event("contentBlockStart", {"contentBlockIndex": at, "start": {"toolUse": call}}))
                deltas = [{"toolUse": {"input": "{}"}}]
        frames += [event("contentBlockDelta", {"contentBlockIndex": at, "delta": delta}) for delta in deltas]
        frames.append(event("contentBlockStop", {"contentBlockIndex": at}))
    frames += [event("messageStop", {"stopReason": stop}), event("metadata", {"usage": usage})]
    return Says(chunks=frames)


def event(kind: str, payload: Any, message: str = "event") -> bytes:
    """One message of application/vnd.amazon.eventstream."""
    names = {f":{message}-type": kind, ":content-type": "application/json", ":message-type": message}
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in names.items()
    )
    data = codec.dumps(payload)
    prelude = struct.pack(">II", len(headers) + len(data) + 16, len(headers))
    whole = prelude + struct.pack(">I", binascii.crc32(prelude)) + headers + data
    return whole + struct.pack(">I", binascii.crc32(whole))
