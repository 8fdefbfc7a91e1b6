"""The usage row: the immutable record of one request, and the log that recovery reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, fields
from operator import attrgetter
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.usage import Usage


@dataclass(frozen=True, slots=True)
class Try:
    """One try that did not serve the caller; never charged. `status` is the provider's, None without an answer."""

    provider: str
    model: str
    status: int | None
    reason: str
    milliseconds: int
    cost_nano: int = 0
    """What the vendor counted before it failed, at the operator's price: the operator's, never the customer's."""


@dataclass(frozen=True, slots=True)
class Round:
    """One of several calls of a vendor that served one request, charged for itself. `calls` are the tools that it
    called ("server.tool"), those that failed with a "!" behind."""

    provider: str
    model: str
    usage: Usage
    milliseconds: int
    calls: tuple[str, ...] = ()
    listed: str = ""
    """The catalog's id of the model, where it is another than the row's: then `prices` and `markup` are its own."""
    prices: Mapping[str, Any] = field(default_factory=dict)
    markup: str = "1"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Money in nano-dollars, times in milliseconds. `prices` is the price list that was applied, so that the charge can
    be computed again from the row alone. `outcome`: ok, client_gone, truncated, upstream_error."""

    request_id: str
    account_id: str
    key_id: str
    created_ms: int
    family: str
    protocol: str
    lane: str
    stream: bool
    model: str
    provider: str
    upstream_model: str
    usage: Usage
    price_version: str
    prices: Mapping[str, Any]
    markup: str
    charge_nano: int
    hold_nano: int
    outcome: str
    status: int
    first_byte_ms: int | None
    total_ms: int
    upstream_request_id: str | None = None
    legs: tuple[Try, ...] = ()
    dropped: tuple[str, ...] = ()
    shard: int = 0
    absorbed_nano: int = 0
    """What the request cost above its hold: the operator's, never the account's."""
    cost_nano: int | None = None
    """What the vendor that served it charges the operator; None in rows of an earlier release."""
    user: str = ""
    """The caller's end user."""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
    """Where there were several: `usage` is their sum, the charge the sum of theirs."""
    holds: tuple[int, ...] = ()
    """What each of several holds set aside, where one was not enough."""

    @property
    def usages(self) -> list[Usage]:
        """Usage of each call of a vendor: long prompts have prices of their own, so each is charged for itself."""
        return [one.usage for one in self.rounds] or [self.usage]

    @property
    def billed(self) -> list[tuple[Usage, Mapping[str, Any], str]]:
        """The same with the price list and the markup of each."""
        own = [
            (one.usage, one.prices, one.markup) if one.listed else (one.usage, self.prices, self.markup)
            for one in self.rounds
        ]
        return own or [(self.usage, self.prices, self.markup)]

    def share(self, hold_id: str) -> int:
        """The part of the charge that one of the request's holds pays: each as far as it goes, in their order."""
        if not self.holds:
            return self.charge_nano
        number = hold_number(hold_id)
        before = sum(self.holds[:number])
        most = self.holds[number] if number < len(self.holds) else 0
        return min(max(0, self.charge_nano - before), most)


FURTHER = "."
"""Stands between a request's id and the number of a hold beyond its first."""


def hold_id(request_id: str, number: int) -> str:
    """The id of a request's hold; the first has the request's own."""
    return f"{request_id}{FURTHER}{number}" if number else request_id


def hold_number(identity: str) -> int:
    number = identity.partition(FURTHER)[2]
    return int(number) if number.isdecimal() else 0


def request_of(identity: str) -> str:
    """The request that a hold is of."""
    return identity.partition(FURTHER)[0]


LABELS = ("user", "tags", "metadata")
"""What the caller says that the request is for; most rows have none."""
_ROW = tuple(item.name for item in fields(UsageRow))
_VALUES = attrgetter(*_ROW)
_COUNTS = tuple(item.name for item in fields(Usage) if item.name != "shares")
_COUNTED = attrgetter(*_COUNTS)


def write_row(row: UsageRow) -> dict[str, Any]:
    """The row as a JSON object; usage without its zeros."""
    out = dict(zip(_ROW, _VALUES(row), strict=True))
    out["usage"] = _write_usage(row.usage)
    out["rounds"] = [_write_round(one) for one in row.rounds]
    out["holds"] = list(row.holds)
    out["prices"] = dict(row.prices)
    out["legs"] = [_leg(leg) for leg in row.legs]
    out["dropped"] = list(row.dropped)
    for name in LABELS:
        out[name] = _plain(out[name])
    if row.cost_nano is None:
        del out["cost_nano"]
    return {name: value for name, value in out.items() if value or name not in LABELS}


def _write_round(one: Round) -> dict[str, Any]:
    written = {"provider": one.provider, "model": one.model, "usage": _write_usage(one.usage),
               "milliseconds": one.milliseconds, "calls": list(one.calls)}  # fmt: skip
    own = {"listed": one.listed, "prices": dict(one.prices), "markup": one.markup}
    return {**written, **own} if one.listed else written


def _leg(leg: Try) -> dict[str, Any]:
    """A try cost nothing unless it says so."""
    return {name: value for name, value in asdict(leg).items() if value or name != "cost_nano"}


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value
        case tuple():
            return list(value)
        case dict() | Mapping():
            return dict(value)
        case _:
            return value


def _write_usage(usage: Usage) -> dict[str, Any]:
    return {
        name: value if type(value) is int or not isinstance(value, Mapping) else dict(value)
        for name, value in zip(_COUNTS, _COUNTED(usage), strict=True)
        if value or value == ""
    }


def read_row(data: Mapping[str, Any]) -> UsageRow:
    """The inverse of `write_row`. Fields that a later version has added are passed over: after a way back to this one,
    its holds are settled from such rows too. Raises TypeError for what is not a row."""
    values = _known(UsageRow, data)
    values["usage"] = Usage(**_known(Usage, values["usage"]))
    values["legs"] = tuple(Try(**_known(Try, leg)) for leg in values.get("legs") or ())
    values["rounds"] = tuple(_read_round(one) for one in values.get("rounds") or ())
    values["holds"] = tuple(values.get("holds") or ())
    values["dropped"] = tuple(values.get("dropped") or ())
    values["tags"] = tuple(values.get("tags") or ())
    return UsageRow(**values)


def _read_round(data: Mapping[str, Any]) -> Round:
    values = _known(Round, data)
    values["usage"] = Usage(**_known(Usage, values.get("usage") or {}))
    values["calls"] = tuple(values.get("calls") or ())
    return Round(**values)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = NAMES[kind]
    return {name: value for name, value in data.items() if name in names}


NAMES = {kind: frozenset(item.name for item in fields(kind)) for kind in (UsageRow, Usage, Try, Round)}
"""Looked up once: a busy day has rows by the ten thousand."""


@dataclass(frozen=True, slots=True)
class Totals:
    """A sum of rows."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    charge_nano: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)

    def add(self, row: UsageRow) -> Totals:
        counts = {**self.outcomes, row.outcome: self.outcomes.get(row.outcome, 0) + 1}
        return Totals(
            self.requests + 1,
            self.input_tokens + row.usage.total_input,
            self.output_tokens + row.usage.total_output,
            self.charge_nano + row.charge_nano,
            counts,
        )
