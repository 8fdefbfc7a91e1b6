"""Whole answers, hub -> wire: choice 0, since this format has no other."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.events import Response

from .answer_writer import AnswerWriter
from .arguments import write_arguments
from .media import shown
from .usage import estimate_usage, write_usage
from .vocabulary import Json

EXTRA = ("container", "context_management")
"""Facts of this protocol's own answers that go back with them."""


def write_response(response: Response, writer: AnswerWriter) -> Json:
    content = _Content(writer)
    for block in response.blocks:
        content.add(block)
    usage = response.usage
    if usage is None:
        usage = estimate_usage(writer.envelope.estimate, content.characters)
    extra: dict[str, Any] = {name: response.extra[name] for name in EXTRA if name in response.extra}
    return {
        "id": writer.message_id,
        "type": "message",
        "role": "assistant",
        "model": writer.envelope.model,
        "content": content.blocks,
        **writer.stop(response.stop, content.calls > 0, content.refused),
        "usage": write_usage(usage),
        **extra,
    }


@dataclass(slots=True)
class _Content:
    writer: AnswerWriter
    blocks: list[Json] = field(default_factory=list)
    calls: int = 0
    refused: bool = False
    characters: int = 0
    """Of output, for the estimate where no usage was reported."""

    def add(self, block: b.Block) -> None:
        match block:
            case b.Text(text, citations):
                self._add_text(text, [self.writer.citation(item) for item in citations])
            case b.Thinking(text, state):
                if text or state is not None:
                    self.characters += len(text)
                    self.blocks.append(
                        {"type": "thinking", "thinking": text, "signature": self.writer.signature(state)}
                    )
            case b.ToolUse():
                self._add_call(block)
            case b.ServerToolUse(arguments=arguments):
                written = self.writer.server_block(block)
                if written is not None:
                    self.blocks.append({**written, "input": write_arguments(arguments)})
            case b.Refusal() | b.Image() | b.Document() | b.Audio():
                self.refused = self.refused or isinstance(block, b.Refusal)
                self._add_text(shown(block) or "", [])
            case _:
                written = self.writer.server_block(block)
                if written is not None:
                    self.blocks.append(written)

    def _add_text(self, text: str, citations: list[Json | None]) -> None:
        found = [item for item in citations if item is not None]
        if text or found:
            self.characters += len(text)
            # left out where there are none, as the API does: clients with strict schemas refuse a null
            self.blocks.append({"type": "text", "text": text, **({"citations": found} if found else {})})

    def _add_call(self, block: b.ToolUse) -> None:
        self.characters += len(block.arguments)
        self.blocks.append({
            "type": "tool_use",
            "id": self.writer.call_id(block.id, self.calls),
            "name": block.name,
            "input": write_arguments(block.arguments, block.kind),
        })  # fmt: skip
        self.calls += 1
