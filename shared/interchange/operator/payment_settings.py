"""Settings of payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from interchange.dataclass import dataclass
from interchange.wiring import SettingError

STRIPE_SECRET, SIGNED_SECRET = "STRIPE_WEBHOOK_SECRET", "PAYMENTS_WEBHOOK_SECRET"
RATES, MODE, DISPUTES = "INTERCHANGE_PAYMENT_RATES", "INTERCHANGE_PAYMENT_MODE", "INTERCHANGE_DISPUTED_ACCOUNTS"
LIVE, TEST = "live", "test"
SUSPEND, KEEP = "suspend", "keep"


@dataclass(frozen=True, slots=True)
class Settings:
    """`stripe` and `signed` are signing secrets, two of each while one is rolled. `live` is whether real money is taken
    here; `suspends` whether a dispute suspends its account."""

    stripe: Sequence[str] = ()
    signed: Sequence[str] = ()
    rates: Mapping[str, Decimal] | None = None
    live: bool = True
    suspends: bool = True


def read_settings(env: Mapping[str, str]) -> Settings:
    """Raises SettingError, also where there is no secret: who cannot tell friend from foe must not start."""
    stripe, signed = _secrets(env, STRIPE_SECRET), _secrets(env, SIGNED_SECRET)
    if not stripe and not signed:
        raise SettingError(
            f"{STRIPE_SECRET}: not set; it holds the webhook endpoint's signing secret (whsec_...);"
            f" {SIGNED_SECRET} that of any other payment provider"
        )
    mode = _one_of(env, MODE, LIVE, TEST)
    disputes = _one_of(env, DISPUTES, SUSPEND, KEEP)
    return Settings(stripe, signed, read_rates(env), mode == LIVE, disputes == SUSPEND)


def _secrets(env: Mapping[str, str], name: str) -> list[str]:
    return [secret.strip() for secret in env.get(name, "").split(",") if secret.strip()]


def _one_of(env: Mapping[str, str], name: str, *words: str) -> str:
    word = env.get(name, "").strip() or words[0]
    if word not in words:
        raise SettingError(f"{name}: {word!r} is none of {', '.join(words)}")
    return word


def read_rates(env: Mapping[str, str]) -> dict[str, Decimal]:
    """Currency -> USD of one unit, from "eur=1.08,gbp=1.27". Raises SettingError."""
    rates: dict[str, Decimal] = {}
    for pair in filter(None, (one.strip() for one in env.get(RATES, "").split(","))):
        name, _, text = pair.partition("=")
        try:
            rate = Decimal(text.strip())
        except InvalidOperation:
            rate = Decimal(0)
        if len(name.strip()) != 3 or not rate.is_finite() or not 0 < rate < 10**6:
            raise SettingError(f"{RATES}: {pair!r} is not a currency and what one unit is worth in USD (eur=1.08)")
        rates[name.strip().lower()] = rate
    return rates
