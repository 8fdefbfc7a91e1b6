"""Cache breakpoints: the API takes four."""

from __future__ import annotations

from collections.abc import Iterator

from interchange.hub.losses import Losses

from .vocabulary import Json

MOST = 4
MARK = "cache_control"


def limit_breakpoints(body: Json, losses: Losses) -> None:
    """Takes out breakpoints beyond four: the first two (tools, system) and the latest are worth most."""
    places = list(_marked(body))
    room = MOST - (MARK in body)
    if len(places) <= room:
        return
    first = min(2, room)
    for block, path in places[first : len(places) - (room - first)]:
        del block[MARK]
        losses.drop(f"{path}.{MARK}", f"more than {MOST} cache breakpoints")


def _marked(body: Json) -> Iterator[tuple[Json, str]]:
    """Blocks with a breakpoint, in the order in which they are cached."""
    yield from _in(body.get("tools"), "tools")
    yield from _in(body.get("system"), "system")
    for number, message in enumerate(body["messages"]):
        yield from _in(message.get("content"), f"messages[{number}].content")


def _in(blocks: object, path: str) -> Iterator[tuple[Json, str]]:
    for number, block in enumerate(blocks if isinstance(blocks, list) else ()):
        here = f"{path}[{number}]"
        yield from _in(block.get("content"), f"{here}.content")
        if block.get(MARK) is not None:
            yield block, here
