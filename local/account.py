"""The laptop's own account: made once in a table; its key is kept beside it, since the table has the digest only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from interchange import wiring
from interchange.identity.keys import digest
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.money import nano
from interchange.tables.port import Table
from interchange.wiring.tables import read_file

from .laptop import Laptop, is_loopback, stop

CREDIT_USD = "100"
SIDES = ("", "-wal", "-shm")
"""A table's file and what SQLite keeps beside it."""


@dataclass(frozen=True)
class Seeded:
    account: str
    key: str


@contextlib.contextmanager
def opened(laptop: Laptop) -> Iterator[Seeded]:
    """The table, made where there is none, and its account. Holds a lock, so that nobody begins anew under a gateway
    that runs."""
    if laptop.file is not None:
        read_file(laptop.table)  # refused before anything is made
    place = laptop.beside("lock")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.open("a") as lock:
        if laptop.fresh:
            _begin_anew(laptop, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield _account(laptop)


def _begin_anew(laptop: Laptop, lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stop(f"FRESH: a gateway is running on {laptop.table}; stop it first")
    if laptop.file is not None:
        for side in SIDES:
            Path(f"{laptop.file}{side}").unlink(missing_ok=True)
    laptop.beside("key").unlink(missing_ok=True)


def _account(laptop: Laptop) -> Seeded:
    if laptop.file is None and is_loopback(os.environ.get("AWS_ENDPOINT_URL_DYNAMODB", "")):
        _make_table(laptop.table)
    table = wiring.open_table(os.environ, create=True)
    kept = _kept(laptop.beside("key"))
    if kept is not None:
        known = KeyStore(table).find(digest(kept.key))
        if known is not None and known["status"] == "active":
            return kept
    made = seed(table)
    _keep(laptop.beside("key"), made)
    return made


def _make_table(name: str) -> None:
    """In a DynamoDB of this machine, where there is none of that name."""
    from botocore.exceptions import ClientError

    from interchange.tables.dynamodb import create_table
    from interchange.wiring.aws import dynamodb

    try:
        create_table(dynamodb(os.environ), name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise


def seed(table: Table) -> Seeded:
    """An account with credit and a key, as an operator would make them."""
    now = time.time_ns() // 1_000_000
    account, key = f"acct_{secrets.token_hex(8)}", f"sk-{secrets.token_urlsafe(36)}"
    accounts = Accounts(table)
    accounts.create(account, "laptop", now)
    accounts.credit(account, nano(CREDIT_USD), "seed", "seed", now)
    KeyStore(table).add(
        digest(key),
        {"key_id": f"key_{secrets.token_hex(8)}", "account_id": account, "status": "active", "name": "laptop",
         "limits": {}, "markup": "1", "shards": 1, "last": key[-4:], "created_ms": now},
    )  # fmt: skip
    return Seeded(account, key)


def _kept(place: Path) -> Seeded | None:
    try:
        return Seeded(**json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _keep(place: Path, made: Seeded) -> None:
    """Whole or not at all, for this user alone: another gateway may read it now."""
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(made), file)
    fresh.replace(place)
