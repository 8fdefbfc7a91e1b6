"""Settings of the credit that customers buy by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from interchange.dataclass import dataclass
from interchange.metering.money import NANO, ceiling, nano, usd
from interchange.metering.payment import PLACES, STEPS, USD
from interchange.wiring import SettingError

from .payment_settings import read_rates

KEY, BASE_URL = "STRIPE_API_KEY", "STRIPE_BASE_URL"
"""The name that Stripe's own command line reads (https://docs.stripe.com/cli/api_keys); the other is for a server that
stands in for Stripe's."""
CURRENCY, LEAST, MOST = "INTERCHANGE_CHECKOUT_CURRENCY", "INTERCHANGE_CHECKOUT_LEAST", "INTERCHANGE_CHECKOUT_MOST"
RETURN_URL, TAX = "INTERCHANGE_CHECKOUT_RETURN_URL", "INTERCHANGE_CHECKOUT_TAX"


@dataclass(frozen=True, slots=True)
class CheckoutSettings:
    """`least_nano` and `most_nano` bound the credit of one purchase; `rate` is what one unit of `currency` is worth in
    USD. `return_url` is where a customer comes back to; "" where the caller must say. `tax`: Stripe reckons it and adds
    it to the price."""

    key: str
    base_url: str = ""
    currency: str = USD
    rate: Decimal = Decimal(1)
    least_nano: int = 5 * NANO
    most_nano: int = 1000 * NANO
    return_url: str = ""
    tax: bool = False

    def price(self, bought_nano: int) -> int:
        """Price of so much credit, in the currency's smallest unit, rounded up to one that can be paid. Raises
        ValueError naming `usd`."""
        if not self.least_nano <= bought_nano <= self.most_nano:
            raise ValueError(f"usd: from {usd(self.least_nano)} to {usd(self.most_nano)} can be bought at once")
        scaled = Decimal(bought_nano) * 10 ** PLACES.get(self.currency, 2) / (self.rate * NANO)
        whole = ceiling(scaled)
        if self.currency == USD and whole != scaled:
            raise ValueError(f"usd: {usd(bought_nano)} is no whole number of cents")
        step = STEPS.get(self.currency, 1)
        return -(-whole // step) * step


def read_checkout(env: Mapping[str, str]) -> CheckoutSettings | None:
    """None where no key is set. Raises SettingError."""
    key = env.get(KEY, "").strip()
    if not key:
        return None
    currency = env.get(CURRENCY, "").strip().lower() or USD
    rates = {USD: Decimal(1), **read_rates(env)}
    if currency not in rates:
        raise SettingError(f"{CURRENCY}: what one {currency} is worth is not set (INTERCHANGE_PAYMENT_RATES)")
    least, most = _usd(env, LEAST, "5"), _usd(env, MOST, "1000")
    if not 0 < least <= most:
        raise SettingError(f"{MOST}: must not be below {LEAST}, which must be above 0")
    return CheckoutSettings(
        key=key,
        base_url=env.get(BASE_URL, "").strip(),
        currency=currency,
        rate=rates[currency],
        least_nano=least,
        most_nano=most,
        return_url=env.get(RETURN_URL, "").strip(),
        tax=env.get(TAX, "").strip() == "true",
    )


def _usd(env: Mapping[str, str], name: str, otherwise: str) -> int:
    try:
        return nano(env.get(name, "").strip() or otherwise)
    except ValueError as error:
        raise SettingError(f"{name}: {error}") from error
