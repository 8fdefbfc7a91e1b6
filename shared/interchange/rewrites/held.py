"""Limits of a strict decoder: tools beyond them are declared all the same, and not held to.

Claude compiles the schemas of a request into one grammar and refuses the whole request where that would be too large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, Request, Tool
from interchange.hub.rules import Held, Rules

from .open_objects import below

CHOICES = ("anyOf", "oneOf")
WHY = "not held to the schema: those before it are all that this model takes"
DEEPEST = 100


def within(request: Request, rules: Rules, losses: Losses) -> Request:
    """The request with `strict` taken off the tools that are too many; each is a loss. What its own protocol says is
    left alone."""
    held = rules.held
    if held is None or request.protocol == rules.speaks:
        return request
    tools: list[Tool] = []
    used = counted(request.output_format.schema if request.output_format is not None else None)
    for number, tool in enumerate(request.tools):
        if isinstance(tool, FunctionTool) and tool.strict:
            asked = replace(used, tools=used.tools + 1)
            asked = _sum(asked, counted(tool.schema))
            if _fits(asked, held):
                used = asked
            else:
                losses.drop(f"tools[{number}].strict", WHY)
                tool = replace(tool, strict=False)
        tools.append(tool)
    same = all(one is other for one, other in zip(request.tools, tools, strict=True))
    return request if same else replace(request, tools=tuple(tools))


def too_much(schema: Any, rules: Rules) -> bool:
    """True where one schema alone is more than the decoder takes."""
    return rules.held is not None and not _fits(counted(schema), rules.held)


def counted(schema: Any) -> Held:
    """Counts what one schema asks of the decoder."""
    optional = unions = 0
    waiting: list[tuple[Any, int]] = [(schema, 0)]
    while waiting:
        found, depth = waiting.pop()
        if not isinstance(found, Mapping) or depth > DEEPEST:
            continue
        named, required = found.get("properties"), found.get("required")
        if isinstance(named, Mapping):
            needed = {one for one in required if isinstance(one, str)} if isinstance(required, list) else ()
            optional += sum(name not in needed for name in named)
        unions += any(name in found for name in CHOICES) or isinstance(found.get("type"), list)
        waiting += [(one, depth + 1) for one in below(found)]
    return Held(tools=0, optional=optional, unions=unions)


def _sum(first: Held, second: Held) -> Held:
    return Held(first.tools + second.tools, first.optional + second.optional, first.unions + second.unions)


def _fits(asked: Held, held: Held) -> bool:
    return asked.tools <= held.tools and asked.optional <= held.optional and asked.unions <= held.unions
