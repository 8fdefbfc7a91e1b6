"""The events of one streamed answer, and the whole answer, which is their fold.

Grammar (checked by `grammar.Grammar`):

    MessageStart (BlockStart Delta* BlockStop | UsageReported | Logprobs | Note)* (MessageStop | StreamFailed)

Blocks are strictly sequential per choice: one is open at a time in each choice. Indexes count up from 0 over the whole
message, whatever the choice. Every delta names its own kind, so that a writer needs no memory of block types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, TypeAlias

from interchange.dataclass import dataclass

from .blocks import Block, Citation, Continuation, Raw
from .failure import Failure
from .usage import Usage


class StopReason(StrEnum):
    END = "end"
    """The model finished its turn."""
    MAX_TOKENS = "max_tokens"
    STOP_SEQUENCE = "stop_sequence"
    TOOL_USE = "tool_use"
    REFUSAL = "refusal"
    """The model declined (Messages `refusal`)."""
    CONTENT_FILTER = "content_filter"
    """A filter of the vendor cut or blocked the answer; `Stop.detail` keeps its own word."""
    PAUSE = "pause"
    """A vendor-run tool loop paused; send the answer back to go on (Messages `pause_turn`)."""
    CONTEXT_WINDOW = "context_window"
    COMPACTION = "compaction"
    MALFORMED_TOOL_CALL = "malformed_tool_call"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stop:
    """Why one choice ended. `sequence` is the stop sequence hit; `detail` the vendor's own word where the table has
    no word for it; `raw` extra wire facts (Messages `stop_details`, `context_management`)."""

    reason: StopReason
    sequence: str | None = None
    detail: str | None = None
    raw: Raw | None = None


@dataclass(frozen=True, slots=True)
class MessageStart:
    """`id` and `model` as the upstream gave them; `created` in Unix seconds where given. `extra` keeps facts of the
    answer that only its own protocol has (system_fingerprint, container, ...)."""

    id: str | None = None
    model: str | None = None
    created: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockStart:
    """`block` is the empty shell of what follows: Text(""), Thinking(""), ToolUse(id, name, ""), or the whole block
    where the wire gives it at once (Image, ServerToolResult, RedactedThinking, Opaque)."""

    index: int
    block: Block
    choice: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class StateDelta:
    """Sets the block's continuation state (it comes whole, once, usually last)."""

    index: int
    state: Continuation


@dataclass(frozen=True, slots=True)
class ArgumentsDelta:
    """A piece of a tool use's (or server tool use's) arguments text."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class CitationDelta:
    index: int
    citation: Citation


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """`data` is a base64 piece, `transcript` a piece of text; either may be empty. `expires_at` (Unix seconds) is told
    last, where it is told."""

    index: int
    data: str = ""
    transcript: str = ""
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class BlockStop:
    index: int


@dataclass(frozen=True, slots=True)
class UsageReported:
    usage: Usage


@dataclass(frozen=True, slots=True)
class Logprobs:
    """Token log-probabilities of one choice, in chat's form: `content` and `refusal` are lists of wire objects."""

    choice: int
    content: tuple[Raw, ...] = ()
    refusal: tuple[Raw, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A frame that only its own protocol understands; written back by the same protocol, ignored by others."""

    protocol: str
    raw: Raw
    shows: str | None = None
    """The kind of a vendor-run tool of whose result a frame showed a part; then it is no frame to be written."""


@dataclass(frozen=True, slots=True)
class MessageStop:
    """The proper end. One `Stop` per choice. `extra` is merged over `MessageStart.extra` (known only at the end)."""

    stops: tuple[Stop, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The stream broke: an error frame, a cut, or a frame that could not be read. Terminal."""

    failure: Failure


Event: TypeAlias = (
    MessageStart
    | BlockStart
    | TextDelta
    | ThinkingDelta
    | StateDelta
    | ArgumentsDelta
    | RefusalDelta
    | CitationDelta
    | AudioDelta
    | BlockStop
    | UsageReported
    | Logprobs
    | Note
    | MessageStop
    | StreamFailed
)


@dataclass(frozen=True, slots=True)
class Choice:
    blocks: tuple[Block, ...]
    stop: Stop
    logprobs: Logprobs | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer: the fold of its stream. `usage` is None where the upstream reported none."""

    id: str | None
    model: str | None
    created: int | None
    choices: tuple[Choice, ...]
    usage: Usage | None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The first choice's blocks."""
        return self.choices[0].blocks if self.choices else ()

    @property
    def stop(self) -> Stop:
        return self.choices[0].stop if self.choices else Stop(StopReason.OTHER)
