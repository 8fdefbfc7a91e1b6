"""Many rounds of a model as the one answer that the caller sees.

Events of a round come in, events of the whole answer go out: one start, blocks numbered through, a call of a server's
tool as a block of its own kind, no end but the last, and the usage of all rounds together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import Folder
from interchange.hub.mcp import APPROVAL, CALL, GATEWAY, LISTING, Called, ListedTool, round_of, shown_id
from interchange.hub.usage import Usage, sum_of

from .results import shown
from .toolset import SEARCH, Offer, Toolset

CUT = frozenset({
    e.StopReason.MAX_TOKENS, e.StopReason.CONTEXT_WINDOW, e.StopReason.REFUSAL, e.StopReason.CONTENT_FILTER,
    e.StopReason.MALFORMED_TOOL_CALL,
})  # fmt: skip
"""Ends after which a call may be no whole one: it is not made."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of a server's tool that the model made. `approved` is False where the caller must say so first."""

    call: b.ToolUse
    offer: Offer
    approved: bool


@dataclass(slots=True)
class Turn:
    """`seed` makes the ids of calls that have none of their own."""

    toolset: Toolset
    seed: str = ""
    usages: list[Usage] = field(default_factory=list)
    started: bool = False
    _next: int = 0
    """The number of the next block of the whole answer."""
    _numbers: dict[int, int] = field(default_factory=dict)
    """Block of the round -> block of the answer; -1 for one that is not shown."""
    _round: Folder = field(default_factory=Folder)
    _called: set[int] = field(default_factory=set)
    """Blocks of the round that are calls of a server's tool."""
    _ids: set[str] = field(default_factory=set)
    """Of all calls: some vendors give none, or the same again in each round."""
    _before: int = 0
    """Rounds of the answer before, which asked for the approvals that this one begins with."""
    _shown: dict[str, str] = field(default_factory=dict)
    """A call's id -> as the caller has it."""

    def begin_round(self) -> None:
        self._round, self._numbers, self._called = Folder(), {}, set()

    def restart(self) -> None:
        """The whole answer anew: nothing of it has left."""
        self.started, self._next, self._ids = False, 0, set()
        self.begin_round()

    def again(self, events: list[e.Event]) -> Iterator[e.Event]:
        """Blocks that stand before the model's first word, numbered from the beginning."""
        for event in events:
            self._next += isinstance(event, e.BlockStart)
            yield event

    def start(self) -> Iterator[e.Event]:
        """The answer's start, where something of ours comes before the model's first word."""
        if not self.started:
            self.started = True
            yield e.MessageStart()

    def read(self, event: e.Event) -> Iterator[e.Event]:
        """An event of the round -> events of the answer. The round's end is kept back."""
        if isinstance(event, e.BlockStart) and isinstance(event.block, b.ToolUse):
            event = replace(event, block=self._identified(event.block))
        self._round.add(event)
        match event:
            case e.MessageStart():
                yield from () if self.started else (event,)
                self.started = True
            case e.BlockStart(index, block):
                yield from self._begin(index, block, event)
            case e.MessageStop() | e.UsageReported():
                return
            case e.StreamFailed() | e.Note():
                yield event
            case e.Logprobs():
                yield event
            case e.StateDelta(index) if index in self._called:
                return  # stays with the call for the next round
            case _:
                number = self._numbers[event.index]
                if number >= 0:
                    yield replace(event, index=number)

    def _begin(self, index: int, block: b.Block, event: e.BlockStart) -> Iterator[e.Event]:
        offer = self.toolset.offers.get(block.name) if isinstance(block, b.ToolUse) else None
        if isinstance(block, b.ToolUse) and (offer is not None or block.name == SEARCH):
            self._called.add(index)
        if isinstance(block, b.ToolUse) and offer is None and block.name == SEARCH:
            self._numbers[index] = -1
            return
        number = self._numbers[index] = self._take()
        if isinstance(block, b.ToolUse) and offer is not None:
            shown = self._shown[block.id] = shown_id(block.id, self._before + len(self.usages))
            yield replace(event, index=number, block=_shown_call(replace(block, id=shown), offer))
            return
        yield replace(event, index=number)

    def _identified(self, call: b.ToolUse) -> b.ToolUse:
        fresh = bool(call.id) and call.id not in self._ids
        found = call if fresh else replace(call, id=f"call_{self.seed}r{len(self._ids):02x}")
        self._ids.add(found.id)
        return found

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    @property
    def response(self) -> e.Response:
        """The round as the model made it."""
        return self._round.response()

    @property
    def ended(self) -> e.MessageStop | None:
        return self._round.ended

    def asks(self) -> list[Ask]:
        """The round's calls of servers' tools, unless its end says that they may be cut."""
        if self.response.stop.reason in CUT:
            return []
        calls = [block for block in self.response.blocks if isinstance(block, b.ToolUse)]
        found = [(call, self.toolset.offers.get(call.name)) for call in calls]
        return [Ask(call, offer, offer.server.approves(offer.tool)) for call, offer in found if offer is not None]

    def searches(self) -> list[b.ToolUse]:
        cut = self.response.stop.reason in CUT
        calls = [block for block in self.response.blocks if isinstance(block, b.ToolUse)]
        return [] if cut else [call for call in calls if call.name == SEARCH and SEARCH not in self.toolset.offers]

    def calls_caller(self) -> bool:
        """True where the round also called a tool that the caller runs."""
        calls = [block for block in self.response.blocks if isinstance(block, b.ToolUse)]
        return any(call.name not in self.toolset.offers and call.name != SEARCH for call in calls)

    def resulted(self, identity: str, called: Called) -> Iterator[e.Event]:
        """The block that shows what a call gave."""
        there = self._shown.get(identity, identity)
        block = b.ServerToolResult(there, CALL, GATEWAY, {}, shown(called.content), called.is_error)
        yield from self._whole(block)

    def listed(self, label: str, tools: list[ListedTool]) -> Iterator[e.Event]:
        told = [_shown_tool(tool) for tool in tools]
        block = b.ServerToolUse("", label, "", LISTING, GATEWAY, {"tools": told}, label)
        yield from self._whole(block)

    def made(self, call: b.ToolUse, server: str, tool: str, request: str) -> Iterator[e.Event]:
        """An approved call of an earlier turn, made now."""
        raw = {"approval_request_id": request}
        there = self._shown[call.id] = shown_id(call.id, round_of(request))
        self._before = max(self._before, round_of(request) + 1)
        block = b.ServerToolUse(there, tool, "", CALL, GATEWAY, raw, server)
        number = self._take()
        yield e.BlockStart(number, block)
        yield e.ArgumentsDelta(number, call.arguments)
        yield e.BlockStop(number)

    def _whole(self, block: b.Block) -> Iterator[e.Event]:
        number = self._take()
        yield e.BlockStart(number, block)
        yield e.BlockStop(number)

    def end(self, reason: e.StopReason | None = None) -> Iterator[e.Event]:
        """The answer's end: the last round's own, unless another `reason` is given."""
        yield from self.start()
        if self.usages:
            yield e.UsageReported(sum_of(self.usages))
        last = self.ended or e.MessageStop((e.Stop(e.StopReason.PAUSE),))
        yield last if reason is None else replace(last, stops=(e.Stop(reason),))


def _shown_call(block: b.ToolUse, offer: Offer) -> b.ServerToolUse:
    kind = CALL if offer.server.approves(offer.tool) else APPROVAL
    return b.ServerToolUse(block.id, offer.tool.name, block.arguments, kind, GATEWAY, {}, offer.server.name)


def _shown_tool(tool: ListedTool) -> dict[str, object]:
    annotations = dict(tool.annotations) if tool.annotations is not None else None
    schema = dict(tool.schema)
    return {"name": tool.name, "description": tool.description, "input_schema": schema, "annotations": annotations}
