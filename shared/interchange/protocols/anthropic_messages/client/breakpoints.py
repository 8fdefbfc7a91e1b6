"""Cache breakpoints: the API takes four, those that last longer first."""

from __future__ import annotations

from collections.abc import Iterator

from interchange.hub.losses import Losses

from ..words import Json

MOST = 4
MARK = "cache_control"
LONG, SHORT = "1h", "5m"


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


def order_breakpoints(body: Json, losses: Losses) -> None:
    """Shortens what lasts an hour behind what lasts five minutes: "a ttl='1h' cache_control block must not come after a
    ttl='5m' cache_control block" (headroomlabs-ai/headroom#2939)."""
    places = list(_marked(body))
    if body.get(MARK) is not None:
        places.append((body, ""))  # it marks the last block
    short = False
    for block, path in places:
        mark = block[MARK]
        if mark.get("ttl") != LONG:
            short = True
        elif short:
            block[MARK] = {**mark, "ttl": SHORT}
            losses.drop(f"{path}.{MARK}.ttl".lstrip("."), "an hour behind a breakpoint of five minutes is refused")


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
