"""Cache breakpoints: Converse takes four ("A maximum of 4 cache points may be provided")."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile

from .content import MARKABLE, marked

MOST = 4
FIRST = 2
"""Of too many, the first two (tools, system) and the latest are worth most."""


def within_limit(request: r.Request, profile: Profile, losses: Losses) -> r.Request:
    """The request with at most four; each that went is a loss."""
    places = list(_places(request)) if profile.traits.get("cache") else []
    if len(places) <= MOST:
        return request
    gone = places[FIRST : len(places) - (MOST - FIRST)]
    for path in gone:
        losses.drop(f"{path}.cache_control", f"more than {MOST} cache breakpoints")
    messages = tuple(
        replace(message, content=_kept(message.content, f"messages[{number}].content", gone))
        for number, message in enumerate(request.messages)
    )
    tools = tuple(
        replace(tool, cache=None) if isinstance(tool, r.FunctionTool) and f"tools[{number}]" in gone else tool
        for number, tool in enumerate(request.tools)
    )
    return replace(request, tools=tools, system=_kept(request.system, "system", gone), messages=messages)


def _places(request: r.Request) -> Iterator[str]:
    """Paths of what has a breakpoint, in the order in which they are cached."""
    for number, tool in enumerate(request.tools):
        if isinstance(tool, r.FunctionTool) and tool.cache is not None:
            yield f"tools[{number}]"
    yield from _of(request.system, "system")
    for number, message in enumerate(request.messages):
        yield from _of(message.content, f"messages[{number}].content")


def _of(blocks: tuple[b.Block, ...], path: str) -> Iterator[str]:
    for number, block in enumerate(blocks):
        if isinstance(block, MARKABLE) and marked(block) is not None:
            yield f"{path}[{number}]"


def _kept(blocks: tuple[b.Block, ...], path: str, gone: Collection[str]) -> tuple[b.Block, ...]:
    return tuple(_bare(block) if f"{path}[{number}]" in gone else block for number, block in enumerate(blocks))


def _bare(block: b.Block) -> b.Block:
    """Takes off its own breakpoint and those inside it."""
    match block:
        case b.ToolResult(content=inner):
            return replace(block, cache=None, content=tuple(_bare(one) for one in inner))
        case b.Document(source=b.BlocksSource(blocks=inner)):
            return replace(block, cache=None, source=b.BlocksSource(tuple(_bare(one) for one in inner)))
        case _ if isinstance(block, MARKABLE):
            return replace(block, cache=None)
        case _:
            return block
