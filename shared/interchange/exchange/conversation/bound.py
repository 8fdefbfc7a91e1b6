"""Bounds of what a request can use, before it is sent: at most, and as far as recorded traffic goes.

At most, every input byte is a token, media count by stated bounds, and each round of a vendor-run tool fills the
context: no charge is above that. What is set aside at first follows what recorded requests used (decision 0045), and
grows when an answer turns out to be more. Source of the image and audio bounds: docs/billing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from interchange.catalog.billed import limits_calls
from interchange.catalog.models import Model
from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.request import HostedTool, Request
from interchange.metering.bounds import IMAGE_TOKENS, INPUT_KINDS, Extent
from interchange.wire import codec

PAGE_TOKENS = 3_500
BYTES_A_PAGE = 500
"""A PDF's page takes at least this much of the file: text alone, compressed."""
AUDIO_TOKENS_A_KILOBYTE = 64
"""Speech at 8 kbit/s is a second a kilobyte; no vendor counts more than 64 tokens a second."""
TOOL_OVERHEAD = 1_500
"""What a vendor's own prompt adds when tools are declared."""
HOSTED_CALLS = 20
"""Calls of a vendor-run tool, where the request states no bound, or the vendor takes none."""
MOST_HOSTED_CALLS = 1_000
"""Calls that a request may state: more are not held for."""
CHARGED_AS = {"bash": "code_execution"}
"""A shell that the vendor runs is charged as its container is."""
STATED_CALLS = "max_tool_calls"
"""Responses' field for all of a request's tools."""
HOSTED_TOKENS = 10_000
"""What a vendor-run tool brings in at first: a search's results. Most turns that declare one never run it."""
LEARNED = (11, 20)
"""Tokens a byte of recorded bodies, without their media: none has more, random letters aside (0.66)."""
PREDICTION = "prediction"
HOUR = b'"1h"'
"""How a body asks for a cache write of an hour."""
REASONING_TOKENS = 2_000
"""Beside the limit, of models whose limit does not bound their reasoning: recorded are up to 440."""
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


@dataclass(frozen=True, slots=True)
class Bounds:
    """`most` is the proven bound, `first` what is set aside at first; `cover` is what the balance must be able to carry
    for the vendor-run tools that the request declares, None where there are none. `beyond`: see `hold.Wanted`."""

    most: Extent
    first: Extent
    cover: Extent | None = None
    beyond: int = 0


def measure(request: Request, raw: bytes, model: Model) -> Bounds:
    """`raw` is the body as it came."""
    media, hosted = list(_media(request)), _hosted(request)
    beside = _beside(request, len(raw), model, media)
    most = _most(request, beside, model, hosted)
    context = model.context or DEFAULT_CONTEXT
    share, whole = LEARNED
    learned = (len(raw) - sum(map(_inline_bytes, media))) * share // whole + (beside - len(raw))
    beyond = _beyond(request, model, REASONING_TOKENS)
    first = replace(
        most,
        input_tokens=max(1, min(learned + HOSTED_TOKENS * len(hosted), most.input_tokens, context)),
        output_tokens=_output(request, model, beyond),
        tool_calls=dict.fromkeys(most.tool_calls, 1),
        input_kinds=_kinds(raw, media, open_ended=bool(hosted or request.mcp_servers)),
    )
    cover = replace(first, input_tokens=context, tool_calls=most.tool_calls) if hosted else None
    return Bounds(most, first, cover, beyond * max(1, request.n or 1))


def _most(request: Request, beside: int, model: Model, hosted: Sequence[HostedTool]) -> Extent:
    """`beside` are the tokens of `_beside`. A tier or region that must be asked for is in the bound only where the
    request asks for it, or where the model's traits `default_tiers` and `default_regions` say that the operator's
    project at the vendor has it by default."""
    context = model.context or DEFAULT_CONTEXT
    tokens = min(beside, context)
    calls: dict[str, int] = {}
    for tool in hosted:
        kind = CHARGED_AS.get(tool.kind, tool.kind)
        calls[kind] = calls.get(kind, 0) + _calls(tool, request, model)
    if hosted or request.mcp_servers or _runs_often(request):
        further = HOSTED_CALLS if request.mcp_servers or not hosted else 0
        tokens = context * (1 + further + sum(calls.values()))
    if "web_search" in calls:
        calls["grounded_prompt"] = 1  # some vendors charge the searching prompt, not its searches
    summary = model.max_output or DEFAULT_OUTPUT if _compacts(request) else 0
    if summary:
        tokens += min(tokens + summary, context)  # read to be summarized, then once more
    return Extent(
        input_tokens=max(1, tokens),
        output_tokens=_output(request, model, _beyond(request, model, context)) + summary,
        tool_calls=calls,
        service_tiers=_asked(request, model, TIERS) | frozenset(model.traits.get("default_tiers") or ()),
        regions=_asked(request, model, REGIONS) | frozenset(model.traits.get("default_regions") or ()),
    )


def _beside(request: Request, size: int, model: Model, media: Sequence[b.Block]) -> int:
    """Tokens of the body where each byte is one, its media by their own bounds, and what the vendor adds: its own
    prompt (trait `counting`), and one more where tools are declared."""
    tokens = size + 16 + int((model.traits.get("counting") or {}).get("prompt") or 0)
    tokens += sum(_tokens(block, model) - _inline_bytes(block) for block in media)
    return tokens + (TOOL_OVERHEAD if request.tools else 0)


def _output(request: Request, model: Model, beyond: int) -> int:
    tokens = request.max_tokens or model.max_output or DEFAULT_OUTPUT
    return (tokens + beyond) * max(1, request.n or 1)


def _beyond(request: Request, model: Model, tokens: int) -> int:
    """`tokens` of reasoning where the output limit does not bound it; and a prediction, of which what is rejected is
    charged as output (https://developers.openai.com/api/docs/guides/predicted-outputs)."""
    predicted = len(codec.dumps(request.extra[PREDICTION])) if request.extra.get(PREDICTION) else 0
    return predicted + (min(tokens, model.max_output or tokens) if model.traits.get("reasoning_beyond_limit") else 0)


def _hosted(request: Request) -> list[HostedTool]:
    """Tools that the vendor runs; those that the caller runs bring nothing by themselves."""
    return [tool for tool in request.tools if isinstance(tool, HostedTool) and tool.function is None]


def _calls(tool: HostedTool, request: Request, model: Model) -> int:
    """Calls that are held for. The request's own limit counts as far as the vendor is held to it."""
    stated = _whole(request.extra.get(STATED_CALLS), 0)
    asked = min(tool.max_uses or stated or HOSTED_CALLS, stated or MOST_HOSTED_CALLS, MOST_HOSTED_CALLS)
    return asked if limits_calls(model, tool.kind) else max(asked, HOSTED_CALLS)


def with_limits(request: Request, model: Model) -> Request:
    """The request with the calls that are held for on each tool that the vendor runs: the limit that it is given."""
    hosted = _hosted(request)
    if not hosted:
        return request
    tools = [replace(tool, most=_calls(tool, request, model)) if tool in hosted else tool for tool in request.tools]
    return replace(request, tools=tuple(tools))


def imposed_calls(request: Request, model: Model) -> int | None:
    """The limit that the vendor is given, over all tools, where the caller stated none; None where it takes none."""
    free = [tool for tool in _hosted(request) if tool.max_uses is None and limits_calls(model, tool.kind)]
    return None if request.extra.get(STATED_CALLS) else sum(_calls(tool, request, model) for tool in free) or None


def _runs_often(request: Request) -> bool:
    """True where one request is several of the model's: OpenAI's `reasoning.mode` "pro", recorded with 26 times its
    input."""
    return request.extra.get("reasoning.mode") not in (None, "standard")


def _compacts(request: Request) -> bool:
    """True where the vendor may summarize the conversation first, which no limit of the request's bounds: `compaction`
    of Messages, and `context_management` of Messages ({"edits": [...]}) and Responses ([...])."""
    if not request.extra:
        return False
    management = request.extra.get("context_management")
    edits = management.get("edits") if isinstance(management, Mapping) else management
    kinds = [str(edit.get("type")) for edit in edits if isinstance(edit, Mapping)] if isinstance(edits, list) else []
    return request.extra.get("compaction") is not None or any(kind.startswith("compact") for kind in kinds)


def _kinds(raw: bytes, blocks: Sequence[b.Block], *, open_ended: bool) -> tuple[str, ...]:
    """The kinds of input that the request can bring: sound and pictures where it has them, or a tool may; a cache write
    of an hour where it is asked for."""
    media = set(map(type, blocks))
    absent: set[str] = set()
    if raw.find(HOUR) < 0:
        absent.add("cache_write_1h")
    if b.Audio not in media and not open_ended:
        absent |= {"input_audio", "cache_read_audio"}
    if not media & {b.Image, b.Document} and not open_ended:
        absent |= {"input_image", "cache_read_image"}
    return tuple(kind for kind in INPUT_KINDS if kind not in absent)


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
        if type(block) is b.Text:
            continue
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
