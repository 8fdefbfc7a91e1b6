"""What Converse demands of a conversation as a whole. Its own refusals speak of turns that the caller never saw."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.hub import blocks as b
from interchange.hub.failure import invalid


def check_turns(messages: Sequence[b.Message]) -> None:
    """Every call has one result, in the user turn right after it. Raises RequestError naming the call or the
    result."""
    waiting: dict[str, str] = {}
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        if message.role is b.Role.ASSISTANT:
            calls = [(at, block) for at, block in enumerate(message.content) if isinstance(block, b.ToolUse)]
            waiting |= {block.id: f"{path}.content[{at}]" for at, block in calls}
        elif message.role is b.Role.USER:
            _answer(message, path, waiting)
            waiting = {}
    for name, here in waiting.items():
        raise _missing(name, here)


def _answer(message: b.Message, path: str, waiting: dict[str, str]) -> None:
    answered: list[str] = []
    for number, block in enumerate(message.content):
        if not isinstance(block, b.ToolResult):
            continue
        here = f"{path}.content[{number}]"
        if block.tool_use_id not in waiting:
            raise invalid(f"{here}: no tool call just before it has the id {block.tool_use_id!r}", here)
        if block.tool_use_id in answered:
            raise invalid(f"{here}: more than one result for the tool call {block.tool_use_id!r}", here)
        answered.append(block.tool_use_id)
    for name, here in waiting.items():
        if name not in answered:
            raise _missing(name, here)


def _missing(name: str, path: str) -> Exception:
    return invalid(f"{path}: the tool call {name!r} has no result in the turn after it", path)
