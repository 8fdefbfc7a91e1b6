"""A hold, and whose it is."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from interchange.dataclass import dataclass

from . import key_limits


class KeyLimits(key_limits.Counted, Protocol):
    """The part of a key's limits that the ledger reads."""

    @property
    def spend_nano(self) -> int | None: ...


class Metered(Protocol):
    """A count of requests beside their key's: `name` is its counters' among the account's, `whose` the limits are, in
    words."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> key_limits.Counted: ...

    @property
    def whose(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Own:
    """The key itself."""

    name: str
    limits: key_limits.Counted
    whose: str = "key"


@dataclass(frozen=True, slots=True)
class AccountRef:
    """`shards` is the least number of balance items that the account is known to have; `meters` what is counted beside
    the key: the account, an end user, a model."""

    account_id: str
    key_id: str
    limits: KeyLimits
    shards: int = 1
    meters: tuple[Metered, ...] = ()

    @property
    def own(self) -> Own:
        return Own(self.key_id, self.limits)

    @property
    def counted(self) -> tuple[Metered, ...]:
        """The meters that limit by window or at once."""
        return tuple(one for one in self.meters if key_limits.is_counted(one.limits))


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
    beside: tuple[str, ...] = ()
    """Counters beside the key's, by their names."""
    rates: key_limits.Rates | None = field(default=None, compare=False)
    spare_nano: int = field(default=0, compare=False)
    """What was seen to be available beside it, on the same item."""
    name: str = field(default="", compare=False)
    """Under which an earlier release wrote it; "" for the name that its id gives."""

    @property
    def limited(self) -> bool:
        return self.capped or self.counted is not None
