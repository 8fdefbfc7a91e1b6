"""Bodies and answers of the account's API. Money is a decimal string in USD, a moment an RFC 3339 string (UTC)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from interchange.operator import forms

Usd = Annotated[str, Field(description="USD as an exact decimal string", examples=["12.5", "-0.000012"])]
Amount = Annotated[forms.Plain, Field(description="USD as a decimal string", examples=["12.5"])]
Moment = Annotated[str, Field(description="RFC 3339, UTC", examples=["2027-01-31T12:00:00Z"])]
SEEN = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$"
"""Without characters that a screen obeys instead of showing them."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=SEEN)]
Outcome = Literal["ok", "client_gone", "truncated", "upstream_error"]
Kind = Literal["ordinary", "management"]


class Body(BaseModel):
    """Body of a call: no field that is not known, no type that must be guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Limits(Body):
    """Limits; what is not named is not limited. In a change, null takes a limit away."""

    spend_usd: Amount | None = Field(default=None, description="what the key may spend in all")
    spend_per_day_usd: Amount | None = Field(default=None, description="what it may spend in a calendar day")
    spend_per_week_usd: Amount | None = Field(default=None, description="what it may spend in a week, from Monday on")
    spend_per_month_usd: Amount | None = Field(default=None, description="what it may spend in a calendar month")
    zone: forms.Zone | None = Field(
        default=None,
        min_length=1,
        description="whose days, weeks and months; else UTC",
        examples=["Europe/Berlin"],
    )
    concurrent: forms.Limit | None = Field(default=None, description="requests at the same moment")
    requests_per_minute: forms.Limit | None = None
    tokens_per_minute: forms.Limit | None = None
    allowed_models: list[str] | None = Field(
        default=None, min_length=1, max_length=200, examples=[["claude-*", "gpt-5"]]
    )
    allowed_networks: list[forms.Network] | None = Field(
        default=None, min_length=1, max_length=200, examples=[["10.0.0.0/8"]]
    )
    expires: forms.Ahead | None = Field(
        default=None, description="a date, a date and time, or a span from now", examples=["30d"]
    )


class NewKey(Body):
    name: Name
    kind: Kind = "ordinary"
    limits: Limits = Limits()


class KeyChange(Body):
    """At least one of both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["name"]}, forms.some("limits")]})

    name: Name = Field(default_factory=str)
    limits: Limits = Field(default_factory=Limits, description="what is not named stays")


class Rotation(Body):
    old_until: forms.Ahead = Field(
        default="1d", description="until when the secret before is good: a date, or a span from now"
    )


class Redemption(Body):
    code: str = Field(min_length=1, max_length=100)


class NewCheckout(Body):
    usd: forms.Some = Field(description="how much credit to buy", examples=["12.5"])
    return_url: forms.Web | None = Field(
        default=None, max_length=2000, description="where the customer comes back to; the operator's unless given"
    )
    keep_card: bool = Field(default=False, description="so that `auto_topup` can charge it")


class TopUpRule(Body):
    below_usd: Amount = Field(description="buys when the balance is below this")
    usd: forms.Some = Field(description="how much it buys")
    most_per_month_usd: Amount | None = Field(
        default=None, description="of a calendar month (UTC); ten purchases unless given"
    )


class NoticesChange(Body):
    """Changes of the owner's addresses: what is named is changed, null takes it away."""

    email: forms.Mail | None = Field(default=None, description="is told of things once it is confirmed")
    email_code: str | None = Field(default=None, max_length=20, description="the code that was sent to the address")
    webhook: forms.Web | None = Field(default=None, max_length=2000, description="https: it gets signed calls")


class AccountChange(Body):
    """At least one of both."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    auto_topup: TopUpRule | None = Field(default=None, description="null switches it off")
    notices: NoticesChange | None = Field(default=None, description="where the owner is told of things")


class Credit(BaseModel):
    id: str
    usd: Usd
    left_usd: Usd | None = Field(default=None, description="what is left of a grant; absent for a deduction")
    reason: str
    source: str
    created: Moment
    expires: Moment | None = None


class TopUp(BaseModel):
    below_usd: Usd
    usd: Usd
    most_per_month_usd: Usd
    bought_this_month_usd: Usd
    card_kept: bool = Field(description="false until a checkout with `keep_card` was paid: nothing is bought before")
    stopped: str | None = Field(default=None, description="why it no longer happens; setting it again begins it again")


class Notices(BaseModel):
    email: str | None = Field(default=None, description="is told of low balances, caps, keys and models that end")
    email_asked: str | None = Field(default=None, description="waits for the code that was sent to it")
    webhook: str | None = None
    webhook_secret: str | None = Field(default=None, description="signs the calls; in the answer that set it only")


class Account(BaseModel):
    id: str
    name: str
    active: bool
    available_usd: Usd
    held_usd: Usd = Field(description="set aside for requests that run")
    charged_usd: Usd = Field(description="spent in all")
    credited_usd: Usd
    low_balance_usd: Usd | None = None
    zone: str = Field(description="the time zone of its statements, and of new keys' limits", examples=["UTC"])
    burn_per_day_usd: Usd = Field(description="the mean of the last seven days that are over")
    days_left: float | None = Field(description="at that rate; null where nothing was spent")
    credits: list[Credit]
    auto_topup: TopUp | None = None
    notices: Notices


class Left(BaseModel):
    """The rest of each limit; null where there is none."""

    spend_usd: Usd | None
    spend_per_day_usd: Usd | None
    spend_per_week_usd: Usd | None
    spend_per_month_usd: Usd | None
    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrent: int | None


class Key(BaseModel):
    id: str
    name: str
    kind: Kind
    status: Literal["active", "revoked"]
    created: Moment
    revoked: Moment | None = None
    limits: dict[str, Any] = Field(description="as in a new key; without what is not limited")
    left: Left


class MadeKey(Key):
    key: str = Field(description="the secret: shown now and never again")


class RotatedKey(MadeKey):
    old_until: Moment


class Keys(BaseModel):
    data: list[Key]


class Redeemed(BaseModel):
    credit_usd: Usd
    credited_now: bool = Field(description="false where this account had redeemed the code before")
    available_usd: Usd


class Checkout(BaseModel):
    id: str
    url: str = Field(description="where the customer pays")
    expires: Moment


class StatementEntry(BaseModel):
    day: str = Field(description="its day in the statement's zone", examples=["2026-11-30"])
    date: Moment
    id: str
    source: str
    reason: str
    usd: Usd


class StatementCharge(BaseModel):
    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    usd: Usd


class Statement(BaseModel):
    """opening + credited + refunded + adjusted - charged = closing, to the nano-dollar."""

    account: str
    name: str
    month: str
    until: str = Field(description="the last day that is in it")
    zone: str = Field(description="whose month it is", examples=["UTC", "Europe/Berlin"])
    opening_usd: Usd
    credited_usd: Usd
    refunded_usd: Usd
    adjusted_usd: Usd
    charged_usd: Usd
    closing_usd: Usd
    credits: list[StatementEntry]
    refunds: list[StatementEntry]
    adjustments: list[StatementEntry]
    charges: list[StatementCharge]
    difference_usd: Usd | None = Field(
        default=None, description="of a month that is not over: what the ledger has beside these sums, 0 at rest"
    )


class ErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Error(BaseModel):
    error: ErrorDetail
