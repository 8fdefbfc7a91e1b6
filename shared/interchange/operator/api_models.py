"""Bodies of the operator's API: the command line's options by their names."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from interchange.whole import WHOLE

from .account_limits import MOST_PATTERNS
from .amounts import LONGEST_NAME
from .entry_form import EntryForm
from .forms import (
    MAIL,
    NOTHING_OR_VISIBLE,
    WEB,
    Ahead,
    As,
    Change,
    Credit,
    Factor,
    Limit,
    Network,
    Plain,
    Some,
    Visible,
    Worth,
    Zone,
    named,
    no_zone_or_one,
    some,
    written_as,
)
from .tariff_form import MOST_RULES, RuleForm


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[Visible, Field(max_length=LONGEST_NAME)]
Reason = Annotated[Visible, Field(max_length=1000)]
Version = Annotated[int, Field(ge=0, lt=10**9), WHOLE]
Shards = Annotated[int, Field(ge=1, le=64), WHOLE]
Codes = Annotated[int, Field(ge=1, le=1000), WHOLE]
Days = Annotated[int, Field(ge=1, le=36_500), WHOLE]


class SharedLimits(Body):
    """Limits that an account, each user of it or a pattern of models can have; null takes one away."""

    spend_per_day_usd: Plain | None = None
    spend_per_week_usd: Plain | None = None
    spend_per_month_usd: Plain | None = None
    concurrent: Limit | None = None
    requests_per_minute: Limit | None = None
    tokens_per_minute: Limit | None = None


class KeyLimits(SharedLimits):
    """Limits of a key; null takes one away."""

    spend_usd: Plain | None = None
    zone: Zone | None = None
    allowed_models: list[str] | None = None
    allowed_networks: list[Network] | None = None
    expires: Ahead | None = None


OfKey = Annotated[dict[str, Any], As(KeyLimits)]
Shared = Annotated[dict[str, Any], As(SharedLimits)]
"""Read by the limits' own reader, as the command line's are."""
SharedSome = Annotated[dict[str, Any], As(SharedLimits, least=1)]


class NewAccount(Body):
    name: Name
    credit_usd: Credit = "0"
    markup: Factor = "1"
    low_balance_usd: Plain | None = None


class TopUpRule(Body):
    below_usd: Plain
    usd: Some
    most_per_month_usd: Plain | None = None


CHANGED = ("name", "markup", "low_balance_usd", "active", "shards", "group", "zone", "email", "webhook")


class AccountChange(Body):
    """At least one of them."""

    model_config = ConfigDict(json_schema_extra=named(*CHANGED, null="auto_topup"))

    name: Name | None = None
    markup: Factor | None = None
    low_balance_usd: Plain | None = None
    active: bool | None = None
    shards: Shards | None = None
    group: Annotated[str, Field(max_length=80, json_schema_extra=written_as(NOTHING_OR_VISIBLE))] | None = None
    """The customers that it is priced with; "" takes it out."""
    zone: Annotated[str, Field(max_length=60, json_schema_extra=no_zone_or_one)] | None = None
    """"" takes it away."""
    email: Annotated[str, Field(max_length=320, json_schema_extra=written_as(f"({MAIL})?"))] | None = None
    webhook: Annotated[str, Field(max_length=2000, json_schema_extra=written_as(f"({WEB})?"))] | None = None
    """Where the owner is told of things; "" takes it out."""
    auto_topup: TopUpRule | None = None
    """null switches it off."""


class Closing(Body):
    rest: Annotated[str, Field(json_schema_extra={"enum": ["refund", "write-off"]})]
    reason: Reason


class Booking(Body):
    reason: Reason


class Rotation(Body):
    old_until: Ahead = "1d"


class Revocation(Body):
    """Either of both."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [named("code"), named("batch")]})

    code: str | None = None
    batch: Name | None = None


Entry = Annotated[dict[str, Any], As(EntryForm)]


class NewTariff(Body):
    rules: Annotated[list[dict[str, Any]], As(RuleForm, most=MOST_RULES)]
    reason: str = Field(default="", max_length=1000)
    expected: Version | None = None
    """The version that it is made from."""


class CatalogChanges(Body):
    models: list[Entry] = Field(default=[], max_length=1000)
    """Added, or changed in the fields that they name."""
    remove: list[Annotated[str, Field(json_schema_extra={"minLength": 1})]] = Field(default=[], max_length=1000)
    """Ids or patterns of the deployment's catalog."""


class NewCatalog(CatalogChanges):
    reason: str = Field(default="", max_length=1000)
    expected: Version | None = None
    """The version that it is made from."""


class Restored(Body):
    version: Version
    reason: str = Field(default="", max_length=1000)


class NewKey(Body):
    name: Name | None = None
    auto_cache: bool = False
    manages: bool = False
    limits: OfKey = {}


class AccountLimits(Body):
    """At least one limit of one of them."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [some("limits"), some("user_limits"), some("model_limits")]})

    limits: Shared = {}
    user_limits: Shared = {}
    """Of each end user."""
    model_limits: dict[Name, SharedSome] = Field(
        default={}, max_length=MOST_PATTERNS, json_schema_extra={"additionalProperties": False}
    )
    """By pattern of models, at least one limit of each."""


class KeyChange(Body):
    model_config = ConfigDict(json_schema_extra=some("limits"))

    limits: OfKey


class NewCredit(Body):
    usd: Change
    reason: Reason
    expires: Ahead | None = None


class NewCodes(Body):
    count: Codes = 1
    credit_usd: Worth
    batch: Name
    until: Ahead | None = None
    credit_days: Days | None = None


class WrittenRow(BaseModel):
    """A usage row as the log has it. Further fields are read too (docs/billing.md)."""

    request_id: Visible
    account_id: Visible
    key_id: str
    created_ms: Annotated[int, Field(ge=0, le=253_402_300_799_999)]
    family: str
    protocol: str
    lane: str
    stream: bool
    model: str
    provider: str
    upstream_model: str
    usage: dict[str, Any]
    price_version: str
    prices: dict[str, Any]
    markup: Factor
    charge_nano: Annotated[int, Field(ge=0)]
    hold_nano: Annotated[int, Field(ge=0)]
    outcome: str
    status: int
    first_byte_ms: int | None
    total_ms: int


Row = Annotated[dict[str, Any], As(WrittenRow)]


class Redemption(Body):
    code: str
    account: str


class Assignment(Body):
    account: str
    usd: Some | None = None
