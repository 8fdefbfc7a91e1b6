"""Nothing that a request holds goes without a word: what a client does not know of is a loss.

Each client lists the fields that it writes, or judges by hand. Every other field of the hub's request is reported, also
one that the hub is given later.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from interchange.hub.losses import Losses
from interchange.hub.request import Request

BY_EVERYONE = frozenset(
    {
        "model",
        "messages",
        "system",
        "tools",
        "found",
        "tool_choice",
        "max_tokens",
        "stop",
        "n",
        "modalities",
        "reasoning",
    }
    | {"output_format", "service_tier", "mcp_servers", "stream", "include_usage", "protocol", "extra"}
)
"""Fields that no client can do without a thought of its own."""
CALLED = {"cache": "cache_control"}
"""Fields of the hub that a caller knows by another name."""
NOTHING: Mapping[str, Sequence[Any]] = {}


def account(
    request: Request, known: frozenset[str], losses: Losses, reason: str, neutral: Mapping[str, Sequence[Any]] = NOTHING
) -> None:
    """Reports each field that holds something and is not `known`. A `neutral` value asks for what happens anyway."""
    kind: Any = type(request)
    for name in _others(kind, known):
        value = getattr(request, name)
        if value is not None and value not in neutral.get(name, ((),)):
            losses.drop(CALLED.get(name, name), reason)


@functools.cache
def _others(kind: type[Request], known: frozenset[str]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind) if one.name not in BY_EVERYONE and one.name not in known)
