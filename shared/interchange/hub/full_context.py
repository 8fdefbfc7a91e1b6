"""A context that is full, in each vendor's words: agents act on them, so they are understood, not relayed."""

from __future__ import annotations

import re

from interchange.dataclass import dataclass

CODE = "context_length_exceeded"


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
))  # fmt: skip
"""OpenAI (both forms), Google (both), xAI, Anthropic (both); from recorded refusals and public reports."""


def read_full(message: str) -> Full | None:
    """The numbers of a refusal for a full context, None for any other message."""
    for form in FORMS:
        found = form.search(message)
        if found is not None:
            known = found.groupdict()
            output = known.get("output")
            return Full(int(known["used"]), int(known["limit"]), None if output is None else int(output))
    return None
