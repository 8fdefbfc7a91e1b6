"""Vendors that can be called: the built-in providers whose key is set, and those that the catalog file describes
itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interchange.catalog.load import CatalogError
from interchange.catalog.lookup import Catalog
from interchange.estimate.counting import read_manner
from interchange.providers import Provider
from interchange.providers.known import (
    ADDED_PATH,
    BUILT_IN,
    KEYED,
    SIGNED,
    SIGNED_REGION,
    SIGNED_URL,
    SPOKEN,
    Make,
    Providers,
    keyed,
    signed,
    spoken,
)

from .aws import credentials
from .setting import SettingError, read_url


def providers(env: Mapping[str, str], added: Mapping[str, Provider]) -> Providers:
    """Those whose key is set, the one that signs where its region is set (it needs no key but the function's role),
    and `added`. Raises SettingError."""
    makers: dict[str, Make] = {}
    for name in KEYED:
        if key := env.get(f"{name.upper()}_API_KEY", "").strip():
            makers[name] = keyed(name, key, _vendor_url(name, env))
    if region := env.get(SIGNED_REGION, "").strip():
        makers[SIGNED] = signed(credentials(env), region, _given_url(SIGNED_URL, env))
    return Providers({**makers, **{name: _ready(provider) for name, provider in added.items()}})


def shared_protocols(reached: Iterable[str], listed: Catalog) -> frozenset[str]:
    """The protocols that two owners of credentials or more speak."""
    owners: dict[str, set[str]] = {}
    for name in reached:
        entry = listed.providers.get(name)
        for protocol in SPOKEN[name] if entry is None else (entry.protocol,):
            owners.setdefault(protocol, set()).add(name if entry is None else entry.owner or name)
    return frozenset(protocol for protocol, found in owners.items() if len(found) > 1)


def _vendor_url(name: str, env: Mapping[str, str]) -> str | None:
    url, path = _given_url(base_url_variable(name), env), ADDED_PATH.get(name)
    if url and path and url.endswith(path):
        raise SettingError(f"{base_url_variable(name)}: leave {path} out of it; every call's path begins so")
    return url


def _given_url(variable: str, env: Mapping[str, str]) -> str | None:
    value = env.get(variable, "").strip()
    return read_url(variable, value) if value else None


def _ready(provider: Provider) -> Make:
    return lambda: provider


def added_providers(env: Mapping[str, str], listed: Catalog) -> tuple[dict[str, Provider], tuple[str, ...]]:
    """The providers that the catalog file itself describes, and a line for each that has no key: its routes are passed
    over. `NAME_BASE_URL` wins over the file's address. Raises CatalogError with the path of what is wrong."""
    found: dict[str, Provider] = {}
    missing: list[str] = []
    for name, entry in listed.providers.items():
        if name in BUILT_IN:
            raise CatalogError(f"providers.{name}: this name is a built-in provider's; choose another")
        key = env.get(entry.key, "").strip() if entry.key else None
        url = _given_url(base_url_variable(name), env) or read_url(base_url_variable(name), entry.base_url)
        fields: dict[str, Any] = {
            "protocol": entry.protocol, "dialect": dict(entry.dialect), "key": key, "key_header": entry.key_header,
            "headers": dict(entry.headers), "fetches": frozenset(entry.fetches), "owner": entry.owner or "",
        }  # fmt: skip
        made = _described(name, url, fields)
        if key == "":
            missing.append(f"{entry.key}: not set; provider {name} cannot be called, and its routes are passed over")
        else:
            found[name] = made
    return found, tuple(missing)


def _described(name: str, url: str, fields: Mapping[str, Any]) -> Provider:
    # Imported here: it loads every protocol, and most catalogs describe no provider.
    from interchange.providers.generic import generic

    try:
        return generic(name, url, **fields)
    except ValueError as error:
        raise CatalogError(f"providers.{name}.{error}") from error


def base_url_variable(provider: str) -> str:
    return f"{provider.upper().replace('-', '_')}_BASE_URL"


def check_routes(listed: Catalog) -> None:
    """Raises CatalogError for a route to a provider that nobody has described, or a manner of counting that is none."""
    for number, model in enumerate(listed.models):
        try:
            read_manner(model.traits)
        except ValueError as error:
            raise CatalogError(f"models[{number}].{error}") from error
        for place, route in enumerate(model.routes):
            if route.provider not in BUILT_IN and route.provider not in listed.providers:
                known = ", ".join((*BUILT_IN, *listed.providers))
                raise CatalogError(
                    f"models[{number}].routes[{place}].provider: {route.provider!r} is not known ({known})"
                )


def check_protocols(listed: Catalog) -> None:
    """Raises CatalogError for a provider that cannot be made, and for a conversation's route whose protocol its
    provider does not speak."""
    added, _ = added_providers({entry.key: "unused" for entry in listed.providers.values() if entry.key}, listed)
    for number, model in enumerate(listed.models):
        for place, route in enumerate(model.routes):
            if route.protocol is None or model.kind != "chat":
                continue
            known = tuple(added[route.provider].clients) if route.provider in added else spoken(route.provider)
            if route.protocol not in known:
                raise CatalogError(
                    f"models[{number}].routes[{place}].protocol: {route.provider} does not speak {route.protocol!r}"
                    f" ({', '.join(known)})"
                )
