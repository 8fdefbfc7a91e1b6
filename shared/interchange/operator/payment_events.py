"""Payment events of our own: what any payment provider, or a shop's own code, can sign and send.

    POST /webhooks/payments        Interchange-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256 of "<t>.<body>">
    {"id": "evt-1", "type": "payment", "payment": "order-7", "account": "acct_...", "amount": "25.00"}

`id` is the event's own: a repeat does nothing. `type` is `payment`, `refund` (with `refund`, its id) or `dispute` (with
`dispute` and `status`: `open`, `won`, `lost`). `amount` is a decimal string in `currency` (`usd` unless named);
`bought` is what of it is credit, where it contains tax.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from interchange.metering.payment import MOST_MINOR, PLACES, Facts, UnusablePayment
from interchange.wrong_fields import first_wrong, form

from .stripe_events import ORDER, Told

Id = Annotated[str, Field(min_length=1, max_length=255)]
Amount = Annotated[
    str, Field(pattern=form(r"^[0-9]{1,12}(\.[0-9]{1,3})?$", 'must be an amount in quotes, such as "25.00"'))
]
Currency = Annotated[str, Field(pattern=form(r"^[a-z]{3}$", 'must be three small letters, such as "usd"'))]


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: Id
    payment: Id
    account: Id | None = None
    amount: Amount
    currency: Currency = "usd"


class Paid(_Event):
    type: Literal["payment"]
    bought: Amount | None = None

    def facts(self) -> Facts:
        paid = _minor(self.amount, self.currency)
        bought = paid if self.bought is None else _minor(self.bought, self.currency)
        if bought > paid:
            raise UnusablePayment("bought: more than the amount")
        return Facts(self.account, self.currency, paid, bought, ORDER)


class Refunded(_Event):
    type: Literal["refund"]
    refund: Id
    status: Literal["done", "failed"] = "done"

    def facts(self) -> Facts:
        amount = {self.refund: _minor(self.amount, self.currency)}
        failed = amount if self.status == "failed" else {}
        return Facts(self.account, self.currency, refunds=amount, failed=failed)


class Disputed(_Event):
    type: Literal["dispute"]
    dispute: Id
    status: Literal["open", "won", "lost"]

    def facts(self) -> Facts:
        amount = _minor(self.amount, self.currency)
        return Facts(self.account, self.currency, disputes={self.dispute: (amount, self.status)})


Event = Annotated[Paid | Refunded | Disputed, Field(discriminator="type")]
EVENT: TypeAdapter[Paid | Refunded | Disputed] = TypeAdapter(Event)
PREFIX = "signed:"
"""Before these payments' ids: another provider's are not among them."""


def read_event(event: Mapping[str, Any]) -> list[Told]:
    """Reads what the event says. Raises UnusablePayment naming the field."""
    try:
        read = EVENT.validate_python(event)
    except ValidationError as error:
        found = [{**one, "loc": one["loc"][1:]} for one in error.errors(include_url=False)]  # the first is the `type`
        raise UnusablePayment(first_wrong(found)[1]) from error
    return [Told(PREFIX + read.payment, read.facts())]


def _minor(amount: str, currency: str) -> int:
    scaled = Decimal(amount).scaleb(PLACES.get(currency, 2))
    if scaled != int(scaled) or scaled > MOST_MINOR:
        raise UnusablePayment(f"amount: {amount} is no amount of {currency} that can be paid")
    return int(scaled)
