"""Messages under way: a reader adds their blocks one by one, and joins them once."""

from __future__ import annotations

from dataclasses import field

from interchange.dataclass import dataclass

from .blocks import Block, Message, Raw, Role


@dataclass(slots=True)
class Turn:
    """A `Message` that grows. A list, since one turn may gather thousands of tool results: a tuple would be copied for
    each."""

    role: Role
    content: list[Block] = field(default_factory=list)
    name: str | None = None
    extra: Raw | None = None

    def message(self) -> Message:
        return Message(self.role, tuple(self.content), self.name, self.extra)


def joined(turns: list[Turn]) -> tuple[Message, ...]:
    return tuple(turn.message() for turn in turns)
