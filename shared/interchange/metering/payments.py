"""Payments in the books: what is reported of one is kept, and what an account is due for it is booked, once.

PAYMENT#<id>  PAYMENT   its facts (payment.py), `booked` nano-dollars, `rate`, `version`; gsi1: PAYMENTS or
                        PAYMENTS#UNASSIGNED / time#id
CLAIM#<id>    CLAIM     what the event of our own form with this id is about, as a digest; expires
EVENT#<id>    EVENT     an event that is about an account and moved nothing, `why` it was refused; gsi1: EVENTS /
                        time#id; expires

A payment and its credit entry change in one transaction, conditional on the payment's version: two reports at once, or
a crash between, book once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from interchange.dataclass import dataclass, replace

from .credit_shares import Credit
from .credits import Credits
from .ledger import UnknownAccount
from .money import NANO
from .payment import USD, Facts, read_facts, write_facts
from .store import Change, ConditionFailed, Insert, Item, Store, Update

TRIES = 8
EVENT_SECONDS = 90 * 86_400
ALL, UNASSIGNED, EVENTS = "PAYMENTS", "PAYMENTS#UNASSIGNED", "EVENTS"
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it is kept. `why` is why it is not assigned; "" where it is. `booked_nano` is what its account was
    given for it until now. `assigned`: by the operator, whose word counts, whatever account an event names."""

    payment_id: str
    facts: Facts
    created_ms: int
    event_id: str
    booked_nano: int = 0
    rate: str = "1"
    why: str = ""
    version: int = 0
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class Booked:
    """Outcome of a report: `nano` was booked now (negative where money went back), 0 where all was booked before.
    `contested`: a dispute of an account's payment is known now, and was not before, or not whose."""

    payment: Payment
    nano: int
    contested: bool = False


class UnknownPayment(ValueError):
    """Nobody has told of it."""

    def __init__(self, payment_id: str) -> None:
        super().__init__(f"payment: {payment_id[:60]!r} is not among the unassigned ones, nor any other")


class Payments:
    def __init__(self, store: Store, rates: Mapping[str, Decimal] | None = None) -> None:
        """`rates` is what one unit of a currency other than USD is worth in USD."""
        self._store = store
        self._credits = Credits(store)
        self._rates = {USD: ONE, **(rates or {})}

    def report(self, payment_id: str, told: Facts, event_id: str, now_ms: int) -> Booked:
        """Adds `told` to what is known and books the difference. Raises PaymentConflict."""
        for _ in range(TRIES):
            known = self.get(payment_id)
            told = told.of_nobody() if known is not None and known.assigned else told
            facts = told if known is None else known.facts.merge(told)
            if facts.part_of and not told.part_of:
                return self.report(facts.part_of, _elsewhere(told), event_id, now_ms)
            try:
                booked = self._enter(payment_id, known, facts, event_id, now_ms)
            except ConditionFailed:
                continue
            if told.part_of:
                whole = self.report(told.part_of, _elsewhere(facts), event_id, now_ms)
                return whole if whole.nano or whole.contested else booked
            return booked
        raise ConditionFailed({})

    def assign(self, payment_id: str, account_id: str, now_ms: int, nano: int | None = None) -> Booked:
        """Credits a payment that named no account. `nano` is what it is worth, where its currency has no rate. Raises
        UnknownAccount, UnknownPayment, ValueError."""
        known = self.get(payment_id)
        if known is None:
            raise UnknownPayment(payment_id)
        if not known.why:
            raise ValueError(f"payment: {payment_id[:60]!r} is not among the unassigned ones")
        if not known.facts.bought:
            raise ValueError(f"payment: {payment_id[:60]!r} went back before it came in; it can be dismissed")
        facts = replace(known.facts, account_id=account_id)
        rate = None if nano is None else _rate_of(facts, nano)
        if rate is None and facts.currency not in self._rates:
            raise ValueError(f"usd: what {facts.currency} is worth is not set; give the amount to credit")
        self._credits.check(account_id)
        if self._is_closed(account_id):
            raise ValueError(f"account: {account_id} is closed")
        return self._enter(payment_id, replace(known, assigned=True), facts, "assigned", now_ms, rate)

    def dismiss(self, payment_id: str) -> Payment:
        """Takes a payment off the list of unassigned ones: it is none of ours. Raises ValueError."""
        known = self.get(payment_id)
        if known is None:
            raise UnknownPayment(payment_id)
        if not known.why:
            raise ValueError(f"payment: {payment_id[:60]!r} is not among the unassigned ones")
        change = Change(
            "SET gsi1pk = :all, why = :none", "why = :why", {}, {":all": ALL, ":none": "", ":why": known.why}
        )
        return _read(self._store.change(f"PAYMENT#{payment_id}", "PAYMENT", change))

    def claim(self, event_id: str, digest: str, now_ms: int) -> bool:
        """False where an event of this id, but about something else, was taken before."""
        pk, expires = f"CLAIM#{event_id}", now_ms // 1000 + EVENT_SECONDS
        try:
            self._store.insert({"pk": pk, "sk": "CLAIM", "digest": digest, "expires_at": expires})
        except ConditionFailed:
            return (self._store.get(pk, "CLAIM") or {}).get("digest") == digest
        return True

    def note(self, event_id: str, kind: str, account_id: str, now_ms: int, why: str = "") -> bool:
        """Keeps an event that is about an account and moved nothing; `why` it was refused. False for a repeat."""
        item = {
            "pk": f"EVENT#{event_id}", "sk": "EVENT", "gsi1pk": EVENTS, "gsi1sk": f"{now_ms:015d}#{event_id}",
            "event": event_id, "kind": kind, "account_id": account_id, "created_ms": now_ms, "why": why,
            "expires_at": now_ms // 1000 + EVENT_SECONDS,
        }  # fmt: skip
        try:
            self._store.insert(item)
        except ConditionFailed:
            return False
        return True

    def get(self, payment_id: str) -> Payment | None:
        item = self._store.get(f"PAYMENT#{payment_id}", "PAYMENT")
        return None if item is None else _read(item)

    def payer(self, payment_id: str) -> str | None:
        """The account of a payment that is known, or of that which it is a part of."""
        known = self.get(payment_id)
        if known is not None and known.facts.part_of and not known.facts.account_id:
            known = self.get(known.facts.part_of)
        return known.facts.account_id if known is not None else None

    def all(self) -> Iterator[Payment]:
        """Those that are not unassigned, oldest first."""
        return map(_read, self._store.query_index(ALL))

    def unassigned(self) -> Iterator[Payment]:
        """Money that came in, or went back, for no account; oldest first."""
        return map(_read, self._store.query_index(UNASSIGNED))

    def events(self) -> Iterator[Item]:
        """`note`d events, oldest first."""
        return self._store.query_index(EVENTS)

    def remember(self, customer: str, account_id: str) -> None:
        """Whose money a customer of the payment provider's pays: a later invoice may name nobody."""
        self._store.put({"pk": f"CUSTOMER#{customer}", "sk": "CUSTOMER", "account_id": account_id})

    def account_of(self, customer: str) -> str | None:
        item = self._store.get(f"CUSTOMER#{customer}", "CUSTOMER")
        return None if item is None else str(item["account_id"])

    def _enter(
        self, payment_id: str, known: Payment | None, facts: Facts, event_id: str, now_ms: int,
        rate: Decimal | None = None,
    ) -> Booked:  # fmt: skip
        """Writes the payment and books the difference, in one transaction. Raises ConditionFailed where it changed
        meanwhile."""
        before = known or self._begin(payment_id, facts, event_id, now_ms)
        facts = _as_booked(facts, before)
        kept = Decimal(before.rate) if before.version and not before.why and before.facts.account_id else None
        scale = rate or kept or self._rates.get(facts.currency or USD)
        why = self._why(facts, scale) if known is None or known.why or known.facts.bought is None else ""
        if not why and not before.booked_nano and facts.account_id and self._is_closed(facts.account_id):
            why = f"account {facts.account_id[:60]} is closed"
        nano = facts.due_nano(scale) - before.booked_nano if scale and facts.account_id and not why else 0
        if known is not None and known.facts == facts and not nano and known.why == why:
            return Booked(known, 0)
        made = Payment(
            payment_id, facts, before.created_ms, before.event_id or event_id, before.booked_nano + nano,
            str(scale or ONE), why, before.version + 1, before.assigned,
        )  # fmt: skip
        step = _step(made, known)
        if not nano:
            self._store.transact([step])
        else:
            entry = _entry(made, before, nano, event_id, now_ms)
            if not self._credits.add(facts.account_id or "", entry, [step]):
                raise ConditionFailed({})
        return Booked(made, nano, _newly_contested(made, known))

    def _begin(self, payment_id: str, facts: Facts, event_id: str, now_ms: int) -> Payment:
        """A payment that is seen first. One that an earlier release credited has its entry already."""
        made = Payment(payment_id, Facts(), now_ms, event_id)
        found = facts.account_id and self._credits.entry(facts.account_id, f"payment-{payment_id}")
        if not found:
            return made
        cents = found.nano * 100 // NANO
        facts = Facts(currency=USD, paid=cents, bought=cents)
        return Payment(payment_id, facts, now_ms, event_id, booked_nano=found.nano, version=1)

    def _why(self, facts: Facts, rate: Decimal | None) -> str:
        """Why it cannot be booked, in a line; "" where it can, or where there is nothing to book."""
        if facts.part_of:
            return ""
        if facts.bought is None or facts.paid is None:
            return "a refund or dispute of a payment that is not known" if facts.contested else ""
        if not facts.account_id:
            return "it names no account" if facts.back < facts.paid else ""
        if rate is None:
            return f"what one {facts.currency} is worth is not set"
        try:
            self._credits.check(facts.account_id)
        except UnknownAccount:
            return f"there is no account {facts.account_id[:60]}"
        return ""

    def _is_closed(self, account_id: str) -> bool:
        return bool((self._store.get(f"ACCOUNT#{account_id}", "ACCOUNT") or {}).get("ended_ms"))


def _newly_contested(made: Payment, known: Payment | None) -> bool:
    if made.why or not made.facts.account_id:
        return False
    before = known.facts.disputed if known is not None and not known.why else frozenset()
    return bool(made.facts.disputed - before)


def _elsewhere(facts: Facts) -> Facts:
    """The facts that count where it is a part: whose it is, and what went back. The amount is known there."""
    return replace(facts, currency=None, paid=None, bought=None, rank=0, part_of=None)


def _as_booked(facts: Facts, before: Payment) -> Facts:
    """Adds the amounts of an entry of an earlier release, where no report has named them."""
    if before.facts.bought is None or facts.bought is not None:
        return facts
    return before.facts.merge(facts)


def _rate_of(facts: Facts, nano: int) -> Decimal:
    """The rate that makes what is left of the payment worth `nano`."""
    whole = facts.due_nano(ONE)
    if whole <= 0:
        raise ValueError("payment: nothing is left of it")
    return Decimal(nano) / Decimal(whole)


def _entry(made: Payment, before: Payment, nano: int, event_id: str, now_ms: int) -> Credit:
    """Named after the payment and the change, so that it is booked once; what goes back is tied to what came in."""
    first = f"payment-{made.payment_id}"
    if not before.booked_nano and before.version == 0 and nano > 0:
        return Credit(first, nano, f"payment {event_id}", now_ms, source="payment")
    name, source = f"{first}.{made.version}", _source(before.facts, made.facts)
    return Credit(name, nano, f"{source} of payment {made.payment_id}: {event_id}", now_ms, source=source,
                  of=first if nano < 0 else None)  # fmt: skip


def _source(before: Facts, after: Facts) -> str:
    if before.disputes != after.disputes:
        return "dispute"
    if (before.refunds, before.failed, before.refunded) != (after.refunds, after.failed, after.refunded):
        return "refund"
    return "payment" if before.bought is None or not before.account_id else "correction"


def _step(made: Payment, known: Payment | None) -> Insert | Update:
    values = {
        "gsi1pk": UNASSIGNED if made.why else ALL,
        "gsi1sk": f"{made.created_ms:015d}#{made.payment_id}",
        "booked": made.booked_nano, "rate": made.rate, "version": made.version, "why": made.why,
        "assigned": made.assigned,
        "created_ms": made.created_ms, "event": made.event_id, **write_facts(made.facts),
    }  # fmt: skip
    pk = f"PAYMENT#{made.payment_id}"
    if known is None:
        return Insert({"pk": pk, "sk": "PAYMENT", **values})
    names = {f"#{name}": name for name in values}
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    given = {f":{name}": value for name, value in values.items()} | {":before": known.version}
    return Update(pk, "PAYMENT", Change(update, "#version = :before", names, given))


def _read(item: Item) -> Payment:
    return Payment(
        payment_id=str(item["pk"]).removeprefix("PAYMENT#"),
        facts=read_facts(item),
        created_ms=int(item["created_ms"]),
        event_id=str(item["event"]),
        booked_nano=int(item["booked"]),
        rate=str(item["rate"]),
        why=str(item["why"]),
        version=int(item["version"]),
        assigned=bool(item.get("assigned")),
    )
