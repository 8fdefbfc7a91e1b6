"""Content blocks: what a message is made of, in either direction.

The hub is block-structured because every vendor's richer grammar is; a flat grammar folds out of blocks, never the
other way round. All values are frozen. Text that a vendor treats as opaque (signatures, encrypted reasoning, tool
arguments) is kept exactly as the wire had it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from interchange.dataclass import dataclass

Raw: TypeAlias = Mapping[str, Any]
"""A JSON object as it was on the wire."""


@dataclass(frozen=True, slots=True)
class CacheControl:
    """A prompt-cache breakpoint after the block that carries it. `ttl` is "5m", "1h" or None (not stated)."""

    ttl: str | None = None


@dataclass(frozen=True, slots=True)
class Base64Source:
    """Inline bytes, base64 (standard alphabet) as received; never decoded and re-encoded on the way through."""

    media_type: str
    data: str


@dataclass(frozen=True, slots=True)
class UrlSource:
    url: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class TextSource:
    """A plain-text document given inline."""

    text: str
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file uploaded to one vendor, by that vendor's id; `protocol` says whose."""

    file_id: str
    protocol: str


@dataclass(frozen=True, slots=True)
class BlocksSource:
    """A document made of content blocks (Messages `source.type: "content"`)."""

    blocks: tuple[Block, ...]


Source: TypeAlias = Base64Source | UrlSource | TextSource | FileSource | BlocksSource


@dataclass(frozen=True, slots=True)
class Continuation:
    """Opaque state that lets a model continue its own reasoning in a later turn.

    `issuer` is the word of the protocol whose models made it (`anthropic_messages`, `gemini`, `openai_responses`, ...)
    and, behind an "@", the owner of the credential: the state means nothing to any other. `data` is the signature /
    encrypted content / thought signature exactly as received. `item_id` is the provider's id of the reasoning item,
    where it has one.
    """

    issuer: str
    data: str
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer from answer text to its source. `raw` is the wire object in the words of `protocol`; the other fields
    are what every protocol shares. `start`/`end` are character offsets into the answer text, where known."""

    protocol: str
    raw: Raw
    url: str | None = None
    title: str | None = None
    cited_text: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    citations: tuple[Citation, ...] = ()
    cache: CacheControl | None = None
    state: Continuation | None = None
    """Gemini attaches thought signatures to text parts too."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model's reasoning. `text` may be empty while `state` is present (display omitted): presence is decided by
    the state, not by the text."""

    text: str
    state: Continuation | None = None


@dataclass(frozen=True, slots=True)
class RedactedThinking:
    """Reasoning that the vendor returns encrypted only (Messages `redacted_thinking`)."""

    state: Continuation


@dataclass(frozen=True, slots=True)
class Refusal:
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    source: Source
    detail: str | None = None
    cache: CacheControl | None = None
    state: Continuation | None = None
    """Gemini signs what it draws."""


@dataclass(frozen=True, slots=True)
class Document:
    source: Source
    title: str | None = None
    context: str | None = None
    citations: bool | None = None
    cache: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound in or out. `format` is the short name ("wav", "mp3", "pcm16"); `id` is the vendor's id of an answer's
    audio, `transcript` its text."""

    source: Source
    format: str
    id: str | None = None
    transcript: str | None = None
    expires_at: int | None = None
    cache: CacheControl | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call that the caller must run. `arguments` is the text the model wrote: a JSON object for a function, free
    form for a custom tool. Never parsed and re-serialised on the way through."""

    id: str
    name: str
    arguments: str
    kind: str = "function"
    """"function", "custom", or a protocol's own word for a tool that the caller runs ("shell", "computer", ...); the
    arguments of such a one are a JSON object too."""
    state: Continuation | None = None
    cache: CacheControl | None = None
    raw: Raw | None = None
    """The whole item, of a call by a protocol's own word."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    tool_use_id: str
    content: tuple[Block, ...]
    is_error: bool = False
    name: str | None = None
    cache: CacheControl | None = None
    raw: Raw | None = None
    """The whole item, where it answers a call by a protocol's own word."""


@dataclass(frozen=True, slots=True)
class ServerToolUse:
    """A call that the vendor runs itself (web search, code execution, MCP). `kind` is the hub's word for the tool
    ("web_search", "code_execution", "web_fetch", "mcp", "tool_search", "other"); `raw` the wire object."""

    id: str
    name: str
    arguments: str
    kind: str
    protocol: str
    raw: Raw
    server: str | None = None
    """The MCP server's name."""
    state: Continuation | None = None
    """Gemini's signature of the part; it stands in `raw` too."""


@dataclass(frozen=True, slots=True)
class ServerToolResult:
    """`raw` is the wire object in the words of `protocol`; `content` is what the tool gave, where every protocol can
    say it (MCP), for those that have a place for it."""

    tool_use_id: str
    kind: str
    protocol: str
    raw: Raw
    content: tuple[Block, ...] = ()
    is_error: bool = False
    state: Continuation | None = None


@dataclass(frozen=True, slots=True)
class Opaque:
    """A block that only one protocol understands, whole. Written back by the same protocol, a loss for every other."""

    protocol: str
    raw: Raw
    state: Continuation | None = None


Block: TypeAlias = (
    Text
    | Thinking
    | RedactedThinking
    | Refusal
    | Image
    | Document
    | Audio
    | ToolUse
    | ToolResult
    | ServerToolUse
    | ServerToolResult
    | Opaque
)


class Role(StrEnum):
    SYSTEM = "system"
    """System and developer text inside the conversation; text before the first turn is `Request.system`."""
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"


SHOWN_AFTER = "[media of the assistant's answer above]"
"""Says what stands behind it in a user's turn, where a past answer itself has no place for it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. Tool results are blocks of a USER message: consecutive results stand together in one message, first."""

    role: Role
    content: tuple[Block, ...]
    name: str | None = None
    extra: Raw | None = None
    """Fields of this message that only its own protocol understands (for `write(read(body)) == body`)."""
    torn: bool = False
    """A past answer whose thinking stood between texts that the caller no longer sends."""
