"""Ids of the caller's end user, by length: coding agents put 150 characters there (account, session and more); what a
vendor takes, and its source, stands in its client's face."""

from __future__ import annotations

import hashlib

from interchange.dataclass import replace
from interchange.hub.request import Request
from interchange.hub.rules import Rules


def fitting(request: Request, rules: Rules) -> Request:
    """A longer id becomes a digest of itself: the same one each time, and no other's."""
    user, safety = _fit(request.user, rules.user_length), _fit(request.safety_identifier, rules.user_length)
    if user == request.user and safety == request.safety_identifier:
        return request
    return replace(request, user=user, safety_identifier=safety)


def _fit(identity: str | None, length: int | None) -> str | None:
    if identity is None or length is None or len(identity) <= length:
        return identity
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:length]
