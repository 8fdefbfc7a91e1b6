"""Credit that customers buy by themselves: the page on which they pay, and top-ups by the kept card."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from interchange.metering.money import NANO, usd
from interchange.metering.payment import Facts
from interchange.operator.books import make_books
from interchange.operator.checkout import Checkout
from interchange.operator.checkout_settings import CheckoutSettings, read_checkout
from interchange.operator.stripe_events import keeps_card, read_event
from interchange.operator.sweep import sweep
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.wiring import SettingError
from tests.account.desk import NOW_MS, Desk, opened
from tests.business.stripe_server import DECLINED, Stripe
from tests.functions.shop import event

ONCE: Any = {"idempotency-key": "k"}
RULE = {"below_usd": "90", "usd": "20", "most_per_month_usd": "60"}


def settings(stripe: Stripe, **values: Any) -> CheckoutSettings:
    return CheckoutSettings(
        **{"key": "sk_test_1", "base_url": stripe.url, "return_url": "https://x.example/", **values}
    )


def desk_of(stripe: Stripe, **values: Any) -> Desk:
    return opened(SqliteTable(MEMORY), checkout=Checkout(settings(stripe, **values)))


def test_a_checkout_is_a_page_that_names_the_account(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    made = desk("POST", "/checkout", {"usd": "20"})
    assert made["url"].startswith("https://checkout.stripe.com/") and made["expires"] == "2026-11-28T21:06:40Z"
    ((method, path, form, _),) = stripe.calls
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert form["metadata[account_id]"] == form["payment_intent_data[metadata][account_id]"] == desk.account
    assert form["client_reference_id"] == desk.account
    assert form["line_items[0][price_data][unit_amount]"] == form["payment_intent_data[metadata][bought]"] == "2000"
    assert form["line_items[0][price_data][currency]"] == "usd"
    assert form["success_url"] == form["cancel_url"] == "https://x.example/"
    assert "customer_creation" not in form


def test_a_repeat_of_a_checkout_is_the_same_page(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    first = desk("POST", "/checkout", {"usd": "20"}, **ONCE)
    assert desk("POST", "/checkout", {"usd": "20"}, **ONCE) == first
    assert desk("POST", "/checkout", {"usd": "20"}) != first


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"usd": "4.99"}, "usd"), ({"usd": "1000.01"}, "usd"), ({"usd": "10.001"}, "usd"), ({"usd": "ten"}, "usd"),
        ({"usd": "-20"}, "usd"), ({"usd": "NaN"}, "usd"), ({"usd": 20}, "usd"), ({}, "usd"),
        ({"usd": "20", "return_url": "javascript:alert(1)"}, "return_url"),
        ({"usd": "20", "return_url": "http://elsewhere.example/"}, "return_url"),
        ({"usd": "20", "keep_card": "yes"}, "keep_card"),
    ],
)  # fmt: skip
def test_what_cannot_be_bought_is_refused_and_names_its_field(stripe: Stripe, body: Any, param: str) -> None:
    assert desk_of(stripe)("POST", "/checkout", body, 400)["error"]["param"] == param
    assert stripe.calls == []


def test_without_a_place_to_come_back_to_the_caller_must_name_one(stripe: Stripe) -> None:
    desk = desk_of(stripe, return_url="")
    assert desk("POST", "/checkout", {"usd": "20"}, 400)["error"]["param"] == "return_url"
    assert desk("POST", "/checkout", {"usd": "20", "return_url": "http://127.0.0.1:8080/console/"})["url"]


def test_another_currency_is_reckoned_by_its_rate_and_credited_by_it(stripe: Stripe) -> None:
    desk = desk_of(stripe, currency="eur", rate=Decimal("1.08"), tax=True)
    desk("POST", "/checkout", {"usd": "20"})
    form = stripe.calls[0][2]
    price = int(form["line_items[0][price_data][unit_amount]"])
    assert (price, form["line_items[0][price_data][tax_behavior]"]) == (1852, "exclusive")
    assert form["automatic_tax[enabled]"] == "True" or form["automatic_tax[enabled]"] == "true"
    credited = Facts(paid=price, bought=price, currency="eur").due_nano(Decimal("1.08"))
    assert 20 * NANO <= credited < 20.02 * NANO


@pytest.mark.parametrize(
    ("currency", "rate", "price"),
    [("isk", "0.0081", 247_000), ("ugx", "0.00027", 7_407_500), ("kwd", "3.26", 6_140), ("jpy", "0.0067", 2986)],
)
def test_a_price_is_one_that_its_currency_can_be_paid_in(stripe: Stripe, currency: str, rate: str, price: int) -> None:
    """Stripe refuses 2469.14 kronur and 6.135 dinars (docs.stripe.com/currencies, special cases)."""
    found = settings(stripe, currency=currency, rate=Decimal(rate))
    assert found.price(20 * NANO) == price
    credited = Facts(paid=price, bought=price, currency=currency).due_nano(Decimal(rate))
    assert 20 * NANO <= credited < 20.02 * NANO


def test_a_payment_provider_that_is_away_is_a_503(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    stripe.fails += [(400, {"error": {"type": "invalid_request_error", "message": "No such tax"}})]
    refused = desk("POST", "/checkout", {"usd": "20"}, 503)["error"]
    assert (refused["code"], "No such tax" in refused["message"]) == ("payments_away", True)
    stripe.fails += [(401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key: sk_live_abc"}})]
    assert "sk_live" not in str(desk("POST", "/checkout", {"usd": "20"}, 503))


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"INTERCHANGE_CHECKOUT_CURRENCY": "eur"}, "INTERCHANGE_CHECKOUT_CURRENCY"),
        ({"INTERCHANGE_CHECKOUT_LEAST": "x"}, "INTERCHANGE_CHECKOUT_LEAST"),
        ({"INTERCHANGE_CHECKOUT_LEAST": "9", "INTERCHANGE_CHECKOUT_MOST": "8"}, "INTERCHANGE_CHECKOUT_MOST"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        read_checkout({"STRIPE_API_KEY": "sk", **env})
    assert read_checkout(env) is None


def rule_of(desk: Desk) -> Any:
    return desk("GET", "/account")["auto_topup"]


def keep_card(desk: Desk) -> None:
    """What the webhook does when the customer has paid a checkout of `keep_card`."""
    desk.books.top_ups.remember(desk.account, "cus_1")


def spend(desk: Desk, nano: int) -> None:
    desk.books.accounts.credit(desk.account, -nano, "spent", f"spent-{nano}", NOW_MS)


def test_a_low_balance_buys_credit_once_by_the_kept_card(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    assert desk("PATCH", "/account", {"auto_topup": RULE})["auto_topup"] == {
        **RULE, "bought_this_month_usd": "0", "card_kept": False, "stopped": None,
    }  # fmt: skip
    spend(desk, 11 * NANO)
    assert sweep(desk.books).topped_up_nano == 0  # no card yet
    keep_card(desk)
    assert sweep(desk.books).topped_up_nano == 20 * NANO
    assert sweep(desk.books).topped_up_nano == 0
    assert desk("GET", "/account")["available_usd"] == "109"
    intents = [form for method, path, form, _ in stripe.calls if path == "/v1/payment_intents"]
    assert [(one["amount"], one["customer"], one["payment_method"], one["off_session"]) for one in intents] == [
        ("2000", "cus_1", "pm_1", "True" if intents[0]["off_session"] == "True" else "true")
    ]
    assert rule_of(desk)["bought_this_month_usd"] == "20"
    assert all(one.sound for one in desk.books.accounts.audit())


def test_the_webhook_of_a_top_up_credits_it_no_second_time(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    desk("PATCH", "/account", {"auto_topup": RULE})
    keep_card(desk)
    spend(desk, 11 * NANO)
    sweep(desk.books)
    (intent,) = [one for one in stripe.kept.values() if one["object"] == "payment_intent"]
    for told in read_event(event("payment_intent.succeeded", **intent)):
        assert desk.books.payments.report(told.payment_id, told.facts, "evt_1", NOW_MS).nano == 0
    assert desk("GET", "/account")["available_usd"] == "109"


def test_a_top_up_keeps_to_the_most_of_a_month(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    desk("PATCH", "/account", {"auto_topup": RULE})
    keep_card(desk)
    spend(desk, 90 * NANO)
    bought = [usd(sweep(desk.books).topped_up_nano) for _ in range(5)]
    assert bought == ["20", "20", "20", "0", "0"]


def test_a_declined_card_stops_top_ups_until_their_owner_sets_them_again(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    desk("PATCH", "/account", {"auto_topup": RULE})
    keep_card(desk)
    spend(desk, 11 * NANO)
    stripe.cards = []
    sweep(desk.books)
    assert rule_of(desk)["stopped"] == "no card is kept"
    stripe.cards = ["pm_1"]
    desk("PATCH", "/account", {"auto_topup": RULE})
    stripe.fails += [(200, {"object": "list", "data": [{"id": "pm_1", "object": "payment_method"}]}), (402, DECLINED)]
    sweep(desk.books)
    assert rule_of(desk)["stopped"] == "Your card has insufficient funds."
    assert sweep(desk.books).topped_up_nano == 0
    desk("PATCH", "/account", {"auto_topup": RULE})
    assert sweep(desk.books).topped_up_nano == 20 * NANO


def test_a_top_up_whose_process_died_is_paid_once(stripe: Stripe) -> None:
    table, now = SqliteTable(MEMORY), [NOW_MS]
    checkout = Checkout(settings(stripe))
    desk = opened(table, checkout=checkout)
    books = make_books(table, desk.books.catalog, clock=lambda: now[0], checkout=checkout)
    desk("PATCH", "/account", {"auto_topup": RULE})
    keep_card(desk)
    spend(desk, 11 * NANO)
    claim = books.top_ups.claim(books.top_ups.get(desk.account), now[0])
    checkout.charge(desk.account, 20 * NANO, "cus_1", f"topup-{claim}")  # and then it dies
    assert sweep(books).topped_up_nano == 0
    now[0] += 180_000
    assert sweep(books).topped_up_nano == 20 * NANO
    assert len([one for one in stripe.kept.values() if one["object"] == "payment_intent"]) == 1
    claim = books.top_ups.claim(books.top_ups.get(desk.account), now[0])
    now[0] += 86_400_000
    assert sweep(books).topped_up_nano == 0
    assert "not known" in rule_of(desk)["stopped"]


def test_a_top_up_is_set_and_switched_off(stripe: Stripe) -> None:
    desk = desk_of(stripe)
    for body, param in (
        ({"below_usd": "5", "usd": "1"}, "auto_topup.usd"),
        ({"below_usd": "-5", "usd": "20"}, "auto_topup.below_usd"),
        ({"below_usd": "5", "usd": "20", "most_per_month_usd": "10"}, "auto_topup.most_per_month_usd"),
        ({"below_usd": "5"}, "auto_topup.usd"),
    ):
        assert desk("PATCH", "/account", {"auto_topup": body}, 400)["error"]["param"] == param
    assert desk("PATCH", "/account", {}, 400)["error"]["param"] == "auto_topup"
    assert desk("PATCH", "/account", {"auto_topup": RULE}, 403, key=desk.app)
    desk("PATCH", "/account", {"auto_topup": RULE})
    assert desk("PATCH", "/account", {"auto_topup": None})["auto_topup"] is None


def test_only_a_checkout_of_ours_whose_customer_agreed_keeps_a_card() -> None:
    said = {"object": "checkout.session", "customer": "cus_1"}
    assert keeps_card(event("checkout.session.completed", **said, metadata={"account_id": "a", "card_kept": "yes"}))
    assert not keeps_card(event("checkout.session.completed", **said, metadata={"account_id": "a"}))
    assert not keeps_card(event("invoice.paid", object="invoice", metadata={"card_kept": "yes"}))
