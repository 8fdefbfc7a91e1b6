"""Answers in JSON that are asked for in words, for models that cannot be held to what was asked.

Four cases: JSON beside functions on a model that gives one or the other (Gemini 2.5: "Function calling with a response
mime type: 'application/json' is unsupported"); JSON without a schema, where there is no such mode; and a schema that
the model's decoder would turn into another (see `open_objects`), or does not take. The answer's code fence, if there is
one, is taken off.
"""

from __future__ import annotations

import re

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, OutputKind, Request
from interchange.hub.rules import OpenAnswers, Rules
from interchange.wire import codec

from .held import too_much
from .open_objects import open_object, recursive

ONLY_JSON = "Answer with one valid JSON object and nothing else: no text around it, no code fence."
BY_SCHEMA = (
    "Answer with one valid JSON value and nothing else (no text around it, no code fence), by this JSON Schema:\n"
)
LONGEST = 64
"""Characters that are held back, at most, until it is known whether they end a fence."""


def in_words(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with the form of its answer as a last instruction, where the rules leave no other way."""
    asked = request.output_format
    if asked is None or asked.kind is OutputKind.TEXT:
        return request
    reason = _reason(request, rules)
    if reason is None:
        return request
    losses.drop("response_format", f"sent as an instruction: {reason}")
    text = ONLY_JSON if asked.schema is None else BY_SCHEMA + codec.dumps_text(asked.schema)
    return replace(request, output_format=None, system=(*request.system, b.Text(text)))


def _reason(request: Request, rules: Rules) -> str | None:
    asked = request.output_format
    if not rules.json_beside_tools and any(isinstance(tool, FunctionTool) for tool in request.tools):
        return "this model answers in JSON or calls tools, not both"
    if asked is None or (asked.kind is OutputKind.JSON and not rules.json_mode):
        return "there is no JSON mode without a schema"
    own = request.protocol == rules.speaks
    if asked.schema is None or own or rules.open_answers is not OpenAnswers.TOLD:
        return None
    if open_object(asked.schema):
        return "held to the schema, an object with keys of its own could only be {}"
    if not rules.recursion and recursive(asked.schema):
        return "this model cannot be held to a schema that holds itself"
    return "this model cannot be held to so large a schema" if too_much(asked.schema, rules) else None


_BEGINNING = re.compile(r"\s*(`{0,2}|```[a-zA-Z]*[ \t]*)\Z")
_FENCE = re.compile(r"\s*```[a-zA-Z]*[ \t]*\r?\n")
_END = re.compile(r"\s*`{0,3}\s*\Z")


@dataclass(slots=True)
class Unfenced:
    """Text in, the same text out, without a code fence that stands around all of it."""

    _held: str = ""
    _begun: bool = False
    _fenced: bool = False

    def feed(self, text: str) -> str:
        if self._begun and not self._fenced:
            return text
        self._held += text
        if not self._begun:
            found = _FENCE.match(self._held)
            if found is None and _BEGINNING.match(self._held) and len(self._held) <= LONGEST:
                return ""
            self._begun, self._fenced = True, found is not None
            self._held = self._held[found.end() :] if found is not None else self._held
        return self._released()

    def finish(self) -> str:
        """The rest, unless it is the fence's end."""
        held, self._held = self._held, ""
        return "" if self._fenced and held.strip() == "```" else held

    def _released(self) -> str:
        kept = ""
        if self._fenced:
            end = _END.search(self._held, max(0, len(self._held) - LONGEST))
            kept = self._held[end.start() :] if end is not None else ""
        out, self._held = self._held[: len(self._held) - len(kept)], kept
        return out
