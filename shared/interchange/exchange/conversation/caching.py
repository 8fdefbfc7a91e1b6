"""Automatic prompt-cache breakpoints, for callers whose protocol cannot ask for them.

Some vendors cache only what is marked. A chat-completions client cannot mark anything, so a long conversation is
billed in full each turn. With `x-interchange-cache: auto` the tools, the system text and the last turn are marked, as
the vendor's own guide does (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching). A caller's own marks
always win.
"""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.request import FunctionTool, Request, Tool

TRAIT = "explicit_cache"
"""The catalog's word for a model that caches what is marked."""
MARK = b.CacheControl()


def marked(request: Request) -> Request:
    """Adds at most three breakpoints; changes nothing where the caller set one."""
    if _has_marks(request):
        return request
    return replace(
        request,
        tools=_tools(request.tools),
        system=_last(request.system),
        messages=_messages(request.messages),
    )


def _has_marks(request: Request) -> bool:
    blocks = [*request.system, *(block for message in request.messages for block in message.content)]
    if request.cache is not None or any(isinstance(tool, FunctionTool) and tool.cache for tool in request.tools):
        return True
    return any(_mark_of(block) is not None for block in blocks)


def _mark_of(block: b.Block) -> b.CacheControl | None:
    match block:
        case b.Text() | b.Image() | b.Document() | b.ToolUse() | b.ToolResult():
            return block.cache
        case _:
            return None


def _markable(block: b.Block) -> bool:
    match block:
        case b.Text(text=text):
            return bool(text.strip())
        case b.Image() | b.Document() | b.ToolUse() | b.ToolResult():
            return True
        case _:
            return False


def _tools(tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    if not tools or not isinstance(tools[-1], FunctionTool):
        return tools
    return (*tools[:-1], replace(tools[-1], cache=MARK))


def _last(blocks: tuple[b.Block, ...]) -> tuple[b.Block, ...]:
    for at in range(len(blocks) - 1, -1, -1):
        block = blocks[at]
        match block:
            case b.Text() | b.Image() | b.Document() | b.ToolUse() | b.ToolResult() if _markable(block):
                return (*blocks[:at], replace(block, cache=MARK), *blocks[at + 1 :])
            case _:
                continue
    return blocks


def _messages(messages: tuple[b.Message, ...]) -> tuple[b.Message, ...]:
    if not messages:
        return messages
    return (*messages[:-1], replace(messages[-1], content=_last(messages[-1].content)))
