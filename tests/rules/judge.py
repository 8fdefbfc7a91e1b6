"""What the real vendors refuse of a request: by their API descriptions, by the newest SDKs' types, and by listed rules
that neither can say. A body that is taken has no refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

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
        e.roots, e.drafts, e.names(r"[a-zA-Z0-9_-]{1,128}"), e.media, e.whole_texts, e.output("max_tokens"),
        claude.strict, claude.keys, claude.turns, claude.texts, claude.parameters, claude.thinking,
    ),
    "openai_chat": (*OPENAI, openai.turns, e.output("max_completion_tokens")),
    "openai_responses": (*OPENAI, openai.items, e.output("max_output_tokens")),
    "gemini": (
        google.typed, google.turns, google.tools, google.config, e.media, e.whole_texts,
        e.output("generationConfig", "maxOutputTokens"),
    ),
    "bedrock_converse": (
        _modelled, amazon.turns, amazon.tools, amazon.media, amazon.parameters, e.whole_texts,
        e.output("inferenceConfig", "maxTokens"),
    ),
}  # fmt: skip
OWN: Mapping[str, tuple[Rule, ...]] = {"xai": (openai.of_xai,)}
"""Of a provider that speaks another's protocol."""
THEIRS = (
    "reasoning_content: unknown", "search_parameters: unknown", "excluded_domains: unknown", "strict: missing",
    "'code_interpreter' is none of",
)  # fmt: skip
"""What xAI takes otherwise than OpenAI: fields of its own, `strict` unsaid, a code interpreter without a container."""
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
