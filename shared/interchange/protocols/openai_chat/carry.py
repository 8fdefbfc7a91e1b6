"""Chat completions carried through: bytes as they came, save for `model`, the limit, the usage we ask for and its count
of reasoning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from interchange.dataclass import dataclass
from interchange.protocols.faces import JsonObject, Profile, Taken
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, write_frame

from .blocks import FORMAT, read_detail
from .past_media import shown
from .usage import counted

_LIMITS = ("max_completion_tokens", "max_tokens")
_OURS = ("reasoning_details", "reasoning_content", "extra_content", "images", "citations", "mcp_calls")
"""Fields of an assistant message that we added for another vendor's state; the vendor refuses unknown ones."""
_OTHERS = ("reasoning", "thinking_blocks", "provider_specific_fields")
"""Those of other gateways and of libraries, in histories that began with them: openrouter.ai/docs/use-cases/
reasoning-tokens, docs.litellm.ai/docs/reasoning_content."""
_PARSED = ("parsed", "parsed_arguments", "index")
"""What the SDK's own helpers add to the message that they give (openai-python `types/chat/parsed_chat_completion.py`,
and the stream's `index` of a call): no vendor's type of a request has them."""
_SHOWN = "annotations"
"""Of an answer alone (openai-python `types/chat/chat_completion_assistant_message_param.py` has no such field)."""
_ADDED = (*_OURS, *_OTHERS, "parsed", _SHOWN)
_INSTEAD = frozenset({"tool_calls", "function_call", "refusal", "audio"})
"""What an answer may hold in the place of a text."""
_EVERYDAY = frozenset({"role", "content"})
"""Members of messages that need no other look: there is nothing to take out of them."""
_ON_CALLS = ("extra_content", "provider_specific_fields", "index")


@dataclass(frozen=True, slots=True)
class PassThrough:
    protocol: str = "openai_chat"
    padding: str | None = "obfuscation"
    successors: None = None
    """https://platform.openai.com/docs/api-reference/chat/create: `stream_options.include_obfuscation`."""

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        if not all(map(_is_everyday, body.get("messages", ()))):
            replayed = frozenset(profile.traits.get("replayed", ()))
            messages = [_without_ours(message, replayed) for message in body["messages"]]
            if "images" not in replayed:
                messages = shown(messages, body["messages"], profile)
            raw = raw if messages == body["messages"] else codec.dumps({**body, "messages": messages})
        out = splice.put(raw, profile.model, "model")
        out = _limited(out, body, str(profile.traits.get("max_tokens_field", _LIMITS[0])), limit)
        if stream and not _asked_usage(body):
            out = splice.put_below(out, True, "stream_options", "include_usage")
        return out

    def restated(self, body: JsonObject, taken: Taken) -> JsonObject:
        messages = [_restated(message, taken) for message in body["messages"]]
        return body if messages == body["messages"] else {**body, "messages": messages}

    def states(self, answer: JsonObject) -> Iterator[str]:
        for choice in answer.get("choices") or ():
            message = choice.get("message") if isinstance(choice, dict) else None
            for entry in _details(message):
                if (state := _state(entry)) is not None:
                    yield state

    def left_out(self, _body: JsonObject) -> tuple[str, ...]:
        return ()

    def write_response(self, raw: bytes, answer: JsonObject, model: str) -> bytes:
        return _recounted(splice.replace(raw, model, "model"), answer.get("usage"))

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        data = frame.data
        if data is None or not data.startswith(b"{"):
            return frame.raw
        edited = _renamed(data, model)
        if b'"reasoning_tokens"' in data:
            edited = _counted(edited)
        if not asked_usage and b'"usage"' in data:
            if _EMPTY.search(data) and _is_usage_alone(data):
                return b""
            edited = _without_null_usage(edited)
        if edited == data:
            return frame.raw
        return frame.raw.replace(data, edited) if data in frame.raw else write_frame(edited)

    def write_ending(self, ending: bytes, _last: bytes, identity: str | None) -> bytes:
        if identity is None:
            return ending
        return _ID.sub(lambda _: b'{"id":' + codec.dumps(identity), ending)


def _limited(out: bytes, body: JsonObject, field: str, limit: int | None) -> bytes:
    """Writes one output limit, under a name that the provider reads: what it passes over would bound neither the answer
    nor its price. `max_tokens`, the older name, is read by all; of two limits that differ, the newer one counts."""
    given = {name: body[name] for name in _LIMITS if body.get(name) is not None}
    value = limit if limit is not None else next(iter(given.values()), None)
    if value is None:
        return out
    unread = _LIMITS[0] if field != _LIMITS[0] else None
    if unread in given:
        out = splice.remove(out, unread)
    for name in {name for name in given if name != unread} or {field}:
        out = out if given.get(name) == value else splice.put(out, value, name)
    return out


_ID = re.compile(rb'(?<=data: )\{"id":"[^"]*"')


def _counted(data: bytes) -> bytes:
    """Counts reasoning inside `completion_tokens`, where a vendor counts it beside."""
    found = splice.find(data, "usage")
    return data if found is None else _recounted(data, codec.loads(data[found.value_start : found.end]))


def _recounted(data: bytes, usage: Any) -> bytes:
    output = counted(usage) if isinstance(usage, dict) else None
    return data if output is None else splice.put_below(data, output, "usage", "completion_tokens")


_EMPTY = re.compile(rb'"choices"\s*:\s*\[\s*\]')
_MODEL = re.compile(rb'"model":"([^"\\]*)"')
_NULL_USAGE = re.compile(rb',"usage":null(?=(?:,"\w+":(?:"[^"\\]*"|null|[\d.]+))*}\s*$)')
"""Followed by plain members and the end alone: so it is the chunk's own. A scan of every chunk's every member costs ten
times what these do."""


def _renamed(data: bytes, model: str) -> bytes:
    found = _MODEL.search(data)
    if found is None:
        return splice.replace(data, model, "model") if b'"model"' in data else data
    at = found.start()
    if data.find(b"{", 1, at) >= 0 or data.find(b"[", 1, at) >= 0:  # it may be another object's
        return splice.replace(data, model, "model")
    return data[: found.start(1) - 1] + codec.dumps(model) + data[found.end(1) + 1 :]


def _is_usage_alone(data: bytes) -> bool:
    choices = splice.find(data, "choices")
    return choices is not None and data[choices.value_start : choices.end].strip(b"[] \n") == b""


def _without_null_usage(data: bytes) -> bytes:
    found = _NULL_USAGE.search(data)
    if found is not None:
        return data[: found.start()] + data[found.end() :]
    usage = splice.find(data, "usage")
    if usage is None or data[usage.value_start : usage.end] != b"null":
        return data
    return splice.remove(data, "usage")


def _asked_usage(body: JsonObject) -> bool:
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _details(message: object) -> list[JsonObject]:
    details = message.get("reasoning_details") if isinstance(message, dict) else None
    return [entry for entry in details if isinstance(entry, dict)] if isinstance(details, list) else []


def _state(entry: JsonObject) -> str | None:
    """State of an entry in its vendor's own form; our own sealed ones go nowhere by this lane."""
    state = read_detail(entry)[1] if entry.get("format") != FORMAT else None
    return None if state is None else state.data


def _restated(message: Any, taken: Taken) -> Any:
    """Leaves out entries of another vendor, who would not be understood."""
    entries = _details(message)
    kept = [entry for entry in entries if (state := _state(entry)) is None or taken(state) is not None]
    if kept == entries:
        return message
    rest = {name: value for name, value in message.items() if name != "reasoning_details"}
    return {**rest, "reasoning_details": kept} if kept else rest


def _is_everyday(message: object) -> bool:
    return isinstance(message, dict) and message.keys() <= _EVERYDAY and message.get("content") is not None


def _without_ours(message: object, replayed: frozenset[str]) -> object:
    """An answer of the past without what we added to it, or its vendor did, and this vendor does not know. Reasoning
    that was translated is another vendor's, and goes nowhere. Libraries send null and an empty list of calls back where
    there was nothing; OpenAI refuses them ("[] is too short - 'messages'", "expected a string, got null": `content` is
    "Required unless `tool_calls` or `function_call` is specified", openai-python
    `types/chat/chat_completion_assistant_message_param.py`)."""
    if not isinstance(message, dict) or message.get("role") != "assistant":
        return message
    kept = frozenset() if _translated(message) else replayed
    found = {
        name: value
        for name, value in message.items()
        if (name not in _ADDED or name in kept) and (value is not None or name == "content")
    }
    calls = found.get("tool_calls")
    if calls == []:
        del found["tool_calls"]
    elif isinstance(calls, list):
        removed = [name for name in _ON_CALLS if name not in kept]
        found["tool_calls"] = [_plain_call(call, removed) if isinstance(call, dict) else call for call in calls]
    return {**found, "content": ""} if found.get("content") is None and not found.keys() & _INSTEAD else found


def _plain_call(call: JsonObject, removed: Collection[str]) -> JsonObject:
    function, rest = call.get("function"), _without(call, removed)
    if isinstance(function, dict) and "parsed_arguments" in function:
        rest["function"] = _without(function, _PARSED)
    return rest


def _without(call: JsonObject, names: Collection[str]) -> JsonObject:
    return {name: value for name, value in call.items() if name not in names}


def _translated(message: JsonObject) -> bool:
    details = message.get("reasoning_details")
    return isinstance(details, list) and any(isinstance(one, dict) and one.get("format") == FORMAT for one in details)
