"""Rules of a model, as far as the gateway can say a request otherwise and take that back in the answer."""

from __future__ import annotations

import re
from enum import StrEnum

from interchange.dataclass import dataclass

PLAIN_NAME = re.compile(r"[a-zA-Z0-9_-]+")
"""A tool's name as OpenAI, xAI and Anthropic take it."""
PLAIN_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
"""The name of an argument as Claude takes it, wherever it runs."""


class OpenAnswers(StrEnum):
    """Treatment of an answer's schema with objects whose keys it does not name."""

    KEPT = "kept"
    LOOSE = "loose"
    """Sent as it is; the model is not held to it."""
    TOLD = "told"
    """Said in words: the model takes only schemas that it can be held to."""


@dataclass(frozen=True, slots=True)
class Held:
    """Limits of a strict decoder on one request: strict tools; and in the schemas of these and of the answer,
    optional properties, and properties of one of several types."""

    tools: int
    optional: int
    unions: int


COMPILED = Held(tools=20, optional=24, unions=16)
"""A decoder that compiles all schemas of a request into one grammar.
platform.claude.com/docs/en/build-with-claude/structured-outputs (schema complexity limits); quoted in
camel-ai/camel#4171, elizaOS/eliza#16499: "Schemas contains too many optional parameters (87) ... (limit: 24)"."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A client face states them for one model; `interchange.rewrites` follows them.

    speaks        the protocol whose own blocks it is given as they are
    carries       kinds of vendor-run calls of other protocols that it has a word for
    name_length   characters of a tool's name at most
    name_form     what such a name matches as a whole
    key_form      what the name of a function's argument matches as a whole, None where any will do
    most_tools    tools that a request may declare, None without a limit
    prefixes      what the model may put before a tool's name that it was given without
    custom_tools  tools with free-form input exist
    foreign       what the id of a vendor-run call of its protocol begins with where another vendor made it
    past_media    its own past turns may hold pictures, documents and sound
    shows_drawn   a request that is carried through shows the pictures of past answers by itself
    client_tools  its protocol's own tools that the caller runs exist
    plain_root    the root of a tool's schema is an object, without alternatives beside its properties
    plain_answer  so is the root of the answer's schema
    nulls         under a strict schema, an optional property is answered as null
    telemetry     the line with which a coding agent reports to its own vendor may stand in the system prompt
    json_beside_tools  an answer may be held to JSON while functions are declared
    json_mode     an answer may be held to JSON without a schema
    open_tools    under a strict schema, a tool's objects may have keys that the schema does not name
    open_answers  what becomes of such a schema of the answer
    held          what a strict decoder takes of one request, None without a limit
    recursion     strict schemas may refer to themselves
    lax           protocols whose callers ask for no strict answer where they do not say `strict`
    user_length   characters of the end user's id at most
    """

    speaks: str = ""
    carries: frozenset[str] = frozenset()
    name_length: int = 64
    name_form: re.Pattern[str] = PLAIN_NAME
    key_form: re.Pattern[str] | None = None
    most_tools: int | None = None
    prefixes: tuple[str, ...] = ()
    custom_tools: bool = False
    foreign: re.Pattern[str] | None = None
    past_media: bool = False
    shows_drawn: bool = False
    client_tools: bool = True
    plain_root: bool = True
    plain_answer: bool = False
    nulls: bool = False
    telemetry: bool = False
    json_beside_tools: bool = True
    json_mode: bool = True
    open_tools: bool = True
    open_answers: OpenAnswers = OpenAnswers.KEPT
    held: Held | None = None
    recursion: bool = True
    lax: frozenset[str] = frozenset()
    user_length: int | None = None
