"""Chat completions' words, in both directions. Source: the openai SDK's types (`types/chat`), and recorded traffic."""

from __future__ import annotations

from interchange.hub.events import StopReason
from interchange.hub.request import ToolMode
from interchange.protocols.parameters import Kind, Row, names, neutral, sampling, spelled

PROTOCOL = "openai_chat"
STOP_REASONS: dict[str, StopReason] = {
    "stop": StopReason.END,
    "length": StopReason.MAX_TOKENS,
    "tool_calls": StopReason.TOOL_USE,
    "function_call": StopReason.TOOL_USE,
    "content_filter": StopReason.CONTENT_FILTER,
    "end_turn": StopReason.END,  # xAI, on some agentic answers
    **dict.fromkeys(("eos", "eos_token", "complete"), StopReason.END),  # compatible servers (Together, Cohere)
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "model_length": StopReason.CONTEXT_WINDOW,  # Mistral
}
FINISH_REASONS: dict[StopReason, str] = {
    StopReason.END: "stop",
    StopReason.MAX_TOKENS: "length",
    StopReason.STOP_SEQUENCE: "stop",
    StopReason.TOOL_USE: "tool_calls",
    StopReason.REFUSAL: "content_filter",
    StopReason.CONTENT_FILTER: "content_filter",
    StopReason.PAUSE: "stop",
    StopReason.CONTEXT_WINDOW: "length",
    StopReason.COMPACTION: "length",
    StopReason.MALFORMED_TOOL_CALL: "content_filter",
    StopReason.OTHER: "content_filter",
}
"""Only words of the SDK's literal type. An end that is no known good one must not look like a success."""
CUT_SHORT = frozenset(
    {
        StopReason.MAX_TOKENS,
        StopReason.CONTENT_FILTER,
        StopReason.CONTEXT_WINDOW,
        StopReason.REFUSAL,
        StopReason.MALFORMED_TOOL_CALL,
    }
)
"""Reasons that stand although tools were called; every other answer with a tool call ended for the tool."""
ROWS = (
    Row("temperature", Kind.NUMBER, neutral=(1,), sampling=True),
    Row("top_p", Kind.NUMBER, neutral=(1,), sampling=True),
    Row("top_k", Kind.INTEGER, least=0),
    Row("min_p", Kind.NUMBER),
    Row("frequency_penalty", Kind.NUMBER, neutral=(0,), sampling=True),
    Row("presence_penalty", Kind.NUMBER, neutral=(0,), sampling=True),
    Row("seed", Kind.INTEGER),
    Row("n", Kind.INTEGER, least=1, neutral=(1,)),
    Row("logprobs", Kind.BOOLEAN, neutral=(False,), sampling=True),
    Row("top_logprobs", Kind.INTEGER, least=0, neutral=(0,), sampling=True),
    Row("logit_bias", Kind.OBJECT, neutral=({},), sampling=True),
    Row("verbosity", Kind.TEXT),
    Row("audio", Kind.OBJECT),
    Row("user", Kind.TEXT),
    Row("metadata", Kind.TEXTS_BY_NAME, neutral=({},)),
    Row("store", Kind.BOOLEAN, neutral=(False,)),
    Row("prompt_cache_key", Kind.TEXT),
    Row("prompt_cache_retention", Kind.TEXT),
    Row("safety_identifier", Kind.TEXT),
    Row("service_tier", Kind.TEXT, neutral=("auto", "default"), by_hand=True),
    Row("parallel_tool_calls", Kind.BOOLEAN, by_hand=True),
)
"""Sampling is what OpenAI's reasoning models refuse: recorded 400s `Unsupported parameter`, and
platform.openai.com/docs/guides/reasoning."""
SIMPLE = spelled(ROWS)
SAMPLING = sampling(ROWS)
NEUTRAL: dict[str, tuple[object, ...]] = {**neutral(ROWS), "modalities": (("text",),)}
PARAMETERS = (names(ROWS) - {"top_k", "min_p"}) | {
    "max_tokens",
    "max_completion_tokens",
    "modalities",
    "reasoning_effort",
    "response_format",
    "stop",
    "tool_choice",
    "tools",
    "web_search_options",
}
"""`CompletionCreateParamsBase` of the openai SDK, less what the hub carries in `extra`."""
TOOL_MODES: dict[str, ToolMode] = {
    "none": ToolMode.NONE,
    "auto": ToolMode.AUTO,
    "required": ToolMode.REQUIRED,
    "any": ToolMode.REQUIRED,  # Mistral's word
}
TOOL_CHOICES: dict[ToolMode, str] = {ToolMode.NONE: "none", ToolMode.AUTO: "auto", ToolMode.REQUIRED: "required"}
HOSTED_KINDS: dict[str, str] = {
    "web_search": "web_search",
    "web_search_preview": "web_search",
    "openrouter:web_search": "web_search",
    "browser_search": "web_search",
    "code_interpreter": "code_execution",
    "code_execution": "code_execution",
    "mcp": "mcp",
    "x_search": "x_search",
    "file_search": "file_search",
    "image_generation": "image_generation",
    "computer_use_preview": "computer",
}
"""`type` of a tool that is neither a function nor custom -> hub kind; another type is "other"."""
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Recorded 400: "one the following formats: ['png', 'jpeg', 'gif', 'webp']"."""
AUDIO_TYPES: dict[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "pcm16": "audio/pcm",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
}
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
BROKEN = "error"
"""OpenRouter's finish reason where the vendor behind it broke: https://openrouter.ai/docs/api-reference/overview"""
