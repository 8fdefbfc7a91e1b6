"""Keeps the operator's ids, keys, addresses, libraries and bills out of the vendor's words that a customer reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from interchange.dataclass import replace
from interchange.hub.failure import Failure
from interchange.upstream.call import Outgoing

_ID = re.compile(
    r"\b(?:org|proj|acct|team|user|ws|key|sess|cust|sub|prj)[-_](?:(?=[\w-]*\d)[A-Za-z0-9][\w-]{3,}|[A-Za-z]{16,})"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?:sk|pk|rk|csk|xai|gsk|pplx|fw|hf|r8|nvapi|ghp|glpat|tgp)[-_]"
    r"(?=[\w*.-]{6,})(?:[A-Za-z0-9_.-]*[\d*][\w*.-]*|[A-Za-z]{16,})"
    r"|\b(?:AIza|AKIA|ASIA|ABSK|eyJ|ya29\.|AQ\.|dapi)[\w.*-]{8,}"
    r"|(?<![\w-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}(?![\w-])"
    r"|\barn:aws[\w-]*:[^\s\"']+"
    r"|\bprojects?/[\w.:-]+"
    r"|\b\d{12}\b",
)
"""Ids and keys as the vendors' consoles make them: OpenAI, Anthropic, OpenRouter, DeepSeek (sk), Cerebras (csk), xAI,
Groq (gsk), Perplexity, Fireworks, Hugging Face, Replicate (r8), NVIDIA, Together (tgp), Google (AIza, AQ., ya29.), AWS
(AKIA, ASIA, ABSK of Bedrock), Databricks, JSON web tokens (eyJ), and others' plain 32 and more letters and digits.
A digit, a star or a length must be in it: `user_name` and `key-value` are words of a caller's own schema."""
_NAMED = re.compile(
    r"(?i)\b((?:organi[sz]ation|project|team|workspace|account|tenant|api key)(?: ids?| number)?)"
    r"(\s*[:=#]?\s*[\"'`(]?)(?=[\w.-]*\d)[\w.-]{3,}"
)
_PLACE = re.compile(
    r"(?i)https?://|\b\d{1,3}(?:\.\d{1,3}){3}\b|\blocalhost\b|\[[0-9a-f:]{3,}\]"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|ai|dev|internal|local|cloud|app|test|example)\b|:\d{2,5}\b"
)
_LIBRARY = re.compile(
    r"(?i)aiohttp|urllib|httpx|requests\.|asyncio|\b\w+(?:Error|Exception|Fault)\b(?=[:(\s]|$)|traceback|errno|ssl:"
)
_HTML = re.compile(r"(?i)<\s*(?:!doctype|html|head|body|title|center|h\d)\b")
_BILL = re.compile(r"(?i)\bbilling\b|\bquota\b|credit balance|\bcredits\b|\bpayment\b|\bsubscription\b|organi[sz]ation")
LONGEST = 500


def leaks(text: str) -> bool:
    """True where the words of a vendor's own fault name what is nobody's business outside."""
    found = (_ID, _NAMED, _PLACE, _LIBRARY, _HTML, _BILL)
    return len(text) > LONGEST or any(pattern.search(text) for pattern in found)


_MODULE = re.compile(r"(?i)aiohttp|urllib|httpx|requests\.|asyncio|botocore|traceback|errno|\bssl:")


def names_operator(text: str) -> bool:
    """True for a word beside the message (a code, a type, a vendor's extra field) that is nobody's business outside. A
    code may end in Error, as a library's exception does."""
    found = (_ID, _NAMED, _PLACE, _HTML, _BILL, _MODULE)
    return len(text) > LONGEST or any(pattern.search(text) for pattern in found)


def redacted(text: str) -> str:
    """The words without ids. What a caller's request named itself (a URL, a file) stays."""
    if _HTML.search(text):
        return "the provider refused the request"
    return _ID.sub("[id]", _NAMED.sub(r"\1\2[id]", text))


CREDENTIAL_HEADERS = frozenset(
    {"authorization", "x-api-key", "x-goog-api-key", "api-key", "x-amz-security-token", "proxy-authorization"}
)
_EVERYDAY = re.compile(r"AWS4-HMAC-SHA256|SignedHeaders=.*|\d{4}-\d\d-\d\d|[a-z]+/[a-z+.-]+|\*/\*")
OF_A_CONNECTION = frozenset({"upstream_unreachable", "upstream_silent", "upstream_cut"})
SHORTEST = 6
"""Characters of a secret that is looked for: a shorter one would be found in any text."""


def secrets_of(outgoing: Outgoing, own: Mapping[str, str]) -> tuple[str, ...]:
    """Everything of the operator's that one request showed to its vendor: credentials, the headers that the operator
    chose (`own`), the vendor's address as the operator has it. The longest first."""
    shown = [value for name, value in outgoing.headers.items() if name.lower() in CREDENTIAL_HEADERS or name in own]
    words = [word.rstrip(",") for value in shown for word in value.split() if not _plain(word)]
    address = urlsplit(outgoing.url)
    return tuple(sorted({*words, address.netloc, address.hostname or ""} - {""}, key=len, reverse=True))


def _plain(word: str) -> bool:
    """True for words that are nobody's secret: a scheme, a date, a media type."""
    return len(word) < SHORTEST or word.lower() == "bearer" or bool(_EVERYDAY.fullmatch(word))


def holds(text: str | bytes, secrets: Sequence[str]) -> bool:
    return any((one if isinstance(text, str) else one.encode()) in text for one in secrets)  # type: ignore[operator]


def without(failure: Failure, secrets: Sequence[str]) -> Failure:
    """The failure without what the request showed of the operator, for callers and for the log. What we say of a
    connection stays: the log wants its address, and no caller reads it."""
    if not failure.upstream or failure.code in OF_A_CONNECTION:
        return failure
    message, code, param = (_cut(text, secrets) for text in (failure.message, failure.code, failure.param))
    return replace(failure, message=message or "", code=code, param=param)


def _cut(text: str | None, secrets: Sequence[str]) -> str | None:
    for one in secrets if text else ():
        text = text.replace(one, "[...]") if text else text
    return text
