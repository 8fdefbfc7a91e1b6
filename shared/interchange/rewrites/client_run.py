"""Tools that the caller runs itself, by a protocol's own word (a shell, an editor, a screen), as ordinary functions.

The protocol's server face says each as a function (`HostedTool.function`), and writes a call of that kind as its own
item again. Tools that a search run by the caller turned up are declared outright.
"""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.request import FunctionTool, HostedTool, Request, Tool, ToolChoice
from interchange.hub.rules import Rules

from .each import blocks_changed

ORDINARY = ("function", "custom")
BROUGHT = "additional_tools"
"""An item of the conversation that only brings tools, which are in `Request.found` by then."""


def owned(request: Request) -> bool:
    """True for a request with such tools, or with calls of them in its history."""
    if request.found:
        return True
    return any(isinstance(tool, HostedTool) and tool.function is not None for tool in request.tools) or any(
        (isinstance(block, b.ToolUse) and block.kind not in ORDINARY)
        or (isinstance(block, b.ToolResult) and block.raw is not None)
        for message in request.messages
        for block in message.content
    )


def as_functions(request: Request, rules: Rules) -> tuple[Request, dict[str, str]]:
    """The request without them, and the kind of a call by the function's name as sent."""
    if request.protocol == rules.speaks and rules.client_tools:
        return request, {}
    sent = _names(request.tools)
    request = blocks_changed(_without_last_bringers(request), lambda block: _block(block, sent))
    tools = (*request.tools, *_new(request))
    kinds: dict[str, str] = {}
    said: list[Tool] = []
    for tool in tools:
        if not isinstance(tool, HostedTool) or tool.function is None:
            said.append(tool)
            continue
        name = sent.get(tool.calls, tool.function.name)
        said.append(replace(tool.function, name=name, cache=tool.cache))
        if tool.calls not in ORDINARY:
            kinds[name] = tool.calls
    if not kinds and not request.found and all(one is other for one, other in zip(said, tools, strict=True)):
        return request, kinds
    choice = _choice(request.tool_choice, request.tools, sent)
    return replace(request, tools=tuple(said), found=(), tool_choice=choice), kinds


def _new(request: Request) -> list[Tool]:
    """Tools that the conversation brings and the request does not declare, each name once."""
    known = {tool.name for tool in request.tools}
    new: list[Tool] = []
    for tool in request.found:
        if tool.name not in known:
            new.append(tool)
            known.add(tool.name)
    return new


def _names(tools: tuple[Tool, ...]) -> dict[str, str]:
    """Kind -> the function's name: another one where the caller has a function of that name."""
    taken = {tool.name for tool in tools if not isinstance(tool, HostedTool)}
    sent: dict[str, str] = {}
    for tool in tools:
        if isinstance(tool, HostedTool) and tool.function is not None and tool.calls not in ORDINARY:
            name = tool.function.name
            while name in taken:
                name += "_"
            sent[tool.calls] = name
    return sent


def _brings(block: b.Block) -> bool:
    return isinstance(block, b.Opaque) and block.raw.get("type") == BROUGHT


def _without_last_bringers(request: Request) -> Request:
    """Drops turns at the end that only bring tools: an empty turn of the model's would be for it to go on with."""
    messages = request.messages
    while len(messages) > 1 and messages[-1].content and all(map(_brings, messages[-1].content)):
        messages = messages[:-1]
    return request if messages is request.messages else replace(request, messages=messages)


def _block(block: b.Block, sent: Mapping[str, str]) -> b.Block:
    if isinstance(block, b.ToolUse) and block.kind not in ORDINARY:
        return replace(block, name=sent.get(block.kind, block.name), kind="function")
    if _brings(block):
        return b.Text("")  # says nothing more
    return block


def _choice(choice: ToolChoice | None, tools: tuple[Tool, ...], sent: Mapping[str, str]) -> ToolChoice | None:
    if choice is None or not choice.names:
        return choice
    words: dict[str, str] = {}
    for tool in tools:
        if isinstance(tool, HostedTool) and isinstance(tool.function, FunctionTool):
            name = sent.get(tool.calls, tool.function.name)
            words |= {tool.kind: name, str(tool.raw.get("type")): name}
    if not any(name in words for name in choice.names):
        return choice
    names = tuple(words.get(name, name) for name in choice.names)
    return replace(choice, names=names, kind="function" if choice.kind == "hosted" else choice.kind, raw=None)
