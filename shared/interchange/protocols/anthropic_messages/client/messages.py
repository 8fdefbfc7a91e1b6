"""The turns of a request, hub -> wire.

The API wants user and assistant by turns, the results of a turn's calls first in the very next user turn, and none
missing. A system message may stand after a user turn, before an assistant turn or at the end, on models that take it
(https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages); elsewhere it is told in the
user's turn, marked.

Turns as they are being written, and what the API demands of them as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile

from ..words import Json
from .content import ContentWriter


@dataclass(slots=True)
class Conversation:
    """`own`: the request came in by this protocol, and its roles stay as they are."""

    profile: Profile
    losses: Losses
    own: bool
    turns: list[Turn] = field(default_factory=list)
    _held: list[tuple[Json, str]] = field(default_factory=list)

    def add(self, message: b.Message, path: str) -> None:
        extra = message.extra or {}
        if not self.own:
            for name in extra:
                self.losses.drop(f"{path}.{name}", "Messages has no such field")
        if message.name is not None:
            self.losses.drop(f"{path}.name", "Messages does not name its speakers")
        writer = ContentWriter(self.profile, self.losses, self.own, extra, path)
        match message.role:
            case b.Role.SYSTEM | b.Role.DEVELOPER if not self.own:
                self._add_instruction(message, writer, path)
            case b.Role.ASSISTANT:
                self._add_assistant(message, writer, path)
            case role:
                self._add_user(message, writer, path, "user" if role is b.Role.USER else "system")

    def finish(self) -> list[Json]:
        """The `messages`. Raises RequestError naming the call whose result is missing."""
        self._release(at_end=True)
        if not self.own:
            self.turns = drop_lone_thinking(self.turns)
            require_results(self.turns)
            if self.profile.traits.get("prefill") is False:
                refuse_prefill(self.turns)
            trim_prefill(self.turns, self.losses)
        return [turn.written() for turn in self.turns]

    def needs_thinking(self) -> bool:
        """True where the open tool loop, or a prefilled answer, began without thinking: the API then refuses
        `thinking: enabled` ("Expected `thinking` or `redacted_thinking`, but found ...")."""
        last = next((turn for turn in reversed(self.turns) if turn.role == "assistant"), None)
        if last is None or last.thinks():
            return False
        return last is self.turns[-1] or bool(last.calls() and self.turns[-1].results)

    def _add_user(self, message: b.Message, writer: ContentWriter, path: str, role: str) -> None:
        turn = self._turn(role, path)
        for number, block in enumerate(message.content):
            here = f"{path}.content[{number}]"
            written = writer.write(block, here)
            if isinstance(block, b.ToolResult):
                turn.results += written
                turn.places |= {result["tool_use_id"]: here for result in written}
            else:
                turn.rest += written
        self._close(turn, message.extra)

    def _add_assistant(self, message: b.Message, writer: ContentWriter, path: str) -> None:
        blocks: list[Json] = []
        places: dict[str, str] = {}
        removed = message.torn  # "blocks in the latest assistant message cannot be modified": BerriAI/litellm#23047
        for number, block in enumerate(message.content):
            here = f"{path}.content[{number}]"
            written = self._said(block, writer, here)
            places |= {call["id"]: here for call in written if call["type"] == "tool_use"}
            removed = removed or (not written and not _says_nothing(block))
            blocks += written
        if removed:  # a signed turn must come back whole or without its thinking
            blocks = [block for block in blocks if block["type"] not in THINKING]
        if not blocks:
            return
        self._release()
        turn = self._turn("assistant", path)
        turn.rest += blocks
        turn.places |= places
        self._close(turn, message.extra)

    def _said(self, block: b.Block, writer: ContentWriter, path: str) -> list[Json]:
        """A block of a past answer. Its media cannot be said: this model makes none."""
        match block:
            case b.Audio(transcript=str(transcript)):
                self.losses.drop(path, "the sound of a past answer goes as its transcript")
                return writer.write(b.Text(transcript), path)
            case b.Image() | b.Document() | b.Audio() if not self.own:
                self.losses.drop(path, "media cannot stand in a past answer")
                return []
            case _:
                return writer.write(block, path)

    def _add_instruction(self, message: b.Message, writer: ContentWriter, path: str) -> None:
        for number, block in enumerate(message.content):
            here = f"{path}.content[{number}]"
            if not isinstance(block, b.Text):
                raise invalid(f"{here}: a system message holds text only for this model", here)
            for written in writer.write(block, here):
                if self.profile.traits.get("system_messages"):
                    self._held.append((written, path))
                else:
                    self._tell(written, path)

    def _release(self, at_end: bool = False) -> None:
        """Puts held system messages after the user turn that has just ended."""
        held, self._held = self._held, []
        if not held:
            return
        if self.turns and self.turns[-1].role == "user":
            self._turn("system", held[0][1]).rest += [block for block, _ in held]
        elif at_end or not self.turns:
            for block, path in held:
                self._tell(block, path)
        else:  # after an answer: it waits for the next user turn
            self._held = held

    def _tell(self, block: Json, path: str) -> None:
        self.losses.drop(f"{path}.role", "sent as marked text of the user: this model takes system text at the start")
        self._turn("user", path).rest.append({**block, "text": mark_instruction(block["text"])})

    def _turn(self, role: str, path: str) -> Turn:
        """The turn to write to: the last one where its role is the same."""
        if not self.turns or self.turns[-1].role != role:
            self.turns.append(Turn(role, path))
        return self.turns[-1]

    def _close(self, turn: Turn, extra: Mapping[str, object] | None) -> None:
        if self.own:
            turn.extra.update({name: value for name, value in (extra or {}).items()
                               if "." not in name and "[" not in name})  # fmt: skip
        if not turn.results and not turn.rest and not turn.extra:
            self.turns.remove(turn)


def _says_nothing(block: b.Block) -> bool:
    return isinstance(block, b.Text | b.Refusal) and not block.text.strip()


def mark_instruction(text: str) -> str:
    return f"<system>\n{text}\n</system>"


def used_tools(messages: list[Json]) -> list[str]:
    """Names of the tools that a history calls, each once."""
    names = [
        block["name"]
        for message in messages
        for block in message.get("content") or ()
        if isinstance(block, dict) and block.get("type") == "tool_use"
    ]
    return list(dict.fromkeys(names))


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
    """Drops the thinking whose answer is gone (a trimmed history): the API refuses it."""
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
    open_calls: dict[str, None] = {}
    places: dict[str, str] = {}
    for turn in turns:
        if turn.role == "system":
            continue
        answered = Counter(block["tool_use_id"] for block in turn.results)
        for identity, results in answered.items():
            here = turn.places[identity]
            if identity not in open_calls:
                raise invalid(f"{here}: no tool call just before it has the id {identity!r}", here)
            if results > 1:
                raise invalid(f"{here}: more than one result for the tool call {identity!r}", here)
        _refuse_missing([name for name in open_calls if name not in answered], places)
        open_calls, places = dict.fromkeys(turn.calls()), turn.places
    _refuse_missing(list(open_calls), places)


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
