"""`credit`, `credits`, `code ...`, `payments ...`"""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from interchange.metering.money import nano
from interchange.operator import credit_actions, payment_actions

from .opened import open_books
from .result import Result, confirm
from .units import AccountId, Name, Operation, Reason, Until, Usd, Words, Yes, said, unit

code = App(name="code", help="redemption codes")
payments = App(name="payments", help="what was paid")
Code = Annotated[str, said("the code itself", metavar="CODE")]
PaymentId = Annotated[Words, said("its id, as `payments list` has it", metavar="PAYMENT")]


def credit(
    account: AccountId,
    usd: Annotated[str, unit("USD", nano, "such as 25; -5 takes from it", allow_leading_hyphen=True)],
    /,
    *,
    reason: Reason,
    id: Annotated[Operation, said("makes a repeat of the same credit a no-op")] = None,
    expires: Until | None = None,
    yes: Yes = False,
) -> Result:
    """add to a balance, or take from it with a negative amount"""
    books = open_books()
    if usd.startswith("-"):
        confirm(f"Take {usd[1:]} USD from {account}?", yes=yes)
    return Result(credit_actions.credit(books, account, usd, reason, credit_id=id, expires=expires))


def credits(account: AccountId, /) -> Result:
    """an account's credits and what is left of each"""
    return Result(credit_actions.list_credits(open_books(), account))


@code.command
def create(
    *,
    credit: Annotated[Usd, said("what each is worth, such as 10")],
    batch: Name,
    count: Annotated[int, Parameter(metavar="N", help="how many, at most 1000")] = 1,
    until: Until | None = None,
    credit_days: Annotated[int | None, Parameter(metavar="N", help="how long the credit lasts, such as 90")] = None,
    id: Annotated[Operation, said("makes a repeat of the same command make the same codes")] = None,
) -> Result:
    """make codes; they are shown once"""
    made = credit_actions.create_codes(
        open_books(), count, credit, batch, until=until, credit_days=credit_days, operation=id
    )
    return Result(made)


@code.command(name="list")
def index(batch: Name, /) -> Result:
    """a batch's codes, without the codes"""
    return Result(credit_actions.list_codes(open_books(), batch))


@code.command
def batches() -> Result:
    """every batch of codes"""
    return Result(credit_actions.list_batches(open_books()))


@code.command
def revoke(
    code: Code | None = None, /, *, batch: Annotated[Name | None, said("all of a batch")] = None, yes: Yes = False
) -> Result:
    """take back codes that nobody has redeemed"""
    confirm("Revoke every code of the batch that is left?" if batch else "Revoke the code?", yes=yes)
    return Result(credit_actions.revoke_codes(open_books(), code, batch))


@code.command
def redeem(code: Code, /, *, account: AccountId) -> Result:
    """redeem a code for an account"""
    return Result(credit_actions.redeem_code(open_books(), code, account))


@payments.command(name="list")
def list_payments(*, account: AccountId | None = None) -> Result:
    """payments and what went back"""
    return Result(payment_actions.list_payments(open_books(), account))


@payments.command
def unassigned() -> Result:
    """money that is in no account's books, and why"""
    return Result(payment_actions.list_unassigned(open_books()))


@payments.command
def assign(
    payment: PaymentId,
    /,
    *,
    account: AccountId,
    usd: Annotated[Usd | None, said("what it is worth, for a currency without a rate")] = None,
) -> Result:
    """credit an unassigned payment to an account"""
    return Result(payment_actions.assign_payment(open_books(), payment, account, usd))


@payments.command
def dismiss(payment: PaymentId, /, *, yes: Yes = False) -> Result:
    """take a payment that is none of ours off the list"""
    confirm(f"Take {payment} off the list, and credit nobody?", yes=yes)
    return Result(payment_actions.dismiss_payment(open_books(), payment))
