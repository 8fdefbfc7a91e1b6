"""The words of vendors' refusals: which of them speak of the operator's account, of the content, of a limit.

Statuses do not tell: an empty purse is 400 at Anthropic, 429 at OpenAI, 403 at xAI; a refused prompt is 403 at xAI.
Sources: the `error` types of the vendors' SDKs, docs.anthropic.com/en/api/errors, platform.openai.com/docs/guides/
error-codes, ai.google.dev/gemini-api/docs/troubleshooting, docs.x.ai/docs/key-information/debugging,
docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html, and the refusals that
tests/recordings keeps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from interchange.hub.failure import Failure
from interchange.hub.verdict import Cause

CODES: Mapping[str, Cause] = {
    "insufficient_quota": Cause.CREDIT,
    "billing_not_active": Cause.CREDIT,
    "billing_hard_limit_reached": Cause.CREDIT,
    "billing_error": Cause.CREDIT,
    "insufficient_balance": Cause.CREDIT,
    "invalid_api_key": Cause.CREDENTIAL,
    "authentication_error": Cause.CREDENTIAL,
    "account_deactivated": Cause.CREDENTIAL,
    "API_KEY_INVALID": Cause.CREDENTIAL,
    "API_KEY_EXPIRED": Cause.CREDENTIAL,
    "UNAUTHENTICATED": Cause.CREDENTIAL,
    "UnrecognizedClientException": Cause.CREDENTIAL,
    "ExpiredTokenException": Cause.CREDENTIAL,
    "InvalidSignatureException": Cause.CREDENTIAL,
    "permission_error": Cause.ACCESS,
    "invalid_organization": Cause.ACCESS,
    "mismatched_organization": Cause.ACCESS,
    "mismatched_project": Cause.ACCESS,
    "organization_restricted": Cause.ACCESS,
    "ip_not_authorized": Cause.ACCESS,
    "unsupported_country_region_territory": Cause.ACCESS,
    "SERVICE_DISABLED": Cause.ACCESS,
    "CONSUMER_SUSPENDED": Cause.ACCESS,
    "AccessDeniedException": Cause.ACCESS,
    "model_not_found": Cause.MODEL,
    "model_not_available": Cause.MODEL,
    "model_decommissioned": Cause.MODEL,
    "model_deprecated": Cause.MODEL,
    "DeploymentNotFound": Cause.MODEL,
    "ResourceNotFoundException": Cause.MODEL,
    "content_policy_violation": Cause.CONTENT,
    "content_filter": Cause.CONTENT,
    "moderation_blocked": Cause.CONTENT,
    "image_content_policy_violation": Cause.CONTENT,
    "bio_policy": Cause.CONTENT,
    "misalignment_policy_violation": Cause.CONTENT,
    "ResponsibleAIPolicyViolation": Cause.CONTENT,
    "rate_limit_exceeded": Cause.RATE,
    "rate_limit_error": Cause.RATE,
    "ThrottlingException": Cause.RATE,
    "overloaded_error": Cause.OVERLOADED,
    "server_is_overloaded": Cause.OVERLOADED,
    "overloaded": Cause.OVERLOADED,
    "slow_down": Cause.OVERLOADED,
    "UNAVAILABLE": Cause.OVERLOADED,
    "ModelNotReadyException": Cause.OVERLOADED,
    "context_length_exceeded": Cause.REQUEST,
    "previous_response_not_found": Cause.REQUEST,
}
"""By the error's own code, in the vendor's spelling."""


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


WORDS: tuple[tuple[re.Pattern[str], Cause], ...] = (
    (
        _any(
            r"violates? (?:our |the )?usage guidelines", r"content[ _](?:management )?policy", r"content filter",
            r"usage polic", r"safety[ _](?:system|check)", r"responsible ai", r"flagged as potentially violating",
        ),
        Cause.CONTENT,
    ),
    (
        _any(
            r"credit balance", r"purchase credits", r"(?:out of|used all (?:available )?|no|any|add|more) credits",
            r"insufficient (?:balance|credits?|funds|quota)", r"exceeded your current quota", r"plan and billing",
            r"billing (?:details|account|to be enabled|is (?:not active|disabled))", r"enable billing",
            r"monthly spending limit", r"spend(?:ing)? limit", r"usage limits?\b.*regain access", r"billing hard limit",
            r"requires? (?:more credits|payment)", r"payment required", r"prepaid balance",
        ),
        Cause.CREDIT,
    ),
    (
        _any(
            r"(?:incorrect|invalid|expired|missing|wrong|revoked|no) (?:api|access|auth\w*)[ -]?(?:key|token|cred)",
            r"api key (?:is |was |has )?(?:not valid|invalid|expired|been|not found|disabled)", r"valid api key",
            r"api keys? (?:are|is) not supported", r"invalid x-api-key", r"invalid bearer", r"auth\w* credentials",
            r"unregistered callers", r"signature (?:expired|we calculated)", r"security token",
            r"invalid subscription key", r"(?:account|api key|user) .{0,40}deactivated",
        ),
        Cause.CREDENTIAL,
    ),
    (
        _any(
            r"location is not supported", r"country, region", r"(?:region|country|territory) (?:is )?not supported",
            r"organi[sz]ation (?:must be verified|has been|is |does not|not found)", r"not a member of",
            r"must be verified", r"verify organi", r"project .{0,80}(?:has been|does not have access|not found|is not)",
            r"has not been used in project", r"don.t have access to the model", r"not allowed to sample",
            r"account (?:is |has been )?(?:disabled|suspended|restricted|blocked)", r"not authorized to perform",
        ),
        Cause.ACCESS,
    ),
    (
        _any(
            r"the (?:requested )?model\b.{0,160}(?:does not exist|not (?:be )?found|deprecated|decommissioned|"
            r"no longer (?:accessible|available|supported)|retired)",
            r"^model: \S+$", r"models/\S+ is not found", r"publisher model\b.* not found", r"not a valid model",
            r"model (?:identifier|id) is (?:invalid|not)", r"on-demand throughput isn", r"end of its life",
            r"no endpoints found", r"deployment .{0,60}does not exist", r"unknown model", r"model .{0,80}not found",
            r"model .{0,100}(?:has been|was) (?:deprecated|retired|decommissioned|removed|shut ?down)",
        ),
        Cause.MODEL,
    ),
    (_any(r"overloaded", r"at capacity", r"no capacity"), Cause.OVERLOADED),
    (_any(r"rate[ -]limit", r"too many requests", r"resource exhausted", r"throttl"), Cause.RATE),
)  # fmt: skip
"""By what the message says; the first that matches counts."""
ABOUT_AN_OBJECT = _any(
    r"no such (?:file|object|container|conversation|prompt|vector)", r"response with id", r"file\S* .{0,60}not found",
    r"item with id", r"cachedcontent", r"is not supported (?:in|with|by) this model", r"not a chat model",
    r"not supported in the v1/", r"container .{0,60}not found", r"conversation .{0,60}not found",
)  # fmt: skip
"""Of a 404: something that the caller named, other than the model."""
PAUSED = frozenset({"gemini"})
"""Protocols whose vendor says "exceeded your current quota" for a minute's limit too, with the seconds to wait:
https://ai.google.dev/gemini-api/docs/rate-limits."""

ABOUT_STATE = _any(
    r"encrypted[ _]content .{0,120}(?:could not|cannot|can't|invalid|not be|fail|mismatch)",
    r"(?:invalid|could not|failed|cannot|unable).{0,60} encrypted[ _](?:content|reasoning)",
    r"invalid `?(?:signature|data)`? in `?(?:thinking|redacted_thinking)`?",
    r"`?(?:thinking|redacted_thinking)`? (?:or `?redacted_thinking`? )?blocks?\b.{0,80}cannot be modified",
    r"(?:expected|must start with) (?:a )?`?(?:thinking|redacted_thinking)`?",
    r"thinking\.signature\b", r"thought[ _]?signature", r"corrupted thought",
    r"item with id ['\"]?rs_\w+['\"]? (?:was )?not found",
    r"of type ['\"]?(?:reasoning|function_call|message)['\"]? was provided without its required",
)  # fmt: skip
"""Of a 400: reasoning state of the history, or its place, that the vendor does not take back. Sources:
openai/codex#8119 and pydantic/pydantic-ai#4621 (`invalid_encrypted_content`), BerriAI/litellm#23047 (thinking blocks),
https://ai.google.dev/gemini-api/docs/thought-signatures."""
STATE_CODES = frozenset({"invalid_encrypted_content", "thinking_signature_invalid"})


ABOUT_SUMMARY = _any(r"must be verified to generate reasoning summar")
"""Of a 400 about `reasoning.summary`: OpenAI makes summaries for verified organisations alone
(continuedev/continue#12031, OpenHands/software-agent-sdk#987; windmill-labs/windmill#10147 asks again without)."""


def refuses_summary(failure: Failure) -> bool:
    """True where the request may be taken without its wish to see the reasoning."""
    return failure.upstream and failure.status in (None, 400) and bool(ABOUT_SUMMARY.search(failure.message))


def refuses_state(failure: Failure) -> bool:
    """True where the request may be taken without the reasoning state of its history."""
    if not failure.upstream or failure.status not in (None, 400, 404, 422):
        return False
    return failure.code in STATE_CODES or bool(ABOUT_STATE.search(failure.message))
