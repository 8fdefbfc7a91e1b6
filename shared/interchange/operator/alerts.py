"""Finds in an account's books what somebody must be told of."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.identity.keys import Limits, read_limits, read_shared
from interchange.metering import key_uses
from interchange.metering.account import Account, Audit
from interchange.metering.episodes import MOST_TRIES
from interchange.metering.key_left import left_of
from interchange.metering.ledger import Balance
from interchange.metering.money import usd
from interchange.metering.reports import Line, total
from interchange.metering.store import Item, day_of

from .books import Books
from .dates import written
from .notify import Letter
from .telling import Finding, Told, Way, customers, tell, tell_by

CAP_LEFT = 20
"""A cap counts as reached when less than this part of it is left: the next answer may not fit."""
WINDOWS = ("in all", "a day", "a week", "a month")
EXPIRING_MS = 14 * 86_400_000
"""Before its end a key's owner is told; an idle account is looked at once a week."""
OF_A_LIFE = 2
"""A key that was made for a short time is told of in the second half of it."""
LAST_DAYS = 7
"""Before a model goes: who calls it then is told a second time."""
SPEND = "SPEND"
DAYS_REMEMBERED = 7


def tell_account(books: Books, account: Account, audit: Audit) -> Told:
    """Tells what stands in the books now. Without anybody to tell, nothing is looked for, and nothing is remembered."""
    theirs = customers(books, account)
    asked = _ask(books, account)
    if not books.alerts.channels and not theirs:
        return asked
    known = books.episodes.of(account.account_id)
    found = [_low(account, audit.balance), _unbalanced(account, audit), *_spike(books, account, audit.balance, known)]
    if theirs:
        found += _keys(books, account)
    return asked + tell(books, account.account_id, found, known, account)


def _ask(books: Books, account: Account) -> Told:
    """Sends the code that confirms an address to it, once."""
    sender, code = books.alerts.sender, account.email_code.partition(":")[0]
    if not account.email_asked or not code or sender is None:
        return Told()
    subject = hashlib.sha256(f"{account.email_asked} {account.email_code}".encode()).hexdigest()[:16]
    finding = Finding("address_named", subject, True, _of(account, code=code))
    way = Way(Letter(sender, account.email_asked, "asked-email"), MOST_TRIES)
    return tell_by(books, account.account_id, finding, books.episodes.of(account.account_id), way)


def tell_day(books: Books, account: Account, lines: Sequence[Line]) -> Told:
    """Tells what a day shows that is closed now."""
    theirs = customers(books, account)
    if not lines or (not books.alerts.channels and not theirs):
        return Told()
    known = books.episodes.of(account.account_id)
    found = [*_absorbed(account, lines), *(_deprecated(books, account, lines) if theirs else ())]
    return tell(books, account.account_id, found, known, account)


def _of(account: Account, **data: Any) -> dict[str, Any]:
    return {"account": account.account_id, "name": account.name, **data}


def _low(account: Account, balance: Balance) -> Finding:
    """Finds a low balance. What is held comes back in part: it is low when even all of it would not help."""
    low = account.low_nano is not None and balance.available_nano + balance.held_nano < account.low_nano
    data = _of(account, available_usd=usd(balance.available_nano), held_usd=usd(balance.held_nano),
               threshold_usd=usd(account.low_nano or 0))  # fmt: skip
    return Finding("low_balance", "", low, data)


def _unbalanced(account: Account, audit: Audit) -> Finding:
    gaps = _of(account, gap_usd=usd(audit.balance.gap_nano), held_gap_usd=usd(audit.held_gap_nano),
               credit_gap_usd=usd(audit.credit_gap_nano))  # fmt: skip
    return Finding("books_unbalanced", "", not audit.sound, gaps)


@dataclass(frozen=True, slots=True)
class Spend:
    """Spending of an account: what it had been charged in all when a day began, and what its last days cost, those
    without use left out. In nano-dollars."""

    day: str
    start: int
    history: tuple[int, ...] = ()

    def on(self, day: str, charged: int) -> Spend:
        """The spending as of `day`, when `charged` was found first."""
        if day == self.day:
            return self
        spent = charged - self.start
        return Spend(day, charged, (*self.history, spent)[-DAYS_REMEMBERED:] if spent > 0 else self.history)

    @property
    def usual(self) -> int:
        return sum(self.history) // len(self.history) if self.history else 0


def _spike(books: Books, account: Account, balance: Balance, known: Mapping[str, Item]) -> Iterator[Finding]:
    """Today against what the account's days usually cost. A first day is compared with nothing."""
    today, item = day_of(books.now_ms), known.get(SPEND)
    was = (
        _read_spend(item) if item else Spend(today, 0 if day_of(account.created_ms) == today else balance.charged_nano)
    )
    now = was.on(today, balance.charged_nano)
    if now != was or item is None:
        books.episodes.remember(
            account.account_id, SPEND, day=now.day, start=now.start, history=[str(one) for one in now.history]
        )
    spent, settings = balance.charged_nano - now.start, books.alerts
    much = max(Decimal(settings.spike_nano), settings.spike_factor * now.usual)
    data = _of(account, day=today, spent_usd=usd(spent), usual_usd=usd(now.usual))
    yield Finding("spend_spike", today, bool(now.history) and spent > much, data)


def _read_spend(item: Item) -> Spend:
    return Spend(str(item["day"]), int(item["start"]), tuple(int(one) for one in item["history"]))


def _keys(books: Books, account: Account) -> Iterator[Finding]:
    running = Counter(hold.key_id for hold in books.accounts.holds(account.account_id))
    shared = read_shared(account.shared).account
    if shared is not None and not running:
        data = _of(account, key_id=None, key_name=account.name)
        yield from _caps(books, account, key_uses.ACCOUNT, replace(shared, zone=account.zone), data)
    for key in books.keys.of_account(account.account_id):
        if key["status"] != "active":
            continue
        yield _expiring(books, account, key)
        if not running[str(key["key_id"])]:  # what is held comes back in part
            limits = read_limits(key.get("limits") or {})
            yield from _caps(books, account, str(key["key_id"]), limits, _named(account, key))


def _named(account: Account, key: Mapping[str, Any], **data: Any) -> dict[str, Any]:
    return _of(account, key_id=str(key["key_id"]), key_name=str(key["name"]), **data)


def _expiring(books: Books, account: Account, key: Mapping[str, Any]) -> Finding:
    ends = read_limits(key.get("limits") or {}).expires_ms
    lead = EXPIRING_MS if ends is None else min(EXPIRING_MS, (ends - int(key["created_ms"])) // OF_A_LIFE)
    soon = ends is not None and ends - lead <= books.now_ms < ends
    data = _named(account, key, expires=None if ends is None else written(ends))
    return Finding("key_expiring", f"{key['key_id']}#{ends or ''}", soon, data)


def _caps(books: Books, account: Account, counters: str, limits: Limits, whose: Mapping[str, Any]) -> Iterator[Finding]:
    """`counters` is the key's id, or the account's own."""
    caps = (
        limits.spend_nano, limits.spend_per_day_nano, limits.spend_per_week_nano, limits.spend_per_month_nano,
    )  # fmt: skip
    if all(cap is None for cap in caps):
        return
    left = left_of(books.table, account.account_id, counters, limits, books.now_ms)
    rests = (left.spend_nano, left.day_nano, left.week_nano, left.month_nano)
    for window, cap, rest in zip(WINDOWS, caps, rests, strict=True):
        if cap is not None and rest is not None:
            data = {**whose, "window": window, "cap_usd": usd(cap), "used_usd": usd(cap - rest)}
            yield Finding("cap_reached", f"{counters}#{window}", rest * CAP_LEFT < cap, data)


def _absorbed(account: Account, lines: Sequence[Line]) -> Iterator[Finding]:
    sums, day = total(lines), lines[0].day
    if sums.over:
        data = _of(account, day=day, requests=sums.over, absorbed_usd=usd(sums.absorbed_nano))
        yield Finding("absorbed_charges", day, True, data)


def _deprecated(books: Books, account: Account, lines: Sequence[Line]) -> Iterable[Finding]:
    """Models of the day that the catalog says are to go; each is told of when it is marked, and once more to whom
    still calls it in its last days."""
    used = {line.model for line in lines if line.sums.requests}
    for model in books.catalog().models if used else ():
        if model.deprecated is not None and model.id in used:
            instead = f" {model.successor} takes its place" if model.successor else ""
            data = _of(account, model=model.id, day=lines[0].day, date=model.deprecated, successor=model.successor,
                       instead=instead and f";{instead}")  # fmt: skip
            left = (date.fromisoformat(model.deprecated) - date.fromisoformat(day_of(books.now_ms))).days
            event = "model_deprecated" if left > LAST_DAYS else "model_ends"
            yield Finding(event, f"{model.id}#{model.deprecated}", True, data)
