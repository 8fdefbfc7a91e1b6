"""Four vendors that refuse what the real ones refuse of a history, and remember what they said themselves.

Each refusal has its source beside it. `Vendor.refused` is what a vendor has refused; a test expects none.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from interchange.catalog.load import load
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.exchange.world import Says, World, messages_frame

Json = dict[str, Any]
Part = tuple[str, str]
"""("think" | "redacted" | "text" | "signed" | "call" | "custom" | "ran", its text); a call has its name, a space and
its arguments, one of a free-form tool its input"""
SKIP = "skip_thought_signature_validator"
"""https://ai.google.dev/gemini-api/docs/thought-signatures: what a call without a signature of its own may bear."""
FINAL: list[Part] = [("text", "Oak.")]
MESSAGE_FIELDS = {
    "function_call",
    "role",
    "content",
    "name",
    "tool_calls",
    "tool_call_id",
    "refusal",
    "audio",
}
"""openai-python `types/chat/chat_completion_assistant_message_param.py` and its siblings."""

THINKS_IN_CHAT = {"xai", "thinker"}
"""Vendors that take their reasoning back in chat: docs.x.ai/docs/guides/reasoning, api-docs.deepseek.com."""


def call_of(text: str) -> tuple[str, str]:
    """A call's name and its arguments."""
    name, _, arguments = text.partition(" ")
    return name, arguments or "{}"


class Refused(Exception):
    """The vendor's 400."""

    def __init__(self, message: str, code: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Vendor:
    """One vendor. `turns` are the turns that it made, each under the digest of its states, as it wants them back."""

    name: str
    script: list[list[Part]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    """State -> what it belongs to."""
    turns: list[Any] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    thoughts: dict[str, str] = field(default_factory=dict)
    """The id of an item -> that of the reasoning without which it is refused."""
    count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def state(self, of: str) -> str:
        made = hashlib.sha256(f"{self.name}{next(self.count)}".encode()).hexdigest()
        self.states[made] = of
        return made

    def known(self, state: Any, of: str | None, message: str, code: str = "invalid_request_error") -> None:
        if state not in self.states or (of is not None and self.states[state] != of):
            raise Refused(message, code)

    def next(self) -> list[Part]:
        return self.script.pop(0) if self.script else FINAL


@dataclass
class Vendors:
    """`made` by their names."""

    made: dict[str, Vendor]

    def __call__(self, outgoing: Outgoing) -> Says:
        name = outgoing.url.split("//")[1].split("/")[0]
        vendor, body = self.made[name], codec.loads(outgoing.body or b"")
        vendor.bodies.append(body)
        stream = bool(body.get("stream")) or "streamGenerateContent" in outgoing.url
        try:
            if name == "anthropic":
                return anthropic(vendor, body, stream)
            if name == "gemini":
                return gemini(vendor, body, stream, strict="gemini-3" in outgoing.url)
            return (responses if outgoing.url.endswith("/responses") else chat)(vendor, body, stream)
        except Refused as error:
            vendor.refused.append(str(error))
            told = {"error": {"message": str(error), "type": "invalid_request_error", "code": error.code}}
            return Says(400, chunks=[codec.dumps({"type": "error", **told})])

    @property
    def refused(self) -> list[str]:
        return [f"{name}: {one}" for name, vendor in self.made.items() for one in vendor.refused]


def four() -> Vendors:
    return Vendors({name: Vendor(name) for name in ("openai", "anthropic", "gemini", "xai")})


def meet(here: World) -> Vendors:
    """The four in the world, with the whole catalog and money enough."""
    vendors = four()
    here.services = replace(here.services, catalog=load())
    here.script.default = vendors
    here.fund("1000")
    return vendors


# --- Anthropic


def anthropic(vendor: Vendor, body: Json, stream: bool) -> Says:
    for turn in body["messages"]:
        blocks = turn["content"] if isinstance(turn["content"], list) else []
        for block in blocks:
            match block["type"]:
                case "thinking":  # an empty or a foreign one: "Invalid `signature` in `thinking` block"
                    vendor.known(block["signature"], block["thinking"], "Invalid `signature` in `thinking` block")
                case "redacted_thinking":
                    vendor.known(block["data"], None, "Invalid `data` in `redacted_thinking` block")
                case _:
                    pass
        if any(value is None for block in blocks for value in block.values()):
            raise Refused("messages: Input should be a valid dictionary or object to extract fields from")
        if set(turn) - {"role", "content"}:
            raise Refused(f"messages: {set(turn)}: Extra inputs are not permitted")
    _check_claude_texts(body)
    _check_claude_order(vendor, body)
    content: list[Json] = []
    for kind, text in vendor.next():
        match kind:
            case "think":
                content.append({"type": "thinking", "thinking": text, "signature": vendor.state(text)})
            case "redacted":
                content.append({"type": "redacted_thinking", "data": vendor.state("")})
            case "text":
                content.append({"type": "text", "text": text})
            case "ran":
                content += _searched(f"srvtoolu_{next(vendor.count)}", text)
            case _:
                name, arguments = call_of(text)
                content.append({"type": "tool_use", "id": f"toolu_{next(vendor.count)}", "name": name,
                                "input": codec.loads(arguments)})  # fmt: skip
    vendor.turns.append(content)
    return _claude_says(content, stream)


def _searched(identity: str, query: str) -> list[Json]:
    """A search that Claude's server ran: docs.anthropic.com/en/docs/agents-and-tools/tool-use/web-search-tool."""
    hit = {"type": "web_search_result", "url": "https://oak.example", "title": "Oaks", "encrypted_content": "E"}
    return [{"type": "server_tool_use", "id": identity, "name": "web_search", "input": {"query": query}},
            {"type": "web_search_tool_result", "tool_use_id": identity, "content": [hit]}]  # fmt: skip


def _check_claude_texts(body: Json) -> None:
    """LibreChat-AI/agents#124, where each was tried; anthropics/claude-code#23440. The final answer may be empty. An
    answer of the model's own that thought is wanted as it was said."""
    for at, turn in enumerate(body["messages"]):
        content = turn["content"]
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
        texts = [block["text"] for block in blocks if block["type"] == "text"]
        if not blocks and not (turn["role"] == "assistant" and turn is body["messages"][-1]):
            raise Refused(f"messages.{at}: all messages must have non-empty content")
        if "" in texts:
            raise Refused("messages: text content blocks must be non-empty")
        thought = any("thinking" in block["type"] for block in blocks)
        if texts and not thought and not any(text.strip() for text in texts):
            raise Refused("messages: text content blocks must contain non-whitespace text")


def _check_claude_order(vendor: Vendor, body: Json) -> None:
    """BerriAI/litellm#23047, docs.anthropic.com/en/docs/build-with-claude/extended-thinking (preserving thinking
    blocks): thinking of the latest assistant turn comes back whole and where it stood, and a tool loop under `enabled`
    begins with it, as does an answer that the caller began (same page: no prefill of a text)."""
    said = [turn["content"] for turn in body["messages"] if turn["role"] == "assistant"]
    if not said or not isinstance(said[-1], list):
        return
    thought = [block for block in said[-1] if "thinking" in block["type"]]
    if thought and said[-1] not in vendor.turns:
        raise Refused("`thinking` blocks in the latest assistant message cannot be modified")
    loop = any(block["type"] == "tool_use" for block in said[-1]) or body["messages"][-1]["role"] == "assistant"
    if (body.get("thinking") or {}).get("type") == "enabled" and loop and "thinking" not in said[-1][0]["type"]:
        raise Refused("a final `assistant` message must start with a thinking block. Expected `thinking`")


def _claude_says(content: list[Json], stream: bool) -> Says:
    stop = "tool_use" if any(block["type"] == "tool_use" for block in content) else "end_turn"
    usage = {"input_tokens": 5, "output_tokens": 5}
    head: Json = {"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "stop_sequence": None}
    if not stream:
        return Says(chunks=[codec.dumps({**head, "content": content, "stop_reason": stop, "usage": usage})])
    frames = [messages_frame("message_start", message={**head, "content": [], "stop_reason": None, "usage": usage})]
    for at, block in enumerate(content):
        deltas: list[Json] = []
        match block["type"]:
            case "thinking":
                begun: Json = {"type": "thinking", "thinking": "", "signature": ""}
                deltas = [{"type": "thinking_delta", "thinking": block["thinking"]},
                          {"type": "signature_delta", "signature": block["signature"]}]  # fmt: skip
            case "text":
                begun, deltas = {"type": "text", "text": ""}, [{"type": "text_delta", "text": block["text"]}]
            case "tool_use":
                given = codec.dumps_text(block["input"])
                begun, deltas = {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": given}]
            case _:
                begun = block
        frames.append(messages_frame("content_block_start", index=at, content_block=begun))
        frames += [messages_frame("content_block_delta", index=at, delta=delta) for delta in deltas]
        frames.append(messages_frame("content_block_stop", index=at))
    end = {"stop_reason": stop, "stop_sequence": None}
    return Says(
        chunks=[*frames, messages_frame("message_delta", delta=end, usage=usage), messages_frame("message_stop")]
    )


# --- Gemini


PARTS = {"text", "thought", "thoughtSignature", "functionCall", "functionResponse", "inlineData"}
"""https://ai.google.dev/api/caching#Part: those that are asked for here."""


def gemini(vendor: Vendor, body: Json, stream: bool, strict: bool) -> Says:
    """`strict` is a model that wants the signature of a step's first call."""
    calls = 0
    for content in body["contents"]:
        parts = content["parts"]
        for part in parts:
            unknown = set(part) - PARTS
            if unknown:
                raise Refused(f"Invalid JSON payload received. Unknown name {unknown}")
            if part.get("thoughtSignature") not in (None, SKIP):
                vendor.known(part["thoughtSignature"], None, "Thought signature is not valid.")
        made = [part for part in parts if "functionCall" in part]
        if strict and made and "thoughtSignature" not in made[0]:
            raise Refused("Function call is missing a thought_signature in functionCall parts.")
        results = sum("functionResponse" in part for part in parts)
        if (calls or results) and results != calls:
            raise Refused("the number of function response parts is to be equal to the number of function call parts")
        calls = len(made)
    parts, first = [], True
    for kind, text in vendor.next():
        match kind:
            case "think":
                parts.append({"text": text, "thought": True})
            case "text":
                parts.append({"text": text})
            case "signed":
                parts.append({"text": text, "thoughtSignature": vendor.state(text)})
            case _:
                name, arguments = call_of(text)
                call: Json = {"functionCall": {"name": name, "args": codec.loads(arguments)}}
                parts.append({**call, "thoughtSignature": vendor.state(text)} if first else call)
                first = False
    vendor.turns.append([part for part in parts if not part.get("thought")])
    return _gemini_says(f"r{next(vendor.count)}", parts, stream)


def _gemini_says(identity: str, parts: list[Json], stream: bool) -> Says:
    def answer(found: list[Json], last: bool) -> Json:
        candidate: Json = {"content": {"role": "model", "parts": found}, "index": 0}
        usage = {"promptTokenCount": 5, "candidatesTokenCount": 5, "totalTokenCount": 10}
        end = {"finishReason": "STOP"} if last else {}
        return {"candidates": [{**candidate, **end}], "usageMetadata": usage, "responseId": identity,
                "modelVersion": "up"}  # fmt: skip

    if not stream:
        return Says(chunks=[codec.dumps(answer(parts, True))])
    pieces = [answer([part], at + 1 == len(parts)) for at, part in enumerate(parts)] or [answer([], True)]
    return Says(chunks=[b"data: " + codec.dumps(piece) + b"\r\n\r\n" for piece in pieces])


# --- Responses: OpenAI and xAI


PREFIXES = {"reasoning": "rs", "message": "msg", "function_call": "fc", "custom_tool_call": "ctc"}


def responses(vendor: Vendor, body: Json, stream: bool) -> Says:
    calls: set[str] = set()
    given = body["input"] if isinstance(body["input"], list) else []
    for at, item in enumerate(given):
        _check_item(vendor, item, at, given)
        match item.get("type", "message"):
            case "reasoning":  # openai/codex#8119
                message = "The encrypted content could not be verified."
                vendor.known(item.get("encrypted_content"), None, message, "invalid_encrypted_content")
                follows = given[at + 1].get("type", "message") if at + 1 < len(given) else None
                said = given[at + 1].get("role") if follows == "message" else "assistant"
                if follows not in ("message", "function_call", "reasoning") or said != "assistant":
                    raise Refused("Item of type 'reasoning' was provided without its required following item.")
            case "function_call" | "custom_tool_call":
                calls.add(item["call_id"])
            case "function_call_output" | "custom_tool_call_output":
                if item["call_id"] not in calls:
                    raise Refused(f"No tool call found for function call output with call_id {item['call_id']}")
                calls.discard(item["call_id"])
            case _:
                pass
    if calls:
        raise Refused(f"No tool output found for function call {calls}.")
    output: list[Json] = []
    thought: str | None = None
    for kind, text in vendor.next():
        identity = f"{vendor.name}{next(vendor.count)}"
        match kind:
            case "think":
                thought = f"rs_{identity}"
                summary = [{"type": "summary_text", "text": text}]
                output.append({"type": "reasoning", "id": f"rs_{identity}", "summary": summary,
                               "encrypted_content": vendor.state(text)})  # fmt: skip
            case "text":
                content = [{"type": "output_text", "text": text, "annotations": []}]
                output.append({"type": "message", "id": f"msg_{identity}", "role": "assistant", "status": "completed",
                               "content": content})  # fmt: skip
            case "custom":
                name, given_as = call_of(text)
                output.append({"type": "custom_tool_call", "id": f"ctc_{identity}", "call_id": f"call_{identity}",
                               "name": name, "input": given_as, "status": "completed"})  # fmt: skip
            case _:
                name, arguments = call_of(text)
                output.append({"type": "function_call", "id": f"fc_{identity}", "call_id": f"call_{identity}",
                               "name": name, "arguments": arguments, "status": "completed"})  # fmt: skip
        if kind != "think" and thought is not None:
            vendor.thoughts[output[-1]["id"]] = thought
    vendor.turns.append([_plain(item) for item in output])
    kept = body.get("store") is not False
    return _responses_says(f"resp_{vendor.name}{next(vendor.count)}", output, stream, kept)


def _check_item(vendor: Vendor, item: Json, at: int, given: list[Json]) -> None:
    kind, identity = item.get("type", "message"), item.get("id")
    if nulls := [name for name, value in item.items() if value is None]:  # Wei-Shaw/sub2api#5733
        raise Refused(f"data did not match any variant of untagged enum ModelInput: {nulls}")
    if unknown := {"parsed", "parsed_arguments", "async_"} & set(item) | (
        {"status"} & set(item) if kind == "reasoning" else set()
    ):
        raise Refused(f"Unknown parameter: 'input[{at}].{min(unknown)}'.", "unknown_parameter")  # 1jehuang/jcode#1028
    if identity is None:
        return
    if not identity.startswith(PREFIXES.get(kind, "")):  # vercel/ai#7099 and many: "Expected an ID that begins with"
        raise Refused(f"Invalid 'input[{at}].id': '{identity}'. Expected an ID that begins with '{PREFIXES[kind]}'.")
    thought = vendor.thoughts.get(identity)
    if thought is not None and thought not in [one.get("id") for one in given[:at]]:  # cline/cline#12242
        raise Refused(
            f"Item '{identity}' of type '{kind}' was provided without its required 'reasoning' item: '{thought}'."
        )


def _plain(item: Json) -> Any:
    """What of an item must come back."""
    match item.get("type", "message"):
        case "reasoning":
            return item["encrypted_content"]
        case "function_call":
            return item["call_id"], item["name"]
        case "message":
            content = item["content"]
            return content if isinstance(content, str) else "".join(part["text"] for part in content)
        case _:
            return None


def _responses_says(identity: str, output: list[Json], stream: bool, kept: bool) -> Says:
    whole = {"id": identity, "object": "response", "created_at": 1, "status": "completed", "model": "up",
             "output": output, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
             "store": kept, "previous_response_id": None,
             "usage": {"input_tokens": 5, "output_tokens": 5, "total_tokens": 10,
                       "input_tokens_details": {"cached_tokens": 0},
                       "output_tokens_details": {"reasoning_tokens": 0}}}  # fmt: skip
    if not stream:
        return Says(chunks=[codec.dumps(whole)])
    events: list[tuple[str, Json]] = [("created", {"response": {**whole, "status": "in_progress", "output": []}})]
    for at, item in enumerate(output):
        here = {"output_index": at, "item_id": item["id"]}
        begun = {**item, "content": []} if item["type"] == "message" else item
        begun = {**begun, "arguments": ""} if item["type"] == "function_call" else begun
        begun = {**begun, "input": ""} if item["type"] == "custom_tool_call" else begun
        begun = {**begun, "summary": [], "encrypted_content": ""} if item["type"] == "reasoning" else begun
        events.append(("output_item.added", {"output_index": at, "item": begun}))
        match item["type"]:
            case "message":
                empty = {"type": "output_text", "text": "", "annotations": []}
                text, part = item["content"][0]["text"], {**here, "content_index": 0}
                events.append(("content_part.added", {**part, "part": empty}))
                events.append(("output_text.delta", {**part, "delta": text, "logprobs": []}))
                events.append(("output_text.done", {**part, "text": text, "logprobs": []}))
                events.append(("content_part.done", {**part, "part": item["content"][0]}))
            case "reasoning":
                part = {**here, "summary_index": 0}
                events.append(("reasoning_summary_part.added", {**part, "part": {"type": "summary_text", "text": ""}}))
                events.append(("reasoning_summary_text.delta", {**part, "delta": item["summary"][0]["text"]}))
                events.append(("reasoning_summary_text.done", {**part, "text": item["summary"][0]["text"]}))
                events.append(("reasoning_summary_part.done", {**part, "part": item["summary"][0]}))
            case "custom_tool_call":
                events.append(("custom_tool_call_input.delta", {**here, "delta": item["input"]}))
                events.append(("custom_tool_call_input.done", {**here, "input": item["input"]}))
            case _:
                events.append(("function_call_arguments.delta", {**here, "delta": item["arguments"]}))
                events.append(
                    ("function_call_arguments.done", {**here, "arguments": item["arguments"], "name": item["name"]})
                )
        events.append(("output_item.done", {"output_index": at, "item": item}))
    events.append(("completed", {"response": whole}))
    return Says(
        chunks=[
            messages_frame(f"response.{kind}", sequence_number=number, **fields)
            for number, (kind, fields) in enumerate(events)
        ]
    )


# --- chat completions: OpenAI and xAI


def chat(vendor: Vendor, body: Json, stream: bool) -> Says:
    known = MESSAGE_FIELDS | ({"reasoning_content"} if vendor.name in THINKS_IN_CHAT else set())
    calls: set[str] = set()
    for at, message in enumerate(body["messages"]):
        if unknown := set(message) - known:
            raise Refused(f"Additional properties are not allowed: messages[{at}] {unknown}")
        if nulls := [name for name, value in message.items() if value is None and name != "content"]:
            raise Refused(f"None is not of type 'object' - 'messages.{at}.{nulls[0]}'")
        if message["role"] == "tool":
            if message["tool_call_id"] not in calls:
                raise Refused("messages with role 'tool' must be a response to a preceding message with 'tool_calls'")
            calls.discard(message["tool_call_id"])
        elif calls:
            raise Refused("an assistant message with 'tool_calls' must be followed by tool messages")
        if message.get("content") is None and not message.keys() & {"tool_calls", "function_call", "refusal", "audio"}:
            raise Refused(f"Invalid value for 'content': expected a string, got null. messages[{at}].content")
        for call in message.get("tool_calls") or ():
            if unknown := set(call) - {"id", "type", "function", "custom"}:
                raise Refused(f"Additional properties are not allowed: messages[{at}].tool_calls {unknown}")
            calls.add(call["id"])
    said: Json = {"role": "assistant", "content": None, "refusal": None}
    for kind, text in vendor.next():
        match kind:
            case "think":
                said["reasoning_content"] = text
            case "text":
                said["content"] = text
            case "custom":
                name, given = call_of(text)
                made: Json = {"id": f"call_{vendor.name}{next(vendor.count)}", "type": "custom",
                              "custom": {"name": name, "input": given}}  # fmt: skip
                said.setdefault("tool_calls", []).append(made)
            case _:
                call = {"id": f"call_{vendor.name}{next(vendor.count)}", "type": "function",
                        "function": dict(zip(("name", "arguments"), call_of(text), strict=True))}  # fmt: skip
                said.setdefault("tool_calls", []).append(call)
    return _chat_says(said, stream)


def _chat_says(said: Json, stream: bool) -> Says:
    finish = "tool_calls" if "tool_calls" in said else "stop"
    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
    head = {"id": "chatcmpl-1", "created": 1, "model": "up"}
    if not stream:
        choice = {"index": 0, "message": said, "finish_reason": finish, "logprobs": None}
        return Says(chunks=[codec.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage})])
    calls = [{**call, "index": at} for at, call in enumerate(said.pop("tool_calls", []))]
    deltas = [{name: value} for name, value in said.items() if value is not None]
    deltas += [{"tool_calls": [call]} for call in calls]
    choices: list[list[Json]] = [[{"index": 0, "delta": delta, "finish_reason": None}] for delta in deltas]
    choices += [[{"index": 0, "delta": {}, "finish_reason": finish}], []]
    frames = [
        {**head, "object": "chat.completion.chunk", "choices": one, "usage": None if one else usage} for one in choices
    ]
    return Says(chunks=[*(b"data: " + codec.dumps(frame) + b"\n\n" for frame in frames), b"data: [DONE]\n\n"])
