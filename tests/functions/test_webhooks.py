from __future__ import annotations

import json
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from interchange.wiring import SettingError
from tests.functions.loading import load
from tests.metering.test_payments import INTENT, PAID, SECRET, event, signed
from tests.operator.office import Office


class Shop:
    def __init__(self, office: Office) -> None:
        office.monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", SECRET)
        self.office = office
        self.client = TestClient(load("webhooks").app)
        office.books.accounts.create("acct_1", "Ada", 0)

    def send(self, body: Any, at: int = 0, secret: str = SECRET) -> tuple[int, Any]:
        text = json.dumps(body).encode()
        header = signed(text, int(time.time()) + at, secret)
        answer = self.client.post("/webhooks/stripe", content=text, headers={"stripe-signature": header})
        return answer.status_code, answer.json()

    @property
    def credited(self) -> str:
        return str(self.office("account", "show", "acct_1")["credited_usd"])


@pytest.fixture
def shop(office: Office) -> Shop:
    return Shop(office)


def test_a_payment_is_credited_once_however_often_it_is_reported(shop: Shop) -> None:
    paid = event("checkout.session.completed", **PAID)
    assert shop.send(paid) == (200, {"result": "credited"})
    assert shop.send(paid) == (200, {"result": "credited before"})
    assert shop.send(event("payment_intent.succeeded", **INTENT) | {"id": "evt_2"}) == (
        200, {"result": "credited before"},
    )  # fmt: skip
    assert shop.credited == "25.5"
    (credit,) = shop.office("credits", "acct_1")["credits"]
    assert (credit["source"], credit["reason"]) == ("payment", "payment evt_1")


@pytest.mark.parametrize(("at", "secret"), [(-301, SECRET), (0, "whsec_other")])
def test_a_forged_or_replayed_event_credits_nothing(shop: Shop, at: int, secret: str) -> None:
    status, answer = shop.send(event("checkout.session.completed", **PAID), at, secret)
    assert status == 400
    assert "signature" in answer["error"]
    assert shop.credited == "0"


def test_an_unsigned_event_is_refused(shop: Shop) -> None:
    assert shop.client.post("/webhooks/stripe", content=b"{}").status_code == 400


def test_other_events_are_taken_and_left(shop: Shop) -> None:
    assert shop.send(event("customer.created", id="cus_1")) == (200, {"result": "ignored"})


@pytest.mark.parametrize("change", [{"currency": "eur"}, {"metadata": {"account_id": "nobody"}}])
def test_money_that_cannot_be_credited_is_tried_again(shop: Shop, change: dict[str, Any]) -> None:
    status, _ = shop.send(event("checkout.session.completed", **{**PAID, **change}))
    assert status == 422
    assert shop.credited == "0"


def test_another_amount_for_the_same_payment_is_refused(shop: Shop) -> None:
    shop.send(event("checkout.session.completed", **PAID))
    status, _ = shop.send(event("payment_intent.succeeded", **{**INTENT, "amount_received": 1}))
    assert status == 422
    assert shop.credited == "25.5"


def test_without_a_secret_it_does_not_start(office: Office) -> None:
    with pytest.raises(SettingError, match="STRIPE_WEBHOOK_SECRET"):
        load("webhooks")
