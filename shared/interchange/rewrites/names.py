"""Names of tools that one vendor takes and another does not: mapped, not refused.

Claude takes 128 characters, OpenAI 64 (an MCP client's names are long), Gemini letters first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import CustomTool, FunctionTool, Request, Tool
from interchange.hub.rules import Rules

from .each import blocks_changed, calls_of

_OTHER = re.compile(r"[^a-zA-Z0-9_-]")
DIGEST = 8


def shortened(request: Request, rules: Rules) -> tuple[Request, dict[str, str]]:
    """The request with names that the rules allow, and those as sent -> as the caller has them.

    Raises `RequestError` for a tool or a call whose name is empty: no vendor takes it.
    """
    _refuse_nameless(request)
    used = [tool.name for tool in request.tools if isinstance(tool, FunctionTool | CustomTool)]
    used += [call.name for call in calls_of(request)]
    sent = {name: _short(name, rules.name_length) for name in used if name and not _fits(name, rules)}
    if not sent:
        return request, {}

    def named(name: str) -> str:
        return sent.get(name, name)

    request = blocks_changed(request, lambda block: _block(block, named))
    choice = request.tool_choice
    if choice is not None and choice.names:
        choice = replace(choice, names=tuple(named(name) for name in choice.names))
    tools = tuple(_tool(tool, named) for tool in request.tools)
    return replace(request, tools=tools, tool_choice=choice), {short: long for long, short in sent.items()}


def _refuse_nameless(request: Request) -> None:
    for number, tool in enumerate(request.tools):
        if isinstance(tool, FunctionTool | CustomTool) and not tool.name:
            raise invalid(f"tools[{number}].name: a tool's name has one character at least", f"tools[{number}].name")
    for number, message in enumerate(request.messages):
        for at, block in enumerate(message.content):
            if isinstance(block, b.ToolUse) and not block.name:
                path = f"messages[{number}].content[{at}].name"
                raise invalid(f"{path}: a tool's name has one character at least", path)


def _fits(name: str, rules: Rules) -> bool:
    return len(name) <= rules.name_length and rules.name_form.fullmatch(name) is not None


def _short(name: str, length: int) -> str:
    """The beginning, and a digest of the whole: the same each time, and no other name's."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]
    clean = _OTHER.sub("_", name)
    clean = clean if clean[:1].isalpha() or clean.startswith("_") else f"_{clean}"
    return f"{clean[: length - DIGEST - 1]}_{digest}"


def _tool(tool: Tool, named: Callable[[str], str]) -> Tool:
    if isinstance(tool, FunctionTool | CustomTool) and named(tool.name) != tool.name:
        return replace(tool, name=named(tool.name))
    return tool


def _block(block: b.Block, named: Callable[[str], str]) -> b.Block:
    match block:
        case b.ToolUse(name=name) | b.ToolResult(name=str(name)) if named(name) != name:
            return replace(block, name=named(name))
        case _:
            return block
