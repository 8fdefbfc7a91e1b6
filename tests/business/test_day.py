"""A business day: three customers from their sign-up to their statements, with payments, refunds, a dispute, codes, a
price change at noon, a vendor's bill, and books that are exact at every step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from interchange.identity.keys import Limits
from interchange.metering.money import NANO, nano, usd
from interchange.metering.signatures import sign
from interchange.metering.tariffs import NEAR_AGE_MS, Tariffs
from interchange.operator import account_actions, closing, credit_actions, report_actions, tariff_actions
from interchange.operator.books import Books, make_books
from interchange.operator.checkout import Checkout
from interchange.operator.checkout_settings import CheckoutSettings
from interchange.operator.payment_settings import Settings
from interchange.operator.reconciling import reconcile
from interchange.operator.statements import statement
from interchange.operator.sweep import sweep
from interchange.operator.webhook import Webhook
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.business.stripe_server import Stripe
from tests.exchange import world as w
from tests.functions.shop import event

MORNING = 1_795_852_800_000
"""2026-11-28 08:00 UTC."""
HOUR_MS = 3_600_000
DAY, MONTH = "2026-11-28", "2026-11"
OURS = "a-secret-of-our-own"
COST = Decimal("0.9")


@dataclass
class Business:
    here: w.World
    books: Books
    webhook: Webhook
    stripe: Stripe
    checkout: Checkout
    lines: list[tuple[str, Any]]

    def sign_up(self, name: str) -> tuple[str, str]:
        made = account_actions.create_account(self.books, name)
        return str(made["account"]), str(made["key"])

    def ask(self, key: str, model: str = "gpt", tokens: int = 10_000, *answers: w.Says) -> tuple[int, int]:
        """(status, charge) of a request of so many tokens in and half as many out."""
        self.here.script.answers = [*answers, w.Says(chunks=[w.chat_answer(prompt=tokens, completion=tokens // 2)])]
        body = {"model": model, "messages": w.user("x" * tokens), "max_tokens": tokens // 2}
        status, _, headers = asyncio.run(self.here.whole("chat", body, key=key))
        row = self.here.ledger.row(headers["x-interchange-request-id"])
        return status, row.charge_nano if row else 0

    def told(self, kind: str, **found: Any) -> str:
        return self._send(self.webhook.stripe, "whsec", event(kind, **found))

    def signed(self, **found: Any) -> str:
        return self._send(self.webhook.signed, OURS, found)

    def _send(self, receive: Any, secret: str, body: Any) -> str:
        text = json.dumps(body).encode()
        status, answer = receive(text, sign(text, secret, self.books.now_ms // 1000))
        assert status == 200, answer
        return str(json.loads(answer)["result"])

    def left(self, account: str) -> str:
        return str(account_actions.figures(self.books, account)["available_usd"])

    def check(self) -> None:
        """The books are exact, to the last row."""
        assert report_actions.audit(self.books, rows=True)["gaps"] == []


@pytest.fixture
def business(stripe: Stripe) -> Iterator[Business]:
    table = SqliteTable(MEMORY)
    here = w.make(lambda: table, "0.000000001", Limits())
    here.now[0] = MORNING
    checkout = Checkout(CheckoutSettings("sk_test_1", stripe.url, return_url="https://x.example/", tax=True))
    books = make_books(table, lambda: here.services.catalog, clock=lambda: here.now[0], checkout=checkout)
    costs = replace(here.services.costs, factors=dict.fromkeys(("openai", "anthropic", "xai"), str(COST)))
    here.services = replace(here.services, tariffs=Tariffs(table), costs=costs)
    lines: list[tuple[str, Any]] = []
    settings = Settings(stripe=["whsec"], signed=[OURS])
    webhook = Webhook(table, settings, books.clock, lambda name, fields: lines.append((name, fields)))
    yield Business(here, books, webhook, stripe, checkout, lines)
    table.close()


def paid_checkout(business: Business, account: str) -> None:
    """The customer pays what the checkout asks, and the tax on it; Stripe tells of it in two events, twice."""
    business.checkout.begin(account, 20 * NANO)
    form = business.stripe.calls[-1][2]
    price, names = int(form["payment_intent_data[metadata][bought]"]), {"account_id": form["metadata[account_id]"]}
    intent = {"id": "pi_a", "object": "payment_intent", "status": "succeeded", "amount": 2380, "amount_received": 2380,
              "currency": "usd", "metadata": {**names, "bought": str(price)}}  # fmt: skip
    session = {"id": "cs_a", "object": "checkout.session", "mode": "payment", "payment_status": "paid",
               "currency": "usd", "amount_subtotal": price, "amount_total": 2380, "payment_intent": "pi_a",
               "total_details": {"amount_tax": 380, "amount_shipping": 0, "amount_discount": 0},
               "metadata": names}  # fmt: skip
    assert business.told("payment_intent.succeeded", **intent) == "credited"
    for _ in range(2):
        assert business.told("checkout.session.completed", **session) == "credited before"


def test_a_business_day(business: Business) -> None:
    books, now = business.books, business.here.now
    ada, ada_key = business.sign_up("Ada")
    bob, bob_key = business.sign_up("Bob")
    cy, cy_key = business.sign_up("Cy")
    assert business.ask(ada_key)[0] == 402  # nobody has paid yet

    paid_checkout(business, ada)
    (code,) = credit_actions.create_codes(books, 1, "10", "launch")["codes"]
    assert credit_actions.redeem_code(books, code, bob)["credited_now"]
    payment = {"type": "payment", "payment": "order-1", "account": cy, "amount": "59.50", "bought": "50.00"}
    assert business.signed(id="e1", **payment) == "credited"
    assert business.signed(id="e1", **payment) == "credited before"
    assert [business.left(one) for one in (ada, bob, cy)] == ["20", "10", "50"]
    business.check()

    # Morning, at the list price: 10,000 tokens in at 2 USD a million, 5,000 out at 10.
    for key in (ada_key, bob_key, cy_key):
        assert business.ask(key) == (200, 70_000_000)
    refused = [w.Says(503, chunks=[b"{}"]), w.Says(503, chunks=[b"{}"])]
    assert business.ask(cy_key, "twice", 1_000, *refused) == (200, 7_000_000)  # the second route serves

    # Noon: dearer, without a deployment, and cheaper for the group that Cy is in.
    tariff_actions.set_tariff(
        books, "- {models: gpt, markup: '1.5', from: '2026-11-28T12:00:00'}\n- {group: gold, markup: '1.1'}", "noon"
    )
    account_actions.change_account(books, cy, group="gold")
    now[0] = MORNING + 4 * HOUR_MS - 1
    assert business.ask(ada_key) == (200, 70_000_000)
    now[0] += 1 + NEAR_AGE_MS
    assert business.ask(ada_key) == (200, 105_000_000)
    assert business.ask(cy_key) == (200, 77_000_000)
    assert business.ask(bob_key, "grok", 2_000)[0] == 200

    # Afternoon: a refund in two parts that come in the wrong order, and a dispute that is won.
    charge = {"id": "ch_a", "object": "charge", "amount": 2380, "amount_captured": 2380, "currency": "usd",
              "paid": True, "payment_intent": "pi_a", "metadata": {}}  # fmt: skip
    assert business.told("charge.refunded", **charge, amount_refunded=1190) == "taken back"
    assert business.told("charge.refunded", **charge, amount_refunded=595) == "credited before"
    assert business.left(ada) == usd(nano("10") - 245_000_000)
    dispute = {"type": "dispute", "payment": "order-1", "dispute": "d-1", "amount": "59.50"}
    assert business.signed(id="e2", **dispute, status="open") == "taken back"
    assert business.ask(cy_key)[0] == 403
    assert business.signed(id="e3", **dispute, status="won") == "credited"
    account_actions.change_account(books, cy, suspended=False)
    assert business.ask(cy_key)[0] == 200

    # Money that names nobody waits for the operator, and an event that moves nothing is listed.
    assert business.signed(id="e4", type="payment", payment="order-2", amount="5.00") == "unassigned"
    assert business.told("payment_intent.canceled", id="pi_x", metadata={"account_id": ada}) == "noted"
    assert sweep(books).unassigned == 1
    books.payments.assign("signed:order-2", bob, now[0])
    assert sweep(books).unassigned == 0
    business.check()

    evening(business, ada, bob, cy)


def evening(business: Business, ada: str, bob: str, cy: str) -> None:
    """The day is closed, the vendor's bill agrees, the statements are the ledger's, and one customer leaves."""
    books, now = business.books, business.here.now
    now[0] = MORNING + 19 * HOUR_MS
    done = sweep(books)
    assert (done.failed, done.unbalanced, done.free, done.over) == (0, 0, 0, 0)
    by_vendor = {one["vendor"]: one for one in report_actions.usage(books, since=DAY, until=DAY, by="vendor")["usage"]}
    for one in by_vendor.values():
        assert nano(one["charged_usd"]) - nano(one["cost_usd"]) == nano(one["margin_usd"]) > 0
    reconciled(books, by_vendor["openai"]["cost_usd"])

    for account in (ada, bob, cy):
        found = statement(books, account, MONTH)
        entries = [nano(found[f"{name}_usd"]) for name in ("opening", "credited", "refunded", "adjusted")]
        assert sum(entries) - nano(found["charged_usd"]) == nano(found["closing_usd"])
        assert (found["closing_usd"], found["difference_usd"]) == (business.left(account), "0")
    assert statement(books, ada, MONTH)["refunded_usd"] == "-10"
    assert [one["model"] for one in statement(books, cy, MONTH)["charges"]] == ["gpt", "twice"]

    rest = closing.close_account(books, bob, "refund", "moved away")
    assert (business.left(bob), rest["closed"] is not None) == ("0", True)
    assert statement(books, bob, MONTH)["closing_usd"] == "0"
    business.check()


def reconciled(books: Books, cost_usd: str) -> None:
    """OpenAI's bill of the day, as it exports it, to the nano-dollar; a cent and more of a difference is found."""
    bill = (
        "start_time_iso,end_time_iso,amount_value,amount_currency,line_item\n"
        f'2026-11-28T00:00:00+00:00,2026-11-29T00:00:00+00:00,{cost_usd},usd,"gpt-up, input and output"\n'
    )
    assert reconcile(books, bill, tolerance_usd="0")["agrees"]
    dearer = bill.replace(cost_usd, str(Decimal(cost_usd) + Decimal("0.02")))
    (part,) = reconcile(books, dearer)["parts"]
    assert (part["day"], part["model"], part["difference_usd"]) == (DAY, "gpt", "0.02")
