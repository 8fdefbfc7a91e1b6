"""The `response` object around the output items, in every state that a stream shows it.

Source: openai-python `types/responses/response.py`. An answer repeats its request; what the caller did not send is
null, or the API's own default where null is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.events import Stop
from interchange.hub.failure import Failure
from interchange.hub.usage import Usage
from interchange.protocols import Envelope, JsonObject

from .usage import write_tier, write_usage
from .vocabulary import FAILED_CODES, INCOMPLETE_WORDS

_REPEATED = (
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_p",
    "top_logprobs",
    "user",
)


@dataclass(frozen=True, slots=True)
class AnswerFrame:
    envelope: Envelope

    @property
    def id(self) -> str:
        return f"resp_{self.envelope.request_id}"

    def begun(self) -> JsonObject:
        return self._object("in_progress", [], None)

    def ended(self, output: list[JsonObject], usage: Usage | None, stop: Stop) -> JsonObject:
        """`completed`, or `incomplete` with the reason."""
        word = INCOMPLETE_WORDS.get(stop.reason)
        whole = self._object("incomplete" if word else "completed", output, usage)
        whole["incomplete_details"] = {"reason": word} if word else None
        whole["service_tier"] = write_tier(usage)
        return whole

    def failed(self, output: list[JsonObject], usage: Usage | None, failure: Failure) -> JsonObject:
        whole = self._object("failed", output, usage)
        whole["error"] = {"code": FAILED_CODES.get(failure.kind, "server_error"), "message": failure.message}
        return whole

    def _object(self, status: str, output: list[JsonObject], usage: Usage | None) -> JsonObject:
        asked = self.envelope.asked
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.envelope.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            **{name: asked.get(name) for name in _REPEATED},
            "model": self.envelope.model,
            "output": output,
            "parallel_tool_calls": asked.get("parallel_tool_calls") is not False,
            "previous_response_id": None,
            "reasoning": _reasoning(asked.get("reasoning")),
            "store": False,
            "text": _text(asked.get("text")),
            "tool_choice": asked.get("tool_choice") or "auto",
            "tools": [_tool(tool) for tool in asked.get("tools") or ()],
            "truncation": asked.get("truncation") or "disabled",
            "usage": None if usage is None else write_usage(usage),
            "metadata": asked.get("metadata") or {},
        }


def _reasoning(asked: Any) -> JsonObject:
    return {"effort": None, "summary": None, **(asked if isinstance(asked, dict) else {})}


def _text(asked: Any) -> JsonObject:
    return {"format": {"type": "text"}, **(asked if isinstance(asked, dict) else {})}


def _tool(tool: Mapping[str, Any]) -> JsonObject:
    """The SDK's type of a function requires these two. A server's credential is not repeated."""
    if tool.get("type") == "function":
        return {"parameters": None, "strict": None, **tool}
    return {name: value for name, value in tool.items() if name not in ("authorization", "headers")}
