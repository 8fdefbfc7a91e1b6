"""Bedrock's words. Source: the bedrock-runtime service model (Converse, ConverseStream) in botocore."""

from __future__ import annotations

from interchange.hub.events import StopReason
from interchange.hub.failure import KINDS, ErrorKind

PROTOCOL = "bedrock_converse"
STOP_REASONS: dict[str, StopReason] = {
    "end_turn": StopReason.END,
    "tool_use": StopReason.TOOL_USE,
    "max_tokens": StopReason.MAX_TOKENS,
    "stop_sequence": StopReason.STOP_SEQUENCE,
    "guardrail_intervened": StopReason.CONTENT_FILTER,
    "content_filtered": StopReason.CONTENT_FILTER,
    "malformed_model_output": StopReason.OTHER,
    "malformed_tool_use": StopReason.MALFORMED_TOOL_CALL,
    "model_context_window_exceeded": StopReason.CONTEXT_WINDOW,
}
ERROR_KINDS: dict[str, ErrorKind] = {
    "ValidationException": ErrorKind.INVALID_REQUEST,
    "AccessDeniedException": ErrorKind.PERMISSION,
    "UnrecognizedClientException": ErrorKind.AUTHENTICATION,
    "ExpiredTokenException": ErrorKind.AUTHENTICATION,
    "ResourceNotFoundException": ErrorKind.NOT_FOUND,
    "ThrottlingException": ErrorKind.RATE_LIMIT,
    "ServiceQuotaExceededException": ErrorKind.RATE_LIMIT,
    "ModelTimeoutException": ErrorKind.TIMEOUT,
    "ModelNotReadyException": ErrorKind.OVERLOADED,
    "ServiceUnavailableException": ErrorKind.OVERLOADED,
    "InternalServerException": ErrorKind.API,
    "ModelErrorException": ErrorKind.API,
    "ModelStreamErrorException": ErrorKind.API,
}
STATUS_KINDS: dict[int, ErrorKind] = {**KINDS, 424: ErrorKind.API}
IMAGE_FORMATS = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp"}
DOCUMENT_FORMATS = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
AUDIO_FORMATS = frozenset({"mp3", "wav", "aac", "flac", "ogg", "opus", "m4a", "webm", "pcm"})
INFERENCE = {"max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP"}
"""Hub field -> member of inferenceConfig."""
KNOWN = frozenset(INFERENCE) | {"top_k", "metadata"}
"""Request fields that are written, beside those that every client reads."""
EFFORT_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 24576, "max": 32768}
"""Thinking budgets in tokens for models that take a budget, not an effort."""
LEAST_BUDGET = 1024
"""https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html"""
