"""Keeps the operator's ids, addresses, libraries and bills out of the vendor's words that a customer reads."""

from __future__ import annotations

import re

_ID = re.compile(
    r"\b(?:org|proj|acct|team|user|ws|key|sess|cust|sub|prj)[-_][A-Za-z0-9][\w-]{3,}"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b(?:sk|xai|gsk|pk|rk|AIza|AKIA|ASIA)[-_]?[A-Za-z0-9_*-]{6,}"
    r"|\barn:aws[\w-]*:[^\s\"']+"
    r"|\bprojects?/[\w.:-]+"
    r"|\b\d{12}\b",
)
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


def redacted(text: str) -> str:
    """The words without ids. What a caller's request named itself (a URL, a file) stays."""
    if _HTML.search(text):
        return "the provider refused the request"
    return _ID.sub("[id]", _NAMED.sub(r"\1\2[id]", text))
