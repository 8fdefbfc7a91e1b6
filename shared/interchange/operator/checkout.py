"""Stripe's side of a purchase: a page on which a customer pays, and a payment by a card that was kept.

The only file that calls Stripe; the library is loaded when it is first needed: nothing else waits for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from interchange.dataclass import dataclass
from interchange.metering.payment import Facts

from .checkout_settings import CheckoutSettings
from .stripe_events import INTENT, SAVED

if TYPE_CHECKING:
    from stripe import StripeClient

SECONDS = 20
TRIES = 2
RETURN = re.compile(r"https://[^\s]{1,1900}|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s]{0,1900})?")
PRODUCT = "API credit"


class PaymentsAway(Exception):
    """The payment provider cannot be asked now, or does not know this deployment: one line."""


class Refused(PaymentsAway):
    """The payment provider does not take what was asked."""


class Declined(Exception):
    """The card was not charged, and asking again does not help: one line."""


@dataclass(frozen=True, slots=True)
class Page:
    """Address at which the customer pays, until when (Unix seconds)."""

    session_id: str
    url: str
    expires: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that was made: its id, and what is known of it."""

    payment_id: str
    facts: Facts


class Checkout:
    def __init__(self, settings: CheckoutSettings) -> None:
        self._settings = settings
        self._made: StripeClient | None = None

    def check(self, bought_nano: int) -> None:
        """Raises ValueError for what cannot be bought at once."""
        self._settings.price(bought_nano)

    def begin(
        self, account_id: str, bought_nano: int, return_url: str | None = None, *, keep: bool = False, payer: str = "",
        operation: str | None = None,
    ) -> Page:  # fmt: skip
        """A page for the customer, on which so much credit costs what the settings say. `keep` the card for top-ups;
        `payer` is the customer that the account has at Stripe, `operation` makes a repeat the same page. Raises
        ValueError naming the field, PaymentsAway."""
        price = self._settings.price(bought_nano)
        back = return_url or self._settings.return_url
        if not back:
            raise ValueError("return_url: where the customer comes back to; this deployment has set none")
        if not RETURN.fullmatch(back):
            raise ValueError("return_url: must begin with https://, or with http:// on this machine")
        session = self._ask(lambda stripe: stripe.v1.checkout.sessions.create(
            params=self._session(account_id, price, back, keep, payer), options=_options(operation)))  # fmt: skip
        return Page(str(session.id), str(session.url), int(session.expires_at or 0))

    def charge(self, account_id: str, bought_nano: int, payer: str, operation: str) -> Paid:
        """Charges the card that the payer kept, once per `operation`. Raises Declined, PaymentsAway."""
        price, currency = self._settings.price(bought_nano), self._settings.currency
        kept = self._ask(lambda stripe: stripe.v1.customers.payment_methods.list(payer, params={"limit": 1})).data
        if not kept:
            raise Declined("no card is kept")
        intent = self._ask(lambda stripe: stripe.v1.payment_intents.create(
            params={"amount": price, "currency": currency, "customer": payer, "payment_method": kept[0].id,
                    "off_session": True, "confirm": True, "description": f"{PRODUCT}, automatic",
                    "metadata": {"account_id": account_id, "bought": str(price)}},
            options=_options(operation)))  # fmt: skip
        if intent.status != "succeeded":
            raise Declined(f"the payment is not complete: {intent.status}")
        return Paid(str(intent.id), Facts(account_id, currency, price, price, INTENT))

    def _session(self, account_id: str, price: int, back: str, keep: bool, payer: str) -> Any:
        """https://docs.stripe.com/api/checkout/sessions/create"""
        settings, names = self._settings, {"account_id": account_id, "bought": str(price)}
        product: dict[str, Any] = {
            "currency": settings.currency,
            "unit_amount": price,
            "product_data": {"name": PRODUCT},
        }
        if settings.tax:
            product["tax_behavior"] = "exclusive"
        asked: dict[str, Any] = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": product}],
            "success_url": back,
            "cancel_url": back,
            "client_reference_id": account_id,
            "metadata": {**names, SAVED: "yes"} if keep else names,
            "payment_intent_data": {"metadata": names},
            "adaptive_pricing": {"enabled": False},
        }
        if settings.tax:
            asked["automatic_tax"] = {"enabled": True}
        if keep:
            asked["payment_intent_data"]["setup_future_usage"] = "off_session"
        if payer:
            asked["customer"] = payer
        elif keep:
            asked["customer_creation"] = "always"
        if payer and settings.tax:
            asked["customer_update"] = {"address": "auto"}
        return asked

    def _ask(self, call: Any) -> Any:
        import stripe

        try:
            return call(self._client())
        except stripe.CardError as error:
            raise Declined(error.user_message or "the card was declined") from error
        except stripe.InvalidRequestError as error:
            raise Refused(f"the payment provider refuses the request: {error.user_message or error}") from error
        except stripe.StripeError as error:
            raise PaymentsAway(f"the payment provider cannot be asked now ({type(error).__name__})") from error

    def _client(self) -> StripeClient:
        if self._made is None:
            import stripe

            made = {"base_addresses": {"api": self._settings.base_url}} if self._settings.base_url else {}
            client = stripe.RequestsClient(timeout=SECONDS)
            self._made = stripe.StripeClient(
                self._settings.key, max_network_retries=TRIES, http_client=client, **made  # type: ignore[arg-type]
            )  # fmt: skip
        return self._made


def _options(operation: str | None) -> Any:
    return {} if operation is None else {"idempotency_key": operation}
