"""Responses' words, in both directions. Source: the openai SDK's types (`types/responses`), and recorded traffic.

Ids of the items that we write, told from a vendor's: a vendor looks its own up, and has none of ours.
"""

from __future__ import annotations

from typing import Any

from interchange.hub.events import StopReason
from interchange.hub.failure import ErrorKind
from interchange.hub.request import ToolMode
from interchange.protocols.parameters import Kind, Row, names, neutral, sampling, spelled

PROTOCOL = "openai_responses"
INCOMPLETE_REASONS: dict[str, StopReason] = {
    "max_output_tokens": StopReason.MAX_TOKENS,
    "max_tokens": StopReason.MAX_TOKENS,  # some compatible servers
    "content_filter": StopReason.CONTENT_FILTER,
}
"""`incomplete_details.reason` -> why."""
INCOMPLETE_WORDS: dict[StopReason, str] = {
    StopReason.MAX_TOKENS: "max_output_tokens",
    StopReason.CONTEXT_WINDOW: "max_output_tokens",
    StopReason.CONTENT_FILTER: "content_filter",
    StopReason.REFUSAL: "content_filter",
    StopReason.MALFORMED_TOOL_CALL: "content_filter",
    StopReason.OTHER: "content_filter",
    StopReason.PAUSE: "max_output_tokens",
    StopReason.COMPACTION: "max_output_tokens",
}
"""Reasons that make an answer `incomplete`, in the only two words that the SDK's literal type has; any other reason is
`completed`."""
CUT_SHORT = frozenset(INCOMPLETE_REASONS.values())
"""Reasons that stand although tools were called; every other answer with a tool call ended for the tool."""
FAILED_CODES: dict[ErrorKind, str] = {
    ErrorKind.RATE_LIMIT: "rate_limit_exceeded",
    ErrorKind.INVALID_REQUEST: "invalid_prompt",
    ErrorKind.TOO_LARGE: "invalid_prompt",
}
"""`response.error.code` of `response.failed`, whose literal type has few words; any other kind is `server_error`."""
ROWS = (
    Row("temperature", Kind.NUMBER, neutral=(1,), sampling=True),
    Row("top_p", Kind.NUMBER, neutral=(1,), sampling=True),
    Row("top_logprobs", Kind.INTEGER, least=0, neutral=(0,), sampling=True, by_hand=True),
    Row("max_tokens", Kind.INTEGER, "max_output_tokens", least=1, by_hand=True),
    Row("parallel_tool_calls", Kind.BOOLEAN, by_hand=True),
    Row("user", Kind.TEXT),
    Row("metadata", Kind.TEXTS_BY_NAME, neutral=({},)),
    Row("store", Kind.BOOLEAN, by_hand=True),
    Row("prompt_cache_key", Kind.TEXT),
    Row("prompt_cache_retention", Kind.TEXT),
    Row("safety_identifier", Kind.TEXT),
    Row("service_tier", Kind.TEXT, neutral=("auto", "default"), by_hand=True),
)
SIMPLE = spelled(ROWS)
PARAMETERS = names(ROWS) | {
    "include",
    "input",
    "instructions",
    "max_tool_calls",
    "model",
    "reasoning",
    "stream",
    "text",
    "text.verbosity",
    "tool_choice",
    "tools",
}
"""`ResponseCreateParamsBase` of the openai SDK, less what the hub carries in `extra`."""
HOLDERS = ("reasoning", "text", "stream_options")
"""Fields that hold others. A member of one that the hub does not know is an extra under both names, with a point."""
SAMPLING = sampling(ROWS)
NEUTRAL: dict[str, tuple[object, ...]] = {
    **neutral(ROWS),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
    "n": (1,),
}
"""Of chat's parameters, too, which the protocol has not."""
ENCRYPTED = "reasoning.encrypted_content"
"""The word of `include` that asks for reasoning state that outlives the answer without being stored."""
LOGPROBS = "message.output_text.logprobs"
"""That which asks for log-probabilities."""
OTHERS_SUMMARY = "only the vendor and the account that made this summary can read it"
"""Refuses a conversation's summary (`compaction`) that was made under another credential."""
TOOL_MODES: dict[str, ToolMode] = {"none": ToolMode.NONE, "auto": ToolMode.AUTO, "required": ToolMode.REQUIRED}
TOOL_CHOICES: dict[ToolMode, str] = {mode: word for word, mode in TOOL_MODES.items()}
HOSTED_KINDS: dict[str, str] = {
    "web_search": "web_search",
    "web_search_2025_08_26": "web_search",
    "web_search_preview": "web_search",
    "web_search_preview_2025_03_11": "web_search",
    "code_interpreter": "code_execution",
    "code_execution": "code_execution",  # xAI's other word
    "mcp": "mcp",
    "x_search": "x_search",  # xAI
    "file_search": "file_search",
    "image_generation": "image_generation",
    "tool_search": "tool_search",
    "computer": "computer",
    "computer_use_preview": "computer",
    "local_shell": "bash",
    "shell": "bash",
    "apply_patch": "text_editor",
}
"""`type` of a tool that is neither a function nor custom -> hub kind; another type is "other"."""
HOSTED_TOOLS: dict[str, dict[str, object]] = {
    "web_search": {"type": "web_search"},
    "code_execution": {"type": "code_interpreter", "container": {"type": "auto"}},
    "mcp": {"type": "mcp", "require_approval": "never"},
}
"""How a vendor-run tool that other protocols have too is declared: hub kind -> declaration. MCP calls need no approval
there, so they need none here."""
CALL_KINDS: dict[str, str] = {
    "web_search_call": "web_search",
    "code_interpreter_call": "code_execution",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcp",
    "file_search_call": "file_search",
    "image_generation_call": "image_generation",
    "tool_search_call": "tool_search",
    "x_search_call": "x_search",  # xAI
    "code_execution_call": "code_execution",  # xAI's other word
}
"""`type` of an output item that tells what a vendor-run tool did -> hub kind."""
SEARCHES = frozenset({"x_keyword_search", "x_semantic_search", "x_user_search", "x_thread_fetch", "view_x_video"})
"""Names of xAI's own searches, which come as `custom_tool_call` and wait for no output (vercel/ai#10523, #10607)."""
CALLED_TYPES: dict[str, str] = {kind: word for word, kind in reversed(CALL_KINDS.items())}
"""Hub kind -> the item's `type`."""
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
AUDIO_TYPES: dict[str, str] = {"wav": "audio/wav", "mp3": "audio/mpeg"}
FILE_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "xml": "text/xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""A file name's ending -> media type, for `file_data` that is no data URL."""
DEFAULT_FILE_TYPE = "application/pdf"
OWN = "_ic_"
"""After the item's prefix. No vendor's id has it: theirs are a prefix and hex digits, or a UUID."""


def own_id(prefix: str, request_id: str, number: int) -> str:
    return f"{prefix}{OWN}{request_id}{number:02x}"


def is_own(identity: Any) -> bool:
    return isinstance(identity, str) and OWN in identity
