"""Content is never a loss: a block that the model's protocol has no word for is said in words, or refused by its name.

Calls and results of tools that another vendor ran become text; so does a summary that stands for a conversation. What
holds nothing that could be read (a container's file, an encrypted item) is a 400: without it the answer would be about
something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.hub.rules import Rules

READABLE = (
    "title", "url", "filename", "context", "source", "text", "content", "stdout", "stderr", "output", "outputs",
    "summary", "results", "logs", "error", "error_code", "error_message", "message", "tool_references",
    "tool_name", "result",
)  # fmt: skip
"""Members of a result that hold something to read, in the order in which they are said."""
OUTCOMES = ("output", "outputs", "results", "error")
"""The same of an item that holds a call and what came of it."""
SAID = {"tool_reference": "tool available: ", "tool_search_output": "tool available: ", "compaction": ""}
"""Types of blocks that stand for something said, and what it is told with."""
QUIET = frozenset({
    "mcp_list_tools", "mcp_tool_listing", "mcp_approval_request", "mcp_approval_response", "tool_addition",
    "tool_removal", "fallback", "compaction_trigger", "additional_tools", "configuration_update",
})  # fmt: skip
"""Items about the request's tools and how it is run, not of the conversation: those are losses."""


def readable(request: Request, rules: Rules) -> Request:
    """The request without blocks of another protocol. Raises RequestError naming one that nobody could read."""
    system = _blocks(request.system, "system", rules)
    messages = tuple(_message(message, f"messages[{at}]", rules) for at, message in enumerate(request.messages))
    same = all(one is other for one, other in zip(messages, request.messages, strict=True))
    return request if system is request.system and same else replace(request, system=system, messages=messages)


def _message(message: b.Message, path: str, rules: Rules) -> b.Message:
    content = _blocks(message.content, f"{path}.content", rules)
    if content is message.content:
        return message
    return replace(message, content=tuple(_apart(content, message.content)))


def _apart(blocks: Sequence[b.Block], before: Sequence[b.Block]) -> Iterator[b.Block]:
    """The blocks, with a line's end between a text that stands for another block and the texts around it: vendors put
    the texts of a turn together as they are."""
    last = len(blocks) - 1
    for at, (block, old) in enumerate(zip(blocks, before, strict=True)):
        if isinstance(block, b.Text) and block is not old:
            follows = at > 0 and blocks[at - 1] is before[at - 1] and isinstance(blocks[at - 1], b.Text)
            goes_on = at < last and isinstance(blocks[at + 1], b.Text)
            block = replace(block, text="\n" * follows + block.text + "\n" * goes_on)
        yield block


def _blocks(blocks: tuple[b.Block, ...], path: str, rules: Rules) -> tuple[b.Block, ...]:
    new = tuple(_block(block, f"{path}[{at}]", rules) for at, block in enumerate(blocks))
    return blocks if all(one is other for one, other in zip(new, blocks, strict=True)) else new


def _block(block: b.Block, path: str, rules: Rules) -> b.Block:
    match block:
        case b.ServerToolUse(protocol=protocol) | b.ServerToolResult(protocol=protocol):
            if _carried(block, rules):
                return replace(block, protocol="") if is_foreign(block, rules) else block
            return block if protocol == rules.speaks and not is_foreign(block, rules) else _ran(block)
        case b.Opaque(protocol, raw) if protocol != rules.speaks or is_foreign(block, rules):
            return _foreign(block, raw, path)
        case b.ToolResult(content=content):
            new = _blocks(content, f"{path}.content", rules)
            return block if new is content else replace(block, content=new)
        case b.Document(source=b.BlocksSource(blocks)):
            new = _blocks(blocks, f"{path}.source.content", rules)
            return block if new is blocks else replace(block, source=b.BlocksSource(new))
        case _:
            return block


def is_foreign(block: b.Block, rules: Rules) -> bool:
    """True for what another vendor of the model's protocol made: this one has other members, ids and keys."""
    if not isinstance(block, b.ServerToolUse | b.ServerToolResult | b.Opaque):
        return False
    if rules.foreign is None or block.protocol != rules.speaks:
        return False
    named = block.raw.get("id") or block.raw.get("approval_request_id")
    return rules.foreign.match(str(named)) is not None


def _carried(block: b.ServerToolUse | b.ServerToolResult, rules: Rules) -> bool:
    return block.kind in rules.carries and (isinstance(block, b.ServerToolUse) or bool(block.content))


def _ran(block: b.ServerToolUse | b.ServerToolResult) -> b.Text:
    """A call with what came of it, where one item holds both; or the result alone."""
    if isinstance(block, b.ServerToolUse):
        found = [line for name in OUTCOMES for line in _lines(block.raw.get(name))]
        return b.Text("\n".join([f"[{block.name}: {block.arguments or '{}'}]", *found]))
    texts = [part.text for part in block.content if isinstance(part, b.Text)] or list(_lines(block.raw))
    name = str(block.raw.get("type") or f"{block.kind}_result")
    return b.Text("\n".join([f"[{name}]", *(texts or ["(nothing that can be read)"])]))


def _foreign(block: b.Opaque, raw: b.Raw, path: str) -> b.Block:
    kind = str(raw.get("type"))
    texts = [*_lines(raw), *_named(raw.get("tools"))] if kind in SAID else []
    if texts:
        return b.Text("\n".join(SAID[kind] + text for text in texts))
    if kind in QUIET or (kind in SAID and raw.get("content", raw) is None):
        return replace(block, protocol="")  # a summary that failed says nothing either
    raise invalid(f"{path}: this model cannot be given a part of type {kind!r}; send what it says as text", path)


def _named(tools: Any) -> Iterator[str]:
    """The names of tools that were found."""
    for tool in tools if isinstance(tools, list | tuple) else ():
        if isinstance(tool, Mapping) and isinstance(tool.get("name"), str):
            yield tool["name"]


def _lines(value: Any) -> Iterator[str]:
    """Lines that can be read of it, in a stable order."""
    match value:
        case str():
            if value:
                yield value
        case {"type": "text", "data": str(text)}:  # a document's source
            yield text
        case Mapping():
            for name in READABLE:
                yield from _lines(value.get(name))
        case list() | tuple():
            for item in value:
                yield from _lines(item)
        case _:
            pass  # numbers and flags say nothing alone
