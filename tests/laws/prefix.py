"""What a vendor can find again in its cache: the pieces of an upstream body in the order in which a prompt is made of
them, and how much of a session's input stands in a prefix that the request before it had too."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from interchange.hub.losses import Losses
from interchange.protocols.faces import Client, Profile, Server
from interchange.rewrites import rewrite
from interchange.wire import codec

Json = dict[str, Any]
MARKS = ("cache_control", "prompt_cache_breakpoint", "cachePoint")
"""Breakpoints wander from turn to turn, and are no part of what is cached."""
TURNS = ("messages", "input", "contents")


def written(server: Server, client: Client, profile: Profile, body: Json, *, telemetry: bool = False) -> Json:
    """The upstream body. `telemetry` leaves a coding agent's changing line where it stands."""
    rules = client.rules(profile)
    rules = replace(rules, telemetry=True) if telemetry else rules
    request, _ = rewrite(server.read_request(copy.deepcopy(body)), rules, Losses())
    return client.write_request(request, profile, Losses())


def pieces(body: Json) -> list[str]:
    """Tools, system text, then each part of each turn."""
    found = [codec.dumps_text(unmarked(body.get(name))) for name in ("tools", "system", "systemInstruction",
                                                                     "instructions") if body.get(name)]  # fmt: skip
    for name in TURNS:
        for turn in body.get(name) or ():
            found += list(_parts(turn))
    return found


def _parts(turn: Any) -> Iterator[str]:
    if not isinstance(turn, dict):
        yield codec.dumps_text(turn)
        return
    content = turn.get("content", turn.get("parts"))
    rest = {name: value for name, value in turn.items() if name not in ("content", "parts")}
    yield codec.dumps_text(rest)
    if isinstance(content, str):  # one text is the same prompt whether it stands alone or in a list
        content = [{"type": "input_text" if rest.get("type") == "message" else "text", "text": content}]
    for part in content or ():
        told = codec.dumps_text(unmarked(part))
        if told != "{}":
            yield told


def unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: unmarked(inner) for name, inner in value.items() if name not in MARKS}
    return [unmarked(inner) for inner in value] if isinstance(value, list) else value


def shared(before: Sequence[str], after: Sequence[str]) -> int:
    """Pieces that both begin with."""
    return next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other),
                min(len(before), len(after)))  # fmt: skip


def cacheable(bodies: Sequence[Json]) -> float:
    """Of all input of a session, the share (by characters) that stands in a prefix of the request before."""
    found = whole = 0
    before: list[str] = []
    for body in bodies:
        now = pieces(body)
        found += sum(len(piece) for piece in now[: shared(before, now)])
        whole += sum(len(piece) for piece in now)
        before = now
    return found / whole
