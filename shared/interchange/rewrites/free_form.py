"""Tools with free-form input as functions of one text, for models that have functions only.

The text is read back while it streams: `{"input":"*** Begin Patch\\n..."}` gives the patch, piece by piece.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import CustomTool, FunctionTool, Request, Tool
from interchange.wire import codec

from .each import blocks_changed

FIELD = "input"
SCHEMA = {
    "type": "object",
    "properties": {FIELD: {"type": "string", "description": "The whole input of the tool, as it is."}},
    "required": [FIELD],
    "additionalProperties": False,
}


def as_functions(request: Request, losses: Losses) -> tuple[Request, frozenset[str]]:
    """The request without free-form tools, and the names of those that were declared."""
    names = frozenset(tool.name for tool in request.tools if isinstance(tool, CustomTool))
    request = blocks_changed(request, _call)
    if not names:
        return request, names
    tools = tuple(_tool(tool, f"tools[{number}]", losses) for number, tool in enumerate(request.tools))
    choice = request.tool_choice
    if choice is not None and choice.kind == "custom":
        choice = replace(choice, kind="function")
    return replace(request, tools=tools, tool_choice=choice), names


def _call(block: b.Block) -> b.Block:
    if isinstance(block, b.ToolUse) and block.kind == "custom":
        state = block.state if block.state is not None and block.state.data else None  # an id alone tells the old kind
        return replace(block, kind="function", arguments=codec.dumps_text({FIELD: block.arguments}), state=state)
    return block


def _tool(tool: Tool, path: str, losses: Losses) -> Tool:
    if not isinstance(tool, CustomTool):
        return tool
    told = [tool.description] if tool.description else []
    grammar = _grammar(tool.format or {})
    if grammar is not None:
        losses.drop(f"{path}.format", "put into the description: this model is not held to a grammar")
        told.append(grammar)
    return FunctionTool(tool.name, "\n\n".join(told) or None, SCHEMA, extra=tool.extra)


def _grammar(form: Any) -> str | None:
    """Both spellings: Responses has it flat, chat one level deeper."""
    found = form.get("grammar") if isinstance(form.get("grammar"), dict) else form
    definition = found.get("definition")
    if not definition:
        return None
    return f"`{FIELD}` must follow this grammar ({found.get('syntax', 'lark')}):\n{definition}"


_OPEN = re.compile(r'\s*\{\s*"' + FIELD + r'"\s*:\s*"')
_PLAIN = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNIT = 6
"""Characters of `\\uXXXX`."""


@dataclass(slots=True)
class FreeForm:
    """The text out of the arguments, as they come."""

    _raw: list[str] = field(default_factory=list)
    _rest: str = ""
    """Not yet read: the object's beginning, or half of an escape."""
    _inside: bool = False
    _ended: bool = False

    def feed(self, text: str) -> str:
        if self._ended:
            return ""
        self._rest += text
        if not self._inside:
            self._raw.append(text)
            found = _OPEN.match(self._rest)
            if found is None:
                return ""
            self._inside, self._rest = True, self._rest[found.end() :]
        return self._decoded()

    def finish(self) -> str:
        """The rest of the text: of arguments in another form, the text where they hold it, else themselves."""
        if self._inside:
            return "" if self._ended else self._rest
        raw = "".join(self._raw)
        try:
            value = codec.loads(raw)
        except ValueError:
            return raw
        found = value.get(FIELD) if isinstance(value, dict) else None
        return found if isinstance(found, str) else raw

    def _decoded(self) -> str:
        out: list[str] = []
        at, rest = 0, self._rest
        while at < len(rest):
            sign = rest[at]
            if sign == '"':
                self._ended = True
                break
            if sign != "\\":
                end = min((found for found in (rest.find('"', at), rest.find("\\", at)) if found >= 0), default=None)
                out.append(rest[at:end])
                at = len(rest) if end is None else end
                continue
            size = _escape(rest, at)
            if size is None:
                break
            out.append(_character(rest[at : at + size]))
            at += size
        self._rest = rest[at:]
        return "".join(out)


def _escape(text: str, at: int) -> int | None:
    """Characters of the escape that begins here, None where it is not all there."""
    if at + 1 >= len(text):
        return None
    if text[at + 1] != "u":
        return 2
    if at + _UNIT > len(text):
        return None
    if text[at + 2 : at + 4].lower() not in ("d8", "d9", "da", "db"):
        return _UNIT
    after = text[at + _UNIT : at + _UNIT + 2]
    if after == "\\u":  # the second half of a pair
        return 2 * _UNIT if at + 2 * _UNIT <= len(text) else None
    return None if len(after) < 2 and "\\u".startswith(after) else _UNIT


def _character(escape: str) -> str:
    if escape[1] != "u":
        return _PLAIN.get(escape[1], escape[1])
    try:
        units = b"".join(int(escape[at + 2 : at + _UNIT], 16).to_bytes(2, "big") for at in range(0, len(escape), _UNIT))
    except ValueError:
        return escape
    return units.decode("utf-16-be", "replace")
