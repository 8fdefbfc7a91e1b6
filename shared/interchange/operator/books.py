"""What the commands work on: the table named by the environment, opened as an operator."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from interchange import wiring
from interchange.identity.keys import Limits, digest, write_limits
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import Ledger
from interchange.metering.money import usd
from interchange.metering.store import Store

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class CommandError(Exception):
    """One line for the operator."""


@dataclass(frozen=True, slots=True)
class Books:
    accounts: Accounts
    ledger: Ledger
    keys: KeyStore
    now_ms: int

    def create_account(self, name: str) -> str:
        account_id = f"acct_{secrets.token_hex(8)}"
        self.accounts.create(account_id, name, self.now_ms)
        return account_id

    def create_key(self, account_id: str, name: str, limits: Limits) -> tuple[str, str]:
        """(key, key id). The key itself is not stored and cannot be shown again."""
        balance = self.ledger.balance(account_id)
        key, key_id = f"sk-{secrets.token_urlsafe(36)}", f"key_{secrets.token_hex(8)}"
        if limits.spend_nano is not None:
            self.accounts.allow(account_id, key_id, limits.spend_nano)
        self.keys.add(
            digest(key),
            {"key_id": key_id, "account_id": account_id, "status": "active", "name": name,
             "limits": write_limits(limits), "markup": "1", "shards": balance.shards, "created_ms": self.now_ms},
        )  # fmt: skip
        return key, key_id

    def revoke(self, key_id: str) -> str:
        """The account of the key, which is refused from now on."""
        found = self.keys.by_id(key_id)
        if found is None:
            raise CommandError(f"no key {key_id}")
        account_id = str(found["account_id"])
        self.accounts.revoke(account_id, key_id)
        self.keys.change(key_id, status="revoked")
        return account_id

    def shown(self, account_id: str) -> dict[str, Any]:
        """An account's figures in USD."""
        balance = self.ledger.balance(account_id)
        return {
            "account": account_id,
            "available_usd": usd(balance.available_nano),
            "held_usd": usd(balance.held_nano),
            "charged_usd": usd(balance.charged_nano),
            "credited_usd": usd(balance.credited_nano),
            "active": balance.active,
        }


def open_books(environ: Mapping[str, str] | None = None) -> Books:
    """Raises wiring.SettingError. Against a table on this machine no AWS credentials are needed."""
    env = dict(os.environ if environ is None else environ)
    if env.get("AWS_ENDPOINT_URL_DYNAMODB", "").startswith(LOOPBACK):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            os.environ.setdefault(name, "local")
    client, table = wiring.dynamodb(env), wiring.table(env)
    store = Store(client, table)
    return Books(Accounts(store), Ledger(store), KeyStore(client, table), time.time_ns() // 1_000_000)
