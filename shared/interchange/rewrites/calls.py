"""Ids of calls, unique over a conversation: calls and results are paired by position first, by id second.

Some models count their ids from zero in every answer, some clients send none; Claude refuses a conversation that has
one id twice ("`tool_use` ids must be unique"). The first call of an id keeps it; a later one gets a suffix by its
position, and so does its result: the same each time, since it is derived from what stands before. A call of an answer
whose id the history has gets another one before the caller sees it: what is remembered of a call goes by its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request

from .each import calls_of, changed

UNNAMED = "call"


def unlike(identity: str, known: frozenset[str]) -> str:
    """The id itself where it is new; else it with a number that makes it so."""
    made, number = identity, len(known)
    while made in known:
        number += 1
        made = f"{identity}_{number}"
    return made


def paired(request: Request) -> Request:
    """Raises RequestError naming a call that is not the model's, or a second result of one call: no vendor takes
    either."""
    ids = [call.id for call in calls_of(request)]
    if not all(ids) or len(set(ids)) != len(ids):
        pairing = _Pairing(set(filter(None, ids)))
        request = replace(request, messages=tuple(pairing.message(one) for one in request.messages))
    _refuse_unpaired(request)
    return request


def _refuse_unpaired(request: Request) -> None:
    answered: set[str] = set()
    for role, block, path in _exchanged(request):
        match block:
            case b.ToolUse() if role is not b.Role.ASSISTANT:
                raise invalid(f"{path}: a tool call stands in an assistant's turn", path)
            case b.ToolResult(tool_use_id=identity) if identity in answered:
                raise invalid(f"{path}: a second result for the tool call {identity!r}", path)
            case b.ToolResult(tool_use_id=identity):
                answered.add(identity)
            case _:
                pass


def _exchanged(request: Request) -> Iterator[tuple[b.Role, b.ToolUse | b.ToolResult, str]]:
    """Calls and results with the role of their turn and their place."""
    for at, message in enumerate(request.messages):
        for number, block in enumerate(message.content):
            if isinstance(block, b.ToolUse | b.ToolResult):
                yield message.role, block, f"messages[{at}].content[{number}]"


@dataclass(slots=True)
class _Pairing:
    taken: set[str]
    """Every id of the conversation: a made one must not meet a later one."""
    _seen: set[str] = field(default_factory=set)
    _open: list[tuple[str, str]] = field(default_factory=list)
    """(the caller's id, the one it became) of calls that wait for their results, in order."""
    _count: int = 0
    _answering: bool = True

    def message(self, message: b.Message) -> b.Message:
        calls = message.role is b.Role.ASSISTANT
        if calls and self._answering:
            self._open.clear()
        self._answering = not calls
        content = changed(message.content, self._block)
        return message if content is message.content else replace(message, content=content)

    def _block(self, block: b.Block) -> b.Block:
        match block:
            case b.ToolUse(id=given):
                made = self._made(given)
                self._open.append((given, made))
                return block if made == given else replace(block, id=made)
            case b.ToolResult(tool_use_id=given):
                made = self._answered(given)
                return block if made == given else replace(block, tool_use_id=made)
            case _:
                return block

    def _made(self, given: str) -> str:
        self._count += 1
        if given and given not in self._seen:
            self._seen.add(given)
            return given
        made = f"{given or UNNAMED}_{self._count}"
        while made in self.taken:
            made += "_"
        self.taken.add(made)
        return made

    def _answered(self, given: str) -> str:
        """The first open call of that id; for a result without one, the first open call."""
        for number, (before, made) in enumerate(self._open):
            if before == given or not given:
                del self._open[number]
                return made
        return given
