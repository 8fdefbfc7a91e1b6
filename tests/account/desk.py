"""An account with two ordinary keys and a management key, and its API in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from starlette.testclient import TestClient

from interchange.account.api import account_api
from interchange.catalog.load import read
from interchange.continuity.seal import Seal
from interchange.exchange.services import Services
from interchange.identity.keys import Identity
from interchange.metering.idempotency import Idempotency
from interchange.operator import account_actions, credit_actions
from interchange.operator.alert_settings import AlertSettings
from interchange.operator.books import Books, make_books
from interchange.operator.checkout import Checkout
from interchange.protocols.openai_chat.server import Server
from interchange.tables.port import Table
from tests.metering.usage_rows import usage_row

NOW_MS = 1_795_867_200_000
"""2026-11-28 12:00 UTC."""
DAY_MS = 86_400_000


@dataclass
class Desk:
    """`faults` are the reports of what broke."""

    table: Table
    books: Books
    client: TestClient
    account: str
    app: str
    app_id: str
    other: str
    other_id: str
    manager: str
    manager_id: str
    faults: list[tuple[str, Any]]

    def __call__(
        self, method: str, path: str, body: Any = None, status: int = 200, key: str = "", **headers: str
    ) -> Any:
        answer = self.raw(method, path, body, key, **headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def raw(self, method: str, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        sent = {"authorization": f"Bearer {key or self.manager}", **headers}
        return self.client.request(method, f"/v1{path}", json=body, headers=sent)

    def used(self, number: int, created_ms: int = NOW_MS - 3_600_000, **values: Any) -> str:
        """A finished request; its id."""
        row = usage_row(f"r{number:06d}", created_ms, account_id=self.account, **{"key_id": self.app_id, **values})
        self.books.ledger.record(row)
        return row.request_id


def opened(table: Table, checkout: Checkout | None = None, alerts: AlertSettings = AlertSettings()) -> Desk:  # noqa: B008 - frozen
    clock = [NOW_MS - 20 * DAY_MS]
    catalog = read([{"id": "m", "routes": [{"provider": "openai", "model": "u"}], "price": {"input": "1"}}])
    books = make_books(table, lambda: catalog, alerts, clock=lambda: clock[0], checkout=checkout)
    made = account_actions.create_account(books, "Ada", "100", low_balance="5")
    account, clock[0] = str(made["account"]), NOW_MS
    other = account_actions.create_key(books, account, "other", {"spend_usd": "5", "requests_per_minute": 10})
    manager = account_actions.create_key(books, account, "boss", {}, manages=True)
    faults: list[tuple[str, Any]] = []
    services = Services(
        catalog=catalog, providers={}, identity=Identity(books.keys), ledger=books.ledger,
        idempotency=Idempotency(table), upstream=cast(Any, None), memory=cast(Any, None), fetch=cast(Any, None),
        seal=Seal(b"0123456789abcdef"), now_ms=lambda: clock[0], new_id=lambda: "0" * 32,
        report=lambda name, told: faults.append((name, told)),
    )  # fmt: skip
    api = account_api(services, books, table, Server(services.seal))
    client = TestClient(api)
    return Desk(
        table, books, client, account, str(made["key"]), str(made["key_id"]), str(other["key"]), str(other["key_id"]),
        str(manager["key"]), str(manager["key_id"]), faults,
    )  # fmt: skip


def codes(desk: Desk, count: int, usd: str) -> list[str]:
    found: list[str] = credit_actions.create_codes(desk.books, count, usd, "batch")["codes"]
    return found
