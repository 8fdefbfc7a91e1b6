"""The words of the Gemini API, and the hub's for them.

Source: google-genai `types.py` (FinishReason, BlockedReason, ThinkingLevel, MediaModality, ToolType, ServiceTier,
TrafficType, FunctionCallingConfigMode) and google/rpc/code.proto for the statuses of errors.
"""

from __future__ import annotations

import re

from interchange.hub.events import StopReason
from interchange.hub.failure import KINDS, ErrorKind
from interchange.hub.request import ToolMode

PROTOCOL = "gemini"
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]*")
NAME_LENGTH = 128
"""`FunctionDeclaration.name` of google-genai: "Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or
contain underscores, dots, colons and dashes, with a maximum length of 128"."""
NAMESPACES = ("default_api:", "default_api.")
"""What models put before the name of a function at times: the name under which their own prompt declares it."""
FINISH: dict[str, StopReason] = {
    "STOP": StopReason.END,
    "MAX_TOKENS": StopReason.MAX_TOKENS,
    "CONTINUATION": StopReason.MAX_TOKENS,  # the limit of one request; a continuationToken comes with it
    "SAFETY": StopReason.CONTENT_FILTER,
    "RECITATION": StopReason.CONTENT_FILTER,
    "LANGUAGE": StopReason.CONTENT_FILTER,
    "BLOCKLIST": StopReason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": StopReason.CONTENT_FILTER,
    "SPII": StopReason.CONTENT_FILTER,
    "IMAGE_SAFETY": StopReason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": StopReason.CONTENT_FILTER,
    "IMAGE_RECITATION": StopReason.CONTENT_FILTER,
    "MODEL_ARMOR": StopReason.CONTENT_FILTER,
    "ESCALATION": StopReason.CONTENT_FILTER,
    "PUP_LIMITED_DISABLED": StopReason.CONTENT_FILTER,
    "MALFORMED_FUNCTION_CALL": StopReason.MALFORMED_TOOL_CALL,
    "UNEXPECTED_TOOL_CALL": StopReason.MALFORMED_TOOL_CALL,
    "FINISH_REASON_UNSPECIFIED": StopReason.OTHER,
    "OTHER": StopReason.OTHER,
    "IMAGE_OTHER": StopReason.OTHER,
    "NO_IMAGE": StopReason.OTHER,
    "TOO_MANY_TOOL_CALLS": StopReason.OTHER,
    "MISSING_THOUGHT_SIGNATURE": StopReason.OTHER,
    "MALFORMED_RESPONSE": StopReason.OTHER,
}
PLAIN_FINISH = frozenset({"STOP", "MAX_TOKENS"})
"""Reasons that the hub's word says wholly; the others keep theirs in `Stop.detail`."""
STATUS: dict[str, ErrorKind] = {
    "INVALID_ARGUMENT": ErrorKind.INVALID_REQUEST,
    "FAILED_PRECONDITION": ErrorKind.INVALID_REQUEST,
    "OUT_OF_RANGE": ErrorKind.INVALID_REQUEST,
    "UNIMPLEMENTED": ErrorKind.INVALID_REQUEST,
    "UNAUTHENTICATED": ErrorKind.AUTHENTICATION,
    "PERMISSION_DENIED": ErrorKind.PERMISSION,
    "NOT_FOUND": ErrorKind.NOT_FOUND,
    "ALREADY_EXISTS": ErrorKind.CONFLICT,
    "ABORTED": ErrorKind.CONFLICT,
    "RESOURCE_EXHAUSTED": ErrorKind.RATE_LIMIT,
    "DEADLINE_EXCEEDED": ErrorKind.TIMEOUT,
    "UNAVAILABLE": ErrorKind.OVERLOADED,
    "INTERNAL": ErrorKind.API,
    "UNKNOWN": ErrorKind.API,
    "DATA_LOSS": ErrorKind.API,
    "CANCELLED": ErrorKind.API,
}
HTTP_STATUS: dict[int, ErrorKind] = {**KINDS, 499: ErrorKind.API}
"""For answers without a status word (a proxy's page)."""
MODE: dict[ToolMode, str] = {
    ToolMode.AUTO: "AUTO",
    ToolMode.NONE: "NONE",
    ToolMode.REQUIRED: "ANY",
    ToolMode.NAMED: "ANY",
}
HOSTED_TOOL: dict[str, str] = {
    "web_search": "googleSearch",
    "code_execution": "codeExecution",
    "web_fetch": "urlContext",
}
"""Vendor-run tools by hub kind. The others have no counterpart."""
TOOL_TYPE: dict[str, str] = {
    "GOOGLE_SEARCH_WEB": "web_search",
    "GOOGLE_SEARCH_IMAGE": "web_search",
    "URL_CONTEXT": "web_fetch",
    "FILE_SEARCH": "file_search",
}
"""`toolCall.toolType` to hub kind; "other" for the rest."""
LEVELS: tuple[str, ...] = ("minimal", "low", "medium", "high", "xhigh")
"""`thinkingLevel`, weakest first; the wire has them in capitals."""
EFFORT_LEVEL: dict[str, str] = {**{level: level for level in LEVELS}, "none": "minimal", "max": "xhigh"}
EFFORT_BUDGET: dict[str, int] = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
"""Google's own table for `reasoning_effort`: https://ai.google.dev/gemini-api/docs/openai#thinking. Stronger words
take the model's greatest budget."""
SERVICE_TIER: dict[str, str] = {
    "default": "standard",
    "standard_only": "standard",
    "flex": "flex",
    "priority": "priority",
}
SERVED_TIER: dict[str, str] = {
    "standard": "default",
    "flex": "flex",
    "priority": "priority",
    "ON_DEMAND": "default",
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
}
"""`usageMetadata.serviceTier` (AI Studio) and `.trafficType` (Vertex)."""
SKIP_SIGNATURE = "skip_thought_signature_validator"
"""What Google documents for a call that cannot have a signature (another model's, or one whose signature was lost):
https://ai.google.dev/gemini-api/docs/thought-signatures#faqs"""
AUDIO_FORMAT: dict[str, str] = {
    "audio/l16": "pcm16",
    "audio/pcm": "pcm16",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/flac": "flac",
}
AUDIO_TYPE: dict[str, str] = {
    "wav": "audio/wav",
    "mp3": "audio/mp3",
    "pcm16": "audio/l16",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "flac": "audio/flac",
    "aiff": "audio/aiff",
    "m4a": "audio/mp4",
    "webm": "audio/webm",
}
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"})
"""https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats; microsoft/vscode#286628: "Unsupported
MIME type: image/gif"."""
DOCUMENT_TYPES = frozenset({"application/pdf", "application/x-javascript", "application/x-python"})
"""And text of any kind. https://ai.google.dev/gemini-api/docs/document-processing"""
SPOKEN_TYPES = frozenset({"application/json", "application/xml", "application/yaml", "application/x-yaml"})
"""Text that is no `text/...`: goes as text."""
SUFFIX_TYPE: dict[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "heic": "image/heic",
    "heif": "image/heif",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "mp3": "audio/mp3",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
}
"""`fileData.mimeType` by the URL's ending, where the caller did not say."""
