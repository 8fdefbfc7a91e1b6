"""Answers about usage and requests."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from .models import Moment, Outcome, Usd

WITHIN = "within which {half} of the requests had their first byte; null where no request has one"


class Figures(BaseModel):
    """Sums of finished requests."""

    requests: int
    failed: int
    input_tokens: int = Field(description="all of the input, the cached part too")
    cached_tokens: int = Field(description="the part of it that was read from caches")
    cache_write_tokens: int = Field(description="the part of it that was written into caches for a fee")
    output_tokens: int
    reasoning_tokens: int = Field(description="the part of the output that was thought")
    charged_usd: Usd
    saved_by_caching_usd: Usd = Field(
        description="what the same tokens would have cost more without caches, at each request's own prices"
    )
    first_byte_p50_ms: int | None = Field(default=None, description=WITHIN.format(half="half"))
    first_byte_p95_ms: int | None = Field(default=None, description=WITHIN.format(half="95 in 100"))


class Groups(BaseModel):
    """Words that a sum is by."""

    day: str | None = None
    model: str | None = None
    key: str | None = None
    user: str | None = Field(default=None, description="the `user` (`metadata.user_id`) of the requests")
    tag: str | None = Field(default=None, description="one of the header `x-interchange-tags`")
    metadata: str | None = Field(default=None, description="a pair of the requests' `metadata`, as name=value")


class UsageLine(Figures, Groups):
    """A sum; what it is by is there where it was asked for. A request with several tags counts for each, one without is
    under null; beyond 1,000 lines a day, `(other)` is all other values."""


class Usage(Figures):
    """Sums of all days and lines; `data` has as many of the lines as were asked for."""

    since: str
    until: str
    data: list[UsageLine]
    next_cursor: str | None = Field(default=None, description="`cursor` of the next lines; null behind the last")


class RequestLine(BaseModel):
    id: str
    created: Moment
    key: str
    model: str
    family: str
    protocol: str
    provider: str
    stream: bool
    outcome: Outcome
    status: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge_usd: Usd
    first_byte_ms: int | None
    total_ms: int
    dropped: list[str] = Field(description="paths of the fields that did not reach the model")
    user: str | None
    tags: list[str]
    metadata: dict[str, str]


class Requests(BaseModel):
    data: list[RequestLine]
    next_cursor: str | None = Field(description="`cursor` of the next page; null behind the last")


class Tried(BaseModel):
    """A try that did not serve the request; never charged."""

    provider: str
    status: int | None
    reason: str
    milliseconds: int


class Round(BaseModel):
    """One of several calls of the model that served one request, charged for itself."""

    provider: str
    model: str
    usage: dict[str, Any] = Field(description="as the request's own, which is the sum")
    milliseconds: int
    calls: list[str] = Field(description='tools of MCP servers ("server.tool"); with a "!" behind, those that failed')


class Loss(BaseModel):
    path: str
    words: str


class ChargeLine(BaseModel):
    """A factor of a charge: `quantity` units of `kind` at `rate_usd` per `per` units, before the markup."""

    kind: str
    quantity: int
    rate_usd: Usd
    per: int
    usd: Usd


class RequestAccount(RequestLine):
    """A request's whole account: from these tokens, prices and markup its charge can be reckoned again."""

    usage: dict[str, Any] = Field(description="tokens and units by kind, each counted once; without zeros")
    prices: dict[str, Any] = Field(description="USD per million tokens, or per unit")
    lines: list[ChargeLine] = Field(
        description="what was counted, at the rates of its size, tier and region: times the markup, and rounded up "
        "once, they are the cost. The charge is that, or less where it would be above what was set aside"
    )
    price_version: str
    markup: str
    hold_usd: Usd = Field(description="what was set aside beforehand; no charge is above it")
    lane: str = Field(description="pass-through, or translate")
    upstream_model: str
    tries: list[Tried]
    rounds: list[Round] = Field(description="where the request took several, by the tools of MCP servers")
    losses: list[Loss]
