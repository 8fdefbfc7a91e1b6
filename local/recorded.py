"""Events of `events/`, and files like them: found by name, their function, and the callers whose keys they carry."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interchange.edge.base_url import meant
from interchange.identity.keys import Limits, digest
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import AccountRef, Ledger
from interchange.metering.money import nano
from interchange.tables.port import Table

from .laptop import ROOT
from .server import FAMILIES

EVENTS = ROOT / "events"
PAYMENTS_SECRET = "whsec_of_the_events"
SIGN = "<signed now>"
NOW_MS = 1_794_647_564_123
"""When the events' accounts were made."""
PATHS: Mapping[str, str] = {
    **FAMILIES, "/admin": "admin", "/webhooks/": "webhooks",
    **dict.fromkeys(("/docs/", "/llms.txt", "/llms-full.txt", "/openapi.json", "/openapi-admin.json"), "console"),
}  # fmt: skip
"""What a path contains, behind the stage's name where there is one -> the function that API Gateway would ask."""


@dataclass(frozen=True)
class Caller:
    """A key that the events carry."""

    key: str
    account: str
    credit: str
    status: str = "active"


CALLERS = (
    Caller("sk-events-0123456789abcdefghijklmnop", "acct_events", "100"),
    Caller("sk-events-poor-0123456789abcdefghij", "acct_poor", "0"),
    Caller("sk-events-gone-0123456789abcdefghij", "acct_gone", "5", status="revoked"),
)
MANAGER = "sk-events-boss-0123456789abcdefghij"
"""A management key, of an account that calls no model."""


class NoEvent(Exception):
    """There is no such event, or it is none."""


def read(name: str) -> tuple[str, dict[str, Any]]:
    """(function, event) of `chat/rest-stream`, or of a file's path. Raises NoEvent."""
    inside = EVENTS / f"{name.removesuffix('.json')}.json"
    known = not Path(name).is_absolute() and inside.is_file()
    file = inside if known else Path(name)
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        families = ", ".join(sorted(path.name for path in EVENTS.iterdir()))
        raise NoEvent(f"{name}: neither an event of events/ ({families}) nor a file with one: {error}") from error
    if not isinstance(event, dict):
        raise NoEvent(f"{name}: the file holds no event: an object is wanted")
    function = file.parent.name if known else function_of(event)
    if function != "sweep" and "requestContext" not in event:
        raise NoEvent(f"{name}: the file holds no event of an API, a URL or a load balancer: no requestContext")
    return function, event


def function_of(event: Mapping[str, Any]) -> str:
    """The one that is asked about this event's path; what has none is a schedule's. Raises NoEvent."""
    http = (event.get("requestContext") or {}).get("http") or {}
    path = event.get("rawPath") or http.get("path") or event.get("path")
    if path is None:
        if "requestContext" in event:
            raise NoEvent("the event has a requestContext and no path")
        return "sweep"
    if path == "/":
        return "console"
    asked = f"{meant(str(path))}/"
    found = [name for part, name in PATHS.items() if part in asked]
    return found[0] if found else "models" if event.get("resource") == "/{path+}" else "chat"


def signed(event: dict[str, Any]) -> dict[str, Any]:
    """A payment's signature holds for minutes: where the event says so, it is made now."""
    headers = event.get("headers") or {}
    if headers.get("Stripe-Signature") != SIGN:
        return event
    stamp = int(time.time())
    mac = hmac.new(PAYMENTS_SECRET.encode(), f"{stamp}.{event['body']}".encode(), hashlib.sha256).hexdigest()
    fresh = f"t={stamp},v1={mac}"
    multiple = {**event["multiValueHeaders"], "Stripe-Signature": [fresh]}
    return {**event, "headers": {**headers, "Stripe-Signature": fresh}, "multiValueHeaders": multiple}


def account_of(event: Mapping[str, Any]) -> str | None:
    """Account of the key that the event carries, where that is one of ours."""
    many = {name.lower(): values[-1] for name, values in (event.get("multiValueHeaders") or {}).items() if values}
    sent = {**many, **{name.lower(): value for name, value in (event.get("headers") or {}).items()}}
    key = sent.get("x-api-key") or sent.get("authorization", "").removeprefix("Bearer ")
    return next((caller.account for caller in CALLERS if caller.key == key), None)


def seed(table: Table) -> None:
    """The callers' accounts and keys; and work for a sweep: a hold that its request left behind, a low balance."""
    accounts, keys = Accounts(table), KeyStore(table)
    for number, caller in enumerate(CALLERS):
        accounts.create(caller.account, "events", NOW_MS)
        if nano(caller.credit):
            accounts.credit(caller.account, nano(caller.credit), "test", "first", NOW_MS)
        keys.add(digest(caller.key), _key(f"key_{number}", caller.account, caller.status))
    accounts.create("acct_managed", "events", NOW_MS)
    accounts.credit("acct_managed", nano("7"), "test", "first", NOW_MS)
    keys.add(digest(MANAGER), {**_key("key_boss", "acct_managed"), "kind": "management"})
    keys.add(digest("unknown to all"), {**_key("key_managed", "acct_managed"), "kind": "ordinary"})
    left = AccountRef(CALLERS[0].account, "key_0", Limits(), 1)
    Ledger(table).hold(left, "abandoned", nano("0.01"), NOW_MS, NOW_MS + 1)
    accounts.change(CALLERS[1].account, low_nano=nano("1"))


def _key(key_id: str, account: str, status: str = "active") -> dict[str, Any]:
    return {
        "key_id": key_id, "account_id": account, "status": status, "name": "events", "limits": {}, "markup": "1",
        "shards": 1, "created_ms": NOW_MS,
    }  # fmt: skip
