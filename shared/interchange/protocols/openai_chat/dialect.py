"""Differences of one provider's chat completions, as data. A provider's file makes one; nothing else names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from interchange.dataclass import dataclass

from .words import PARAMETERS


@dataclass(frozen=True, slots=True)
class Dialect:
    """The defaults are OpenAI's own.

    parameters        request fields that it takes; another one is a loss, or a 400 where the answer would change
    max_tokens        the name of its output limit
    developer         the role `developer` exists; without it such text goes as `system`
    system_anywhere   system text may stand inside a conversation; without it, it keeps its place as user text
    reasoning_replay  where earlier reasoning goes back: "" (nowhere), "reasoning_content", "reasoning" or
                      "reasoning_details"
    reasoning_style   how thinking is asked for: "effort" (`reasoning_effort`), "thinking" (`thinking: {type}`) or
                      "object" (`reasoning: {effort, max_tokens}`)
    cache             how a cache breakpoint is said: "" (it caches by itself), "cache_control" or
                      "prompt_cache_breakpoint"
    custom_tools      free-form tools exist
    strict            functions and schemas may say `strict`
    formats           kinds of `response_format`
    max_stops         stop sequences at most, None without a limit
    id_length         characters of a tool call id at most
    name_length       characters of a function's name at most
    most_tools        tools at most, None without a limit
    file_types        media types of `file` parts; other text is inlined, other documents are refused
    audio_formats     formats of `input_audio` parts
    results_required  every tool call in the history must have its result
    signatures        tool calls carry thought signatures (`extra_content.google`)
    error_prefix      stands before the text of a failed tool result, since chat has no flag for it
    """

    parameters: frozenset[str] = PARAMETERS
    max_tokens: str = "max_completion_tokens"
    developer: bool = True
    system_anywhere: bool = True
    reasoning_replay: str = ""
    reasoning_style: str = "effort"
    cache: str = ""
    custom_tools: bool = True
    strict: bool = True
    formats: frozenset[str] = frozenset({"text", "json_object", "json_schema"})
    max_stops: int | None = 4
    id_length: int = 40
    name_length: int = 64
    most_tools: int | None = 128
    file_types: frozenset[str] = frozenset({"application/pdf"})
    audio_formats: frozenset[str] = frozenset({"wav", "mp3"})
    results_required: bool = True
    signatures: bool = False
    error_prefix: str = "Error: "


UNLIMITED = ("max_stops", "most_tools")
"""Limits that a provider may not have."""


def read_dialect(data: Mapping[str, Any]) -> Dialect:
    """From the catalog's `dialect`. `parameters_add` and `parameters_remove` are short for changes of `parameters`.
    Raises ValueError naming an unknown or mistyped entry."""
    default = Dialect()
    known = {item.name: getattr(default, item.name) for item in fields(Dialect)}
    changes: dict[str, Any] = {}
    rest = dict(data)
    added = frozenset(_words("parameters_add", rest.pop("parameters_add", ())))
    removed = frozenset(_words("parameters_remove", rest.pop("parameters_remove", ())))
    for name, value in rest.items():
        if name not in known:
            raise ValueError(f"dialect.{name}: unknown; known are {', '.join(sorted(known))}")
        changes[name] = frozenset(_words(name, value)) if isinstance(known[name], frozenset) else value
        if not isinstance(changes[name], type(known[name])) and not (value is None and name in UNLIMITED):
            raise ValueError(f"dialect.{name}: must be of type {type(known[name]).__name__}")
    parameters = changes.pop("parameters", default.parameters)
    return Dialect(**changes, parameters=(parameters | added) - removed)


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"dialect.{name}: must be a list of words")
    return tuple(value)
