"""The command line's grammar."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

from . import closing, commands
from .account_limits import KINDS
from .commands import Command
from .key_limits import HELP, LISTS, NAMES
from .report_actions import BY, GROUPS

SHORT = {"spend_usd": "--limit-usd", "allowed_models": "--allow-model", "allowed_networks": "--allow-network"}
"""Limits that have a shorter name, too."""


class Parser(argparse.ArgumentParser):
    """Errors are one line here, too."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    made = Parser(prog="interchange", description="The operator's command line.")
    groups = made.add_subparsers(required=True, metavar="COMMAND")
    _stack(groups)
    _accounts(groups.add_parser("account", help="accounts").add_subparsers(required=True, metavar="COMMAND"))
    _keys(groups.add_parser("key", help="keys").add_subparsers(required=True, metavar="COMMAND"))
    _codes(groups.add_parser("code", help="redemption codes").add_subparsers(required=True, metavar="COMMAND"))
    request = groups.add_parser("request", help="requests").add_subparsers(required=True, metavar="COMMAND")
    _add(request, "show", commands.request_show, "a request and whose it is").add_argument("request_id")
    look = _add(groups, "find", commands.find, "whose is a key, its last four characters, a request, a name?")
    look.add_argument("text")
    _money(groups)
    _payments(groups.add_parser("payments", help="what was paid").add_subparsers(required=True, metavar="COMMAND"))
    _books(groups)
    _prices(groups.add_parser("prices", help="what customers pay").add_subparsers(required=True, metavar="COMMAND"))
    table = groups.add_parser("table", help="the table's file").add_subparsers(required=True, metavar="COMMAND")
    _add(table, "backup", commands.table_backup, "copy it as it stands, while requests go on").add_argument("file")
    catalog = groups.add_parser("catalog", help="the catalog").add_subparsers(required=True, metavar="COMMAND")
    _add(catalog, "check", commands.catalog_check, "validate a catalog file").add_argument("file", nargs="?")
    return made


def _prices(to: Any) -> None:
    _add(to, "show", commands.prices_show, "the rules that are in force beside the catalog's prices")
    given = _add(to, "set", commands.prices_set, "put the rules of a file (YAML, JSON) in force")
    given.add_argument("file")
    markup = _add(to, "markup", commands.prices_markup, "add a rule: a markup for models, from a date if wanted")
    markup.add_argument("models", metavar="PATTERN")
    markup.add_argument("factor")
    markup.add_argument("--account", metavar="ID")
    markup.add_argument("--group", metavar="NAME")
    markup.add_argument("--from", metavar="WHEN")
    _add(to, "versions", commands.prices_versions, "every version, with the digest of its rules")
    back = _add(to, "restore", commands.prices_restore, "put an earlier version in force again")
    back.add_argument("version", type=int)
    for one in (given, markup, back):
        one.add_argument("--reason", default="")


def _stack(to: Any) -> None:
    first = _add(to, "bootstrap", commands.first_steps, "first steps on a deployed stack: vendors' keys, account, key")
    first.add_argument("--stack", required=True, metavar="NAME")
    first.add_argument("--region", help="where the stack is; the configured region unless given")
    first.add_argument("--account", default="operator", metavar="NAME", help="the first account (default operator)")
    first.add_argument("--credit", default="0", metavar="USD", help="what it starts with")
    first.add_argument("--secret", action="append", metavar="VARIABLE", help="store this variable's value, too")
    first.add_argument("--ask", action="store_true", help="ask for the keys that the environment does not have")


def _accounts(to: Any) -> None:
    create = _add(to, "create", commands.account_create, "make an account and its first key")
    create.add_argument("--name", required=True)
    create.add_argument("--credit", default="0", metavar="USD")
    create.add_argument("--markup", default="1", metavar="FACTOR", help="what every price is multiplied by")
    create.add_argument("--low-balance", metavar="USD", help="notify the SNS topic when the balance falls below this")
    create.add_argument("--id", help="makes a repeat of the same command make nothing new")
    close = _add(to, "close", commands.account_close, "end an account for good; its books stay", asks=True)
    close.add_argument("account")
    close.add_argument("--rest", choices=tuple(closing.WORDS), required=True, help="what becomes of the balance")
    close.add_argument("--reason", required=True)
    export = _add(to, "export", commands.account_export, "write all that is kept of an account as JSON lines")
    export.add_argument("account")
    export.add_argument("file", help="a file that is not there yet")
    month = _add(to, "statement", commands.account_statement, "a month: balances, credits, charges by model, refunds")
    month.add_argument("account")
    month.add_argument("month", nargs="?", metavar="YYYY-MM", help="the last one that is over, unless given")
    month.add_argument("--csv", action="store_true", help="print comma-separated values")
    month.add_argument("--html", action="store_true", help="print a page that is ready to be printed")
    _add(to, "show", commands.account_show, "an account's figures and keys").add_argument("account")
    _add(to, "list", commands.account_list, "every account")
    change = _add(to, "change", commands.account_change, "change an account")
    change.add_argument("account")
    change.add_argument("--name")
    change.add_argument("--markup", metavar="FACTOR")
    change.add_argument("--low-balance", metavar="USD")
    change.add_argument("--zone", metavar="NAME", help="of its keys' days, weeks and months, such as Europe/Berlin")
    change.add_argument("--group", help="the customers that it is priced with")
    change.add_argument("--email", metavar="ADDRESS", help="where its owner is told of things; none: nowhere")
    change.add_argument("--webhook", metavar="URL", help="likewise, by signed calls; the secret is shown once")
    change.add_argument("--top-up", metavar="USD", help="buy so much by the kept card when it runs low; none: not")
    change.add_argument("--top-up-below", metavar="USD", help="what is low")
    change.add_argument("--top-up-month", metavar="USD", help="the most of a calendar month; ten times unless given")
    limit = _add(
        to, "limit", commands.account_limit, "limits of an account, its users or models; `none` takes one away"
    )
    limit.add_argument("account")
    limit.add_argument("--each-user", action="store_true", help="of each end user, by the body's `user`")
    limit.add_argument("--models", metavar="PATTERN", help="of these models, such as 'claude-opus-*'")
    _limits(limit, KINDS)
    suspend = _add(to, "suspend", commands.account_suspend, "refuse an account's requests", asks=True)
    suspend.add_argument("account")
    split = _add(to, "split", commands.account_split, "spread a hot account over several items", asks=True)
    split.add_argument("account")
    split.add_argument("--shards", type=int, required=True, metavar="N")
    _add(to, "resume", commands.account_resume, "take an account's requests again").add_argument("account")


def _keys(to: Any) -> None:
    create = _add(to, "create", commands.key_create, "make a key; it is shown once")
    create.add_argument("--account", required=True)
    create.add_argument("--name", help="numbered where none is given")
    create.add_argument("--auto-cache", action="store_true", help="mark its prompts for caching")
    create.add_argument("--manage", action="store_true", help="a management key: sees its account, calls no model")
    _limits(create, NAMES)
    _add(to, "list", commands.key_list, "an account's keys").add_argument("--account", required=True)
    _add(to, "show", commands.key_show, "a key and whose it is").add_argument("key_id")
    _add(to, "reset", commands.key_reset, "begin a key's spending cap anew").add_argument("key_id")
    rotate = _add(to, "rotate", commands.key_rotate, "another secret for the same key; it is shown once")
    rotate.add_argument("key_id")
    rotate.add_argument("--old-until", default="1d", metavar="WHEN", help="how long the old one is good (default 1d)")
    limit = _add(to, "limit", commands.key_limit, "change a key's limits; `none` takes one away")
    limit.add_argument("key_id")
    _limits(limit, NAMES)
    _add(to, "revoke", commands.key_revoke, "refuse a key from now on", asks=True).add_argument("key_id")


def _limits(to: argparse.ArgumentParser, names: Iterable[str]) -> None:
    """An option for each limit, by its name."""
    for name in names:
        flags = [f"--{name.replace('_', '-')}", *([SHORT[name]] if name in SHORT else [])]
        unit, said = HELP[name]
        how: dict[str, Any] = {"action": "append"} if name in LISTS else {}
        to.add_argument(*flags, dest=f"limit_{name}", metavar=unit, help=said, **how)


def _codes(to: Any) -> None:
    create = _add(to, "create", commands.code_create, "make codes; they are shown once")
    create.add_argument("--count", type=int, default=1)
    create.add_argument("--credit", required=True, metavar="USD", help="what each is worth")
    create.add_argument("--batch", required=True, metavar="NAME")
    create.add_argument("--until", metavar="WHEN", help="a date, or a span such as 30d")
    create.add_argument("--credit-days", type=int, metavar="N", help="how long the credit lasts")
    _add(to, "list", commands.code_list, "a batch's codes, without the codes").add_argument("batch")
    create.add_argument("--id", help="makes a repeat of the same command make the same codes")
    _add(to, "batches", commands.code_batches, "every batch of codes")
    revoke = _add(to, "revoke", commands.code_revoke, "take back codes that nobody has redeemed", asks=True)
    revoke.add_argument("code", nargs="?")
    revoke.add_argument("--batch", metavar="NAME", help="all of a batch")
    redeem = _add(to, "redeem", commands.code_redeem, "redeem a code for an account")
    redeem.add_argument("code")
    redeem.add_argument("--account", required=True)


def _money(to: Any) -> None:
    credit = _add(to, "credit", commands.credit, "add to a balance, or take from it with a negative amount", asks=True)
    credit.add_argument("account")
    credit.add_argument("usd")
    credit.add_argument("--reason", required=True)
    credit.add_argument("--id", help="makes a repeat of the same credit a no-op")
    credit.add_argument("--expires", metavar="WHEN", help="a date, or a span such as 30d")
    _add(to, "credits", commands.credit_list, "an account's credits and what is left of each").add_argument("account")


def _payments(to: Any) -> None:
    _add(to, "list", commands.payment_list, "payments and what went back").add_argument("--account")
    _add(to, "unassigned", commands.payment_unassigned, "money that is in no account's books, and why")
    assign = _add(to, "assign", commands.payment_assign, "credit an unassigned payment to an account")
    assign.add_argument("payment")
    assign.add_argument("--account", required=True)
    assign.add_argument("--usd", help="what it is worth, for a currency without a rate")
    drop = _add(to, "dismiss", commands.payment_dismiss, "take a payment that is none of ours off the list", asks=True)
    drop.add_argument("payment")


def _books(to: Any) -> None:
    usage = _add(to, "usage", commands.usage, "what was used; today unless days are given (UTC)")
    usage.add_argument("--account")
    usage.add_argument("--day", metavar="WHEN", help="a day, a month or a span: 2026-11-28, 2026-11, yesterday, 7d")
    usage.add_argument("--since", metavar="WHEN", help="from its first day on")
    usage.add_argument("--until", metavar="WHEN", help="until its last day; today unless given")
    usage.add_argument("--by", default=BY, metavar="NAMES", help=f"any of {','.join(GROUPS)} (default {BY})")
    usage.add_argument("--csv", action="store_true", help="print comma-separated values")
    bill = _add(to, "reconcile", commands.reconcile, "lay a vendor's bill (CSV) beside our sums: where they part")
    bill.add_argument("file")
    bill.add_argument("--vendor", metavar="NAME", help="whose it is, where the file does not say")
    bill.add_argument("--tolerance", default="0.01", metavar="USD", help="of a day and model (default 0.01)")
    audit = _add(to, "audit", commands.audit, "check that every account's books balance")
    audit.add_argument("--account")
    audit.add_argument("--rows", action="store_true", help="also find every charge again among the usage rows")
    held = _add(to, "holds", commands.holds, "money that is set aside now, the oldest first")
    held.add_argument("--account")
    held.add_argument("--stuck", action="store_true", help="only what the next sweep resolves")
    page = _add(to, "console", commands.console, "the operator's page, on this machine's loopback, until interrupted")
    page.add_argument("--stack", metavar="NAME", help="of a deployed stack, with the ambient AWS credentials")
    page.add_argument("--url", metavar="URL", help="likewise, by its AdminUrl")
    page.add_argument("--region", help="where it is; the configured region unless given")
    page.add_argument("--port", type=int, default=0, help="a free one unless given")
    _add(to, "sweep", commands.sweep, "resolve what was left open: holds, expired credit, days that are over")
    _add(to, "vendors", commands.vendors, "what was last seen of each vendor: success, failure and why, rests")
    late = _add(
        to, "charge", commands.charge_row, "charge a request whose usage row could not be stored, from its log line"
    )
    late.add_argument("file", help="a log line `row_unwritten`, or its row, as JSON; - reads standard input")
    reprice = _add(to, "reprice", commands.reprice, "a request's cost at other prices, and the difference")
    reprice.add_argument("request_id")
    reprice.add_argument("--catalog", metavar="FILE")
    reprice.add_argument("--book", action="store_true", help="book the difference to the account, once")
    reprice.add_argument("--reason", help="why it is booked")


def _add(to: Any, name: str, run: Command, help_text: str, *, asks: bool = False) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = to.add_parser(name, help=help_text)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    if asks:
        made.add_argument("--yes", action="store_true", help="do not ask")
    made.set_defaults(run=run)
    return made
