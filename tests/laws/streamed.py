"""One answer of a vendor in its two forms: the whole body, and the frames in which the same vendor streams it.

Sources of the frames' order: the recorded streams of each vendor (tests/recordings), and the SDKs' event types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from interchange.wire.sse import Frame

Json = dict[str, Any]


def pieces(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def frame(body: Json, event: str | None = None) -> Frame:
    data = json.dumps(body).encode()
    return Frame(data, event, data)


def chat(body: Json) -> Iterator[Frame]:
    head = {name: body[name] for name in body if name not in ("choices", "usage")}
    for choice in body["choices"]:
        for delta, logprobs in _deltas(choice):
            said = {"index": choice["index"], "delta": delta, "finish_reason": None, "logprobs": logprobs}
            yield frame({**head, "choices": [said]})
    for choice in body["choices"]:
        end = {"index": choice["index"], "delta": {}, "finish_reason": choice["finish_reason"], "logprobs": None}
        yield frame({**head, "choices": [end]})
    yield frame({**head, "choices": [], "usage": body["usage"]})
    yield Frame(b"[DONE]", None, b"[DONE]")


def _deltas(choice: Json) -> Iterator[tuple[Json, Json | None]]:
    message = choice["message"]
    yield {"role": "assistant", "content": "", "refusal": None}, None
    for detail in message.get("reasoning_details") or ():
        yield {"reasoning_details": [detail]}, None
    for name in ("reasoning_content", "reasoning", "content", "refusal"):
        steps = (choice.get("logprobs") or {}).get(name)
        for step in steps or ():
            yield {name: step["token"]}, {"content": None, "refusal": None, name: [step]}
        for text in () if steps else pieces(message.get(name) or ""):
            yield {name: text}, None
    for name in ("annotations", "images"):
        if message.get(name):
            yield {name: message[name]}, None
    for number, call in enumerate(message.get("tool_calls") or ()):
        kind, field = call["type"], "input" if call["type"] == "custom" else "arguments"
        yield {"tool_calls": [{**call, "index": number, kind: {**call[kind], field: ""}}]}, None
        for text in pieces(call[kind][field]):
            yield {"tool_calls": [{"index": number, kind: {field: text}}]}, None


def responses(body: Json) -> Iterator[Frame]:
    yield _named("response.created", response={**body, "status": "in_progress", "output": [], "usage": None})
    for at, item in enumerate(body["output"]):
        shell = {**item, "content": [], "summary": [], "arguments": "", "input": ""}
        yield _named("response.output_item.added", output_index=at, item={n: shell[n] for n in shell if n in item})
        for kind, told in _told(item):
            yield _named(f"response.{kind}", output_index=at, item_id=item["id"], **told)
        yield _named("response.output_item.done", output_index=at, item=item)
    yield _named(f"response.{body['status']}", response=body)


def _told(item: Json) -> Iterator[tuple[str, Json]]:
    for name in ("arguments", "input") if isinstance(item.get("arguments", ""), str) else ():
        kind = "function_call_arguments" if name == "arguments" else "custom_tool_call_input"
        for text in pieces(item.get(name) or ""):
            yield f"{kind}.delta", {"delta": text}
    for number, part in enumerate(item.get("summary") or ()):
        yield "reasoning_summary_part.added", {"summary_index": number, "part": {**part, "text": ""}}
        for text in pieces(part["text"]):
            yield "reasoning_summary_text.delta", {"summary_index": number, "delta": text}
    for number, part in enumerate(item.get("content") or ()):
        at, said = {"content_index": number}, "refusal" if part["type"] == "refusal" else "text"
        yield "content_part.added", {**at, "part": {**part, said: ""}}
        steps = part.get("logprobs") or [{"token": text} for text in pieces(part[said])]
        for step in steps:
            yield f"{part['type']}.delta", {**at, "delta": step["token"], "logprobs": [step] if len(step) > 1 else []}
        for count, note in enumerate(part.get("annotations") or ()):
            yield "output_text.annotation.added", {**at, "annotation_index": count, "annotation": note}
        yield f"{part['type']}.done", {**at, said: part[said], "logprobs": part.get("logprobs") or []}
        yield "content_part.done", {**at, "part": part}


def messages(body: Json) -> Iterator[Frame]:
    start = {**body, "content": [], "stop_reason": None, "stop_sequence": None}
    yield _named("message_start", message={**start, "usage": {**body["usage"], "output_tokens": 1}})
    for at, block in enumerate(body["content"]):
        empty = {"text": "", "thinking": "", "signature": "", "input": {}, "citations": []}
        shell = {name: empty.get(name, block[name]) for name in block}
        yield _named("content_block_start", index=at, content_block=shell)
        for kind, name, values in (
            ("citations_delta", "citation", block.get("citations") or ()),
            ("text_delta", "text", pieces(block.get("text", ""))),
            ("thinking_delta", "thinking", pieces(block.get("thinking", ""))),
            ("signature_delta", "signature", filter(None, [block.get("signature")])),
            ("input_json_delta", "partial_json", pieces(compact(block["input"])) if "input" in block else ()),
        ):
            for value in values:
                yield _named("content_block_delta", index=at, delta={"type": kind, name: value})
        yield _named("content_block_stop", index=at)
    delta = {"stop_reason": body["stop_reason"], "stop_sequence": body["stop_sequence"]}
    yield _named("message_delta", delta=delta, usage={"output_tokens": body["usage"]["output_tokens"]})
    yield _named("message_stop")


def _named(kind: str, **members: Any) -> Frame:
    return frame({"type": kind, **members}, kind)


def gemini(body: Json) -> Iterator[Frame]:
    """Parts one by one; what is said about them, and why it ended, in a last frame."""
    head = {name: body[name] for name in body if name != "candidates"}
    for candidate in body["candidates"]:
        for part in candidate["content"]["parts"]:
            for text in pieces(part["text"]) if part.get("text") else [None]:
                said = part if text is None else {**part, "text": text}
                content = {"role": "model", "parts": [said]}
                yield frame({**head, "candidates": [{"index": candidate["index"], "content": content}]})
    about = [{name: one[name] for name in one if name != "content"} for one in body["candidates"]]
    yield frame({**head, "candidates": about})


def converse(body: Json) -> Iterator[Frame]:
    yield frame({"role": "assistant"}, "messageStart")
    for at, block in enumerate(body["output"]["message"]["content"]):
        here = {"contentBlockIndex": at}
        if "toolUse" in block:
            use = {name: block["toolUse"][name] for name in ("toolUseId", "name")}
            yield frame({**here, "start": {"toolUse": use}}, "contentBlockStart")
        for delta in _converse_deltas(block):
            yield frame({**here, "delta": delta}, "contentBlockDelta")
        yield frame(here, "contentBlockStop")
    yield frame({"stopReason": body["stopReason"]}, "messageStop")
    yield frame({"usage": body["usage"], "metrics": body["metrics"]}, "metadata")


def _converse_deltas(block: Json) -> Iterator[Json]:
    for text in pieces(block.get("text", "")):
        yield {"text": text}
    if "toolUse" in block:
        for text in pieces(compact(block["toolUse"]["input"])):
            yield {"toolUse": {"input": text}}
    if "reasoningContent" in block:
        thought = block["reasoningContent"].get("reasoningText")
        if thought is None:
            yield block
            return
        for text in pieces(thought["text"]):
            yield {"reasoningContent": {"text": text}}
        yield {"reasoningContent": {"signature": thought["signature"]}}
    for part in block.get("citationsContent", {}).get("content", ()):
        for text in pieces(part["text"]):
            yield {"text": text}
    for citation in block.get("citationsContent", {}).get("citations", ()):
        yield {"citation": citation}
