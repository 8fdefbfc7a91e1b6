"""An estimate of input tokens for models whose vendor has no counter. Deterministic; counts what is meant, not JSON."""

from __future__ import annotations

from collections.abc import Iterable

from interchange.hub import blocks as b
from interchange.hub.request import FunctionTool, Request
from interchange.wire import codec

BYTES_A_TOKEN = 4.0
MESSAGE_OVERHEAD = 4
TOOL_OVERHEAD = 12
IMAGE_TOKENS = 1000
REPLY_OVERHEAD = 3


def estimate_tokens(request: Request) -> int:
    total = REPLY_OVERHEAD + _blocks(request.system)
    for message in request.messages:
        total += MESSAGE_OVERHEAD + _blocks(message.content)
    for tool in request.tools:
        if isinstance(tool, FunctionTool):
            schema = codec.dumps_text(tool.schema or {})
            total += TOOL_OVERHEAD + text_tokens(tool.name + (tool.description or "") + schema)
    return max(1, total)


def text_tokens(text: str) -> int:
    """Tokens of a plain text."""
    return -(-len(text.encode("utf-8", "replace")) // int(BYTES_A_TOKEN)) if text else 0


def _blocks(blocks: Iterable[b.Block]) -> int:
    total = 0
    for block in blocks:
        match block:
            case b.Text(text=text) | b.Thinking(text=text) | b.Refusal(text=text):
                total += text_tokens(text)
            case b.ToolUse(name=name, arguments=arguments):
                total += MESSAGE_OVERHEAD + text_tokens(name + arguments)
            case b.ToolResult(content=content):
                total += MESSAGE_OVERHEAD + _blocks(content)
            case b.Image() | b.Document() | b.Audio():
                total += IMAGE_TOKENS
            case _:
                pass  # opaque blocks: unknown to the estimate
    return total
