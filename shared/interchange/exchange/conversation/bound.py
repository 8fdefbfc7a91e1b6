"""Upper bound of what a request can use, before it is sent. Every input byte could be a token; media count by
stated bounds; a vendor-run tool may fill the context. Source of the image and audio bounds: docs/billing.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
_BASE: tuple[str, ...] = ()
TIERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "service_tier": {
        "auto": _BASE, "default": _BASE, "standard": _BASE, "standard_only": _BASE, "flex": ("flex",),
        "scale": _BASE, "priority": ("priority",), "fast": ("fast", "priority"), "batch": ("batch",),
    },
    "speed": {"standard": _BASE, "fast": ("fast",)},
}  # fmt: skip
"""A field that asks for a tier -> its word -> the price's names of what may be served. OpenAI's and Messages'
`service_tier` and Messages' `speed`: the SDKs' request types."""
REGIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"inference_geo": {"global": _BASE, "us": ("us",)}}
"""The same for where a model runs."""


def measure(request: Request, size: int, model: Model) -> Extent:
    """`size` is the body's length in bytes. A tier or region that must be asked for is in the bound only where the
    request asks for it, or where the model's traits `default_tiers` and `default_regions` say that the operator's
    project at the vendor has it by default."""
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
    most = _whole(request.extra.get("max_tool_calls"), HOSTED_CALLS)
    calls = {tool.kind: min(tool.max_uses or most, most) for tool in hosted}
    if "web_search" in calls:
        calls["grounded_prompt"] = 1  # some vendors charge the searching prompt, not its searches
    return Extent(
        input_tokens=max(1, min(tokens, context)),
        output_tokens=output * max(1, request.n or 1),
        tool_calls=calls,
        service_tiers=_asked(request, model, TIERS) | frozenset(model.traits.get("default_tiers") or ()),
        regions=_asked(request, model, REGIONS) | frozenset(model.traits.get("default_regions") or ()),
    )


def _asked(request: Request, model: Model, fields: Mapping[str, Mapping[str, tuple[str, ...]]]) -> frozenset[str]:
    """The priced words that the request's fields may be served as; all of the price's for a word that is not known."""
    found: set[str] = set()
    for name, words in fields.items():
        word = request.service_tier if name == "service_tier" else request.extra.get(name)
        if word is not None:
            found |= set(words.get(word, _priced(model, name)) if isinstance(word, str) else _priced(model, name))
    return frozenset(found)


def _priced(model: Model, name: str) -> Iterable[str]:
    return model.price.regions if name in REGIONS else model.price.service_tiers


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


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
