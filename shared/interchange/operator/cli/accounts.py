"""`account ...`"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from interchange.operator import account_actions, account_limits, closing, statements
from interchange.operator.amounts import amount

from .limits import FLAT, AccountLimits, form
from .opened import open_books
from .result import Result, confirm, no_use_for
from .units import (
    NONE,
    AccountId,
    Email,
    File,
    Flag,
    Markup,
    Month,
    Name,
    Operation,
    Reason,
    Usd,
    Webhook,
    Words,
    Yes,
    Zone,
    said,
    unit,
)

account = App(name="account", help="accounts")
NO_LIMITS = AccountLimits()


def _usd_or_none(text: str) -> None:
    if text != NONE:
        amount("top-up", text, least=1)


@account.command
def create(
    *,
    name: Name,
    credit: Annotated[Usd, said("what it starts with, such as 25")] = "0",
    markup: Markup = "1",
    low_balance: Annotated[Usd | None, said("tell of it when the balance falls below this, such as 5")] = None,
    id: Operation = None,
) -> Result:
    """make an account and its first key"""
    made = account_actions.create_account(
        open_books(), name, credit, markup=markup, low_balance=low_balance, operation=id
    )
    return Result(made)


@account.command
def close(
    account: AccountId,
    /,
    *,
    rest: Annotated[Literal["refund", "write-off"], said("what becomes of the balance")],
    reason: Reason,
    yes: Yes = False,
) -> Result:
    """end an account for good; its books stay"""
    books = open_books()
    name = books.accounts.get(account).name
    confirm(f"Close {account} ({name}) for good, and revoke all of its keys?", yes=yes)
    return Result(closing.close_account(books, account, rest, reason))


@account.command
def export(account: AccountId, file: Annotated[File, said("a file that is not there yet")], /) -> Result:
    """write all that is kept of an account as JSON lines"""
    return Result(closing.export_account(open_books(), account, file))


@account.command
def statement(
    account: AccountId,
    month: Month | None = None,
    /,
    *,
    zone: Annotated[Zone | None, said("whose month; the account's own unless given, else UTC")] = None,
    csv: Annotated[Flag, said("print comma-separated values")] = False,
    html: Annotated[Flag, said("print a page that is ready to be printed")] = False,
) -> Result:
    """a month: balances, credits, charges by model, refunds"""
    no_use_for("html", csv and html, "--csv or --html, not both")
    shown = statements.statement(open_books(), account, month, zone)
    if csv:
        return Result(shown, text=statements.as_csv(shown).rstrip("\n"))
    return Result(shown, text=statements.as_page(shown).rstrip("\n") if html else None)


@account.command
def show(account: AccountId, /) -> Result:
    """an account's figures and keys"""
    return Result(account_actions.show_account(open_books(), account))


@account.command(name="list")
def index() -> Result:
    """every account"""
    return Result(account_actions.list_accounts(open_books()))


@account.command
def change(
    account: AccountId,
    /,
    *,
    name: Name | None = None,
    markup: Markup | None = None,
    low_balance: Annotated[Usd | None, said("tell of it when the balance falls below this, such as 5")] = None,
    zone: Zone | None = None,
    group: Annotated[Words | None, said("the customers that it is priced with", metavar="NAME")] = None,
    email: Email | None = None,
    webhook: Webhook | None = None,
    top_up: Annotated[
        str | None, unit("USD", _usd_or_none, "buy so much by the kept card when it runs low, such as 20; none: not")
    ] = None,
    top_up_below: Annotated[Usd | None, said("what is low, such as 5")] = None,
    top_up_month: Annotated[Usd | None, said("the most of a calendar month; ten times unless given")] = None,
) -> Result:
    """change an account; what is not named stays"""
    rule: dict[str, Any] | None = None
    if top_up in (None, NONE):
        no_use_for("top-up-below", top_up_below, "goes with --top-up USD")
        no_use_for("top-up-month", top_up_month, "goes with --top-up USD")
    else:
        rule = {"usd": top_up, "below_usd": top_up_below, "most_per_month_usd": top_up_month}
    changed = account_actions.change_account(
        open_books(), account, name=name, markup=markup, low_balance=low_balance,
        top_up={} if top_up == NONE else rule, group=group, zone=zone,
        email=_unset(email), webhook=_unset(webhook),
    )  # fmt: skip
    return Result(changed)


def _unset(given: str | None) -> str | None:
    return "" if given == NONE else given


@account.command
def limit(
    account: AccountId,
    /,
    *,
    each_user: Annotated[Flag, said("of each end user, by the body's `user`")] = False,
    models: Annotated[Words | None, said("of these models, such as 'claude-opus-*'", metavar="PATTERN")] = None,
    limits: Annotated[AccountLimits, FLAT] = NO_LIMITS,
) -> Result:
    """limits of an account, its users or models; `none` takes one away"""
    limited = account_limits.limit_account(open_books(), account, form(limits), each_user=each_user, models=models)
    return Result(limited)


@account.command
def suspend(account: AccountId, /, *, yes: Yes = False) -> Result:
    """refuse an account's requests"""
    books = open_books()
    books.accounts.get(account)
    confirm(f"Refuse every request of {account} from now on?", yes=yes)
    return Result(account_actions.change_account(books, account, suspended=True))


@account.command
def resume(account: AccountId, /) -> Result:
    """take an account's requests again"""
    return Result(account_actions.change_account(open_books(), account, suspended=False))


@account.command
def split(
    account: AccountId,
    /,
    *,
    shards: Annotated[int, Parameter(metavar="N", help="how many, at most 64")],
    yes: Yes = False,
) -> Result:
    """spread a hot account over several items"""
    books = open_books()
    books.accounts.get(account)
    confirm(f"Spread {account} over {shards} items? They are never joined again.", yes=yes)
    return Result(account_actions.split_account(books, account, shards))
