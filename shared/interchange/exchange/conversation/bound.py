"""Upper bound of what a request can use, before it is sent. Every input byte could be a token; media count by
stated bounds; a vendor-run tool may fill the context. Source of the image and audio bounds: docs/billing.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interchange.catalog.models import Model
from interchange.hub import blocks as b
from interchange.hub.request import HostedTool, Request
from interchange.metering.bounds import IMAGE_TOKENS, Extent

PAGE_TOKENS = 3_500
BYTES_A_PAGE = 500
"""A PDF's page takes at least this much of the file: text alone, compressed."""
AUDIO_TOKENS_A_KILOBYTE = 64
"""Speech at 8 kbit/s is a second a kilobyte; no vendor counts more than 64 tokens a second."""
TOOL_OVERHEAD = 1_500
"""What a vendor's own prompt adds when tools are declared."""
HOSTED_CALLS = 10
"""Calls of a vendor-run tool, where the request states no bound."""
DEFAULT_OUTPUT = 16_384
"""Output of a model whose catalog entry states no limit."""
DEFAULT_CONTEXT = 1_000_000


def measure(request: Request, size: int, model: Model) -> Extent:
    """`size` is the body's length in bytes."""
    context = model.context or DEFAULT_CONTEXT
    tokens = size + 16
    for block in _media(request):
        tokens += _tokens(block, model) - _inline_bytes(block)
    hosted = [tool for tool in request.tools if isinstance(tool, HostedTool)]
    if request.tools:
        tokens += TOOL_OVERHEAD
    if hosted or request.mcp_servers:
        tokens = max(tokens, context)
    output = request.max_tokens or model.max_output or DEFAULT_OUTPUT
    calls = {tool.kind: tool.max_uses or HOSTED_CALLS for tool in hosted}
    if "web_search" in calls:
        calls["grounded_prompt"] = 1  # some vendors charge the searching prompt, not its searches
    return Extent(
        input_tokens=max(1, min(tokens, context)), output_tokens=output * max(1, request.n or 1), tool_calls=calls
    )


def output_floor(request: Request) -> int:
    """The least output limit that still makes sense: a thinking budget must fit below it."""
    budget = request.reasoning.budget if request.reasoning else None
    return max(1, request.n or 1) * (max(budget or 0, 0) + 1)


def _media(request: Request) -> Iterator[b.Block]:
    yield from _walk(request.system)
    for message in request.messages:
        yield from _walk(message.content)


def _walk(blocks: Iterable[b.Block]) -> Iterator[b.Block]:
    for block in blocks:
        match block:
            case b.ToolResult(content=content):
                yield from _walk(content)
            case b.Image() | b.Document() | b.Audio():
                yield block
            case _:
                pass  # text and calls are counted by their bytes


def _inline_bytes(block: b.Block) -> int:
    match block:
        case b.Image(source=b.Base64Source(data=data)) | b.Audio(source=b.Base64Source(data=data)):
            return len(data)
        case b.Document(source=b.Base64Source(data=data)):
            return len(data)
        case _:
            return 0


def _tokens(block: b.Block, model: Model) -> int:
    match block:
        case b.Image():
            return int(model.traits.get("image_tokens", IMAGE_TOKENS))
        case b.Audio(source=b.Base64Source(data=data)):
            return (len(data) // 1024 + 1) * AUDIO_TOKENS_A_KILOBYTE
        case b.Document(source=b.Base64Source(data=data)):
            return (len(data) * 3 // 4 // BYTES_A_PAGE + 1) * PAGE_TOKENS
        case b.Document(source=b.TextSource() | b.BlocksSource()):
            return 0
        case _:
            return model.context or DEFAULT_CONTEXT
