"""Differences of one provider's Responses, as data. A provider's file makes one; nothing else names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass

from .words import HOSTED_TOOLS, PARAMETERS


@dataclass(frozen=True, slots=True)
class Dialect:
    """The defaults are OpenAI's own.

    parameters      request fields that it takes; another one is a loss
    hosted          vendor-run tools that another protocol's caller can be given: hub kind -> declaration
    blocked         the name of `web_search`'s filter for domains to leave out, "" where it has none
    custom_tools    free-form tools exist
    foreign         what the ids of items begin with that another vendor of this protocol made, None where none is told
    client_tools    this protocol's own tools that the caller runs exist (shell, apply_patch, computer, ...)
    summaries       reasoning is summarised on request (`reasoning.summary`)
    least_output    the least `max_output_tokens` that it takes
    id_length       characters of a call id at most
    name_length     characters of a function's name at most
    most_tools      tools at most, None without a limit
    file_types      media types of `input_file`; other text is inlined, other documents are refused
    error_prefix    stands before the text of a failed tool result, since there is no flag for it
    """

    parameters: frozenset[str] = PARAMETERS
    hosted: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: HOSTED_TOOLS)
    blocked: str = ""
    custom_tools: bool = True
    foreign: re.Pattern[str] | None = None
    client_tools: bool = True
    summaries: bool = True
    least_output: int = 16
    id_length: int = 64
    name_length: int = 64
    most_tools: int | None = 128
    file_types: frozenset[str] = frozenset({"application/pdf"})
    error_prefix: str = "Error: "
