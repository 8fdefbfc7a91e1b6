"""One judgement of a vendor's failure, for every family and both lanes: what the caller is told, whether to try again,
whether another route is asked, and which cause the operator's metric counts.

Nothing about the operator (accounts, quotas, hosts, libraries) reaches a caller; the log has it (`exchange.refused`).
"""

from __future__ import annotations

from collections.abc import Mapping

from interchange.dataclass import replace
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.verdict import BLAMES, Blame, Cause, Verdict
from interchange.protocols.refusals import ABOUT_AN_OBJECT, CODES, PAUSED, WORDS

from .confidential import leaks, names_operator, redacted

OURS: Mapping[str, Cause] = {
    "upstream_unreachable": Cause.UNREACHABLE,
    "upstream_silent": Cause.SILENT,
    "upstream_cut": Cause.UNREACHABLE,
    "upstream_malformed": Cause.MALFORMED,
    "upstream_truncated": Cause.MALFORMED,
    "stream_truncated": Cause.MALFORMED,
    "bad_frame": Cause.MALFORMED,
}
"""Codes that our own reading of an answer gives."""
STATUSES: Mapping[int, Cause] = {
    **dict.fromkeys((400, 413, 415, 418, 422), Cause.REQUEST),
    **dict.fromkeys((403, 405, 406, 407, 411, 414, 417, 426, 431, 451, 495, 496, 497), Cause.ACCESS),
    401: Cause.CREDENTIAL, 402: Cause.CREDIT, 404: Cause.MODEL, 410: Cause.MODEL, 420: Cause.RATE, 429: Cause.RATE,
    498: Cause.OVERLOADED, 503: Cause.OVERLOADED, 529: Cause.OVERLOADED,
}  # fmt: skip
"""Where the words do not say. The request's own faults are few; what speaks of the way to the vendor (a proxy's, a
region's, the certificate's) is the operator's; 498 is Groq's for no capacity (console.groq.com/docs/errors). Any other
4xx (421, 423, 424, 499 ...) tells of the vendor or of what stands before it, and is a fault as a 5xx is."""
CALLERS_OWN = frozenset({400, 404, 413, 415, 422})
"""Statuses of a caller's fault that stay as they are."""
KINDS_INSIDE: Mapping[ErrorKind, Cause] = {
    ErrorKind.INVALID_REQUEST: Cause.REQUEST,
    ErrorKind.AUTHENTICATION: Cause.CREDENTIAL,
    ErrorKind.BILLING: Cause.CREDIT,
    ErrorKind.PERMISSION: Cause.ACCESS,
    ErrorKind.NOT_FOUND: Cause.MODEL,
    ErrorKind.RATE_LIMIT: Cause.RATE,
    ErrorKind.OVERLOADED: Cause.OVERLOADED,
}
"""Of an error that has no status of its own."""
NOT_AVAILABLE = "the provider of this model is not available through this gateway right now"
RETRY_SECONDS = 10.0
"""Told with a 503 where nobody knows better."""
RATE_SECONDS = 5.0
NAMED = frozenset({Cause.CONTENT, Cause.ACCESS, Cause.CREDIT})
"""Causes that stand though the refusal names a field; other words may be the caller's own, repeated."""
STANDING = frozenset(cause for cause, blame in BLAMES.items() if blame is Blame.OPERATOR)
MESSAGES: Mapping[Cause, tuple[str, str, int]] = {
    Cause.UNREACHABLE: ("the connection to the provider of this model failed", "upstream_unreachable", 502),
    Cause.SILENT: ("the provider of this model did not answer in time", "upstream_silent", 504),
    Cause.MALFORMED: ("the provider's answer broke off or could not be read", "upstream_malformed", 502),
    Cause.FAULT: ("the provider of this model failed to answer", "upstream_error", 502),
    Cause.OVERLOADED: ("the provider of this model is overloaded", "upstream_overloaded", 503),
}


def judge(failure: Failure, protocol: str, *, inside: bool = False) -> Verdict:
    """`protocol` is the route's. `inside`: the answer had a status of success, and the error stood in its place. What
    the gateway itself refused is the request's fault."""
    return Verdict(_cause(failure, protocol), inside)


def _cause(failure: Failure, protocol: str) -> Cause:
    if failure.code is not None and failure.code in OURS:
        return OURS[failure.code]
    if not failure.upstream:
        return Cause.FAULT if failure.kind is ErrorKind.TIMEOUT else Cause.REQUEST
    status = failure.status
    if status is not None and not 400 <= status <= 599:
        return Cause.MALFORMED
    coded = CODES.get(failure.code or "")
    if coded in STANDING and status not in (None, 400, 404, 429):
        return coded  # whatever status it comes with
    if status is not None and status >= 500:
        return STATUSES.get(status, Cause.FAULT)
    cause = coded or _worded(failure.message)
    if cause is Cause.CREDIT and protocol in PAUSED and failure.retry_after is not None:
        return Cause.RATE
    if status == 400 and failure.param and failure.code not in CODES and cause not in NAMED:
        return Cause.REQUEST  # a field is named; the words may be the caller's own
    if status is None:
        return cause or KINDS_INSIDE.get(failure.kind, Cause.FAULT)
    if status == 404 and cause in (None, Cause.MODEL) and ABOUT_AN_OBJECT.search(failure.message):
        return Cause.REQUEST
    if status in (413, 422) or (status == 429 and cause not in (Cause.CREDIT, Cause.OVERLOADED)):
        return STATUSES[status]
    if (status == 403 and cause not in (None, Cause.ACCESS)) or (status == 400 and failure.code in CODES):
        return cause or Cause.ACCESS
    return cause if status in (400, 404, 429) and cause else STATUSES.get(status, Cause.FAULT)


def _worded(message: str) -> Cause | None:
    return next((cause for pattern, cause in WORDS if pattern.search(message)), None)


def told(failure: Failure, verdict: Verdict) -> Failure:
    """The failure as the caller is to read it."""
    match verdict.blame:
        case Blame.OPERATOR:
            return _ours(failure, ErrorKind.API, NOT_AVAILABLE, "provider_unavailable", 503, RETRY_SECONDS)
        case Blame.CALLER | Blame.CONTENT:
            return _callers(failure, verdict)
        case _ if verdict.cause is Cause.RATE:
            message = "the provider of this model limits its requests right now; try again later"
            return _ours(failure, ErrorKind.RATE_LIMIT, message, "rate_limit_exceeded", 429, RATE_SECONDS)
        case _:
            return _passing(failure, verdict.cause)


def _callers(failure: Failure, verdict: Verdict) -> Failure:
    if not failure.upstream:
        return failure
    headers = {name: value for name, value in failure.headers.items() if name != "x-should-retry"}
    said = replace(failure, message=redacted(failure.message), code=_code(failure.code), headers=headers)
    if verdict.blame is Blame.CONTENT:
        code = said.code if said.code in CODES else "content_filter"
        return replace(said, kind=ErrorKind.INVALID_REQUEST, status=400, code=code)
    status = failure.status if failure.status in CALLERS_OWN else 400
    kind = failure.kind if failure.status in CALLERS_OWN else ErrorKind.INVALID_REQUEST
    return replace(said, kind=kind, status=status)


def _code(code: str | None) -> str | None:
    """A vendor's code, where it is a word of its own: no id, no place, and none of the operator's troubles
    (`insufficient_quota` is what we say of a caller's balance)."""
    hidden = code is None or code.isdigit() or CODES.get(code) in STANDING or names_operator(code)
    return None if hidden else code


def _passing(failure: Failure, cause: Cause) -> Failure:
    message, code, status = MESSAGES[cause]
    if failure.upstream and failure.code not in OURS and not leaks(failure.message) and cause is not Cause.MALFORMED:
        message, code = failure.message, _code(failure.code) or code
    if failure.upstream and failure.status is not None and 500 <= failure.status <= 599:
        status = failure.status
    kind = ErrorKind.OVERLOADED if cause is Cause.OVERLOADED else ErrorKind.API
    kind = ErrorKind.TIMEOUT if cause is Cause.SILENT or failure.kind is ErrorKind.TIMEOUT else kind
    return _ours(failure, kind, message, code, status, None)


def _ours(
    failure: Failure, kind: ErrorKind, message: str, code: str, status: int, retry_after: float | None
) -> Failure:
    headers = {name: value for name, value in failure.headers.items() if name == "retry-after"}
    after = failure.retry_after if failure.retry_after is not None or headers else retry_after
    return Failure(
        kind, message, code=code, status=status, retry_after=after, request_id=failure.request_id, headers=headers,
        upstream=True,
    )  # fmt: skip
