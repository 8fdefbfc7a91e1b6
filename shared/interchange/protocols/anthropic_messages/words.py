"""The words of the Messages API, and the hub's for them.

Source: the anthropic SDK's types (StopReason, ErrorType, Usage, ToolUnionParam, AnthropicBetaParam) and
https://docs.anthropic.com/en/api/errors for the statuses.

Ids of tool calls. The API takes `^[a-zA-Z0-9_-]+$` and refuses the rest.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from interchange.hub.events import StopReason
from interchange.hub.failure import ErrorKind
from interchange.hub.request import ToolMode

PROTOCOL = "anthropic_messages"
Json = dict[str, Any]
STOP: dict[str, StopReason] = {
    "end_turn": StopReason.END,
    "max_tokens": StopReason.MAX_TOKENS,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "tool_use": StopReason.TOOL_USE,
    "pause_turn": StopReason.PAUSE,
    "refusal": StopReason.REFUSAL,
    "model_context_window_exceeded": StopReason.CONTEXT_WINDOW,
    "compaction": StopReason.COMPACTION,
}
STOP_WORD: dict[StopReason, str] = {
    **{reason: word for word, reason in STOP.items()},
    StopReason.CONTENT_FILTER: "refusal",
    StopReason.MALFORMED_TOOL_CALL: "refusal",
    StopReason.OTHER: "refusal",
}
ERROR_KIND: dict[str, ErrorKind] = {
    "invalid_request_error": ErrorKind.INVALID_REQUEST,
    "authentication_error": ErrorKind.AUTHENTICATION,
    "billing_error": ErrorKind.BILLING,
    "permission_error": ErrorKind.PERMISSION,
    "not_found_error": ErrorKind.NOT_FOUND,
    "conflict_error": ErrorKind.CONFLICT,
    "request_too_large": ErrorKind.TOO_LARGE,
    "rate_limit_error": ErrorKind.RATE_LIMIT,
    "api_error": ErrorKind.API,
    "timeout_error": ErrorKind.TIMEOUT,
    "overloaded_error": ErrorKind.OVERLOADED,
}
ERROR_TYPE: dict[ErrorKind, str] = {
    **{kind: word for word, kind in ERROR_KIND.items()},
    ErrorKind.METHOD_NOT_ALLOWED: "invalid_request_error",
    ErrorKind.UNSUPPORTED_MEDIA: "invalid_request_error",
}
CHOICE: dict[str, ToolMode] = {
    "auto": ToolMode.AUTO,
    "any": ToolMode.REQUIRED,
    "tool": ToolMode.NAMED,
    "none": ToolMode.NONE,
}
CHOICE_WORD: dict[ToolMode, str] = {mode: word for word, mode in CHOICE.items()}
TOOL_PREFIX: dict[str, str] = {
    "web_search_": "web_search",
    "web_fetch_": "web_fetch",
    "code_execution_": "code_execution",
    "tool_search_tool_": "tool_search",
    "mcp_toolset": "mcp",
    "computer_": "computer",
    "bash_": "bash",
    "text_editor_": "text_editor",
    "memory_": "memory",
}
"""Beginnings of a vendor-run tool's `type` (a date follows) to hub kind; "other" for the rest."""
SERVER_TOOL_NAME: dict[str, str] = {
    "web_search": "web_search",
    "web_fetch": "web_fetch",
    "code_execution": "code_execution",
    "bash_code_execution": "code_execution",
    "text_editor_code_execution": "code_execution",
    "tool_search_tool_regex": "tool_search",
    "tool_search_tool_bm25": "tool_search",
    "tool_search": "tool_search",
    "mcp": "mcp",
}
"""`server_tool_use.name`, and the beginning of a `..._tool_result` block's type, to hub kind."""
HOSTED_TOOL: dict[str, Json] = {
    "web_search": {"type": "web_search_20250305", "name": "web_search"},
    "web_fetch": {"type": "web_fetch_20250910", "name": "web_fetch"},
    "code_execution": {"type": "code_execution_20250825", "name": "code_execution"},
}
"""How a vendor-run tool of another protocol is declared. Those that have no entry have no counterpart."""
LIMITED_TOOLS = ("web_search_", "web_fetch_", "advisor_")
"""Beginnings of the `type` of tools that take `max_uses`."""
SERVED_TIER: dict[str, str] = {"standard": "default", "priority": "priority", "batch": "batch"}
SERVED_TIER_WORD: dict[str, str] = {word: name for name, word in SERVED_TIER.items()}
ASKED_TIER: dict[str, str] = {
    "auto": "auto",
    "standard_only": "standard_only",
    "default": "standard_only",
    "priority": "auto",
}
"""The caller's `service_tier` in any protocol's word. "auto" takes priority capacity where the account has it."""
EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""`output_config.effort`, weakest first."""
EFFORT_BUDGET: dict[str, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32000,
    "max": 64000,
}
"""`thinking.budget_tokens` for an effort, on models that take no effort."""
LEAST_BUDGET = 1024
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
TEXT_TYPES = frozenset({"application/json", "application/xml", "application/x-yaml", "application/yaml"})
"""Types beside text/* that are sent as plain text."""
_CONFORMING = re.compile(r"[a-zA-Z0-9_-]+")
_FORBIDDEN = re.compile(r"[^a-zA-Z0-9_-]")


def conforming(identity: str) -> str:
    """The id itself where it conforms; else a deterministic one that no other id is brought to."""
    if _CONFORMING.fullmatch(identity):
        return identity
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{_FORBIDDEN.sub('_', identity)[:40]}_{digest}"
