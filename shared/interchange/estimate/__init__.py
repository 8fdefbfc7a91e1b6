"""An estimate of input tokens for models whose vendor has no counter. Deterministic; counts what is meant, not JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interchange.estimate.counting import Manner, read_manner
from interchange.hub import blocks as b
from interchange.hub.request import HostedTool, OutputKind, Request, ToolMode

from .declarations import declare, declare_schema
from .media import pages_of, sound_tokens
from .pictures import picture_tokens
from .tokens import count_tokens

HOSTED_TOOL = 300
"""Of a vendor's own prompt for a tool that it runs."""


def estimate_tokens(request: Request, traits: Mapping[str, Any] | None = None) -> int:
    """`traits` are the model's."""
    manner = read_manner(traits or {})
    return max(1, _Estimate(manner).request(request))


class _Estimate:
    def __init__(self, manner: Manner) -> None:
        self.manner = manner

    def request(self, request: Request) -> int:
        total = self.manner.prompt + self.manner.reply
        if request.system:
            total += self.manner.message + self.blocks(request.system)
        for message in request.messages:
            results = sum(isinstance(block, b.ToolResult) for block in message.content)
            own = 1 if len(message.content) > results else 0
            total += self.manner.message * (results + own) + self.blocks(message.content)
            if sum(isinstance(block, b.ToolUse) for block in message.content) > 1:
                total += self.manner.parallel
            total += self.text(message.name) + 1 if message.name else 0
        return total + self.tools(request) + self.schema(request)

    def text(self, text: str | None) -> int:
        return round(count_tokens(text) * self.manner.factor) if text else 0

    def tools(self, request: Request) -> int:
        own = [tool for tool in request.tools if not isinstance(tool, HostedTool)]
        total = HOSTED_TOOL * (len(request.tools) - len(own))
        if not own:
            return total
        total += self.manner.tools + self.manner.tool * len(own) + self.text(declare(own))
        if request.system and self.manner.tools >= self.manner.message:
            total -= self.manner.message  # they join the system turn instead of making one
        choice = request.tool_choice
        if choice is not None and choice.mode is ToolMode.NAMED:
            total += self.manner.forced + sum(self.text(name) for name in choice.names)
        return total

    def schema(self, request: Request) -> int:
        form = request.output_format
        if form is None or form.kind is not OutputKind.SCHEMA or form.schema is None:
            return 0
        return self.manner.schema + self.text(declare_schema(form))

    def blocks(self, blocks: Iterable[b.Block]) -> int:
        return sum(self.block(block) for block in blocks)

    def block(self, block: b.Block) -> int:
        match block:
            case b.Text(text=text) | b.Refusal(text=text):
                return self.text(text)
            case b.ToolUse(name=name, arguments=arguments):
                return self.manner.call + self.text(name) + self.text(arguments)
            case b.ToolResult(content=content):
                return self.blocks(content)
            case b.Image():
                return picture_tokens(block, self.manner.picture)
            case b.Document():
                return self.document(block)
            case b.Audio():
                return sound_tokens(block)
            case _:
                return 0  # reasoning is not sent again, and what is opaque cannot be weighed

    def document(self, block: b.Document) -> int:
        match block.source:
            case b.TextSource(text=text):
                return self.text(text)
            case b.BlocksSource(blocks=blocks):
                return self.blocks(blocks)
            case b.Base64Source():
                return self.manner.page * pages_of(block)
            case _:
                return self.manner.page
