"""Turns as they are being written, and what the API demands of them as a whole."""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses

from .vocabulary import Json

THINKING = ("thinking", "redacted_thinking")


@dataclass(slots=True)
class Turn:
    """`results` stand before `rest`. `path` is where the turn begins in the caller's body, `places` where its calls and
    results stand, by the call's id."""

    role: str
    path: str
    results: list[Json] = field(default_factory=list)
    rest: list[Json] = field(default_factory=list)
    extra: Json = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def calls(self) -> list[str]:
        return [block["id"] for block in self.rest if block["type"] == "tool_use"]

    def thinks(self) -> bool:
        return bool(self.rest) and self.rest[0]["type"] in THINKING

    def written(self) -> Json:
        content = [*self.results, *self.rest]
        return {"role": self.role, **({"content": content} if content else {}), **self.extra}


def drop_lone_thinking(turns: list[Turn]) -> list[Turn]:
    """Without the thinking whose answer is gone (a trimmed history): the API refuses it."""
    kept: list[Turn] = []
    for turn in turns:
        if turn.role == "assistant" and all(block["type"] in THINKING for block in turn.rest):
            continue
        if kept and kept[-1].role == turn.role:
            kept[-1].results += turn.results
            kept[-1].rest += turn.rest
            kept[-1].places |= turn.places
        else:
            kept.append(turn)
    return kept


def require_results(turns: list[Turn]) -> None:
    """Every call has one result, in the user turn right after it. Raises RequestError naming the call."""
    open_calls: list[str] = []
    places: dict[str, str] = {}
    for turn in turns:
        if turn.role == "system":
            continue
        answered = [block["tool_use_id"] for block in turn.results]
        for identity in answered:
            here = turn.places[identity]
            if identity not in open_calls:
                raise invalid(f"{here}: no tool call just before it has the id {identity!r}", here)
            if answered.count(identity) > 1:
                raise invalid(f"{here}: more than one result for the tool call {identity!r}", here)
        _refuse_missing([name for name in open_calls if name not in answered], places)
        open_calls, places = turn.calls(), turn.places
    _refuse_missing(open_calls, places)


def refuse_prefill(turns: list[Turn]) -> None:
    """Models after Claude Opus 4.5 do not go on with an answer that the caller began: "This model does not support
    assistant message prefill. The conversation must end with a user message." A turn that was paused at the vendor's
    own tools is no such thing."""
    last = turns[-1] if turns else None
    if last is not None and last.role == "assistant" and all(b["type"] in ("text", *THINKING) for b in last.rest):
        raise invalid(f"{last.path}: this model does not go on with a begun answer: end with a user's turn", last.path)


def trim_prefill(turns: list[Turn], losses: Losses) -> None:
    """The API refuses a begun answer that ends in whitespace."""
    last = turns[-1] if turns else None
    if last is None or last.role != "assistant" or not last.rest or last.rest[-1]["type"] != "text":
        return
    text = last.rest[-1]["text"]
    if text != text.rstrip():
        losses.drop(last.path, "the whitespace at the end of a begun answer is left out")
        last.rest[-1] = {**last.rest[-1], "text": text.rstrip()}


def _refuse_missing(missing: list[str], places: dict[str, str]) -> None:
    for name in missing:
        here = places[name]
        raise invalid(f"{here}: the tool call {name!r} has no result in the turn after it", here)
