"""Rewrites of a request that the model could not take as it came, each with its inverse on the answer.

Every rewrite stands in this table with its inverse; nothing is rewritten elsewhere that an answer could show.

| what is rewritten, and where | for (`hub.rules.Rules`) | inverse on the answer, whole and streamed |
|---|---|---|
| `names`: a tool's name too long, or of another form | `name_length`, `name_form` | the declared name |
| `keys`: the name of an argument of another form | `key_form` | the declared name |
| `client_run`: the caller's shell, editor, screen as functions | `client_tools`, `speaks` | a call by that word |
| `free_form`: a tool with free input becomes a function | not `custom_tools` | the text, in a call of kind "custom" |
| writers: an optional property of a strict schema is nullable | `nulls` | `nulls`: a null of it is left out |
| `drafts`: schemas of tools in an older draft | `plain_root` | none: they allow the same |
| `roots`: the root of a schema made a plain object | `plain_root`, `plain_answer` | none: it is an object still |
| `open_objects`: strict schemas with maps, not held to | not `open_tools`, `open_answers` | none: sent as they are |
| `held`: strict schemas beyond what is held to | `held`, not `recursion` | none: sent as they are |
| `told_json`: the form of the answer, in words | not `json_beside_tools`, not `json_mode`, `open_answers` | no fence |
| `once`: a tool that is declared twice, once | all | none |
| `calls`: ids of calls made unique | all | a call whose id the history has gets another one |
| `identifiers`: the end user's id too long | `user_length` | none |
| `prefix`: a telemetry line taken out of the system prompt | not `telemetry` | none |
| `said`: blocks of another protocol, in words or refused | `speaks`, `carries` | none |
| `past_media`: media of past answers in the user's next turn | not `past_media` | none |
| `media`: a media type that is not that of the bytes | all | none |
| `texts`: halves of character pairs replaced | all | none |
"""

from __future__ import annotations

from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.mcp import GATEWAY
from interchange.hub.request import CustomTool, Request
from interchange.hub.rules import Rules

from . import client_run
from .calls import paired
from .drafts import newest
from .each import calls_of
from .free_form import as_functions
from .held import within
from .identifiers import fitting
from .inverse import NOTHING, Inverse, Restoring
from .keys import renamed
from .media import as_they_are
from .names import shortened
from .nulls import watched
from .once import once
from .open_objects import loose
from .past_media import drawn, named_where_they_stood, shown_after
from .prefix import without_telemetry
from .roots import plain
from .said import is_foreign, readable
from .texts import whole_texts
from .told_json import in_words

__all__ = ["NOTHING", "Inverse", "Restoring", "named_where_they_stood", "needed", "rewrite"]


def needed(request: Request, rules: Rules) -> bool:
    """True for a request that cannot go through as it came even where the provider speaks its protocol."""
    if not rules.client_tools and client_run.owned(request):
        return True
    if any(_is_ours(block) or is_foreign(block, rules) for message in request.messages for block in message.content):
        return True
    if not (rules.past_media or rules.shows_drawn) and any(drawn(message) for message in request.messages):
        return True
    return not rules.custom_tools and _has_free_form(request)


def _has_free_form(request: Request) -> bool:
    if any(isinstance(tool, CustomTool) for tool in request.tools):
        return True
    blocks = (block for message in request.messages for block in message.content)
    return any(isinstance(block, b.ToolUse) and block.kind == "custom" for block in blocks)


def _is_ours(block: b.Block) -> bool:
    """A call that the gateway made, which no vendor's protocol has a field for."""
    return isinstance(block, b.ServerToolUse) and block.protocol == GATEWAY


def rewrite(request: Request, rules: Rules, losses: Losses) -> tuple[Request, Inverse]:
    """The request as the model takes it, and what that asks of the answer. A request that needs nothing comes back as
    itself. Places in it stay: a path into the result is a path into the request, but for what `Inverse.moved` has."""
    request, moved = shown_after(whole_texts(as_they_are(readable(request, rules))), rules)
    if not rules.telemetry:
        request = without_telemetry(request, losses)
    request, kinds = client_run.as_functions(paired(request), rules)
    free: frozenset[str] = frozenset()
    if not rules.custom_tools:
        request, free = as_functions(request, losses)
    asked = request.output_format
    request = newest(request, rules, losses)
    request = within(loose(in_words(request, rules, losses), rules, losses), rules, losses)
    told = asked is not None and request.output_format is None
    request = fitting(plain(request, rules, losses), rules)
    request, keys = renamed(request, rules)
    request, names = shortened(once(request, rules), rules)
    tools, answer = watched(request) if rules.nulls else ({}, None)
    short = {long: sent for sent, long in names.items()}
    inverse = Inverse(
        names=names,
        prefixes=rules.prefixes,
        declared=frozenset(tool.name for tool in request.tools if tool.name is not None),
        kinds=kinds,
        free_form=frozenset(short.get(name, name) for name in free),
        keys={short.get(name, name): given for name, given in keys.items()},
        nulls=tools,
        answer=answer,
        told=told,
        moved=moved,
        known=frozenset(call.id for call in calls_of(request)),
    )
    return request, inverse
