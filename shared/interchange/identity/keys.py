"""Keys and who they belong to. A key is shown once; only its SHA-256 digest is stored."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, field, fields
from datetime import UTC, datetime
from typing import Any, Protocol

from interchange.dataclass import dataclass

PREFIX = "sk-"
ORDINARY, MANAGEMENT = "ordinary", "management"
"""Kinds of keys: a management key sees its account, any other sees itself."""
KEY_FORM = re.compile(r"sk-[A-Za-z0-9_-]{20,200}")


def dated(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d at %H:%M UTC")


class Unauthenticated(Exception):
    """The request carries no key that is good. Only whoever shows a key that once was good is told that it is revoked;
    about any other the message never says which part was wrong."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A key's limits; None means no limit. `spend_nano` caps its total spending in nano-dollars, others that of a
    calendar day, week and month. `allowed_models` are patterns (`claude-*`), `allowed_networks` addresses or
    ranges (`10.0.0.0/8`)."""

    spend_nano: int | None = None
    spend_per_day_nano: int | None = None
    spend_per_month_nano: int | None = None
    concurrent: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    allowed_models: tuple[str, ...] = ()
    allowed_networks: tuple[str, ...] = ()
    expires_ms: int | None = None
    spend_per_week_nano: int | None = None
    zone: str | None = None
    """Whose days, weeks (from Monday) and months they are ("Europe/Berlin"); UTC unless it is named."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A count of requests beside their key's: `name` is its counters', `whose` the limits are, in words."""

    name: str
    limits: Limits
    whose: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Limits that are not a key's alone: of the account, of each end user of it (the body's `user`), and of models by
    patterns of their names, in order."""

    account: Limits | None = None
    user: Limits | None = None
    models: tuple[tuple[str, Limits], ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `markup` multiplies every price ("1" is the list price). `auto_cache` marks prompts for
    models that cache only what is marked, as `x-interchange-cache: auto` does for one request. `manages`: a management
    key, which sees its account and calls no model. `until_ms` is when a secret that was rotated stops being good."""

    account_id: str
    key_id: str
    limits: Limits = field(default_factory=Limits)
    markup: str = "1"
    shards: int = 1
    auto_cache: bool = False
    manages: bool = False
    until_ms: int | None = None
    group: str = ""
    """The account's, for the tariff's rules."""
    shared: Shared | None = None
    meters: tuple[Meter, ...] = ()
    """What this request is counted on beside its key."""


class Keys(Protocol):
    def find(self, digest: str) -> Mapping[str, Any] | None:
        """The stored key of that digest: `key_id`, `account_id`, `status`, `limits`, `markup`, `shards`."""


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


MOST_KNOWN = 10_000
"""Keys that one process remembers."""
WHENCE = "This gateway's keys come from its operator or its console; a key of the model's vendor does not work here."
NOBODY: tuple[int, Principal | None] = (0, None)


class Identity:
    """`kept_ms` is how long a good key may be taken as it was last read; 0 for a table that is near. So long a change
    of its limits may stay unnoticed. A key that has been revoked is refused by the hold meanwhile."""

    def __init__(self, keys: Keys, kept_ms: int = 0) -> None:
        self._keys = keys
        self._kept_ms = kept_ms
        self._known: dict[str, tuple[int, Principal]] = {}
        self._read: dict[str, tuple[Mapping[str, Any], Principal]] = {}
        """What was found last for a key, and the holder that it was read as."""

    def known(self, presented: str, now_ms: int) -> Principal | None:
        """The holder of a key that was good a moment ago; None where it has to be looked up."""
        if not self._kept_ms:
            return None
        until_ms, principal = self._known.get(digest(presented), NOBODY)
        return principal if now_ms < until_ms else None

    def authenticate(self, presented: str, now_ms: int = 0) -> Principal:
        """Raises Unauthenticated. The same work whatever is wrong: one digest, one look-up."""
        name = digest(presented)
        found = self._keys.find(name)
        self._known.pop(name, None)
        if not presented:
            raise Unauthenticated(
                "You didn't provide an API key. Send it as `Authorization: Bearer sk-...` or `x-api-key: sk-...`."
            )
        if found is not None and found["status"] == "revoked":
            when = found.get("revoked_ms")
            raise Unauthenticated(f"this API key has been revoked{'' if when is None else f', on {dated(int(when))}'}")
        if not KEY_FORM.fullmatch(presented) or found is None or found["status"] != "active":
            raise Unauthenticated(f"Incorrect API key provided{_masked(presented)}. {WHENCE}")
        principal = self._holder(name, found)
        if self._kept_ms:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[name] = (now_ms + self._kept_ms, principal)
        return principal

    def _holder(self, name: str, found: Mapping[str, Any]) -> Principal:
        before = self._read.get(name)
        if before is not None and before[0] == found:
            return before[1]
        principal = Principal(
            account_id=found["account_id"],
            key_id=found["key_id"],
            limits=read_limits(found.get("limits") or {}),
            markup=str(found.get("markup") or "1"),
            shards=int(found.get("shards") or 1),
            auto_cache=found.get("cache") == "auto",
            manages=found.get("kind") == MANAGEMENT,
            group=str(found.get("group") or ""),
            until_ms=None if found.get("until_ms") is None else int(found["until_ms"]),
            shared=read_shared(found["shared"]) if found.get("shared") else None,
        )
        if len(self._read) >= MOST_KNOWN:
            self._read.clear()
        self._read[name] = (found, principal)
        return principal


def _masked(key: str) -> str:
    return f": {key[:5]}...{key[-4:]}" if len(key) > 16 else ""


_NAMES = frozenset(item.name for item in fields(Limits))


def write_limits(limits: Limits) -> dict[str, Any]:
    """Writes limits as attributes, leaving out what is not limited."""
    values = asdict(limits)
    kept = {name: value for name, value in values.items() if value not in (None, ())}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def write_shared(shared: Shared) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if shared.account is not None:
        written["account"] = write_limits(shared.account)
    if shared.user is not None:
        written["user"] = write_limits(shared.user)
    if shared.models:
        written["models"] = [[pattern, write_limits(limits)] for pattern, limits in shared.models]
    return written


def read_shared(data: Mapping[str, Any]) -> Shared:
    account, user = data.get("account"), data.get("user")
    return Shared(
        account=read_limits(account) if account else None,
        user=read_limits(user) if user else None,
        models=tuple((str(pattern), read_limits(limits)) for pattern, limits in data.get("models") or ()),
    )


def _read_limit(value: Any) -> Any:
    match value:
        case list() | tuple():
            return tuple(value)
        case str():
            return value
        case _:
            return int(value)


def read_limits(data: Mapping[str, Any]) -> Limits:
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name in _NAMES:
            values[name] = _read_limit(value)
    return Limits(**values)
