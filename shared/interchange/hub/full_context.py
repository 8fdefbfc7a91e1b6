"""A context that is full, in each vendor's words: agents act on them, so they are understood, not relayed."""

from __future__ import annotations

import re

from interchange.dataclass import dataclass

CODE = "context_length_exceeded"
MARKS = ("prompt is too long", "exceed context limit")
"""Parts of Anthropic's messages, whose format has no code. Claude Code shortens its history when it reads them."""


@dataclass(frozen=True, slots=True)
class Full:
    """In tokens. `output` is what was asked for beside the input, where that is what did not fit."""

    used: int
    limit: int
    output: int | None = None


FORMS = tuple(re.compile(form, re.IGNORECASE | re.DOTALL) for form in (
    r"maximum context length is (?P<limit>\d+) tokens.{0,80}requested \d+ tokens \((?P<used>\d+) in (?:the|your) "
    r"(?:messages|prompt|input)[^;,]*[,;] (?P<output>\d+) (?:in|for) the completion",
    r"maximum context length is (?P<limit>\d+) tokens.{0,160}?(?:resulted in|requested|contains?|has) (?:about )?"
    r"(?P<used>\d+)",
    r"input token count \(?(?P<used>\d+)\)? exceeds the maximum number of tokens allowed \(?(?P<limit>\d+)",
    r"input token count \(?(?P<used>\d+)\)? exceeds the maximum \(?(?P<limit>\d+)",
    r"maximum prompt length is (?P<limit>\d+) but the request contains (?P<used>\d+)",
    r"input length and `max_tokens` exceed context limit: (?P<used>\d+) \+ (?P<output>\d+) > (?P<limit>\d+)",
    r"prompt is too long: (?P<used>\d+) tokens > (?P<limit>\d+)",
    r"configured limit of (?P<limit>\d+) tokens.{0,60}resulted in (?P<used>\d+)",
    r"passed (?P<used>\d+) input tokens.{0,120}context length is only (?P<limit>\d+)",
))  # fmt: skip
"""OpenAI (both forms), Google (both), xAI, Anthropic (both), OpenAI's later models, vLLM; from recorded refusals and
public reports."""
UNCOUNTED = re.compile("|".join((
    r"exceeds? (?:the|its|this model's|the model's) (?:maximum )?context (?:window|length|size|limit)",
    r"exceeds? (?:the )?(?:available )?context (?:size|limit)", r"context window exceeds limit",
    r"context[ _](?:window|length)[ _](?:is |was )?(?:exceeded|full|overflow)", r"\b(?:prompt|input) is too long\b",
    r"input tokens exceeded", r"number of input tokens exceeds", r"maximum (?:context|prompt) length",
    r"input token count.{0,40}exceeds the maximum", r"input tokens exceed the configured limit",
    r"exceeded model token limit", r"reduce the length of (?:the|your) (?:messages|prompt|input)",
)), re.IGNORECASE)  # fmt: skip
"""The same without numbers that can be read: OpenAI's Responses, Bedrock ("Input is too long for requested model.",
Nova's "Input Tokens Exceeded"), Groq, Moonshot, MiniMax, llama.cpp; recorded, or in the lists that pydantic-ai
(`_model_errors.py`) and LiteLLM (`exception_mapping_utils.py`) keep."""


def read_full(message: str) -> Full | None:
    """The numbers of a refusal for a full context, None for any other message."""
    for form in FORMS:
        found = form.search(message)
        if found is not None:
            known = found.groupdict()
            output = known.get("output")
            return Full(int(known["used"]), int(known["limit"]), None if output is None else int(output))
    return None


def is_full(message: str) -> bool:
    """True for a vendor's refusal of a conversation that its model has no room for."""
    return UNCOUNTED.search(message) is not None or read_full(message) is not None
