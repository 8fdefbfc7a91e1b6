"""The conversation as `contents`: roles user and model, alternating; results beside each other, in the calls' order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid

from ..words import SKIP_SIGNATURE
from .content import Part, Parts

Content = dict[str, Any]


@dataclass(slots=True)
class Contents:
    """Grows turn by turn. `_calls` are the calls (id to name) of the last model turn that wait for their results, in
    order; `_late` is what came between the two and has to stand after them."""

    parts: Parts
    written: list[Content] = field(default_factory=list)
    _calls: dict[str, str] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    """Where each call stood."""
    _late: list[Part] = field(default_factory=list)
    _answers: dict[str, Part] = field(default_factory=dict)
    _hoisted: list[Part] = field(default_factory=list)
    """Media of results, which stand behind them."""
    _answering: bool = False
    """The user has spoken since the calls, so that they must be answered before the model speaks again."""

    def add(self, message: b.Message, path: str) -> None:
        losses = self.parts.losses
        if message.name is not None:
            losses.drop(f"{path}.name", "Gemini has no names of participants")
        for name in message.extra or ():
            losses.drop(f"{path}.{name}", "Gemini has no such field of a message")
        match message.role:
            case b.Role.ASSISTANT:
                self._add_model(message.content, path)
            case b.Role.USER:
                self._add_user(message.content, path)
            case b.Role.SYSTEM | b.Role.DEVELOPER:
                self._add_instruction(message, path)

    def finish(self) -> list[Content]:
        """Raises RequestError where calls were left without their results: the API refuses such a history."""
        self._require_answers()
        if self.written and any("functionCall" in part for part in _first_of_model(self.written[0])):
            return [{"role": "user", "parts": [{"text": BEGUN}]}, *self.written]
        return self.written

    def _add_model(self, blocks: Iterable[b.Block], path: str) -> None:
        if self._answering:
            self._require_answers()
        parts: list[Part] = []
        for number, block in enumerate(blocks):
            place = f"{path}.content[{number}]"
            if isinstance(block, b.ToolUse):
                if block.id in self._calls:
                    raise invalid(f"{place}: the tool call id {block.id!r} stands twice in one turn", place)
                self._calls[block.id] = block.name
                self._places[block.id] = place
            parts += self.parts.write(block, place)
        self._push("model", parts)
        if self.parts.profile.traits.get("signatures", self.parts.profile.traits.get("thinking") == "level"):
            _sign(self.written[-1]["parts"] if self.written else [])

    def _add_user(self, blocks: tuple[b.Block, ...], path: str) -> None:
        rest: list[Part] = []
        for number, block in enumerate(blocks):
            place = f"{path}.content[{number}]"
            if isinstance(block, b.ToolResult):
                self._answer(block, place)
            else:
                rest += self.parts.write(block, place)
        if not self._calls:
            self._push("user", rest)
            return
        self._late += rest
        self._answering = True
        if all(identity in self._answers for identity in self._calls):
            self._push("user", [*(self._answers[identity] for identity in self._calls), *self._hoisted, *self._late])
            self._forget()

    def _answer(self, block: b.ToolResult, place: str) -> None:
        if block.tool_use_id in self._answers:
            raise invalid(f"{place}: a second result for the tool call {block.tool_use_id!r}", place)
        part, media = self.parts.write_result(block, self._name(block, place), place)
        self._answers[block.tool_use_id] = part
        self._hoisted += media

    def _forget(self) -> None:
        for held in (self._calls, self._answers, self._hoisted, self._late):
            held.clear()
        self._answering = False

    def _add_instruction(self, message: b.Message, path: str) -> None:
        """Gemini has one system instruction, at the top; later ones keep their place as marked text of the user."""
        self.parts.losses.drop(
            f"{path}.role", "sent as marked text of the user: Gemini has one instruction, at the top"
        )
        parts: list[Part] = []
        for number, block in enumerate(message.content):
            for part in self.parts.write(block, f"{path}.content[{number}]"):
                parts.append({**part, "text": mark_instruction(part["text"])} if "text" in part else part)
        if self._calls:  # nothing may stand between calls and their results
            self._late += parts
        else:
            self._push("user", parts)

    def _name(self, block: b.ToolResult, path: str) -> str:
        if block.tool_use_id not in self._calls:
            raise invalid(f"{path}: no tool call before it has the id {block.tool_use_id!r}", path)
        return self._calls[block.tool_use_id]

    def _require_answers(self) -> None:
        for identity in self._calls:
            if identity not in self._answers:
                here = self._places[identity]
                raise invalid(f"{here}: no tool result for the tool call {identity!r}", here)

    def _push(self, role: str, parts: list[Part]) -> None:
        if not parts:
            return
        if self.written and self.written[-1]["role"] == role:
            self.written[-1]["parts"] += parts
        else:
            self.written.append({"role": role, "parts": parts})


BEGUN = "(The conversation begins with the call below.)"
"""A call may follow a user's turn alone ("Please ensure that function call turn comes immediately after a user turn"):
where a client has cut a history before a call, this stands for what it cut."""


def _first_of_model(content: Content) -> list[Part]:
    return list(content["parts"]) if content["role"] == "model" else []


def _sign(parts: list[Part]) -> None:
    """The first call of a step must carry a signature; one whose own is lost or was never given takes the documented
    word instead. In every step, not just the current turn's, so that a conversation's prefix never changes."""
    for part in parts:
        if "functionCall" in part:
            part.setdefault("thoughtSignature", SKIP_SIGNATURE)
            return


def mark_instruction(text: str) -> str:
    return f"<system>\n{text}\n</system>"
