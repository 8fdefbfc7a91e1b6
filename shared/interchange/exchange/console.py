"""The customer's dashboard: its page, and the JSON behind it. Everything shown belongs to the key that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.identity.keys import Principal
from interchange.metering.money import usd
from interchange.metering.rows import UsageRow
from interchange.metering.store import day_of
from interchange.protocols.faces import Server
from interchange.wire import codec

from .access import identify
from .answers import base_headers, refuse
from .http import Answer, Inbound
from .services import Services

DAY_MS = 86_400_000
DAYS_SHOWN = 7
ROWS_SHOWN = 50
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
SAFE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class Console:
    """`folder` holds the page's files; `server` writes errors."""

    services: Services
    server: Server
    folder: Path

    async def enter(self, _inbound: Inbound) -> Answer:
        """The page lies below /console/, so that its own links work below any stage or prefix. It is named in full: API
        Gateway may take a slash at the end off, and a redirection to it would then never end."""
        return Answer(307, {"location": "console/index.html"}, b"")

    async def page(self, inbound: Inbound) -> Answer:
        name = inbound.query.get("file") or "index.html"
        file = self.folder / name
        if "/" in name or file.suffix not in TYPES or not file.is_file():
            failure = Failure(ErrorKind.NOT_FOUND, "no such page", code="unknown_url")
            return refuse(self.server, failure, base_headers(self.services.new_id()))
        return Answer(200, {**SAFE, "content-type": TYPES[file.suffix], "cache-control": "no-cache"}, file.read_bytes())

    async def account(self, inbound: Inbound) -> Answer:
        return await self._answer(inbound, self._account)

    async def usage(self, inbound: Inbound) -> Answer:
        return await self._answer(inbound, self._usage)

    async def _answer(self, inbound: Inbound, write: Callable[[Principal], dict[str, Any]]) -> Answer:
        headers = base_headers(self.services.new_id())
        try:
            principal = await identify(self.services, inbound)
        except RequestError as error:
            return refuse(self.server, error.failure, headers)
        body = await asyncio.to_thread(write, principal)
        sent = {**headers, "content-type": "application/json", "cache-control": "no-store"}
        return Answer(200, sent, codec.dumps(body))

    def _account(self, principal: Principal) -> dict[str, Any]:
        balance = self.services.ledger.balance(principal.account_id)
        return {
            "account": principal.account_id,
            "key_id": principal.key_id,
            "available_usd": usd(balance.available_nano),
            "held_usd": usd(balance.held_nano),
            "charged_usd": usd(balance.charged_nano),
        }

    def _usage(self, principal: Principal) -> dict[str, Any]:
        """The latest requests of the account, newest first, of the last days."""
        rows: list[UsageRow] = []
        for back in range(DAYS_SHOWN):
            day = day_of(self.services.now_ms() - back * DAY_MS)
            room = ROWS_SHOWN - len(rows)
            rows += self.services.ledger.rows(principal.account_id, day, newest_first=True, limit=room)
            if len(rows) >= ROWS_SHOWN:
                break
        return {"data": [_shown(row) for row in rows]}


def _shown(row: UsageRow) -> dict[str, Any]:
    return {
        "request_id": row.request_id,
        "created_ms": row.created_ms,
        "model": row.model,
        "outcome": row.outcome,
        "input_tokens": row.usage.total_input,
        "output_tokens": row.usage.total_output,
        "charge_usd": usd(row.charge_nano),
        "dropped": list(row.dropped),
    }
