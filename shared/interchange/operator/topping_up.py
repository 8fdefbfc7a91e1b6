"""Top-ups that happen by themselves: set by an account's owner or operator, made by the sweep."""

from __future__ import annotations

from interchange.dataclass import dataclass
from interchange.metering.account import Account
from interchange.metering.ledger import Balance
from interchange.metering.money import usd
from interchange.metering.top_ups import TopUp

from .amounts import amount
from .books import Books, Shown, Unmet
from .checkout import Checkout, Declined, Refused
from .telling import Finding, tell

KNOWN_MS = 20 * 3_600_000
"""So long the payment provider surely knows a call by its name: at least a day
(https://docs.stripe.com/api/idempotent_requests)."""
UNKNOWN = "it is not known whether the last one was paid: look at the payment provider's list"


@dataclass(frozen=True, slots=True)
class Rule:
    """Buys `nano` when the balance is below `below_nano`, by the card that was kept; at most `most_nano` a month."""

    below_nano: int
    nano: int
    most_nano: int


def read_rule(books: Books, below_usd: str, usd_text: str, month_usd: str | None = None) -> Rule:
    """`month_usd` is the most of a calendar month, ten purchases where it is not given. Raises ValueError naming the
    field, CommandError."""
    below, bought = amount("below_usd", below_usd, least=0), amount("usd", usd_text, least=1)
    most = 10 * bought if month_usd is None else amount("most_per_month_usd", month_usd, least=0)
    if books.checkout is None:
        raise Unmet("auto_topup: no payment provider is set up")
    books.checkout.check(bought)
    if most < bought:
        raise ValueError("most_per_month_usd: below one purchase")
    return Rule(below, bought, most)


def set_top_up(books: Books, account_id: str, rule: Rule) -> Shown:
    books.accounts.get(account_id)
    books.top_ups.set(account_id, rule.below_nano, rule.nano, rule.most_nano)
    books.accounts.change(account_id, tops_up=True)
    return shown_top_up(books, account_id)


def end_top_up(books: Books, account_id: str) -> Shown:
    books.accounts.change(account_id, tops_up=False)
    books.top_ups.set(account_id, 0, 0, 0)
    return shown_top_up(books, account_id)


def shown_top_up(books: Books, account_id: str) -> Shown:
    """Shows the setting as an object under `auto_topup`; None where it is switched off."""
    found = books.top_ups.get(account_id)
    if not found.nano:
        return {"auto_topup": None}
    shown: Shown = {
        "below_usd": usd(found.below_nano), "usd": usd(found.nano), "most_per_month_usd": usd(found.most_nano),
        "bought_this_month_usd": usd(found.spent_in(books.now_ms)), "card_kept": bool(found.payer),
    }  # fmt: skip
    return {"auto_topup": {**shown, "stopped": found.stopped} if found.stopped else shown}


def top_up(books: Books, account: Account, balance: Balance) -> int:
    """Nano-dollars that were bought now. What cannot be bought is told to the operator, once: it then waits for its
    owner. Raises PaymentsAway where it has to be tried again."""
    if not account.tops_up or books.checkout is None or not balance.active:
        return 0
    wanted = books.top_ups.get(account.account_id)
    if not wanted.is_due(balance.available_nano + balance.held_nano, books.now_ms):
        return 0
    if wanted.claim and books.now_ms - wanted.claimed_ms > KNOWN_MS:
        return _stop(books, account, wanted, wanted.claim, UNKNOWN)
    claim = books.top_ups.claim(wanted, books.now_ms)
    return 0 if claim is None else _buy(books, books.checkout, account, wanted, claim)


def _buy(books: Books, checkout: Checkout, account: Account, wanted: TopUp, claim: str) -> int:
    """The webhook may tell of the payment too, before or after: it is one."""
    try:
        paid = checkout.charge(account.account_id, wanted.nano, wanted.payer, f"topup-{claim}")
    except (Declined, Refused, ValueError) as error:
        return _stop(books, account, wanted, claim, str(error))
    books.payments.report(paid.payment_id, paid.facts, f"topup-{claim}", books.now_ms)
    books.top_ups.done(wanted, claim, books.now_ms)
    return wanted.nano


def _stop(books: Books, account: Account, wanted: TopUp, claim: str, why: str) -> int:
    books.top_ups.stop(wanted, claim, why)
    data = {"account": account.account_id, "name": account.name, "why": why}
    tell(books, account.account_id, [Finding("topup_stopped", claim, True, data)], {}, account)
    return 0
