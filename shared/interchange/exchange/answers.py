"""Answers that every endpoint gives: failures in the caller's protocol, and the headers that all share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.hub.failure import Failure
from interchange.hub.losses import Losses
from interchange.wire import codec

from .http import Answer
from .lane import ErrorWriter


def refuse(server: ErrorWriter, failure: Failure, headers: Mapping[str, str]) -> Answer:
    """The failure in the caller's protocol."""
    if "x-interchange-request-id" in headers:
        failure = replace(failure, request_id=headers["x-interchange-request-id"])
    status, body = server.write_failure(failure)
    told = {**retry_headers(failure, status), **(server.write_rates(failure.rates) if failure.rates else {})}
    return Answer(status, {**headers, **told, "content-type": "application/json"}, codec.dumps(body))


def base_headers(request_id: str) -> dict[str, str]:
    """The stock SDKs read `x-request-id` (OpenAI) and `request-id` (Anthropic)."""
    return {
        "x-interchange-request-id": request_id,
        "x-request-id": request_id,
        "request-id": request_id,
    }


FINAL = frozenset({400, 401, 402, 403, 404, 413, 422})
"""Statuses that the same request will always be answered with. The stock SDKs and Claude Code read `x-should-retry`
before they look at a status, and repeat nothing that says "false"."""


WAIT = re.compile(
    r"[0-9]{1,9}(?:\.[0-9]{1,6})?|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
)
"""RFC 9110, 10.2.3: seconds (some vendors write fractions), or a date."""


def retry_headers(failure: Failure, status: int) -> dict[str, str]:
    """`retry-after` in whole seconds, rounded up; and that a final refusal is final."""
    after = failure.headers.get("retry-after", "")
    headers = {"retry-after": after} if WAIT.fullmatch(after) else {}
    if failure.retry_after is not None and "retry-after" not in headers:
        headers["retry-after"] = str(max(0, -int(-failure.retry_after // 1)))
    if status in FINAL or _is_for_ever(failure):
        headers["x-should-retry"] = "false"
    return headers


def _is_for_ever(failure: Failure) -> bool:
    """A limit of ours that no wait lifts: it is 0, or less than the request itself asks for."""
    return failure.code == "rate_limit_exceeded" and not failure.upstream and failure.retry_after is None


def note_deprecation(headers: dict[str, str], model: Model) -> None:
    """When the model goes, as RFC 8594 says it, and which one is to be taken in its place."""
    if model.deprecated is None:
        return
    from email.utils import format_datetime

    gone = datetime.combine(date.fromisoformat(model.deprecated), datetime.min.time(), UTC)
    headers["sunset"] = format_datetime(gone, usegmt=True)
    if model.successor is not None:
        headers["x-interchange-successor"] = model.successor


def note_losses(headers: dict[str, str], losses: Losses) -> None:
    """JSON paths, comma separated; bounded, since a header has a limit of its own. What no header may hold (a caller's
    names can be anything) is escaped."""
    if losses.items:
        paths = ", ".join(loss.path for loss in losses.items)[:4000]
        escaped = paths if paths.isascii() and paths.isprintable() else paths.encode("unicode_escape").decode("ascii")
        headers["x-interchange-dropped"] = escaped[:4000]
