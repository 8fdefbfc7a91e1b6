"""Fields of a Messages body that no reader uses: settings of the tools that a vendor runs. The readers keep every other
field that they do not know."""

from __future__ import annotations

from collections.abc import Iterator

from ..words import TOOL_PREFIX, Json

_TOOL = frozenset({"type", "name", "max_uses", "allowed_domains", "blocked_domains", "cache_control"})
TOOLS = {"web_search": _TOOL | {"user_location"}, "web_fetch": _TOOL, "code_execution": _TOOL}
"""By the hub's word for what the vendor runs."""
PLACE = frozenset({"type", "city", "region", "country", "timezone"})


def unread_fields(body: Json) -> Iterator[str]:
    for number, tool in enumerate(body.get("tools") or ()):
        path, kind = f"tools[{number}]", str(tool.get("type"))
        known = TOOLS.get(next((word for prefix, word in TOOL_PREFIX.items() if kind.startswith(prefix)), ""))
        if known is None:
            continue
        yield from _fields(tool, known, path)
        yield from _fields(tool.get("user_location") or {}, PLACE, f"{path}.user_location")


def _fields(value: Json, known: frozenset[str], path: str) -> Iterator[str]:
    return (f"{path}.{name}" for name, said in value.items() if name not in known and said is not None)
