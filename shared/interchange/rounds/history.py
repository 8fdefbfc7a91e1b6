"""Past calls of MCP tools, as the model itself made them: each round a turn with its calls, then a turn with results.

Protocols show a call and its result inside the one answer. Calls in a row whose ids name the same round, with nothing
but results between them, were one round; text or thinking after a result begins the next. What is left over when the
answer ends stands at the head of the caller's next turn, where its own results are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.mcp import APPROVAL, CALL, GATEWAY, LISTING, ListedTool, own_id, round_of
from interchange.hub.request import Request

DENIED = "The user did not approve this call."
UNKNOWN = "What came of this call is not known."
Named = Callable[[str | None, str], str]
"""(server, tool) -> the name by which the model knows it."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A call that the caller has approved and nobody has made yet. `request` is the id of what was asked."""

    call: b.ToolUse
    server: str
    tool: str
    request: str


@dataclass(frozen=True, slots=True)
class History:
    """`approved` calls stand in the last assistant turn, and wait for their results."""

    messages: tuple[b.Message, ...]
    approved: tuple[Approved, ...] = ()

    def standing(self) -> tuple[b.Message, ...]:
        """The messages as they will be: something stands for the results that are still to come."""
        messages = list(self.messages)
        for one in self.approved:
            messages = with_result(messages, b.ToolResult(one.call.id, (b.Text("-"),)))
        return tuple(messages)


def with_result(messages: Sequence[b.Message], result: b.ToolResult) -> list[b.Message]:
    """A result behind the turn that made its call, beside the other results of that turn."""
    turns = [at for at, message in enumerate(messages) if result.tool_use_id in _called_in(message)]
    at = turns[-1] + 1 if turns else len(messages)
    following = messages[at] if at < len(messages) else None
    if following is not None and following.role is b.Role.USER and _has_results(following):
        beside = replace(following, content=(result, *following.content))
        return [*messages[:at], beside, *messages[at + 1 :]]
    return [*messages[:at], b.Message(b.Role.USER, (result,)), *messages[at:]]


def _called_in(message: b.Message) -> set[str]:
    return {block.id for block in message.content if isinstance(block, b.ToolUse)}


def read_history(request: Request, named: Named) -> History:
    """The request's messages without a block of MCP."""
    reader = _Reader(named, _answers(request))
    for message in request.messages:
        reader.add(message)
    return reader.finished()


def read_listings(request: Request) -> dict[str, tuple[ListedTool, ...]]:
    """Servers' tools as answers of the past have shown them, the latest of each: they stand while the history has
    them. Sources: openai's guide to MCP (`mcp_list_tools`), anthropic `types/beta/beta_mcp_tool_listing_block.py`."""
    blocks = [block for message in request.messages for block in message.content]
    found = [one for one in blocks if isinstance(one, b.ServerToolUse) and one.kind == LISTING and one.server]
    return {str(one.server): tuple(read_listed(one.raw.get("tools"))) for one in found if one.raw.get("tools")}


def read_listed(tools: object) -> Iterator[ListedTool]:
    """Whatever is no tool is passed over."""
    for tool in tools if isinstance(tools, list | tuple) else ():
        if isinstance(tool, Mapping) and isinstance(tool.get("name"), str):
            schema, hints = tool.get("input_schema"), tool.get("annotations")
            hints = hints if isinstance(hints, Mapping) else None
            yield ListedTool(
                tool["name"], str(tool.get("description") or ""), schema if isinstance(schema, Mapping) else {},
                bool(hints and hints.get("readOnlyHint")), hints,
            )  # fmt: skip


def _answers(request: Request) -> dict[str, b.ServerToolResult]:
    """The caller's words on what it was asked, by the asking's id."""
    blocks = [block for message in request.messages for block in message.content]
    found = [one for one in blocks if isinstance(one, b.ServerToolResult) and one.kind == APPROVAL]
    return {own_id(one.tool_use_id): one for one in found}


@dataclass(slots=True)
class _Reader:
    named: Named
    answers: dict[str, b.ServerToolResult]
    out: list[b.Message] = field(default_factory=list)
    approved: list[Approved] = field(default_factory=list)
    waiting: list[b.Block] = field(default_factory=list)
    """Results of the turn before."""
    made: set[str] = field(default_factory=set)
    """Ids of approved calls that were made."""

    def add(self, message: b.Message) -> None:
        if message.role is not b.Role.ASSISTANT or not any(_is_mcp(block) for block in message.content):
            self._plain(message)
            return
        self._flush()
        self.made |= {own_id(str(one)) for one in _fulfilled(message)}
        turn: list[b.Block] = []
        number = 0
        for block in (*message.content, *_missing(message)):
            match block:
                case b.ServerToolResult(kind="mcp"):
                    self.waiting.append(self._result(block))
                case b.ServerToolUse(kind="mcp" | "mcp_approval"):
                    if self.waiting and round_of(block.id) != number:
                        turn = self._ended(message, turn)
                    number = round_of(block.id)
                    turn += self._call(block)
                case b.ServerToolUse(kind="mcp_list") | b.ServerToolResult(kind="mcp_approval"):
                    pass  # read beforehand
                case _:
                    if self.waiting and not isinstance(block, b.ToolUse):
                        turn = self._ended(message, turn)
                    turn.append(block)
        if turn:
            self.out.append(replace(message, content=tuple(turn)))

    def _ended(self, message: b.Message, turn: list[b.Block]) -> list[b.Block]:
        if turn:
            self.out.append(replace(message, content=tuple(turn)))
        self._flush()
        return []

    def _call(self, block: b.ServerToolUse) -> Iterator[b.Block]:
        identity = own_id(block.id)
        if block.kind == APPROVAL and identity in self.made:
            return  # the call itself follows
        name = self.named(block.server, block.name)
        call = b.ToolUse(identity, name, block.arguments or "{}")
        yield call
        if block.kind == CALL:
            return
        answer = self.answers.get(identity)
        if answer is not None and not answer.is_error:
            self.approved.append(Approved(call, block.server or "", block.name, block.id))
            return
        why = "".join(one.text for one in answer.content if isinstance(one, b.Text)) if answer is not None else ""
        self.waiting.append(b.ToolResult(identity, (b.Text(f"{DENIED} {why}".strip()),), is_error=True))

    def _result(self, block: b.ServerToolResult) -> b.ToolResult:
        return b.ToolResult(own_id(block.tool_use_id), block.content or (b.Text(""),), block.is_error)

    def _plain(self, message: b.Message) -> None:
        if self.waiting and message.role is b.Role.USER and _has_results(message):
            message = replace(message, content=(*self.waiting, *message.content))
            self.waiting = []
        elif message.role is not b.Role.ASSISTANT or self.waiting:
            self._flush()
        self.out.append(message)

    def _flush(self) -> None:
        if self.waiting:
            self.out.append(b.Message(b.Role.USER, tuple(self.waiting)))
            self.waiting = []

    def finished(self) -> History:
        self._flush()
        return History(tuple(self.out), tuple(self.approved))


def _is_mcp(block: b.Block) -> bool:
    return isinstance(block, b.ServerToolUse | b.ServerToolResult) and block.kind in (CALL, APPROVAL, LISTING)


def _missing(message: b.Message) -> Iterator[b.ServerToolResult]:
    """Results that never came: no vendor takes a call without one."""
    blocks = message.content
    there = {block.tool_use_id for block in blocks if isinstance(block, b.ServerToolResult)}
    for block in blocks:
        if isinstance(block, b.ServerToolUse) and block.kind == CALL and block.id not in there:
            yield b.ServerToolResult(block.id, CALL, GATEWAY, {}, (b.Text(UNKNOWN),), is_error=True)


def _fulfilled(message: b.Message) -> Iterator[object]:
    for block in message.content:
        if isinstance(block, b.ServerToolUse) and block.kind == CALL and block.raw.get("approval_request_id"):
            yield block.raw["approval_request_id"]


def _has_results(message: b.Message) -> bool:
    return any(isinstance(block, b.ToolResult) for block in message.content)
