"""Access to a model: authenticates the key, and finds the model that it may use."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from interchange.catalog.models import Model
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.identity.keys import Principal, Unauthenticated, dated

from .http import Inbound
from .retirement import refuse_gone, served
from .services import Services
from .table_calls import ask


async def authenticate(services: Services, inbound: Inbound, *, holds: bool = False) -> Principal:
    """The holder of a key that calls models. With `holds` it may be as it was known a moment ago: the hold that follows
    refuses a key that has been revoked. Raises RequestError: 401, and 403 where the key is good but not from that
    address, or is a management key."""
    principal = await identify(services, inbound, holds=holds)
    if principal.manages:
        said = "this is a management key: it sees its account and calls no model. Use an ordinary key of the account."
        raise RequestError(Failure(ErrorKind.PERMISSION, said, code="management_key"))
    return principal


async def identify(services: Services, inbound: Inbound, *, holds: bool = False) -> Principal:
    """The holder of the key in `Authorization: Bearer` or `x-api-key`, of whatever kind; `holds` as for `authenticate`.
    Raises RequestError: 401, and 403 where the key is good but not from that address."""
    presented, now_ms = presented_key(inbound), services.now_ms()
    try:
        principal = services.identity.known(presented, now_ms) if holds else None
        if principal is None:
            principal = await ask(services, services.identity.authenticate, presented, now_ms)
    except Unauthenticated as error:
        raise RequestError(Failure(ErrorKind.AUTHENTICATION, str(error), code="invalid_api_key")) from error
    limits = principal.limits
    if limits.expires_ms is not None and services.now_ms() >= limits.expires_ms:
        said = f"this API key has expired, on {dated(limits.expires_ms)}"
        raise RequestError(Failure(ErrorKind.AUTHENTICATION, said, code="invalid_api_key"))
    if principal.until_ms is not None and services.now_ms() >= principal.until_ms:
        said = "this key was given another secret, and this one is no longer good: use the new one"
        raise RequestError(Failure(ErrorKind.AUTHENTICATION, said, code="invalid_api_key"))
    if limits.allowed_networks and not _within(inbound.source_ip, limits.allowed_networks):
        raise RequestError(
            Failure(ErrorKind.PERMISSION, "this API key may not be used from this address", code="address_not_allowed")
        )
    return principal


def _within(address: str | None, networks: Iterable[str]) -> bool:
    """False for an address that is unknown or no address: a key bound to networks is refused then."""
    try:
        given = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    if isinstance(given, ipaddress.IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped
    return any(_holds(network, given) for network in networks)


def _holds(network: str, given: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """False for what is no network: a limit that cannot be read lets nobody in."""
    try:
        return given in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def presented_key(inbound: Inbound) -> str:
    """The key as sent; "" where there is none. Both headers are read on every endpoint."""
    scheme, _, token = inbound.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return inbound.headers.get("x-api-key", "").strip()


def may_use(principal: Principal, model: Model) -> bool:
    """A pattern may mean the model's id or one of its aliases."""
    allowed = principal.limits.allowed_models
    return not allowed or any(fnmatchcase(name, pattern) for name in model.asked_for_as for pattern in allowed)


def no_such_model(name: str, near: Sequence[str], param: str = "model") -> RequestError:
    """A 404 that suggests the ids `near`."""
    hint = f"Did you mean {' or '.join(near)}?" if near else "GET /v1/models lists what there is."
    said = f"The model `{name}` does not exist or you do not have access to it. {hint}"
    return RequestError(Failure(ErrorKind.NOT_FOUND, said, param=param, code="model_not_found"))


def find_model(services: Services, principal: Principal, name: str, kind: str = "chat", param: str = "model") -> Model:
    """The catalog's entry. Raises RequestError: 404 where there is none or it is gone, 403 where the key may not use
    it, 400 where it is of another kind; each names `param`."""
    model = services.on_offer.find(name)
    if model is None:
        usable = [one for one in served(services) if one.kind == kind and may_use(principal, one)]
        raise no_such_model(name, services.on_offer.near(name, usable), param)
    if not may_use(principal, model):
        raise RequestError(
            Failure(
                ErrorKind.PERMISSION,
                f"this key may not use the model `{name}`",
                param=param,
                code="model_not_allowed",
            )
        )
    refuse_gone(services, model, name, param)
    if model.kind != kind:
        others = [entry.id for entry in served(services) if entry.kind == kind][:8]
        raise RequestError(
            Failure(
                ErrorKind.INVALID_REQUEST,
                f"`{name}` is a model for {model.kind}, not for {kind}. "
                f"Models that would do: {', '.join(others) or 'none'}.",
                param=param,
                code="model_kind",
            )
        )
    return model
