"""Cache breakpoints: Converse takes four ("A maximum of 4 cache points may be provided"), those that last longer
first."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile

from .content import MARKABLE, marked

MOST = 4
LONG = "1h"
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


def ordered(request: r.Request, profile: Profile, losses: Losses) -> r.Request:
    """Shortens what lasts an hour behind what lasts five minutes, which is refused
    (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html; headroomlabs-ai/headroom#2939)."""
    if not profile.traits.get("cache"):
        return request
    order = _Order(losses)
    tools = tuple(
        replace(tool, cache=order.of(tool.cache, f"tools[{number}]")) if isinstance(tool, r.FunctionTool) else tool
        for number, tool in enumerate(request.tools)
    )
    system = order.each(request.system, "system")
    messages = tuple(
        replace(message, content=order.each(message.content, f"messages[{number}].content"))
        for number, message in enumerate(request.messages)
    )
    return replace(request, tools=tools, system=system, messages=messages)


@dataclass(slots=True)
class _Order:
    losses: Losses
    short: bool = False
    """Whether a breakpoint before lasts five minutes."""

    def each(self, blocks: tuple[b.Block, ...], path: str) -> tuple[b.Block, ...]:
        return tuple(self._in(block, f"{path}[{number}]") for number, block in enumerate(blocks))

    def _in(self, block: b.Block, path: str) -> b.Block:
        found = marked(block) if isinstance(block, MARKABLE) else None
        kept = self.of(found, path)
        bare = block if kept == found else _bare(block)
        return replace(bare, cache=kept) if bare is not block and isinstance(bare, MARKABLE) else block

    def of(self, cache: b.CacheControl | None, path: str) -> b.CacheControl | None:
        if cache is None:
            return None
        if cache.ttl != LONG:
            self.short = True
        elif self.short:
            self.losses.drop(f"{path}.cache_control.ttl", "an hour behind a breakpoint of five minutes is refused")
            return replace(cache, ttl=None)
        return cache


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
