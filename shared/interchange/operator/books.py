"""The table named by the environment, opened whole for the operator's actions."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from interchange import wiring
from interchange.catalog.lookup import Catalog
from interchange.catalog.overlay import overlaid
from interchange.dataclass import dataclass
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.codes import Codes
from interchange.metering.episodes import Episodes
from interchange.metering.late_rows import Late
from interchange.metering.ledger import Ledger
from interchange.metering.operations import Operations
from interchange.metering.payments import Payments
from interchange.metering.reports import Reports
from interchange.metering.tariffs import Tariffs
from interchange.metering.top_ups import TopUps
from interchange.tables.port import Table

from .alert_settings import AlertSettings, read_alerts
from .checkout import Checkout
from .checkout_settings import read_checkout
from .payment_settings import read_rates
from .watching import Watch, unwatched

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
CALLER: ContextVar[str] = ContextVar("CALLER", default="")
"""Who makes the request that is being answered."""
Shown = dict[str, Any]
"""What an action answers: one JSON object."""


class CommandError(Exception):
    """One line for the operator."""


class Unknown(CommandError):
    """There is nothing of that id."""


class Unmet(CommandError):
    """Rightly written, and refused as things stand: by what there is, or by the clock."""


@dataclass(frozen=True, slots=True)
class Books:
    """`table` is where all of it lies; `clock` gives Unix milliseconds; `base` the deployment's catalog; `alerts` is
    whom it tells; `checkout` is None where customers buy no credit by themselves; `watch` is shown how far long work
    has come; `who` tells who acts, "" where that is not known."""

    table: Table
    accounts: Accounts
    ledger: Ledger
    keys: KeyStore
    codes: Codes
    payments: Payments
    reports: Reports
    late: Late
    operations: Operations
    top_ups: TopUps
    tariffs: Tariffs
    clock: Callable[[], int]
    base: Callable[[], Catalog]
    episodes: Episodes
    alerts: AlertSettings = AlertSettings()
    checkout: Checkout | None = None
    watch: Watch = unwatched
    who: Callable[[], str] = CALLER.get

    @property
    def now_ms(self) -> int:
        return self.clock()

    def catalog(self) -> Catalog:
        """The deployment's catalog, with the changes of it that are in force."""
        current = self.tariffs.current()
        return overlaid(self.base(), "" if current is None else current.models)


def user_here() -> str:
    """Names the user of this machine, "" where there is none: a number of a container's."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def open_books(environ: Mapping[str, str] | None = None) -> Books:
    """Raises wiring.SettingError. Against a table on this machine no AWS credentials are needed."""
    env = dict(os.environ if environ is None else environ)
    if env.get("AWS_ENDPOINT_URL_DYNAMODB", "").startswith(LOOPBACK):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            os.environ.setdefault(name, "local")
    table = wiring.open_table(env)
    return make_books(
        table, lambda: wiring.catalog(env), read_alerts(env), rates=read_rates(env), checkout=open_checkout(env)
    )


def open_checkout(env: Mapping[str, str]) -> Checkout | None:
    """None where no key of the payment provider is set. Raises wiring.SettingError."""
    settings = read_checkout(env)
    return None if settings is None else Checkout(settings)


def make_books(
    table: Table,
    catalog: Callable[[], Catalog],
    alerts: AlertSettings = AlertSettings(),  # noqa: B008 - frozen
    clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    rates: Mapping[str, Decimal] | None = None,
    checkout: Checkout | None = None,
) -> Books:
    return Books(
        table=table,
        accounts=Accounts(table),
        ledger=Ledger(table),
        keys=KeyStore(table),
        codes=Codes(table),
        payments=Payments(table, rates),
        reports=Reports(table),
        late=Late(table),
        operations=Operations(table),
        top_ups=TopUps(table),
        tariffs=Tariffs(table),
        clock=clock,
        base=catalog,
        episodes=Episodes(table),
        alerts=alerts,
        checkout=checkout,
    )
