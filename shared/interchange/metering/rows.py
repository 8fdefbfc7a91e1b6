"""The usage row: the immutable record of one request, and the log that recovery reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, fields
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
    user: str = ""
    """The caller's end user."""
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


LABELS = ("user", "tags", "metadata")
"""What the caller says that the request is for; most rows have none."""
_ROW = tuple(item.name for item in fields(UsageRow))
_USAGE_DEFAULTS = {item.name: item.default for item in fields(Usage)}


def write_row(row: UsageRow) -> dict[str, Any]:
    """The row as a JSON object; usage without its zeros."""
    out = {name: getattr(row, name) for name in _ROW}
    counts = {name: getattr(row.usage, name) for name in _USAGE_DEFAULTS}
    out["usage"] = {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in counts.items()
        if value not in (0, None, {})
    }
    out["prices"] = dict(row.prices)
    out["legs"] = [asdict(leg) for leg in row.legs]
    out["dropped"] = list(row.dropped)
    for name in LABELS:
        out[name] = _plain(out[name])
    return {name: value for name, value in out.items() if value or name not in LABELS}


def _plain(value: Any) -> Any:
    match value:
        case tuple():
            return list(value)
        case Mapping():
            return dict(value)
        case _:
            return value


def read_row(data: Mapping[str, Any]) -> UsageRow:
    """The inverse of `write_row`. Fields that a later version has added are passed over: after a way back to this one,
    its holds are settled from such rows too. Raises TypeError for what is not a row."""
    values = _known(UsageRow, data)
    values["usage"] = Usage(**_known(Usage, values["usage"]))
    values["legs"] = tuple(Try(**_known(Try, leg)) for leg in values.get("legs") or ())
    values["dropped"] = tuple(values.get("dropped") or ())
    values["tags"] = tuple(values.get("tags") or ())
    return UsageRow(**values)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


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
