"""The client face of the Gemini API: `generateContent` and `streamGenerateContent`, v1beta.

Source: https://ai.google.dev/api/generate-content and google-genai's types and converters (`models.py`, `_to_mldev`).

Traits of a model that the writers look up (catalog):

    thinking              "level" (Gemini 3) or "budget" (2.5); absent: the model does not think on request
    levels, budget_range, can_disable   see `reasoning`
    signatures            the first call of a step needs a thought signature; default: thinking == "level"
    media_in_results      functionResponse.parts may hold media; default: thinking == "level"
    server_tool_invocations  vendor-run tools may stand beside functions, and are shown; default: thinking == "level"
    structured_output     False: cannot be held to JSON        penalties  False: takes no penalties
    candidates            the greatest n, default 8            mcp        True: connects to MCP servers itself

`models/{model}:countTokens`: the tokens of a whole request, tools and instructions included.

Source: https://ai.google.dev/api/tokens; recordings gemini.countTokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.events import Response
from interchange.hub.failure import Failure, invalid
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.rules import Rules
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire.sse import Frame

from .. import errors
from ..dialect import Dialect
from ..words import NAME, NAME_LENGTH, NAMESPACES, PROTOCOL, SERVICE_TIER
from . import stream
from .content import Part, Parts
from .messages import Contents, mark_instruction
from .refused import refused
from .request import Generation
from .tools import Tools

SNAKE = {"safety_settings": "safetySettings", "cached_content": "cachedContent"}
KEPT = {**SNAKE, **{name: name for name in SNAKE.values()}}
"""Gemini's own members that a caller of another protocol may add to the body, in either spelling."""
CONTENT_MARKS = (b'"parts"', b'"finishReason"', b'"error"', b'"blockReason"')
"""Members of a frame that says something. Quotes inside strings are escaped, so a search of the bytes is exact."""


@dataclass(frozen=True, slots=True)
class Client:
    dialect: Dialect = field(default_factory=Dialect)
    protocol: str = PROTOCOL
    signs_texts: bool = True
    """https://ai.google.dev/gemini-api/docs/thought-signatures."""

    def path(self, model: str, stream: bool) -> str:
        return self._method(model, "streamGenerateContent?alt=sse" if stream else "generateContent")

    def rules(self, profile: Profile) -> Rules:
        return Rules(
            speaks=PROTOCOL,
            past_media=True,
            name_length=NAME_LENGTH,
            name_form=NAME,
            prefixes=NAMESPACES,
            plain_root=not self.dialect.json_schema,
            # models before Gemini 3, whose thinking is a budget (ai.google.dev/gemini-api/docs/structured-output)
            json_beside_tools=profile.traits.get("thinking") != "budget",
        )

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        parts = Parts(self.dialect, profile, losses)
        tools = Tools(self.dialect, profile, losses)
        body: JsonObject = {**_conversation(request, parts), **tools.write(request)}
        generation = Generation(profile, losses, tools).write(request)
        if generation:
            body["generationConfig"] = generation
        tier = _tier(request, losses)
        if tier is not None:
            body["serviceTier"] = tier
        _add_extra(body, request.extra, losses)
        return body

    def read_response(self, body: JsonObject) -> Response:
        return stream.read_whole(body)

    def read_stream(self) -> stream.StreamReader:
        return stream.StreamReader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return errors.read_failure(status, headers, body)

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        return refused(body, choices)

    def is_content(self, frame: Frame) -> bool:
        return frame.data is not None and any(mark in frame.data for mark in CONTENT_MARKS)

    def read_usage(self, body: JsonObject) -> Usage | None:
        return stream.read_whole_usage(body)

    def count_path(self, model: str) -> str:
        return self._method(model, "countTokens")

    def write_count_tokens(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        return write_count_tokens(self.write_request(request, profile, losses), profile.model)

    def read_count(self, body: JsonObject) -> int:
        return read_count(body)

    def _method(self, model: str, method: str) -> str:
        name = model if "/" in model else f"models/{model}"
        return f"{self.dialect.prefix}{name}:{method}"


def _conversation(request: Request, parts: Parts) -> JsonObject:
    contents = Contents(parts)
    for number, message in enumerate(request.messages):
        contents.add(message, f"messages[{number}]")
    written = contents.finish()
    system = _system(request, parts)
    if system and not written:  # the API wants a turn: instructions alone are said in one
        parts.losses.drop("system", "sent as marked text of the user: Gemini wants a turn to answer")
        said = [{"text": mark_instruction(part["text"])} for part in system]
        return {"contents": [{"role": "user", "parts": said}]}
    if not written:
        raise invalid("messages: at least one message with content is required", "messages")
    if parts.profile.traits.get("prefill") is False and written[-1]["role"] == "model":
        last = f"messages[{len(request.messages) - 1}]"
        raise invalid(f"{last}: this model does not go on with a begun answer: end with a user's turn", last)
    return {**({"systemInstruction": {"parts": system}} if system else {}), "contents": written}


def _system(request: Request, parts: Parts) -> list[Part]:
    written: list[Part] = []
    for number, block in enumerate(request.system):
        path = f"system[{number}]"
        if isinstance(block, b.Text):
            written += parts.write(block, path)
        else:
            raise invalid(f"{path}: the system instruction is text for this model", path)
    return written


def _tier(request: Request, losses: Losses) -> str | None:
    if request.service_tier is None or request.service_tier == "auto":  # the default, by its name
        return None
    tier = SERVICE_TIER.get(request.service_tier)
    if tier is None:
        losses.drop("service_tier", "Gemini has no such tier")
    return tier


def _add_extra(body: JsonObject, extra: Mapping[str, Any], losses: Losses) -> None:
    """Fields that only the caller's protocol knows are losses, save Gemini's own: at the top, or below `google`, where
    Google's OpenAI-compatible API takes them (https://ai.google.dev/gemini-api/docs/openai#extra-body)."""
    for name, value in extra.items():
        if name in KEPT:
            body[KEPT[name]] = value
        elif name in ("google", "extra_body") and isinstance(value, Mapping):
            _add_google(body, value, name, losses)
        else:
            losses.drop(name, "Gemini has no such parameter")


def _add_google(body: JsonObject, given: Mapping[str, Any], path: str, losses: Losses) -> None:
    for name, value in given.items():
        if name in KEPT:
            body[KEPT[name]] = value
        elif name == "google" and isinstance(value, Mapping):
            _add_google(body, value, f"{path}.google", losses)
        elif name in ("thinking_config", "thinkingConfig") and isinstance(value, Mapping):
            config = {_camel(key): item for key, item in value.items()}
            body.setdefault("generationConfig", {})["thinkingConfig"] = config
        else:
            losses.drop(f"{path}.{name}", "Gemini has no such parameter")


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


COUNTED = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "cachedContent")


def write_count_tokens(request: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The body, from that of `generateContent`: wrapped, so that more than the contents is counted."""
    name = model if "/" in model else f"models/{model}"
    return {"generateContentRequest": {"model": name, **{key: request[key] for key in COUNTED if key in request}}}


def read_count(body: Mapping[str, Any]) -> int:
    """Raises KeyError where the answer has no count."""
    return int(body["totalTokens"])
