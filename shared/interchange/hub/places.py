"""Where a field of the hub stands in the caller's own body: losses and refusals are told in the caller's words.

Writers speak of the hub's turns and parameters ("messages[2].content[0]", "stop"). A protocol that gathers items into
turns, or has another word, says here what it was read from. Looked up only when there is something to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Protocol, TypeAlias

from . import blocks as b

Places: TypeAlias = Mapping[str, str]
"""A path of the hub, or the beginning of one -> where that stands in the caller's body."""

Data: TypeAlias = Mapping[type[b.Block], str]
"""Media -> the field of a part that holds them inline; a tool's result -> the field that holds its content."""

_MADE_BY_ITSELF = (b.ToolResult, b.Thinking, b.RedactedThinking, b.ServerToolUse, b.ServerToolResult)
"""Blocks that are read from a whole item or from several fields of one."""


class Conversation(Protocol):
    """What a reader grows item by item."""

    system: list[b.Block]
    messages: list[b.Message]


def told(path: str, places: Places) -> str:
    """The caller's path: the longest beginning that is known, and the rest as it is."""
    ends = [at for at, sign in enumerate(path) if sign in ".["]
    for end in (len(path), *reversed(ends)):
        if path[:end] in places:
            return places[path[:end]] + path[end:]
    return path


def trace(
    conversation: Conversation,
    add: Callable[[dict[str, Any], str], None],
    items: Iterable[tuple[str, dict[str, Any]]],
    data: Data,
) -> dict[str, str]:
    """What each item became, found by reading it again."""
    found: dict[str, str] = {}
    for path, item in items:
        system, turns = len(conversation.system), len(conversation.messages)
        blocks = len(conversation.messages[-1].content) if turns else 0
        add(item, path)
        added = conversation.system[system:]
        for n, (block, spot) in enumerate(zip(added, _spots(item, path, added), strict=True)):
            found |= _within(block, f"system[{system + n}]", spot, data)
        at = turns if len(conversation.messages) > turns else turns - 1
        if at < 0:
            continue
        first = 0 if at == turns else blocks
        if at == turns:
            found[f"messages[{at}]"] = path
        fresh = conversation.messages[at].content[first:]
        for n, (block, spot) in enumerate(zip(fresh, _spots(item, path, fresh), strict=True)):
            found |= _within(block, f"messages[{at}].content[{first + n}]", spot, data)
    return found


def _within(block: b.Block, hub: str, here: str, data: Data) -> dict[str, str]:
    """Where the block stands, and where its inline data does; those of a tool's result likewise."""
    found = {hub: here}
    match block:
        case b.ToolResult(content=content):
            found[f"{hub}.content"] = f"{here}.{data[b.ToolResult]}"
            for n, inner in enumerate(content):
                found |= _within(inner, f"{hub}.content[{n}]", f"{here}.{data[b.ToolResult]}[{n}]", data)
        case b.Image() | b.Document() | b.Audio():
            found[f"{hub}.source.data"] = f"{here}.{data[type(block)]}"
        case _:
            pass  # nothing inside has a word of its own
    return found


def _kind(part: Any) -> Any:
    """A part's type; of what is no part, None."""
    return part.get("type") if isinstance(part, dict) else None


def _spots(item: dict[str, Any], path: str, blocks: Sequence[b.Block]) -> Iterator[str]:
    """One path a block: a part of the content, a call, or the item itself."""
    content, calls = item.get("content"), item.get("tool_calls")
    parts = (
        iter([f"{path}.content[{at}]" for at, part in enumerate(content) if _kind(part) != "thinking"])
        if isinstance(content, list)
        else repeat(f"{path}.content" if isinstance(content, str) else path)
    )
    called = [f"{path}.tool_calls[{at}]" for at in range(len(calls))] if isinstance(calls, list) else []
    made = chain(called, repeat(f"{path}.function_call" if item.get("function_call") else path))
    for block in blocks:
        if isinstance(block, b.ToolUse):
            yield next(made)
        else:
            yield path if isinstance(block, _MADE_BY_ITSELF) else next(parts, path)


def tool_fields(hub: str, here: str, inner: str, schema: str) -> dict[str, str]:
    """The fields of a function tool: `inner` is where they stand below `here`, `schema` what the schema is called."""
    names = {name: name for name in ("name", "description", "strict")}
    words: dict[str, Any] = {**names, "parameters": schema, "input_schema": schema}
    return {hub: here, **{f"{hub}.{word}": f"{here}{inner}.{said}" for word, said in words.items()}}
