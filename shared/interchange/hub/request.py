"""The canonical request: everything that any protocol can ask, each thing once.

A field that the caller did not send is None or empty: no defaults live here. `extra` keeps, under the inbound
protocol's own field names, what only that protocol understands; writers of other protocols report each as a loss.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Any, TypeAlias

from interchange.dataclass import dataclass

from .blocks import Block, CacheControl, Message, Raw


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """A tool that the caller runs. `schema` is the JSON Schema of its arguments, None where none was sent. `foreign`: a
    server's, not in the words of the caller's protocol."""

    name: str
    description: str | None = None
    schema: Raw | None = None
    strict: bool | None = None
    cache: CacheControl | None = None
    extra: Raw | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class CustomTool:
    """A tool with free-form input (OpenAI `type: "custom"`); `format` is its grammar, as sent."""

    name: str
    description: str | None = None
    format: Raw | None = None
    extra: Raw | None = None


@dataclass(frozen=True, slots=True)
class HostedTool:
    """A tool that the vendor runs. `kind`: "web_search", "code_execution", "web_fetch", "mcp", "tool_search",
    "image_generation", "file_search", "x_search", "computer", "bash", "text_editor", "memory", "other". Decided by the
    wire's `type`, never by a name. `raw` is the declaration in the words of `protocol`.

    A tool of this list may be run by the caller all the same: then `function` is what a model that does not know it is
    given, and `calls` the kind of its calls (`blocks.ToolUse.kind`)."""

    kind: str
    protocol: str
    raw: Raw
    name: str | None = None
    max_uses: int | None = None
    allowed_domains: tuple[str, ...] = ()
    blocked_domains: tuple[str, ...] = ()
    user_location: Raw | None = None
    cache: CacheControl | None = None
    function: FunctionTool | None = None
    calls: str = "function"
    most: int | None = None
    """The calls that are held for. A vendor that takes a limit is told it, where the request states none."""

    @property
    def limit(self) -> int | None:
        """The calls that the vendor is to be held to."""
        return self.most if self.max_uses is None else self.max_uses


Tool: TypeAlias = FunctionTool | CustomTool | HostedTool


class ToolMode(StrEnum):
    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    """Some tool must be called (Messages `any`, Gemini `ANY`)."""
    NAMED = "named"
    """The one tool in `names` must be called."""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """`names` restricts the choice: the one forced tool under NAMED, or the allowed subset (OpenAI `allowed_tools`)
    under AUTO or REQUIRED. `kind` is "function" or "custom" for NAMED; `raw` an unmapped choice of `protocol`."""

    mode: ToolMode
    names: tuple[str, ...] = ()
    kind: str = "function"
    raw: Raw | None = None


class ThinkingMode(StrEnum):
    ENABLED = "enabled"
    """With a token budget."""
    ADAPTIVE = "adaptive"
    """The model decides; `effort` steers."""
    DISABLED = "disabled"


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From the least to the greatest, of every vendor."""


@dataclass(frozen=True, slots=True)
class Reasoning:
    """`effort` is the caller's word, one of `EFFORTS` as a rule; `budget` is in tokens; -1 means the vendor's dynamic
    budget. `display` is "summarized", "omitted", "full" or None."""

    mode: ThinkingMode | None = None
    effort: str | None = None
    budget: int | None = None
    display: str | None = None
    summary: str | None = None
    shown: bool = False
    """The caller's protocol has a place for reasoning and no word that asks to see it: what can be shown is."""


class OutputKind(StrEnum):
    TEXT = "text"
    JSON = "json_object"
    SCHEMA = "json_schema"


@dataclass(frozen=True, slots=True)
class OutputFormat:
    kind: OutputKind
    schema: Raw | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`max_tokens` is the bound on all output, reasoning included. `user` is the caller's end-user id."""

    model: str
    messages: tuple[Message, ...]
    system: tuple[Block, ...] = ()
    tools: tuple[Tool, ...] = ()
    found: tuple[Tool, ...] = ()
    """Tools that the conversation itself brings: what a search run by the caller turned up."""
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    logit_bias: Raw | None = None
    reasoning: Reasoning | None = None
    output_format: OutputFormat | None = None
    verbosity: str | None = None
    modalities: tuple[str, ...] = ()
    audio: Raw | None = None
    """OpenAI `audio: {voice, format}` for spoken answers."""
    service_tier: str | None = None
    user: str | None = None
    metadata: Raw | None = None
    """Key-value pairs for the vendor's own store (OpenAI `metadata`), not the end-user id."""
    store: bool | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    safety_identifier: str | None = None
    cache: CacheControl | None = None
    """Top-level automatic caching (Messages `cache_control`)."""
    mcp_servers: tuple[Raw, ...] = ()
    stream: bool = False
    include_usage: bool | None = None
    protocol: str = ""
    """The inbound protocol's word."""
    extra: dict[str, Any] = field(default_factory=dict)
