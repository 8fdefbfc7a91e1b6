"""Bodies of the operator's API: the command line's options by their names."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from .amounts import LONGEST_NAME


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class NewAccount(Body):
    name: Name
    credit_usd: str = "0"
    markup: str = "1"
    low_balance_usd: str | None = None


class TopUpRule(Body):
    below_usd: str
    usd: str
    most_per_month_usd: str | None = None


class AccountChange(Body):
    name: Name | None = None
    markup: str | None = None
    low_balance_usd: str | None = None
    active: bool | None = None
    shards: int | None = Field(default=None, ge=1, le=64)
    group: str | None = Field(default=None, max_length=80)
    """The customers that it is priced with; "" takes it out."""
    zone: str | None = Field(default=None, max_length=60)
    email: str | None = Field(default=None, max_length=320)
    webhook: str | None = Field(default=None, max_length=2000)
    """Where the owner is told of things; "" takes it out."""
    auto_topup: TopUpRule | None = None
    """null switches it off."""


class Closing(Body):
    rest: str
    reason: str = Field(min_length=1, max_length=1000)


class Booking(Body):
    reason: str = Field(min_length=1, max_length=1000)


class Rotation(Body):
    old_until: str = Field(default="1d", max_length=60)


class Revocation(Body):
    code: str | None = None
    batch: Name | None = None


class NewTariff(Body):
    rules: list[dict[str, Any]]
    reason: str = Field(default="", max_length=1000)
    expected: int | None = None
    """The version that it is made from."""


class NewCatalog(Body):
    models: list[dict[str, Any]] = Field(default=[], max_length=1000)
    """Added, or changed in the fields that they name."""
    remove: list[str] = Field(default=[], max_length=1000)
    """Ids or patterns of the deployment's catalog."""
    reason: str = Field(default="", max_length=1000)
    expected: int | None = None
    """The version that it is made from."""


class Restored(Body):
    version: int
    reason: str = Field(default="", max_length=1000)


class NewKey(Body):
    name: Name | None = None
    auto_cache: bool = False
    manages: bool = False
    limits: dict[str, Any] = {}


class AccountLimits(Body):
    limits: dict[str, Any] = {}
    user_limits: dict[str, Any] = {}
    """Of each end user."""
    model_limits: dict[str, dict[str, Any]] = {}
    """By pattern of models."""


class KeyChange(Body):
    limits: dict[str, Any]


class NewCredit(Body):
    usd: str
    reason: str = Field(min_length=1, max_length=1000)
    expires: str | None = None


class NewCodes(Body):
    count: int = 1
    credit_usd: str
    batch: Name
    until: str | None = None
    credit_days: int | None = None


class Redemption(Body):
    code: str
    account: str


class Assignment(Body):
    account: str
    usd: str | None = None
