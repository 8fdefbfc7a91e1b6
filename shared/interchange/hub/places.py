"""Maps fields of the hub to the caller's own body: losses and refusals name the caller's fields.

Writers speak of the hub's turns and parameters ("messages[2].content[0]", "stop"). A protocol that gathers items into
turns, or has another word, says here what it was read from. Looked up only when there is something to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Protocol, TypeAlias

from interchange.dataclass import dataclass

from . import blocks as b
from .turns import Turn

Places: TypeAlias = Mapping[str, str]
"""A path of the hub, or the beginning of one -> where that stands in the caller's body."""

Words: TypeAlias = Mapping[str, Sequence[str]]
"""A field of a hub block ("source.data") -> where a part may hold it; the first that is there counts. What begins with
"^" stands in the whole item."""

RESULT = "content"
"""Of a tool's result; every protocol has a word for it, and blocks stand inside."""

_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[]+)")
_MADE_BY_ITSELF = (b.ToolResult, b.Thinking, b.RedactedThinking, b.ServerToolUse, b.ServerToolResult)
"""Blocks that are read from a whole item or from several fields of one."""


class Conversation(Protocol):
    """A conversation that a reader grows item by item."""

    system: list[b.Block]
    turns: list[Turn]


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
    words: Words,
) -> dict[str, str]:
    """Finds what each item became, by reading it again."""
    found: dict[str, str] = {}
    for path, item in items:
        system, turns = len(conversation.system), len(conversation.turns)
        blocks = len(conversation.turns[-1].content) if turns else 0
        add(item, path)
        added = conversation.system[system:]
        for n, (block, spot) in enumerate(zip(added, _spots(item, path, added), strict=True)):
            found |= _within(block, f"system[{system + n}]", spot, _Item(item, path, words))
        at = turns if len(conversation.turns) > turns else turns - 1
        if at < 0:
            continue
        first = 0 if at == turns else blocks
        if at == turns:
            found[f"messages[{at}]"] = path
        fresh = conversation.turns[at].content[first:]
        for n, (block, spot) in enumerate(zip(fresh, _spots(item, path, fresh), strict=True)):
            found |= _within(block, f"messages[{at}].content[{first + n}]", spot, _Item(item, path, words))
    return found


@dataclass(frozen=True, slots=True)
class _Item:
    """An item of the caller's conversation, where it stands, and its protocol's words."""

    raw: dict[str, Any]
    path: str
    words: Words

    def places(self, hub: str, here: str) -> Iterator[tuple[str, str]]:
        """The fields of the block at `here`, by the caller's words."""
        for name, spots in self.words.items():
            for spot in spots:
                place = f"{self.path}.{spot[1:]}" if spot.startswith("^") else f"{here}.{spot}"
                if self._has(place):
                    yield f"{hub}.{name}", place
                    break

    def _has(self, place: str) -> bool:
        found: Any = self.raw
        for number, name in _STEP.findall(place.removeprefix(self.path)):
            if number and isinstance(found, list) and int(number) < len(found):
                found = found[int(number)]
            elif name and isinstance(found, dict) and found.get(name) is not None:
                found = found[name]
            else:
                return False
        return True


def _within(block: b.Block, hub: str, here: str, item: _Item) -> dict[str, str]:
    """Places of the block and of its fields; those of a tool's result likewise."""
    found = {hub: here, **dict(item.places(hub, here))}
    if isinstance(block, b.ToolResult):
        content = f"{here}.{item.words[RESULT][0]}"
        found[f"{hub}.{RESULT}"] = content
        for n, inner in enumerate(block.content):
            found |= _within(inner, f"{hub}.{RESULT}[{n}]", f"{content}[{n}]", item)
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
    names = {name: name for name in ("name", "description", "strict", "format")}
    words: dict[str, Any] = {**names, "parameters": schema, "input_schema": schema}
    return {hub: here, **{f"{hub}.{word}": f"{here}{inner}.{said}" for word, said in words.items()}}
