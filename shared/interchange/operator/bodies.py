"""What the operator's API takes: the command line's options by their names."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class NewAccount(Body):
    name: str = Field(min_length=1)
    credit_usd: str = "0"
    markup: str = "1"
    low_balance_usd: str | None = None


class AccountChange(Body):
    name: str | None = Field(default=None, min_length=1)
    markup: str | None = None
    low_balance_usd: str | None = None
    active: bool | None = None
    shards: int | None = Field(default=None, ge=1, le=64)


class NewKey(Body):
    name: str = "key"
    auto_cache: bool = False
    limits: dict[str, Any] = {}


class KeyChange(Body):
    limits: dict[str, Any]


class NewCredit(Body):
    usd: str
    reason: str = Field(min_length=1)
    expires: str | None = None


class NewCodes(Body):
    count: int = 1
    credit_usd: str
    batch: str = Field(min_length=1)
    until: str | None = None
    credit_days: int | None = None


class Redemption(Body):
    code: str
    account: str
