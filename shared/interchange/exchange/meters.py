"""Meters of a request beside its key: its account, its end user and its model, where those have limits."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.identity.keys import Limits, Meter, Principal, Shared
from interchange.metering import key_uses


def metered(principal: Principal, model: Model, user: str) -> Principal:
    """The caller of one request. `user` is the body's, "" where it names none: then no user's limits count."""
    if principal.shared is None:
        return principal
    return replace(principal, meters=tuple(_meters(principal.shared, principal.limits.zone, model, user)))


def of_a_round(principal: Principal) -> Principal:
    """Prepares for a further call of the vendor within one request: it is no request of its own."""
    meters = tuple(replace(one, limits=_without_requests(one.limits)) for one in principal.meters)
    return replace(principal, limits=_without_requests(principal.limits), meters=meters)


def _without_requests(limits: Limits) -> Limits:
    return replace(limits, requests_per_minute=None, concurrent=None)


def _meters(shared: Shared, zone: str | None, model: Model, user: str) -> Iterator[Meter]:
    """All in the key's time zone: one request is counted in one day."""
    if shared.account is not None:
        yield Meter(key_uses.ACCOUNT, replace(shared.account, zone=zone), "account")
    if shared.user is not None and user:
        yield Meter(key_uses.USER + key_uses.digest(user), replace(shared.user, zone=zone), "user")
    for pattern, limits in shared.models:
        if any(fnmatchcase(name, pattern) for name in model.asked_for_as):
            yield Meter(key_uses.MODEL + key_uses.digest(pattern), replace(limits, zone=zone), "model")
            return
