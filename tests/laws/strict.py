"""What the real vendors refuse of a request: fields and types by the newest SDKs' own, and rules no type can say.

Each rule has its source beside it. A rule yields the words of the refusal; a body that is taken yields none.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin

from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from google.genai import types as genai
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import ValidationError
from typing_extensions import get_type_hints, is_typeddict

from interchange.wire import codec

Json = dict[str, Any]
Rule = Callable[[Json, Mapping[str, Any]], Iterator[str]]
"""(body, the model's traits) -> refusals."""
HEADERS = frozenset({"betas"})
"""Arguments of an SDK's call that go as headers."""
MORE = {
    "reasoning_content": "xAI and DeepSeek take it on an assistant's message",
    "stream_options": "of the streaming form",
    **dict.fromkeys(("temperature", "top_p", "top_k"), "models up to Claude 4.6 take them"),
}


def misfits(value: Any, kind: Any, path: str = "") -> Iterator[str]:
    """How the value is not what a TypedDict of an SDK says: unknown and missing fields, and other types."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is not None and origin in (Required, NotRequired):
        yield from misfits(value, arguments[0], path)
    elif origin in (Union, UnionType):
        found = [list(misfits(value, one, path)) for one in arguments]
        if all(found):
            yield min(found, key=len)[0]
    elif is_typeddict(kind):
        yield from _object(value, kind, path)
    elif origin is Literal:
        if value not in arguments:
            yield f"{path}: {value!r} is none of {arguments}"
    elif origin is dict or origin is Mapping:
        if not isinstance(value, dict):
            yield f"{path}: no object"
    elif arguments and origin is not type:  # a list of some kind
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        for at, item in enumerate(value):
            yield from misfits(item, arguments[0], f"{path}[{at}]")
    elif kind in PLAIN and not isinstance(value, PLAIN[kind]):
        yield f"{path}: no {kind.__name__}"


PLAIN: dict[Any, Any] = {str: str, int: int, float: (int, float), bool: bool, type(None): type(None)}


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    return dict(get_type_hints(kind, include_extras=True))


def _object(value: Any, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: no object"
        return
    fields = _fields(kind)
    for name, inner in value.items():
        here = f"{path}.{name}".lstrip(".")
        if name in fields and name not in HEADERS:
            yield from misfits(inner, fields[name], here)
        elif name not in MORE:
            yield f"{here}: unknown field"
    for name, hint in fields.items():
        if get_origin(hint) is not None and get_origin(hint) in (Required,) and name not in value:
            yield f"{path}.{name}".lstrip(".") + ": missing"


def parts(value: Any) -> Iterator[Json]:
    """Every object below."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def _schemas(tools: Any) -> Iterator[tuple[Json, Any]]:
    """(tool, its schema)"""
    for tool in tools or ():
        inner = tool.get("function", tool)
        schema = inner.get("parameters", inner.get("input_schema"))
        if isinstance(schema, dict):
            yield inner, schema


ROOTS = ("anyOf", "oneOf", "allOf", "enum", "not")


def _roots(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    """makenotion/notion-mcp-server#340: "schema must have type 'object' and not have 'oneOf'/'anyOf'/..."."""
    for tool, schema in _schemas(body.get("tools")):
        if schema.get("type", "object") != "object" or any(name in schema for name in ROOTS):
            yield f"tools: {tool.get('name')}: the root of a schema is a plain object"


def _closed(schema: Any, required: bool) -> Iterator[str]:
    """platform.openai.com/docs/guides/structured-outputs#supported-schemas, and Anthropic's structured outputs."""
    for part in parts(schema):
        if "properties" in part and isinstance(part["properties"], dict) and part.get("type", "object") == "object":
            if part.get("additionalProperties") is not False:
                yield "'additionalProperties' is required to be supplied and to be false"
            if required and set(part.get("required", ())) != set(part["properties"]):
                yield "'required' is required to include every key in properties"
        elif part.get("type") == "object" and part.get("additionalProperties") is not False:
            yield "an object is closed under strict"


def _strict_openai(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    for tool, schema in _schemas(body.get("tools")):
        if tool.get("strict") is True:
            yield from _closed(schema, required=True)
    form = (body.get("response_format") or {}).get("json_schema") or (body.get("text") or {}).get("format") or {}
    if form.get("strict") is True and isinstance(form.get("schema"), dict):
        yield from _closed(form["schema"], required=True)


def _strict_claude(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    for tool, schema in _schemas(body.get("tools")):
        if tool.get("strict") is True:
            yield from _closed(schema, required=False)
    form = (body.get("output_config") or {}).get("format") or {}
    if isinstance(form.get("schema"), dict):
        yield from _closed(form["schema"], required=False)


def _names(pattern: str) -> Rule:
    """OpenAI: `^[a-zA-Z0-9_-]{1,64}$`; Anthropic: 128 of the same (the API's own 400s)."""
    form = re.compile(pattern)

    def check(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
        for tool in body.get("tools") or ():
            name = tool.get("function", tool).get("name")
            if tool.get("type", "function") in ("function", "custom") and not form.fullmatch(str(name)):
                yield f"tools: invalid name {name!r}"

    return check


def _claude_turns(body: Json, traits: Mapping[str, Any]) -> Iterator[str]:
    """can1357/oh-my-pi#2055 (ids), anthropics/claude-code#8763 (results), the API's 400s for empty text."""
    ids = [part["id"] for part in parts(body["messages"]) if part.get("type") == "tool_use"]
    if len(ids) != len(set(ids)):
        yield "messages: `tool_use` ids must be unique"
    waiting: list[str] = []
    for turn in body["messages"]:
        blocks = turn["content"] if isinstance(turn["content"], list) else [{"type": "text", "text": turn["content"]}]
        if not blocks:
            yield "messages: all messages must have non-empty content"
        results = [block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"]
        if set(waiting) - set(results) or set(results) - set(waiting):
            yield "`tool_use` ids were found without `tool_result` blocks immediately after"
        waiting = [block["id"] for block in blocks if block.get("type") == "tool_use"]
        yield from ("text content blocks must be non-empty" for block in blocks
                    if block.get("type") == "text" and not block["text"].strip())  # fmt: skip
    if waiting:
        yield "`tool_use` ids were found without `tool_result` blocks immediately after"
    if traits.get("prefill") is False and body["messages"][-1]["role"] == "assistant" and not waiting:
        yield "This model does not support assistant message prefill"


def _claude_parameters(body: Json, traits: Mapping[str, Any]) -> Iterator[str]:
    """docs.anthropic.com (migrating to Claude 4.5), `metadata.user_id` of the SDK (256), prompt caching (4)."""
    if traits.get("sampling") == "one" and "temperature" in body and "top_p" in body:
        yield "`temperature` and `top_p` cannot both be specified for this model"
    if traits.get("sampling") is False and any(name in body for name in ("temperature", "top_p", "top_k")):
        yield "`temperature` is deprecated for this model"
    if sum("cache_control" in part for part in parts(body)) > 4:
        yield "A maximum of 4 blocks with cache_control may be provided"
    if len((body.get("metadata") or {}).get("user_id") or "") > 256:
        yield "metadata.user_id: String should have at most 256 characters"
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "enabled" and thinking["budget_tokens"] >= body["max_tokens"]:
        yield "`max_tokens` must be greater than `thinking.budget_tokens`"
    forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
    if forced and thinking.get("type") in ("enabled", "adaptive"):
        yield "Thinking may not be enabled when tool_choice forces tool use."


def _media(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    """anthropics/claude-code#11975: "the image was specified using the image/png media type, but ..."."""
    for part in parts(body):
        kind, data = part.get("media_type") or part.get("mimeType"), part.get("data")
        if isinstance(data, str) and kind in MAGIC:
            head = base64.b64decode(re.sub(r"[^A-Za-z0-9+/]", "", data[:64])[:24])
            if head and not head.startswith(MAGIC[kind]) and any(head.startswith(one) for one in MAGIC.values()):
                yield f"Image does not match the provided media type {kind}"


MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "application/pdf": b"%PDF"}


def _openai_turns(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    """Recorded: "An assistant message with 'tool_calls' must be followed by tool messages ..."."""
    waiting: set[str] = set()
    for message in body.get("messages") or ():
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                yield "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            yield "An assistant message with 'tool_calls' must be followed by tool messages"
        waiting = {call["id"] for call in message.get("tool_calls") or ()}
        if any(len(identity) > 40 for identity in waiting):
            yield "messages.tool_calls.id: string too long, maximum 40"
    if waiting:
        yield "An assistant message with 'tool_calls' must be followed by tool messages"


def _openai_items(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    """Recorded: "No tool output found for function call call_...", and the other way about."""
    given = [item for item in body["input"] if isinstance(item, dict)] if isinstance(body["input"], list) else []
    calls = [item["call_id"] for item in given if item.get("type") in ("function_call", "custom_tool_call")]
    outputs = [item.get("call_id") for item in given if str(item.get("type")).endswith("_call_output")]
    for identity in calls:
        if identity not in outputs:
            yield f"No tool output found for function call {identity}."
    if any(len(identity) > 64 for identity in calls):
        yield "input.call_id: string too long, maximum 64"


def _openai_parameters(body: Json, traits: Mapping[str, Any]) -> Iterator[str]:
    """platform.openai.com/docs/api-reference/chat/create and .../guides/reasoning; docs.x.ai (reasoning models)."""
    stop = body.get("stop")
    if isinstance(stop, list) and len(stop) > 4:
        yield "'stop': array too long, at most 4"
    if traits.get("stop") is False and stop:
        yield "Unsupported parameter: 'stop' is not supported with this model."
    for name in traits.get("unsupported", ()):
        if body.get(name) not in (None, 0):
            yield f"Unsupported parameter: {name!r} is not supported with this model."
    if traits.get("sampling") is False and any(body.get(name) not in (None, 1) for name in ("temperature", "top_p")):
        yield "Unsupported value: 'temperature' does not support that value with this model."
    for name in ("user", "safety_identifier", "prompt_cache_key"):
        if len(body.get(name) or "") > 64:
            yield f"{name!r}: string too long, at most 64"
    if body.get("parallel_tool_calls") is not None and not body.get("tools"):
        yield "'parallel_tool_calls' is only allowed when 'tools' are specified"


def _output(name: str) -> Rule:
    """Every vendor: more output than the model gives is a 400."""

    def check(body: Json, traits: Mapping[str, Any]) -> Iterator[str]:
        limit, asked = traits.get("max_output"), body.get(name)
        if isinstance(limit, int) and isinstance(asked, int) and asked > limit:
            yield f"{name}: {asked} > {limit}"

    return check


def _whole_texts(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
    """anthropics/claude-code#65155: "no low surrogate in string"."""
    try:
        codec.dumps(body).decode("utf-8")
        codec.dumps_text(body).encode("utf-8")
    except UnicodeError:
        yield "The request body is not valid JSON: no low surrogate in string"


def _gemini(body: Json, traits: Mapping[str, Any]) -> Iterator[str]:
    """google-genai's models forbid what they do not know. Turns: the API's 400s; JSON beside functions:
    vercel/ai#11947; signatures: ai.google.dev/gemini-api/docs/thought-signatures."""
    config = body.get("generationConfig") or {}
    for kind, found in ((genai.Content, body["contents"]), (genai.Tool, body.get("tools") or []),
                        (genai.GenerationConfig, [config])):  # fmt: skip
        for one in found:
            try:
                kind.model_validate(one)
            except ValidationError as error:
                yield f"Invalid JSON payload received. {str(error)[:200]}"
    functions = any("functionDeclarations" in tool for tool in body.get("tools") or ())
    if functions and config.get("responseMimeType") == "application/json" and traits.get("thinking") == "budget":
        yield "Function calling with a response mime type: 'application/json' is unsupported"
    calls: list[Any] = []
    for content in body["contents"]:
        made = [part for part in content["parts"] if "functionCall" in part]
        results = [part for part in content["parts"] if "functionResponse" in part]
        if len(results) != len(calls):
            yield "the number of function response parts is to be equal to the number of function call parts"
        if made and traits.get("signatures") and "thoughtSignature" not in made[0]:
            yield "Function call is missing a thought_signature in functionCall parts."
        if not content["parts"]:
            yield "contents.parts must not be empty"
        calls = made
    if calls:
        yield "function calls without responses"


def _typed(kind: Any) -> Rule:
    def check(body: Json, _traits: Mapping[str, Any]) -> Iterator[str]:
        yield from misfits({name: value for name, value in body.items() if name != "stream"}, kind)

    return check


RULES: Mapping[str, tuple[Rule, ...]] = {
    "anthropic_messages": (
        _typed(MessageCreateParamsNonStreaming), _roots, _strict_claude, _names(r"[a-zA-Z0-9_-]{1,128}"), _claude_turns,
        _claude_parameters, _media, _whole_texts, _output("max_tokens"),
    ),
    "openai_chat": (
        _typed(CompletionCreateParamsNonStreaming), _roots, _strict_openai, _names(r"[a-zA-Z0-9_-]{1,64}"),
        _openai_turns, _openai_parameters, _whole_texts, _output("max_completion_tokens"),
    ),
    "openai_responses": (
        _typed(ResponseCreateParamsNonStreaming), _roots, _strict_openai, _names(r"[a-zA-Z0-9_-]{1,64}"),
        _openai_items, _openai_parameters, _whole_texts, _output("max_output_tokens"),
    ),
    "gemini": (_gemini, _media, _whole_texts),
}  # fmt: skip


def refusals(protocol: str, body: Json, traits: Mapping[str, Any], asked_in: str = "") -> list[str]:
    """`asked_in` is the caller's protocol: what one of OpenAI's formats says of a strict schema goes on in the other as
    it is, and is the caller's own to mend."""
    kin = protocol.startswith("openai_") and asked_in.startswith("openai_")
    rules = [rule for rule in RULES[protocol] if not (kin and rule is _strict_openai)]
    return [said for rule in rules for said in rule(body, traits)]
