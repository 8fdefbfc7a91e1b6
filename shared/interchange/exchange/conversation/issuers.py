"""Whose reasoning state is whose: an issuer is a protocol and the owner of the credential that the state came under.

Two vendors of one protocol cannot read each other's state, and answer 400 to it (openai/codex#8119); nor can two
accounts of one vendor (pydantic/pydantic-ai#4621). Inside the hub the issuer is "protocol@owner"; a state that a caller
sends in its vendor's own form names the protocol alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field

from interchange.continuity.memory import digest
from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.request import Request

NOBODY = ""
"""The issuer of state that every writer leaves out."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One route's. `also` names protocols whose state its models take, "protocol@owner" where of one owner only, else
    whoever's credential it came under; `by_text`, that they take thinking back that has no state."""

    protocol: str
    owner: str = ""
    also: frozenset[str] = frozenset()
    by_text: bool = False

    @property
    def teller(self) -> str:
        """The issuer of thinking that goes back as its text alone; "" where none does."""
        return f"{self.protocol}@{self.owner}" if self.by_text else ""

    def labelled(self, state: b.Continuation) -> b.Continuation:
        """A state of an answer of this route."""
        return replace(state, issuer=f"{state.issuer}@{self.owner}") if "@" not in state.issuer else state

    def taken(self, state: b.Continuation) -> b.Continuation:
        """A state of the history as the route's client is to see it: its own bears the bare word of its protocol."""
        protocol, _, owner = state.issuer.partition("@")
        if owner in ("", self.owner) or protocol in self.also or state.issuer in self.also:
            return replace(state, issuer=protocol)
        return state

    def takes(self, state: b.Continuation | None) -> bool:
        """True for state that goes to this protocol, under this owner."""
        known = {self.protocol, *(name.partition("@")[0] for name in self.also)}
        return state is not None and self.taken(state).issuer in known

    def labelled_event(self, event: e.Event) -> e.Event:
        match event:
            case e.StateDelta(index, state):
                return e.StateDelta(index, self.labelled(state))
            case e.BlockStart(block=block):
                marked = _restated(block, self.labelled)
                return event if marked is block else replace(event, block=marked)
            case _:
                return event

    def labelled_answer(self, response: e.Response) -> e.Response:
        choices = tuple(
            replace(choice, blocks=tuple(_restated(block, self.labelled) for block in choice.blocks))
            for choice in response.choices
        )
        return replace(response, choices=choices)


def restated(request: Request, change: Callable[[b.Continuation], b.Continuation]) -> Request:
    """The request with each state of its history changed."""
    messages = tuple(
        replace(message, content=tuple(_restated(block, change) for block in message.content))
        if any(_state(block) is not None for block in message.content)
        else message
        for message in request.messages
    )
    return replace(request, messages=messages)


def states(request: Request) -> Iterable[b.Continuation]:
    """Each state of the history."""
    for message in request.messages:
        for block in message.content:
            state = _state(block)
            if state is not None:
                yield state


def has_summary(request: Request) -> bool:
    """True where the history holds a conversation that was summed up into state: without it the rest is about
    nothing."""
    blocks = (one for message in request.messages for one in message.content)
    return any(isinstance(one, b.Opaque) and one.state and one.raw.get("type") == "compaction" for one in blocks)


def forgotten(state: b.Continuation) -> b.Continuation:
    return replace(state, issuer=NOBODY)


_Stated = (
    b.Text | b.Thinking | b.RedactedThinking | b.ToolUse | b.Image | b.ServerToolUse | b.ServerToolResult | b.Opaque
)


def _state(block: b.Block) -> b.Continuation | None:
    return block.state if isinstance(block, _Stated) else None


def _restated(block: b.Block, change: Callable[[b.Continuation], b.Continuation]) -> b.Block:
    if not isinstance(block, _Stated) or block.state is None:
        return block
    return replace(block, state=change(block.state))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Owners of states that vendors handed out in their own form, by `digest`: such a state names nobody."""

    owners: Mapping[str, str] = field(default_factory=dict)
    orders: Mapping[str, bytes] = field(default_factory=dict)
    """Records of `continuity.order`, of turns that may have come back sorted."""
    turns: Mapping[str, bytes] = field(default_factory=dict)
    """What answers of several states said behind each of them, by `digest`: see `continuity.pairs`."""

    def labelled(self, state: b.Continuation) -> b.Continuation:
        owner = self.owners.get(digest(state.data)) if state.data and "@" not in state.issuer else None
        return state if owner is None else replace(state, issuer=f"{state.issuer}@{owner}")
