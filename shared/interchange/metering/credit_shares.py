"""The remainder of each credit: which spending used which grant.

The rule. Whatever an account spends is taken from the grants that were there when it was spent, the one that expires
first before the others, grants without an expiry last; among equals the older first. A negative adjustment is spending
like any other. Money that requests still hold counts as taken, by the same rule, until they settle.

Nothing is kept about it beside the credits themselves: each remembers how much the account had been charged when it
was made (`charged_nano`), which puts credits and spending on one line, and the answer is a fold over that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from interchange.dataclass import dataclass

FOREVER_MS = 2**62


@dataclass(frozen=True, slots=True)
class Credit:
    """One entry of an account's credit book. `nano` is negative for an adjustment downwards and for an expiry; `of` is
    the credit that an expiry takes back. `charged_nano` is the account's total charge at the time."""

    credit_id: str
    nano: int
    reason: str
    created_ms: int
    charged_nano: int = 0
    expires_ms: int | None = None
    of: str | None = None
    source: str = "operator"


def read_credit(item: Mapping[str, Any]) -> Credit:
    expires = item.get("expires_ms")
    return Credit(
        credit_id=str(item["sk"]).removeprefix("CREDIT#"),
        nano=int(item["nano"]),
        reason=str(item["reason"]),
        created_ms=int(item["created_ms"]),
        charged_nano=int(item["charged"]),
        expires_ms=None if expires is None else int(expires),
        of=item.get("of"),
        source=str(item.get("source") or "operator"),
    )


def left(credits: Iterable[Credit], charged_nano: int, held_nano: int = 0) -> dict[str, int]:
    """Credit id -> nano-dollars of it that are neither spent, held nor taken back; grants only. `charged_nano` and
    `held_nano` are the account's figures now."""
    remaining: dict[str, int] = {}
    grants: dict[str, Credit] = {}
    owed = spent = 0
    for entry in sorted(credits, key=lambda one: (one.charged_nano, one.created_ms, one.credit_id)):
        owed = _take(remaining, grants, owed + entry.charged_nano - spent)
        spent = max(spent, entry.charged_nano)
        if entry.nano >= 0:
            grants[entry.credit_id] = entry
            remaining[entry.credit_id] = entry.nano
        elif entry.of in remaining:
            owed += max(0, -entry.nano - remaining[entry.of])
            remaining[entry.of] = max(0, remaining[entry.of] + entry.nano)
        else:
            owed -= entry.nano
    _take(remaining, grants, owed + charged_nano - spent + held_nano)
    return remaining


def _take(remaining: dict[str, int], grants: Mapping[str, Credit], nano: int) -> int:
    """Takes `nano` from the grants in the order of the rule; returns what no grant could cover."""
    for credit_id in _order(grants):
        part = min(nano, remaining[credit_id])
        remaining[credit_id] -= part
        nano -= part
        if nano == 0:
            break
    return nano


def _order(grants: Mapping[str, Credit]) -> Sequence[str]:
    def key(credit_id: str) -> tuple[int, int, str]:
        grant = grants[credit_id]
        return (FOREVER_MS if grant.expires_ms is None else grant.expires_ms, grant.created_ms, credit_id)

    return sorted(grants, key=key)
