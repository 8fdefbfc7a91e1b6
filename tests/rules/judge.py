"""What the real vendors refuse of a request: by their API descriptions, by the newest SDKs' types, and by listed rules
that neither can say. A body that is taken has no refusals."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from interchange.catalog.load import load
from interchange.wire import codec
from tests.rules import amazon, claude, google, openai
from tests.rules import every as e
from tests.rules.described import unlike, unlike_converse
from tests.rules.every import Json, Rule, Traits


def _modelled(body: Json, _traits: Traits) -> Iterator[str]:
    yield from unlike_converse(body)


TYPES: Mapping[str, Rule] = {
    "anthropic_messages": e.typed(MessageCreateParamsNonStreaming),
    "openai_chat": e.typed(CompletionCreateParamsNonStreaming),
    "openai_responses": e.typed(ResponseCreateParamsNonStreaming),
}
OPENAI: tuple[Rule, ...] = (
    e.roots, e.drafts, openai.schemas, openai.strict, openai.parameters, openai.efforts, openai.json_word,
    e.names(r"[a-zA-Z0-9_-]{1,64}"), e.whole_texts,
)  # fmt: skip
RULES: Mapping[str, tuple[Rule, ...]] = {
    "anthropic_messages": (
        e.roots, e.drafts, e.names(r"[a-zA-Z0-9_-]{1,128}"), e.media, e.addresses, e.whole_texts,
        e.output("max_tokens"), e.breakpoints, claude.strict, claude.keys, claude.turns, claude.texts,
        claude.parameters, claude.thinking,
    ),
    "openai_chat": (*OPENAI, openai.turns, e.output("max_completion_tokens")),
    "openai_responses": (*OPENAI, openai.items, e.output("max_output_tokens")),
    "gemini": (
        google.typed, google.turns, google.tools, google.config, google.media, e.media, e.whole_texts,
        e.output("generationConfig", "maxOutputTokens"),
    ),
    "bedrock_converse": (
        _modelled, amazon.turns, amazon.tools, amazon.media, amazon.parameters, e.whole_texts,
        e.breakpoints, e.output("inferenceConfig", "maxTokens"),
    ),
}  # fmt: skip
OWN: Mapping[str, tuple[Rule, ...]] = {"xai": (openai.of_xai,)}
"""Of a provider that speaks another's protocol."""
THEIRS = (
    "reasoning_content: unknown", "search_parameters: unknown", "excluded_domains: unknown", "strict: missing",
    "'code_interpreter' is none of", "less than the minimum of 16",
)  # fmt: skip
"""What xAI takes otherwise than OpenAI: fields of its own, `strict` unsaid, a code interpreter without a container,
a shorter answer."""
KNOWN = ("openai", "anthropic", "gemini", "xai", "bedrock")
"""Providers that the rules are of."""
KIN = (openai.strict, openai.json_word, openai.schemas, e.roots, e.drafts)
"""What one of OpenAI's formats says of a schema goes on in the other as it is, and is the caller's own to mend."""


def refusals(protocol: str, provider: str, body: Json, traits: Traits, asked_in: str = "") -> list[str]:
    """`asked_in` is the caller's protocol."""
    kin = protocol.startswith("openai_") and asked_in.startswith("openai_")
    rules = [rule for rule in (*RULES[protocol], *OWN.get(provider, ())) if not (kin and rule in KIN)]
    said = [one for rule in rules for one in rule(body, traits)]
    return said + [one for one in _unlike(protocol, body, traits) if provider != "xai" or not _theirs(one)]


def _theirs(words: str) -> bool:
    return any(one in words for one in THEIRS)


def _unlike(protocol: str, body: Json, traits: Traits) -> Iterator[str]:
    """The description and the SDK's types are made at different times: a shape that one of them knows is known."""
    if protocol not in TYPES:
        yield from unlike(protocol, body) if protocol == "gemini" else ()
        return
    described = set(unlike(protocol, body))
    if described:
        yield from TYPES[protocol](body, traits)
        yield from unlike(protocol, body, bounds=True)


WAYS: Mapping[str, str] = {
    "/messages": "anthropic_messages", "/chat/completions": "openai_chat", "/responses": "openai_responses",
    ":generateContent": "gemini", ":streamGenerateContent": "gemini", "/converse": "bedrock_converse",
    "/converse-stream": "bedrock_converse",
}  # fmt: skip
"""How an address ends -> the protocol that is spoken there."""


def spoken(url: str) -> str | None:
    """The protocol of a conversation that is asked for at the address; None for any other request."""
    path = url.partition("?")[0]
    return next((word for end, word in WAYS.items() if path.endswith(end)), None)


def answered(url: str, body: Json, asked_in: str) -> bytes | None:
    """The vendor's 400, in its own form; None for what it takes, and for what went through as it came: that is the
    caller's own. `asked_in` is the caller's protocol."""
    path, protocol = url.partition("?")[0], spoken(url)
    if protocol is None or protocol == asked_in:
        return None
    provider, traits = _route(str(body.get("model") or _in_path(path)))
    provider = provider or urlsplit(url).netloc  # a test's vendors have their names for addresses
    if provider not in KNOWN:
        return None  # a vendor that a test adds, with fields of its own
    said = refusals(protocol, provider, body, traits, asked_in)
    return codec.dumps(_error(protocol, said[0])) if said else None


def _in_path(path: str) -> str:
    """The model of Gemini's addresses ("models/NAME:generateContent") and of Converse's ("model/NAME/converse")."""
    before, _, last = path.rpartition("/")
    return last.partition(":")[0] if ":" in last else unquote(before.rpartition("/")[2])


@functools.cache
def _route(upstream: str) -> tuple[str, Traits]:
    """By the upstream's name of the model; nothing is known of a model that the catalog does not have."""
    for model in load().models:
        for route in model.routes:
            if route.model == upstream:
                traits = {**model.traits, **route.traits, "max_output": model.max_output, "model": upstream}
                return route.provider, traits
    efforts = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
    return "", {"thinking": "level", "cache": True, "reasoning": {"efforts": efforts}}


def _error(protocol: str, message: str) -> Json:
    match protocol:
        case "anthropic_messages":
            return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
        case "gemini":
            return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}
        case "bedrock_converse":
            return {"message": message}
        case _:
            return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
