"""Whole answers, hub -> wire: choice 0, since this format has no other.

What an answer's parts are on this wire, hub -> wire: shared by the whole answer and the stream, so that both agree.

Left out, because this format has no place for them in an answer: other vendors' own tool calls and their results, MCP
apart (what they found shows in the citations), and blocks that only another protocol understands.

Media in an answer. This format has no such blocks, so they are told as Markdown, each in a text block of its own;
and a picture that comes back so in a history is a picture again, not a million tokens of base64.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.events import Response, Stop, StopReason
from interchange.hub.mcp import GATEWAY
from interchange.protocols.faces import Envelope
from interchange.wire.data_url import read_data_url, write_data_url

from ..blocks import write_arguments
from ..toolsets import apart
from ..usage import estimate_usage, write_usage
from ..words import PROTOCOL, STOP_WORD, Json, conforming

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
            **apart(block.name, self.writer.envelope.asked),
            "input": write_arguments(block.arguments, block.kind),
        })  # fmt: skip
        self.calls += 1


LIMITS = (StopReason.MAX_TOKENS, StopReason.CONTEXT_WINDOW)
BLOCKED = (StopReason.REFUSAL, StopReason.CONTENT_FILTER)
ELSEWHERE = b.Continuation("citation", "")
"""Sealed, it stands for the encrypted index of a citation that this API did not make."""


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    seal: Seal
    envelope: Envelope

    @property
    def message_id(self) -> str:
        return f"msg_{self.envelope.request_id}"

    def signature(self, state: b.Continuation | None) -> str:
        """Another vendor's state is sealed: the caller echoes it without knowing. "" where there is none."""
        if state is None:
            return ""
        return state.data if state.issuer == PROTOCOL else self.seal.seal(state)

    def call_id(self, identity: str, number: int) -> str:
        return conforming(identity) if identity else f"toolu_{self.envelope.request_id}_{number}"

    def citation(self, citation: b.Citation) -> Json | None:
        """A source on the web has a counterpart; a place in another vendor's file has none."""
        if citation.protocol == PROTOCOL:
            return dict(citation.raw)
        if citation.url is None:
            return None
        return {
            "type": "web_search_result_location",
            "url": citation.url,
            "title": citation.title,
            "cited_text": citation.cited_text or "",
            "encrypted_index": self.seal.seal(ELSEWHERE),
        }

    def server_block(self, block: b.Block) -> Json | None:
        """A block that comes whole: of this protocol as it was, of another not at all, unless it is MCP's. The input of
        a call comes apart from it."""
        match block:
            case b.ServerToolUse(protocol=protocol, raw=raw) if protocol == PROTOCOL:
                return {**raw, "input": {}}
            case b.ServerToolResult(protocol=protocol, raw=raw) | b.Opaque(protocol, raw) if protocol == PROTOCOL:
                return dict(raw)
            case b.ServerToolUse(kind="mcp_list", raw=raw, server=server):
                tools = [{name: tool.get(name) for name in LISTED} for tool in raw.get("tools") or ()]
                return {"type": "mcp_tool_listing", "mcp_server_name": server or "", "tools": tools}
            case b.ServerToolUse(kind="mcp", name=name, server=server):
                identity = mcp_id(block.id, block.protocol)
                return {"type": "mcp_tool_use", "id": identity, "name": name, "server_name": server or "", "input": {}}
            case b.ServerToolResult(kind="mcp", content=content) if content:
                texts = [item.text for item in content if isinstance(item, b.Text)]
                return {
                    "type": "mcp_tool_result",
                    "tool_use_id": mcp_id(block.tool_use_id, block.protocol),
                    "is_error": block.is_error,
                    "content": [{"type": "text", "text": text} for text in texts],
                }
            case b.RedactedThinking(state):
                return {"type": "redacted_thinking", "data": self.signature(state)}
            case _:
                return None

    def stop(self, stop: Stop, called: bool, refused: bool) -> Json:
        """`stop_reason` and what goes with it. `called`: a tool_use block was written; then the caller must act on it,
        whatever word the upstream ended with, unless the answer was cut or blocked. `refused`: a refusal's text was."""
        reason = stop.reason
        if called and reason not in (*LIMITS, *BLOCKED):
            reason = StopReason.TOOL_USE
        elif reason is StopReason.TOOL_USE and not called:
            reason = StopReason.END
        elif refused and reason in (StopReason.END, StopReason.OTHER):
            reason = StopReason.REFUSAL
        word = STOP_WORD[reason]
        details = (stop.raw or {}).get("stop_details")
        if details is None and word == "refusal":
            details = {"type": "refusal", "category": None, "explanation": stop.detail}
        return {
            "stop_reason": word,
            "stop_sequence": stop.sequence if reason is StopReason.STOP_SEQUENCE else None,
            "stop_details": details,
        }


LISTED = ("name", "description", "input_schema")
"""anthropic `types/beta/beta_mcp_tool.py`"""


def mcp_id(identity: str, protocol: str) -> str:
    """A call that the gateway made has an id of this API's form: the model's own behind its prefix."""
    return f"mcptoolu_{conforming(identity)}" if protocol == GATEWAY else conforming(identity)


_PICTURE = re.compile(r"!\[image\]\((?P<url>[^)\s]+)\)")


def shown(block: b.Block) -> str | None:
    """The text that stands for what this format cannot show: media in an answer, as Markdown; a refusal as it is."""
    match block:
        case b.Refusal(text):
            return text
        case b.Image(source):
            return _link("image", source, "!")
        case b.Document(source, title):
            return _link(title or "document", source)
        case b.Audio(source=source, transcript=transcript):
            return transcript or _link("audio", source)
        case _:
            return None


def _link(name: str, source: b.Source, mark: str = "") -> str:
    match source:
        case b.Base64Source(media_type, data):
            return f"{mark}[{name}]({write_data_url(media_type, data)})"
        case b.UrlSource(url):
            return f"{mark}[{name}]({url})"
        case b.TextSource(text):
            return text
        case b.FileSource(file_id):
            return f"[{name}: {file_id}]"
        case b.BlocksSource(blocks):
            return "".join(block.text for block in blocks if isinstance(block, b.Text))


def read_shown(block: b.Block) -> b.Block:
    """The picture that a text block of ours stands for; any other block as it is."""
    found = _PICTURE.fullmatch(block.text) if isinstance(block, b.Text) else None
    if found is None:
        return block
    data = read_data_url(found["url"])
    return b.Image(b.UrlSource(found["url"]) if data is None else b.Base64Source(*data))
