"""Requests: what came in goes out again, and what goes out is of the SDK's own types."""

from __future__ import annotations

import collections.abc
import functools
import json
import operator
import types
import typing
from typing import Any

import pytest
import typing_extensions
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import ConfigDict, TypeAdapter, ValidationError

from interchange.continuity.seal import Seal
from interchange.hub import request as r
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.dialect import Dialect
from interchange.protocols.openai_chat.server import Server
from interchange.wire import codec
from tests.recordings.read import carried

LINES = carried("openai_chat")
BODIES = [line for line in LINES if line["status"] == 200 and "messages" in line.get("request_json", {})]
SERVER = Server(Seal(b"sixteen bytes key"))
EVERYTHING = frozenset({"text", "image", "document", "audio"})
ECHO = Dialect(cache="cache_control", reasoning_replay="reasoning_content", results_required=False, id_length=64)
"""A provider that takes all that the hub can say."""


def name(line: dict[str, Any]) -> str:
    return f"{line['provider']}-{line['id']}"


# --- write_request(read_request(body)) == body, save for these spellings, of which the hub keeps one


def normalise(body: dict[str, Any]) -> dict[str, Any]:
    """Null is absent; `max_tokens` goes under the dialect's name; usage is always asked for in a stream; `functions`
    are tools; `stop` is a list; without tools nothing is said about them; thinking is `reasoning_effort` (below)."""
    out = {field: value for field, value in body.items() if value is not None}
    if "max_tokens" in out:
        out.setdefault("max_completion_tokens", out.pop("max_tokens"))
    if not out.pop("stream", False):
        out.pop("stream_options", None)
    else:
        out |= {"stream": True, "stream_options": {**out.get("stream_options", {}), "include_usage": True}}
    if "stop" in out:
        out["stop"] = [out["stop"]] if isinstance(out["stop"], str) else out["stop"]
        out = {field: value for field, value in out.items() if (field, value) != ("stop", [])}
    tools = [{"type": "function", **tool} for tool in out.pop("tools", [])]
    tools += [{"type": "function", "function": function} for function in out.pop("functions", [])]
    choice = _choice(out.pop("function_call", None) or out.pop("tool_choice", None))
    if tools:
        out |= {"tools": tools, **({"tool_choice": choice} if choice else {})}
    else:
        out.pop("parallel_tool_calls", None)
    for thinking in ("thinking", "reasoning", "reasoning_effort"):
        out.pop(thinking, None)
    return {**out, "messages": _messages(out["messages"])}


def _choice(value: Any) -> Any:
    """`any` is Mistral's `required`; xAI takes Messages' `tool`; `function_call` names the function directly."""
    match value:
        case "any":
            return "required"
        case {"name": called, **_rest}:
            return {"type": "function", "function": {"name": called}}
        case _:
            return value


def _messages(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """System and developer text before the first turn is one system message."""
    system: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] in ("system", "developer") and not rest and "name" not in message:
            system += _parts(message["content"], message.get("cache_control"))
        else:
            rest.append(_message(message))
    return [{"role": "system", "content": system}] * bool(system) + rest


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """Nulls and empty lists are absent; a message's `cache_control` is its last part's; `reasoning`, its details and
    Mistral's thinking parts are `reasoning_content`; the index of a call says nothing outside a stream."""
    out = {field: value for field, value in message.items() if value not in (None, [], "")}
    parts = _parts(out.get("content"), out.pop("cache_control", None))
    thought = out.pop("reasoning", "") or out.pop("reasoning_content", "")
    for detail in out.pop("reasoning_details", []):
        thought = thought or detail.get("text", "")
    for part in parts:
        if part["type"] == "thinking":
            thought += "".join(item["text"] for item in part["thinking"])
    out["content"] = [part for part in parts if part["type"] != "thinking"]
    if thought:
        out["reasoning_content"] = thought
    calls = [{field: value for field, value in call.items() if field != "index"} for call in out.get("tool_calls", [])]
    if "function_call" in out:
        calls.append({"id": "call_f5104e045fd1832eb6edd142", "type": "function", "function": out.pop("function_call")})
    if out["role"] == "function":
        out |= {"role": "tool", "tool_call_id": "call_f5104e045fd1832eb6edd142"}
    return {**out, "tool_calls": calls}


def _parts(content: Any, cache: Any) -> list[dict[str, Any]]:
    """A string is one text part, an empty one none. The two kinds of breakpoint are one."""
    parts: list[dict[str, Any]] = (
        [{"type": "text", "text": content}] if isinstance(content, str) else [dict(part) for part in content or ()]
    )
    parts = [part for part in parts if part.get("text") != ""]
    for part in parts:
        if part["type"] == "image_url" and isinstance(part["image_url"], str):
            part["image_url"] = {"url": part["image_url"]}
        if part.pop("prompt_cache_breakpoint", None):
            part["cache_control"] = {"type": "ephemeral"}
    if cache and parts:
        parts[-1]["cache_control"] = cache
    return parts


def write(body: dict[str, Any], dialect: Dialect = ECHO, **traits: Any) -> dict[str, Any]:
    return Client(dialect).write_request(
        SERVER.read_request(body), Profile(body["model"], EVERYTHING, traits=traits), Losses()
    )


@pytest.mark.parametrize("line", BODIES, ids=name)
def test_a_request_comes_back_as_it_went_in(line: dict[str, Any]) -> None:
    body = {"model": "in the path", **line["request_json"]}
    assert normalise(write(body)) == normalise(body)


@pytest.mark.parametrize("line", BODIES, ids=name)
def test_F4_translation_is_deterministic_and_settles(line: dict[str, Any]) -> None:
    """Equal requests give equal bytes, and writing again what was written changes nothing: prefixes stay cached."""
    body = {"model": "in the path", **line["request_json"]}
    once = write(body)
    assert codec.dumps(once) == codec.dumps(write(json.loads(json.dumps(body))))
    assert codec.dumps(write(json.loads(codec.dumps(once)))) == codec.dumps(once)


@pytest.mark.parametrize("line", [line for line in BODIES if line["provider"] == "openai"], ids=name)
def test_M3_no_null_is_ever_forwarded(line: dict[str, Any]) -> None:
    body = write(line["request_json"])
    assert None not in body.values()


# --- the SDK's own types


@functools.cache
def strict(kind: Any) -> Any:
    """A TypedDict with its lazily checked iterables made lists, all the way down."""
    if typing_extensions.is_typeddict(kind):
        hints = typing_extensions.get_type_hints(kind, include_extras=True)
        make: Any = typing_extensions.TypedDict
        closed = make(kind.__name__, {field: strict(hint) for field, hint in hints.items()}, total=False)
        closed.__pydantic_config__ = ConfigDict(extra="forbid")
        return closed
    origin, arguments = typing_extensions.get_origin(kind), typing_extensions.get_args(kind)
    match origin:
        case typing_extensions.Required | typing_extensions.NotRequired:
            return origin[strict(arguments[0])]
        case typing.Union | types.UnionType:
            return functools.reduce(operator.or_, [strict(argument) for argument in arguments])
        case collections.abc.Iterable:
            return list[strict(arguments[0])]  # type: ignore[misc]
        case typing.Annotated:
            return strict(arguments[0])
        case _ if origin is list:
            return list[strict(arguments[0])]  # type: ignore[misc]
        case _:
            return kind if not str(kind).endswith("SequenceNotStr[str]") else list[str]


@functools.cache
def adapter(stream: bool) -> TypeAdapter[Any]:
    return TypeAdapter(strict(CompletionCreateParamsStreaming if stream else CompletionCreateParamsNonStreaming))


def validate(body: dict[str, Any]) -> None:
    adapter(bool(body.get("stream"))).validate_python(body, strict=True)


@pytest.mark.parametrize("line", [line for line in BODIES if line["provider"] == "openai"], ids=name)
def test_what_goes_to_openai_is_of_the_sdks_types(line: dict[str, Any]) -> None:
    request = SERVER.read_request(line["request_json"])
    profile = Profile("m", EVERYTHING)
    foreign = r.Request(**{field: getattr(request, field) for field in r.Request.__slots__} | {"protocol": "other"})
    validate(Client().write_request(foreign, profile, Losses()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": [{"role": "user", "content": 1}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "https://a.b/c.png"}]}]},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"temperature": "1"},
        {"tools": [{"type": "function", "function": {"description": "no name"}}]},
        {"no_such_parameter": 1},
    ],
)
def test_the_sdks_types_are_held_strictly(wrong: dict[str, Any]) -> None:
    good = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    validate(good)
    with pytest.raises(ValidationError):
        validate({**good, **wrong})
