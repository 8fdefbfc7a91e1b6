from __future__ import annotations

import itertools
import json
from typing import Any, get_args

import pytest
from stripe.events import _event_classes
from stripe.params._webhook_endpoint_create_params import WebhookEndpointCreateParams

from interchange.operator.stripe_events import READERS
from interchange.wiring import SettingError
from tests.functions.loading import load
from tests.functions.shop import CHARGE, DISPUTE, INTENT, INVOICE, PAID, REFUND, TAXED, Shop, event
from tests.operator.office import Office


@pytest.fixture
def shop(office: Office) -> Shop:
    return Shop(office)


def test_a_payment_is_credited_once_however_often_it_is_reported(shop: Shop) -> None:
    paid = event("checkout.session.completed", **PAID)
    assert shop.send(paid) == (200, {"result": "credited"})
    assert shop.send(paid) == (200, {"result": "credited before"})
    assert shop.told("payment_intent.succeeded", **INTENT) == "credited before"
    assert shop.credited == "25.5"
    (credit,) = shop.office("credits", "acct_1")["credits"]
    assert (credit["source"], credit["reason"]) == ("payment", f"payment {paid['id']}")


@pytest.mark.parametrize(("at", "secret"), [(-301, None), (0, "whsec_other")])
def test_a_forged_or_replayed_event_credits_nothing(shop: Shop, at: int, secret: str | None) -> None:
    body = event("checkout.session.completed", **PAID)
    status, answer = shop.send(body, at, secret) if secret else shop.send(body, at)
    assert status == 400
    assert "signature" in answer["error"]
    assert shop.credited == "0"


def test_an_unsigned_event_is_refused(shop: Shop) -> None:
    assert shop.client.post("/webhooks/stripe", content=b"{}").status_code == 400
    assert shop.client.post("/webhooks/payments", content=b"{}").status_code == 400


def test_events_that_name_no_account_and_no_money_are_left(shop: Shop) -> None:
    assert shop.told("customer.created", id="cus_1") == "ignored"


def test_tax_is_not_credited_in_whatever_order_the_events_come(shop: Shop) -> None:
    session = event("checkout.session.completed", **{**PAID, **TAXED})
    intent = event("payment_intent.succeeded", **{**INTENT, "amount_received": 1190})
    shop.send(session)
    shop.send(intent)
    assert shop.credited == "10"
    for first, second in ((session, intent), (intent, session)):
        other = [_renamed(one, "pi_2") for one in (first, second)]
        for one in other:
            shop.send(one)
        assert shop.credited in ("20", "30")
        shop.check()


def _renamed(told: dict[str, Any], intent: str) -> dict[str, Any]:
    found = told["data"]["object"]
    name = {"id": intent} if found["object"] == "payment_intent" else {"payment_intent": intent}
    return {**told, "data": {"object": {**found, **name}}}


def test_a_bare_payment_that_came_first_is_corrected_by_its_checkout(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **{**INTENT, "amount_received": 1190})
    assert shop.credited == "11.9"
    assert shop.told("checkout.session.completed", **{**PAID, **TAXED}) == "taken back"
    assert shop.credited == "10"
    assert [one["source"] for one in shop.office("credits", "acct_1")["credits"]] == ["payment", "correction"]
    shop.check()


@pytest.mark.parametrize(
    ("change", "bought"),
    [
        ({"amount_details": {"tip": {"amount": 500}}}, "20.5"),
        ({"amount_details": {"tax": {"total_tax_amount": 300}, "shipping": {"amount": 250}}}, "20"),
        ({"metadata": {"account_id": "acct_1", "bought": "2000"}}, "20"),
    ],
)
def test_tips_tax_and_shipping_of_a_bare_payment_are_not_credited(shop: Shop, change: Any, bought: str) -> None:
    assert shop.told("payment_intent.succeeded", **{**INTENT, **change}) == "credited"
    assert shop.credited == bought


def test_a_payment_link_credits_the_account_of_its_reference(shop: Shop) -> None:
    assert shop.told("checkout.session.completed", **{**PAID, "metadata": {}, "client_reference_id": "acct_1"}) == (
        "credited"
    )
    assert shop.credited == "25.5"


def test_a_paid_invoice_credits_once_whatever_names_its_payment(shop: Shop) -> None:
    bare = {**INTENT, "id": "pi_9", "amount_received": 2380}
    told = [
        event("payment_intent.succeeded", **bare),
        event("invoice.paid", **INVOICE),
        event("invoice.payment_succeeded", **INVOICE),
        event("invoice_payment.paid", id="inpay_1", object="invoice_payment", invoice="in_1", amount_paid=2380,
              currency="usd", payment={"type": "payment_intent", "payment_intent": "pi_9"}),
    ]  # fmt: skip
    for order in list(itertools.permutations(told))[::7]:
        for one in order:
            assert shop.send(one)[0] == 200
    assert shop.credited == "20"
    assert shop.unassigned == []
    shop.check()


def test_a_subscriptions_first_payment_is_one_whichever_object_tells_of_it(shop: Shop) -> None:
    session = {**PAID, "mode": "subscription", "payment_intent": None, "invoice": "in_1", "amount_total": 2380,
               "total_details": {"amount_tax": 380, "amount_shipping": 0, "amount_discount": 0}}  # fmt: skip
    listed = {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]}
    told = [
        event("checkout.session.completed", **session),
        event("invoice.paid", **{**INVOICE, "payments": listed}),
        event("payment_intent.succeeded", **{**INTENT, "amount_received": 2380, "metadata": {}}),
    ]
    for number, order in enumerate(itertools.permutations(told)):
        for one in order:
            text = json.dumps(one).replace("in_1", f"in_s{number}").replace("pi_1", f"pi_s{number}")
            assert shop.send(json.loads(text))[0] == 200
        assert shop.credited == str(20 * (number + 1))
    assert shop.unassigned == []
    shop.check()


def test_an_invoice_is_whose_its_session_says_in_whatever_order_they_come(shop: Shop) -> None:
    """A payment link for a subscription: its session has the account, the invoice and the subscription have not."""
    session = {**PAID, "mode": "subscription", "payment_intent": None, "invoice": "in_1", "amount_total": 2380,
               "customer": "cus_1", "metadata": {}, "client_reference_id": "acct_1"}  # fmt: skip
    invoice = {**INVOICE, "parent": None}
    told = [event("invoice.paid", **invoice), event("checkout.session.completed", **session)]
    for number, order in enumerate((told, told[::-1], [*told, *told])):
        for one in order:
            text = json.dumps(one).replace("in_1", f"in_s{number}").replace("cus_1", f"cus_{number}")
            assert shop.send(json.loads(text))[0] == 200
        assert shop.credited == str(20 * (number + 1))
    assert shop.unassigned == []
    assert shop.told("invoice.paid", **{**invoice, "id": "in_next", "customer": "cus_0"}) == "credited"
    shop.check()


def test_a_subscription_without_a_payment_yet_credits_nothing(shop: Shop) -> None:
    session = {**PAID, "mode": "subscription", "payment_intent": None, "invoice": "in_1", "payment_status": "unpaid"}
    assert shop.told("checkout.session.completed", **session) == "kept"
    assert (shop.credited, shop.unassigned) == ("0", [])
    shop.told("invoice.paid", **{**INVOICE, "parent": None})
    assert shop.credited == "20"
    shop.check()


@pytest.mark.parametrize("named", ["acct_typo", ""])
def test_what_was_assigned_stays_whatever_account_its_events_name(shop: Shop, named: str) -> None:
    metadata = {"account_id": named} if named else {}
    paid = {**INTENT, "metadata": metadata}
    assert shop.told("payment_intent.succeeded", **paid) == "unassigned"
    shop.office("payments", "assign", "pi_1", "--account", "acct_1")
    assert shop.told("payment_intent.succeeded", **paid) == "credited before"
    session = {**PAID, **TAXED, "amount_total": 2550, "metadata": metadata}
    assert shop.told("checkout.session.completed", **session) == "taken back"  # its tax was no credit
    refunded = {**CHARGE, "metadata": {"account_id": "acct_other"}, "amount_refunded": 1275}
    assert shop.told("charge.refunded", **refunded) == "taken back"
    assert shop.credited == "11.8"
    assert shop.told("charge.dispute.created", **{**DISPUTE, "metadata": metadata}) == "taken back"
    assert shop.credited == "0" and not shop.office("account", "show", "acct_1")["active"]
    assert shop.unassigned == []
    shop.check()


@pytest.mark.parametrize(
    ("currency", "received", "usd"),
    [
        ("jpy", 1000, "10"),
        ("ugx", 100_000, "10"),
        ("isk", 100_000, "10"),
        ("kwd", 1_000_000, "10"),
        ("eur", 1000, "0.1"),
    ],
)
def test_amounts_are_in_the_smallest_unit_that_stripe_writes(
    office: Office, currency: str, received: int, usd: str
) -> None:
    shop = Shop(office, INTERCHANGE_PAYMENT_RATES=f"{currency}=0.01")
    assert shop.told("payment_intent.succeeded", **{**INTENT, "currency": currency, "amount_received": received})
    assert shop.credited == usd
    shown = office("payments", "list", "--account", "acct_1")["payments"]
    assert shown[0]["paid"].split(".")[0] == ("10" if currency == "eur" else "1000")


@pytest.mark.parametrize(
    ("kind", "found", "why"),
    [
        ("charge.dispute.created", {**DISPUTE, "currency": "eur"}, "it was in usd, and now is in eur"),
        ("payment_intent.succeeded", {**INTENT, "amount_received": 99}, "reported before, with another amount"),
        ("payment_intent.succeeded", {**INTENT, "amount_received": -1}, "amount_received: no amount"),
        ("charge.refunded", {**CHARGE, "metadata": {"account_id": "acct_2"}}, "and now names acct_2"),
    ],
)
def test_a_refused_event_about_our_money_is_listed_with_why(shop: Shop, kind: str, found: Any, why: str) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    again = {**event(kind, **found), "id": "evt_refused"}
    for _ in range(2):  # the provider tries again, and gives up
        status, answer = shop.send(again)
        assert status == 422 and why in answer["error"]
    (listed,) = shop.office("payments", "unassigned")["events"]
    assert (listed["event"], listed["type"]) == ("evt_refused", kind) and why in listed["refused"]
    assert listed["account"] == ("acct_2" if "acct_2" in why else "acct_1")
    assert shop.credited == "25.5"
    shop.check()


def test_a_refused_event_of_strangers_is_not_listed(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    strange = {**INTENT, "id": "pi_9", "metadata": {}, "amount_received": -1}
    assert shop.send(event("payment_intent.succeeded", **strange))[0] == 422
    assert shop.ours({**OURS, "account": 7})[0] == 422
    assert shop.office("payments", "unassigned")["events"] == []
    assert shop.ours({**OURS, "amount": "x"})[0] == 422
    assert [one["event"] for one in shop.office("payments", "unassigned")["events"]] == ["o-1"]


HALF = "\ud800"
"""Half of a character, which JSON can say and UTF-8 cannot."""


@pytest.mark.parametrize(
    ("change", "came"),
    [
        ({"metadata": {"account_id": HALF}}, (200, "unassigned")), ({"client_reference_id": HALF}, (200, "credited")),
        ({"id": f"pi_{HALF}"}, (422, "id: no id that can be kept")), ({"customer": HALF}, (200, "credited")),
        ({"description": HALF}, (200, "credited")),
    ],
)  # fmt: skip
def test_half_a_character_is_no_fault(shop: Shop, change: Any, came: tuple[int, str]) -> None:
    status, answer = shop.send(event("payment_intent.succeeded", **{**INTENT, **change}) | {"id": "evt_1"})
    assert (status, answer.get("result") or answer["error"]) == came
    shop.check()


def test_half_a_character_in_an_event_itself_is_no_fault(shop: Shop) -> None:
    whole = event("review.opened", id="prv_1", metadata={"account_id": "acct_1"})
    assert shop.send({**whole, "id": HALF}) == (400, {"error": "the body is not an event"})
    assert shop.send({**whole, "type": HALF}) == (200, {"result": "noted"})
    assert shop.ours({**OURS, "account": HALF})[0] == shop.ours({**OURS, "payment": HALF, "account": None})[0] == 422
    assert [one["type"] for one in shop.office("payments", "unassigned")["events"]] == ["(none)"]


def test_an_older_total_of_refunds_changes_nothing(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **{**INTENT, "amount_received": 1000})
    charge = {**CHARGE, "amount": 1000, "amount_captured": 1000}
    assert shop.told("charge.refunded", **{**charge, "amount_refunded": 700}) == "taken back"
    assert shop.told("charge.refunded", **{**charge, "amount_refunded": 300}) == "credited before"
    assert shop.credited == "3"
    shop.check()


def test_money_for_a_closed_account_is_unassigned_and_its_refunds_are_booked(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.office("account", "close", "acct_1", "--rest", "write-off", "--reason", "gone", "--yes")
    assert shop.told("payment_intent.succeeded", **{**INTENT, "id": "pi_2"}) == "unassigned"
    assert shop.unassigned[0]["why"] == "account acct_1 is closed"
    assert "is closed" in shop.office.refused("payments", "assign", "pi_2", "--account", "acct_1")
    assert shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 2550}) == "taken back"
    shop.check()


def test_an_invoice_that_names_nobody_is_its_customers(shop: Shop) -> None:
    shop.told("checkout.session.completed", **{**PAID, "customer": "cus_1"})
    assert shop.told("invoice.paid", **{**INVOICE, "parent": None}) == "credited"
    assert shop.credited == "45.5"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"currency": "eur"}, "what one eur is worth is not set"),
        ({"metadata": {"account_id": "nobody"}}, "there is no account nobody"),
        ({"metadata": {}}, "it names no account"),
    ],
)
def test_money_that_cannot_be_credited_is_kept_listed_and_assigned(shop: Shop, change: Any, why: str) -> None:
    assert shop.told("checkout.session.completed", **{**PAID, **change}) == "unassigned"
    assert shop.credited == "0"
    (found,) = shop.unassigned
    assert (found["payment"], found["paid"], found["why"]) == ("pi_1", "25.50", why)
    assert shop.office("sweep")["unassigned"] == 1
    worth = ("--usd", "27") if "currency" in change else ()
    assert shop.office("payments", "assign", "pi_1", "--account", "acct_1", *worth)["credited_now"] == (
        "27" if worth else "25.5"
    )
    assert shop.unassigned == []
    assert shop.office("payments", "list", "--account", "acct_1")["payments"][0]["payment"] == "pi_1"
    assert "not among the unassigned" in shop.office.refused("payments", "assign", "pi_1", "--account", "acct_1")
    shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 2550, "currency": change.get("currency", "usd"),
                                    "metadata": {}})  # fmt: skip
    assert shop.credited == "0"
    shop.check()


def test_a_payment_that_is_none_of_ours_is_dismissed(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **{**INTENT, "metadata": {}})
    assert "give the amount" not in shop.office.refused("payments", "assign", "pi_1", "--account", "nobody")
    shop.office("payments", "dismiss", "pi_1")
    assert shop.told("checkout.session.completed", **{**PAID, "metadata": {}}) == "kept"
    assert shop.unassigned == []


def test_another_currency_is_credited_at_the_operators_rate(office: Office) -> None:
    shop = Shop(office, INTERCHANGE_PAYMENT_RATES="eur=1.08, jpy=0.0064")
    shop.told("checkout.session.completed", **{**PAID, "currency": "eur"})
    assert shop.credited == "27.54"
    shop.told("payment_intent.succeeded", **{**INTENT, "id": "pi_2", "currency": "jpy", "amount_received": 1000})
    assert shop.credited == "33.94"


@pytest.mark.parametrize("rates", ["eur", "eur=x", "eur=-1", "euros=1", "eur=0"])
def test_a_rate_that_is_none_is_one_line(office: Office, rates: str) -> None:
    with pytest.raises(SettingError, match="INTERCHANGE_PAYMENT_RATES"):
        Shop(office, INTERCHANGE_PAYMENT_RATES=rates)


def test_test_mode_never_credits_a_live_stack(office: Office) -> None:
    shop = Shop(office)
    paid = event("checkout.session.completed", **PAID)
    within = event("checkout.session.completed", **{**PAID, "livemode": False})
    for told in (within, *({**paid, "livemode": mode} for mode in (False, None, "false", 0))):
        assert shop.send(told) == (200, {"result": "test mode: nothing is credited here"})
    assert shop.credited == "0"


def test_test_mode_credits_a_stack_that_is_for_tests(office: Office) -> None:
    shop = Shop(office, INTERCHANGE_PAYMENT_MODE="test")
    assert shop.send({**event("checkout.session.completed", **PAID), "livemode": False})[0] == 200
    assert shop.credited == "25.5"


def test_another_amount_for_the_same_payment_is_refused(shop: Shop) -> None:
    shop.told("checkout.session.completed", **PAID)
    status, _ = shop.send(event("checkout.session.completed", **{**PAID, "amount_total": 1}))
    assert status == 422
    status, _ = shop.send(event("payment_intent.succeeded", **{**INTENT, "metadata": {"account_id": "acct_2"}}))
    assert status == 422
    assert shop.credited == "25.5"


def test_refunds_take_back_what_they_refund_once_in_any_order(shop: Shop) -> None:
    shop.told("checkout.session.completed", **{**PAID, **TAXED})
    assert shop.told("refund.created", **{**REFUND, "amount": 595}) == "taken back"
    assert shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 595}) == "credited before"
    assert shop.told("refund.updated", **{**REFUND, "amount": 595}) == "credited before"
    assert shop.credited == "5"
    assert shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 1190}) == "taken back"
    assert shop.told("refund.created", **{**REFUND, "id": "re_2", "amount": 595}) == "kept"
    assert shop.credited == "0"
    entries = shop.office("credits", "acct_1")["credits"]
    assert [(one["usd"], one["source"]) for one in entries] == [("10", "payment"), ("-5", "refund"), ("-5", "refund")]
    shop.check()


def test_a_refund_by_its_charge_alone_is_booked(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 1000})
    assert shop.credited == "15.5"


def test_a_refund_that_fails_gives_back(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.told("refund.created", **{**REFUND, "status": "pending"})
    shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 2550})
    assert shop.credited == "0"
    assert shop.told("refund.failed", **{**REFUND, "status": "failed"}) == "credited"
    assert shop.credited == "25.5"
    shop.check()


def test_a_refund_before_its_payment_waits_for_it(shop: Shop) -> None:
    assert shop.told("refund.created", **{**REFUND, "amount": 550}) == "unassigned"
    assert len(shop.unassigned) == 1
    assert shop.told("payment_intent.succeeded", **INTENT) == "credited"
    assert shop.credited == "20"
    assert shop.unassigned == []


def test_a_refund_of_a_payment_that_was_credited_before_payments_were_kept(shop: Shop) -> None:
    shop.office("credit", "acct_1", "25.50", "--reason", "payment evt_0", "--id", "payment-pi_1")
    shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 1275})
    assert shop.credited == "12.75"
    assert shop.told("payment_intent.succeeded", **INTENT) == "credited before"
    assert shop.credited == "12.75"
    shop.check()


def test_a_dispute_takes_back_and_suspends_and_a_won_one_gives_back(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    assert shop.told("charge.dispute.created", **DISPUTE) == "taken back"
    assert shop.told("charge.dispute.funds_withdrawn", **DISPUTE) == "kept"
    account = shop.office("account", "show", "acct_1")
    assert (account["credited_usd"], account["active"]) == ("0", False)
    assert shop.told("charge.dispute.closed", **{**DISPUTE, "status": "won"}) == "credited"
    assert shop.told("charge.dispute.updated", **{**DISPUTE, "status": "under_review"}) == "credited before"
    assert shop.credited == "25.5"
    assert shop.office("account", "show", "acct_1")["active"] is False
    shop.check()


def test_a_dispute_that_came_before_its_payment_suspends_too(shop: Shop) -> None:
    assert shop.told("charge.dispute.created", **DISPUTE) == "unassigned"
    assert shop.told("payment_intent.succeeded", **INTENT) == "kept"
    account = shop.office("account", "show", "acct_1")
    assert (account["credited_usd"], account["active"]) == ("0", False)
    shop.office("account", "resume", "acct_1")
    shop.told("charge.dispute.updated", **{**DISPUTE, "status": "under_review"})
    assert shop.office("account", "show", "acct_1")["active"] is True
    shop.check()


def test_a_dispute_of_a_payment_that_was_refunded_suspends_and_takes_nothing(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.told("refund.created", **REFUND)
    shop.told("charge.dispute.created", **DISPUTE)
    account = shop.office("account", "show", "acct_1")
    assert (account["credited_usd"], account["active"]) == ("0", False)


def test_a_dispute_that_names_its_invoice_late_suspends(shop: Shop) -> None:
    shop.told("invoice.paid", **INVOICE)
    assert shop.told("charge.dispute.created", **{**DISPUTE, "amount": 2380}) == "unassigned"
    paid = {"type": "payment_intent", "payment_intent": "pi_1"}
    assert shop.told("invoice_payment.paid", id="inpay_1", invoice="in_1", payment=paid) == "taken back"
    account = shop.office("account", "show", "acct_1")
    assert (account["credited_usd"], account["active"]) == ("0", False)
    shop.check()


STATES = [
    ("charge.dispute.created", "needs_response"), ("charge.dispute.closed", "lost"),
    ("charge.dispute.updated", "appeal_under_review"), ("charge.dispute.funds_reinstated", "won"),
]  # fmt: skip


@pytest.mark.parametrize("order", itertools.permutations(range(4)), ids=str)
def test_a_lost_dispute_that_is_won_by_an_appeal_gives_back_in_any_order(shop: Shop, order: tuple[int, ...]) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    for number in order:
        kind, status = STATES[number]
        shop.told(kind, **{**DISPUTE, "status": status})
    assert shop.credited == "25.5"
    shop.check()


def test_an_inquiry_takes_nothing_and_the_operator_may_keep_accounts_active(office: Office) -> None:
    shop = Shop(office, INTERCHANGE_DISPUTED_ACCOUNTS="keep")
    shop.told("payment_intent.succeeded", **INTENT)
    shop.told("charge.dispute.created", **{**DISPUTE, "status": "warning_needs_response"})
    assert shop.credited == "25.5"
    shop.told("charge.dispute.funds_withdrawn", **{**DISPUTE, "amount": 1000})
    account = shop.office("account", "show", "acct_1")
    assert (account["credited_usd"], account["active"]) == ("15.5", True)
    shop.told("charge.dispute.closed", **{**DISPUTE, "amount": 1000, "status": "lost"})
    assert shop.credited == "15.5"


def test_spent_credit_that_is_refunded_is_a_debt(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.office("credit", "acct_1", "-20", "--reason", "spent")
    shop.told("charge.refunded", **{**CHARGE, "amount_refunded": 2550})
    assert shop.office("account", "show", "acct_1")["available_usd"] == "-20"


OBJECTS = {
    "checkout": PAID, "payment_intent": INTENT, "charge": CHARGE, "refund": REFUND, "invoice": INVOICE,
    "charge.dispute": DISPUTE, "charge.refund": REFUND, "charge.refunded": {**CHARGE, "amount_refunded": 2550},
}  # fmt: skip


def test_every_event_that_names_our_account_is_booked_or_listed(shop: Shop) -> None:
    kinds = get_args(get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])[0])
    assert len(kinds) > 200
    assert set(READERS) <= set(kinds)
    for number, kind in enumerate(one for one in kinds if one != "*"):
        subject, *_ = found = kind.split(".")
        shape = OBJECTS.get(".".join(found[:2]), OBJECTS.get(subject, {"object": subject}))
        parts = {"payment_intent": f"pi_{number}"} if "payment_intent" in shape else {}
        word = shop.told(kind, **{**shape, **parts, "id": f"x_{number}", "metadata": {"account_id": "acct_1"}})
        assert word in ("credited", "unassigned", "noted"), (kind, word)
    shown = shop.office("payments", "unassigned")
    booked = shop.office("credits", "acct_1")["credits"]
    assert len(shown["payments"]) + len(shown["events"]) + len(booked) == len(kinds) - 1
    shop.check()


def notified(kind: str, **more: Any) -> dict[str, Any]:
    """An event's notification: it names its object and has none of it (`stripe.v2.core.EventNotification`)."""
    related = {"id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"}
    return {"id": f"evt_{kind}", "object": "v2.core.event", "type": kind, "created": "2026-11-30T00:00:00.000Z",
            "livemode": True, "related_object": related, **more}  # fmt: skip


KINDS = sorted({*_event_classes._V2_EVENT_CLASS_LOOKUP, *_event_classes._V2_EVENT_NOTIFICATION_CLASS_LOOKUP})


def test_every_notification_about_our_money_is_refused_or_listed(shop: Shop) -> None:
    """Of a payment there is no amount in it: the endpoint has to send snapshots, and Stripe shows that it does not."""
    assert len(KINDS) > 300
    shop.told("payment_intent.succeeded", **INTENT)
    for kind in KINDS:
        status, answer = shop.send(notified(kind))
        refused = kind.removeprefix("v1.") in READERS
        assert (status, answer.get("result")) == ((422, None) if refused else (200, "noted")), kind
        assert not refused or "let the endpoint send snapshot events" in answer["error"]
    assert {one["account"] for one in shop.office("payments", "unassigned")["events"]} == {"acct_1"}
    assert shop.send(notified("v2.core.account.updated", related_object={"id": "acct_x"}))[1] == {"result": "ignored"}
    assert shop.send(notified("v2.core.account.closed", related_object=None, data={"metadata": {"account_id": "a"}}))[
        1
    ] == {"result": "noted"}


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("radar.early_fraud_warning.created", {"charge": "ch_1", "payment_intent": "pi_1"}),
        ("review.opened", {"charge": {"id": "ch_1"}, "payment_intent": {"id": "pi_1"}}),
        ("credit_note.created", {"invoice": "in_1", "amount": 100, "currency": "usd"}),
        ("invoice.payment_failed", {"customer": "cus_1", "currency": "usd", "amount_due": 2380}),
        ("invoice.voided", {"lines": {"data": [{}, {"metadata": {"account_id": "acct_1"}}]}}),
        ("setup_intent.setup_failed", {"latest_attempt": {"payment_method": {"metadata": {"account_id": "acct_1"}}}}),
    ],
)
def test_an_event_about_money_of_ours_that_names_nobody_is_listed(shop: Shop, kind: str, found: Any) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.told("invoice.paid", **INVOICE)
    shown = {"id": "x_1", "object": "x", "metadata": {}, **found}
    assert shop.told(kind, **shown) == shop.told(kind, **shown) == "noted"
    (noted,) = shop.office("payments", "unassigned")["events"]
    assert (noted["type"], noted["account"]) == (kind, "acct_1")


def test_an_event_about_money_of_others_is_left(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    assert shop.told("review.opened", id="prv_1", payment_intent="pi_9", customer="cus_9", currency="usd") == "ignored"
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"within": [deep, deep and {}]}
    assert shop.told("product.created", id="prod_1", deep=deep) == "ignored"


OURS = {"id": "o-1", "type": "payment", "payment": "order-7", "account": "acct_1", "amount": "25.50"}


def test_any_provider_credits_by_a_signed_event(shop: Shop) -> None:
    assert shop.ours(OURS) == (200, {"result": "credited"})
    assert shop.ours(OURS) == (200, {"result": "credited before"})
    assert shop.credited == "25.5"
    refund = {"id": "o-2", "type": "refund", "payment": "order-7", "refund": "r-1", "amount": "5.50"}
    assert shop.ours(refund)[1] == {"result": "taken back"}
    assert shop.ours({**refund, "id": "o-3", "status": "failed"})[1] == {"result": "credited"}
    dispute = {"id": "o-4", "type": "dispute", "payment": "order-7", "dispute": "d-1", "amount": "25.50"}
    assert shop.ours({**dispute, "status": "open"})[1] == {"result": "taken back"}
    assert shop.ours({**dispute, "status": "won"})[1] == {"result": "credited"}
    assert shop.credited == "25.5"
    shop.check()


@pytest.mark.parametrize(
    ("change", "line"),
    [({"amount": "1e3"}, 'amount: must be an amount in quotes, such as "25.00"'),
     ({"currency": "Euro"}, 'currency: must be three small letters, such as "usd"'),
     ({"type": "gift"}, "type: must be one of 'payment', 'refund', 'dispute'"),
     ({"more": 1}, "more: no such field"), ({"payment": ""}, "payment: must not be empty")],
)  # fmt: skip
def test_a_signed_event_of_another_form_is_told_in_words(shop: Shop, change: Any, line: str) -> None:
    assert shop.ours({**OURS, **change}) == (422, {"error": line})


@pytest.mark.parametrize(
    ("change", "field"),
    [({"amount": 25}, "amount"), ({"amount": "-1"}, "amount"), ({"amount": "1.005"}, "amount"),
     ({"type": "gift"}, "type"), ({"payment": ""}, "payment"), ({"bought": "30"}, "bought"), ({"more": 1}, "more"),
     ({"currency": "USD"}, "currency")],
)  # fmt: skip
def test_a_signed_event_of_another_form_names_the_field(shop: Shop, change: Any, field: str) -> None:
    status, answer = shop.ours({**OURS, **change})
    assert status == 422
    assert answer["error"].startswith(field)
    assert shop.credited == "0"


def test_an_id_is_good_for_one_signed_event(shop: Shop) -> None:
    assert shop.ours(OURS) == (200, {"result": "credited"})
    status, answer = shop.ours({**OURS, "payment": "order-8"})
    assert (status, answer["error"]) == (422, "id: 'o-1' was another event's")
    assert shop.ours(dict(reversed(OURS.items()))) == (200, {"result": "credited before"})
    assert shop.credited == "25.5"


@pytest.mark.parametrize(("at", "secret"), [(-301, None), (301, None), (0, "other")])
def test_a_replayed_or_forged_signed_event_is_refused(shop: Shop, at: int, secret: str | None) -> None:
    status, _ = shop.ours(OURS, at, secret) if secret else shop.ours(OURS, at)
    assert status == 400
    assert shop.credited == "0"


def test_a_providers_payment_is_none_of_stripes(shop: Shop) -> None:
    shop.told("payment_intent.succeeded", **INTENT)
    shop.ours({**OURS, "payment": "pi_1", "amount": "1"})
    assert shop.credited == "26.5"


def test_without_a_secret_it_does_not_start(office: Office) -> None:
    with pytest.raises(SettingError, match="STRIPE_WEBHOOK_SECRET"):
        load("webhooks")
