"""A hold, and whose it is."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from interchange.dataclass import dataclass

from . import key_limits


class KeyLimits(key_limits.Counted, Protocol):
    """What the ledger reads of a key's limits."""

    @property
    def spend_nano(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class AccountRef:
    """`shards` is the least number of balance items that the account is known to have."""

    account_id: str
    key_id: str
    limits: KeyLimits
    shards: int = 1

    @property
    def limited(self) -> bool:
        """True where the key's own counters change with each hold."""
        return self.limits.spend_nano is not None or key_limits.is_counted(self.limits)


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside: the ticket without which nothing is sent."""

    request_id: str
    account_id: str
    key_id: str
    shard: int
    nano: int
    opened_ms: int
    expires_ms: int
    capped: bool = False
    counted: key_limits.Windows | None = None
    """The windows in which a limited key's request was counted."""
    tokens: int = 0
    """The bound that was counted then."""
    rates: key_limits.Rates | None = field(default=None, compare=False)
    spare_nano: int = field(default=0, compare=False)
    """What was seen to be available beside it, on the same item."""
    name: str = field(default="", compare=False)
    """Under which an earlier release wrote it; "" for the name that its id gives."""

    @property
    def limited(self) -> bool:
        return self.capped or self.counted is not None
