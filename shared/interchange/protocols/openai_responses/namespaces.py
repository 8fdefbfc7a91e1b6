"""Tools grouped under a name (`type: "namespace"`). Other formats have flat names, so a tool is called by both names
joined; the answer takes them apart again by what the request declared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.protocols import JsonObject

LONGEST = 64
"""What the strictest vendor takes as a tool's name."""


def joined(namespace: str, name: str) -> str:
    """One name, the same each time; too long a one ends in a digest."""
    whole = f"{namespace}{name}" if namespace.endswith("__") else f"{namespace}__{name}"
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9]}_{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def grouped(asked: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Joined name -> (namespace, name), for every grouped tool of a request's body."""
    return {joined(space, name): (space, name) for space, name in _pairs(asked.get("tools"))}


def _pairs(tools: Any) -> Iterator[tuple[str, str]]:
    for tool in tools if isinstance(tools, list) else ():
        if isinstance(tool, dict) and tool.get("type") == "namespace":
            for inner in tool.get("tools") or ():
                yield str(tool.get("name")), str(inner.get("name"))


def apart(name: str, known: Mapping[str, tuple[str, str]]) -> JsonObject:
    """The fields of a call that name its tool."""
    if name not in known:
        return {"name": name}
    space, short = known[name]
    return {"name": short, "namespace": space}
