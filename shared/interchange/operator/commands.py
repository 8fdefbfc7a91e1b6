"""Arguments -> actions: one function a command. Each answers with one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interchange import wiring
from interchange.catalog.load import BUILT_IN
from interchange.dataclass import dataclass

from . import (
    account_actions,
    account_limits,
    bootstrap,
    closing,
    credit_actions,
    payment_actions,
    reconciling,
    rendering,
    report_actions,
    statements,
    tariff_actions,
    tracing,
    vendor_actions,
)
from .account_limits import KINDS
from .books import CommandError, Shown, open_books
from .holds import open_holds
from .key_limits import LISTS, NAMES
from .sweep import sweep as sweep_once


@dataclass(frozen=True, slots=True)
class Result:
    """`text` replaces the lines that `shown` would be written as."""

    shown: Shown
    code: int = 0
    text: str | None = None


Arguments = argparse.Namespace
Command = Callable[[Arguments], Result]


def _confirm(given: Arguments, question: str) -> None:
    """Asks at a terminal; a script has nobody to ask and means what it says."""
    if given.yes or not sys.stdin.isatty():
        return
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CommandError("not confirmed; nothing was changed")


def first_steps(given: Arguments) -> Result:
    made = bootstrap.bootstrap(
        given.stack, given.region, given.account, given.credit, given.secret or [], ask=given.ask
    )
    return Result(made)


def account_create(given: Arguments) -> Result:
    made = account_actions.create_account(
        open_books(), given.name, given.credit, markup=given.markup, low_balance=given.low_balance, operation=given.id
    )
    return Result(made)


def account_show(given: Arguments) -> Result:
    return Result(account_actions.show_account(open_books(), given.account))


def account_list(_given: Arguments) -> Result:
    return Result(account_actions.list_accounts(open_books()))


def account_change(given: Arguments) -> Result:
    changed = account_actions.change_account(
        open_books(), given.account, name=given.name, markup=given.markup, low_balance=given.low_balance,
        top_up=_top_up(given), group=given.group, zone=given.zone,
        email=_or_none(given.email), webhook=_or_none(given.webhook),
    )  # fmt: skip
    return Result(changed)


def _or_none(given: str | None) -> str | None:
    """The word "none" takes it away."""
    return "" if given == "none" else given


def _top_up(given: Arguments) -> dict[str, Any] | None:
    """`none` switches it off."""
    if given.top_up is None:
        return None
    if given.top_up == "none":
        return {}
    return {"usd": given.top_up, "below_usd": given.top_up_below, "most_per_month_usd": given.top_up_month}


def account_limit(given: Arguments) -> Result:
    named = {name: getattr(given, f"limit_{name}") for name in KINDS}
    form = {name: _unlimited(name, value) for name, value in named.items() if value is not None}
    limited = account_limits.limit_account(
        open_books(), given.account, form, each_user=given.each_user, models=given.models
    )
    return Result(limited)


def account_suspend(given: Arguments) -> Result:
    books = open_books()
    books.accounts.get(given.account)
    _confirm(given, f"Refuse every request of {given.account} from now on?")
    return Result(account_actions.change_account(books, given.account, suspended=True))


def account_resume(given: Arguments) -> Result:
    return Result(account_actions.change_account(open_books(), given.account, suspended=False))


def account_split(given: Arguments) -> Result:
    books = open_books()
    books.accounts.get(given.account)
    _confirm(given, f"Spread {given.account} over {given.shards} items? They are never joined again.")
    return Result(account_actions.split_account(books, given.account, given.shards))


def account_close(given: Arguments) -> Result:
    books = open_books()
    name = books.accounts.get(given.account).name
    _confirm(given, f"Close {given.account} ({name}) for good, and revoke all of its keys?")
    return Result(closing.close_account(books, given.account, given.rest, given.reason))


def account_export(given: Arguments) -> Result:
    return Result(closing.export_account(open_books(), given.account, given.file))


def key_create(given: Arguments) -> Result:
    made = account_actions.create_key(
        open_books(), given.account, given.name, _limits(given), auto_cache=given.auto_cache, manages=given.manage
    )
    return Result(made)


def key_list(given: Arguments) -> Result:
    return Result(account_actions.list_keys(open_books(), given.account))


def key_show(given: Arguments) -> Result:
    return Result(tracing.show_key(open_books(), given.key_id))


def key_reset(given: Arguments) -> Result:
    return Result(account_actions.reset_key(open_books(), given.key_id))


def key_rotate(given: Arguments) -> Result:
    return Result(account_actions.rotate_key(open_books(), given.key_id, given.old_until))


def request_show(given: Arguments) -> Result:
    return Result(tracing.show_request(open_books(), given.request_id))


def find(given: Arguments) -> Result:
    return Result(tracing.find(open_books(), given.text))


def key_limit(given: Arguments) -> Result:
    return Result(account_actions.limit_key(open_books(), given.key_id, _limits(given)))


def key_revoke(given: Arguments) -> Result:
    books = open_books()
    found = account_actions.known_key(books, given.key_id)
    _confirm(given, f"Revoke {given.key_id} ({found['name']}) of {found['account_id']} for good?")
    return Result(account_actions.revoke_key(books, given.key_id))


def _limits(given: Arguments) -> dict[str, Any]:
    """The limits that were given; the word "none" takes one away."""
    named = {name: getattr(given, f"limit_{name}") for name in NAMES}
    return {name: _unlimited(name, value) for name, value in named.items() if value is not None}


def _unlimited(name: str, value: Any) -> Any:
    if name in LISTS:
        return () if value == ["none"] else value
    return None if value == "none" else value


def credit(given: Arguments) -> Result:
    books = open_books()
    if given.usd.startswith("-"):
        _confirm(given, f"Take {given.usd[1:]} USD from {given.account}?")
    return Result(
        credit_actions.credit(books, given.account, given.usd, given.reason, credit_id=given.id, expires=given.expires)
    )


def credit_list(given: Arguments) -> Result:
    return Result(credit_actions.list_credits(open_books(), given.account))


def code_create(given: Arguments) -> Result:
    made = credit_actions.create_codes(
        open_books(), given.count, given.credit, given.batch, until=given.until, credit_days=given.credit_days,
        operation=given.id,
    )  # fmt: skip
    return Result(made)


def code_list(given: Arguments) -> Result:
    return Result(credit_actions.list_codes(open_books(), given.batch))


def code_batches(_given: Arguments) -> Result:
    return Result(credit_actions.list_batches(open_books()))


def code_revoke(given: Arguments) -> Result:
    _confirm(given, "Revoke every code of the batch that is left?" if given.batch else "Revoke the code?")
    return Result(credit_actions.revoke_codes(open_books(), given.code, given.batch))


def code_redeem(given: Arguments) -> Result:
    return Result(credit_actions.redeem_code(open_books(), given.code, given.account))


def payment_list(given: Arguments) -> Result:
    return Result(payment_actions.list_payments(open_books(), given.account))


def payment_unassigned(_given: Arguments) -> Result:
    return Result(payment_actions.list_unassigned(open_books()))


def payment_assign(given: Arguments) -> Result:
    return Result(payment_actions.assign_payment(open_books(), given.payment, given.account, given.usd))


def payment_dismiss(given: Arguments) -> Result:
    _confirm(given, f"Take {given.payment} off the list, and credit nobody?")
    return Result(payment_actions.dismiss_payment(open_books(), given.payment))


def usage(given: Arguments) -> Result:
    since, until = (given.day, given.day) if given.day else (given.since, given.until)
    shown = report_actions.usage(open_books(), given.account, since, until, given.by)
    text = rendering.comma_separated(shown["usage"], report_actions.columns(given.by)) if given.csv else None
    return Result(shown, text=text)


def account_statement(given: Arguments) -> Result:
    books = open_books()
    shown = statements.statement(books, given.account, given.month or statements.month_before(books.now_ms))
    if given.csv:
        return Result(shown, text=statements.as_csv(shown).rstrip("\n"))
    if given.html:
        return Result(shown, text=statements.as_page(shown).rstrip("\n"))
    return Result(shown)


def reconcile(given: Arguments) -> Result:
    text = Path(given.file).read_text(encoding="utf-8", errors="replace")
    shown = reconciling.reconcile(open_books(), text, given.vendor, given.tolerance)
    return Result(shown, 0 if shown["agrees"] else 1)


def audit(given: Arguments) -> Result:
    shown = report_actions.audit(open_books(), given.account, rows=given.rows)
    return Result(shown, 0 if shown["balanced"] else 1)


def holds(given: Arguments) -> Result:
    return Result(open_holds(open_books(), given.account, stuck=given.stuck))


def console(given: Arguments) -> Result:
    from . import console_command  # it loads the whole API

    console_command.serve(given.stack, given.url, given.region, given.port)
    return Result({})


def sweep(_given: Arguments) -> Result:
    done = sweep_once(open_books())
    return Result(done.shown(), 1 if done.failed or done.unbalanced else 0)


def vendors(_given: Arguments) -> Result:
    return Result(vendor_actions.vendors(open_books()))


def reprice(given: Arguments) -> Result:
    if not given.book:
        return Result(report_actions.reprice(open_books(), given.request_id, given.catalog))
    if not given.reason:
        raise CommandError("reason: a booking has one (--reason)")
    return Result(report_actions.book_reprice(open_books(), given.request_id, given.reason, given.catalog))


def charge_row(given: Arguments) -> Result:
    text = sys.stdin.read() if given.file == "-" else Path(given.file).read_text(encoding="utf-8")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"{given.file}: not JSON: {error}") from error
    return Result(report_actions.charge_late(open_books(), found))


def table_backup(given: Arguments) -> Result:
    return Result(report_actions.backup(wiring.open_table(os.environ), given.file))


def prices_show(_given: Arguments) -> Result:
    return Result(tariff_actions.show_tariff(open_books()))


def prices_set(given: Arguments) -> Result:
    text = Path(given.file).read_text(encoding="utf-8")
    return Result(tariff_actions.set_tariff(open_books(), text, given.reason))


def prices_markup(given: Arguments) -> Result:
    rule = {"models": given.models, "markup": given.factor, "account": given.account, "group": given.group,
            "from": getattr(given, "from")}  # fmt: skip
    return Result(tariff_actions.add_rule(open_books(), given.reason, **rule))


def prices_versions(_given: Arguments) -> Result:
    return Result(tariff_actions.list_versions(open_books()))


def prices_restore(given: Arguments) -> Result:
    return Result(tariff_actions.restore_tariff(open_books(), given.version, given.reason))


def catalog_check(given: Arguments) -> Result:
    path = given.file or os.environ.get("INTERCHANGE_CATALOG")
    return Result(report_actions.check_catalog(wiring.checked(Path(path) if path else BUILT_IN), path))
