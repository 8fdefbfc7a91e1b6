"""Decides which of a vendor's error bytes a caller of the same protocol may see as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.hub.failure import Failure
from interchange.hub.full_context import CODE, MARKS
from interchange.hub.verdict import Blame, Cause, Verdict
from interchange.protocols.refusals import CODES
from interchange.wire import codec

from .confidential import leaks, names_operator, redacted
from .verdict import CALLERS_OWN, STANDING

ERROR_FIELDS = frozenset({"error", "type", "request_id", "usage"})
"""What an error's object may hold beside it; another field may name the operator."""


def shown(raw: bytes | None, failure: Failure, verdict: Verdict) -> bytes | None:
    """The bytes of a refusal, where they are the caller's protocol's own, and name nothing of the operator's."""
    parsed = _object(raw)
    if raw is None or parsed is None or failure.status is None or failure.code == "upstream_malformed":
        return None
    if not isinstance(parsed.get("error"), dict) or not isinstance(parsed["error"].get("message"), str):
        return None
    if not set(parsed) <= ERROR_FIELDS or not _known_as_full(parsed["error"], failure):
        return None
    return raw if _harmless(raw, failure, verdict) else None


def frame_shown(raw: bytes, failure: Failure, verdict: Verdict) -> bool:
    """The same of a frame that ends a stream."""
    if failure.code == CODE and not any(mark.encode() in raw for mark in (CODE, *MARKS)):
        return False
    parsed = _object(raw)
    if parsed is None or failure.code == "upstream_malformed" or not _says_failure(parsed):
        return False
    return _harmless(raw, failure, verdict)


def _says_failure(parsed: Mapping[str, Any]) -> bool:
    """True for an event that a client of the protocol takes for the failure that it is: an error inside a choice is
    none to the stock SDKs, and a cancelled answer none at all."""
    if parsed.get("type") in ("error", "response.failed"):
        return True
    return isinstance(parsed.get("error"), dict)


def _known_as_full(error: dict[str, Any], failure: Failure) -> bool:
    """False for a full context that its vendor tells in words of its own: clients look for the protocol's."""
    if failure.code != CODE:
        return True
    return error["code"] == CODE if "code" in error else any(mark in error["message"] for mark in MARKS)


def _harmless(raw: bytes, failure: Failure, verdict: Verdict) -> bool:
    text = raw.decode("utf-8", "replace")
    parsed = _object(raw)
    if redacted(text) != text or any(_hidden(word) for word in _beside(parsed, failure.message)):
        return False
    if verdict.blame is Blame.CALLER:
        return failure.status is None or failure.status in CALLERS_OWN
    if verdict.blame is Blame.CONTENT:
        return failure.status in (None, 400)
    served = failure.status is None or 500 <= failure.status <= 599
    return verdict.cause in (Cause.OVERLOADED, Cause.FAULT) and served and not leaks(failure.message)


def _hidden(word: str) -> bool:
    return CODES.get(word) in STANDING or names_operator(word)


def _beside(value: Any, message: str) -> Iterator[str]:
    """The texts of an error beside its message."""
    left = [value]
    while left:
        match left.pop():
            case str(text) if text != message:
                yield text
            case dict() as found:
                left += found.values()
            case list() as found:
                left += found
            case _:
                pass  # no text


def _object(raw: bytes | None) -> dict[str, Any] | None:
    try:
        found = codec.loads(raw or b"")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
