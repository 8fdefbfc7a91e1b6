"""What an answer's parts are on this wire, hub -> wire: shared by the whole answer and the stream, so that both agree.

Left out, because this format has no place for them in an answer: other vendors' own tool calls and their results, MCP
apart (what they found shows in the citations), and blocks that only another protocol understands.
"""

from __future__ import annotations

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.events import Stop, StopReason
from interchange.protocols import Envelope

from .ids import conforming
from .vocabulary import PROTOCOL, STOP_WORD, Json

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
            case b.ServerToolUse(kind="mcp", name=name, server=server):
                identity = conforming(block.id)
                return {"type": "mcp_tool_use", "id": identity, "name": name, "server_name": server or "", "input": {}}
            case b.ServerToolResult(kind="mcp", content=content) if content:
                texts = [item.text for item in content if isinstance(item, b.Text)]
                return {
                    "type": "mcp_tool_result",
                    "tool_use_id": conforming(block.tool_use_id),
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
