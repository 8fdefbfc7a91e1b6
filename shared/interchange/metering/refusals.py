"""Why the books refuse. A refusal changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from .key_limits import TOKENS_A_MINUTE, Rates
from .money import usd
from .store import Item


class LedgerError(Exception):
    """A refusal of the books. Nothing was changed."""


class InsufficientBalance(LedgerError):
    """No shard has `needed_nano`; `available_nano` is the most that any has, below zero for a debt. `held_nano` is what
    `running` requests of the same account have set aside meanwhile."""

    def __init__(self, available_nano: int, needed_nano: int, held_nano: int = 0, running: int = 0) -> None:
        super().__init__(f"{available_nano} nano-dollars available, {needed_nano} needed")
        self.available_nano = available_nano
        self.needed_nano = needed_nano
        self.held_nano = held_nano
        self.running = running

    def beside(self, own_nano: int) -> InsufficientBalance:
        """The refusal as the request sees it that has so much set aside for itself already."""
        there, held = self.available_nano + own_nano, max(0, self.held_nano - own_nano)
        return InsufficientBalance(there, self.needed_nano, held, max(0, self.running - 1))


def short(items: Sequence[Item], needed_nano: int) -> InsufficientBalance:
    """The refusal that these balance items give."""
    return InsufficientBalance(
        sum(int(item["available"]) for item in items),
        needed_nano,
        sum(int(item["held"]) for item in items),
        sum(len(item["holds"]) for item in items),
    )


class KeyRevoked(LedgerError):
    pass


class AccountInactive(LedgerError):
    pass


class UnknownAccount(LedgerError):
    pass


class DuplicateHold(LedgerError):
    """The request id is held already."""


class AllowanceExceeded(LedgerError):
    """One of the spending caps of the key, or of who `whose` says, does not cover the request: `remaining_nano` is left
    of it. `kind` says which in words, "" for the cap in all. `retry_after_s` is until the cap's day, week or month
    ends, None for that one."""

    def __init__(
        self,
        kind: str,
        limit_nano: int | None,
        remaining_nano: int,
        retry_after_s: float | None = None,
        whose: str = "key",
    ) -> None:
        whole = "" if limit_nano is None else f" of ${usd(limit_nano)}"
        message = f"this {whose}'s spending cap{whole} {kind}".rstrip()
        super().__init__(f"{message} does not cover the request: ${usd(remaining_nano)} is left")
        self.remaining_nano = remaining_nano
        self.retry_after_s = retry_after_s


class LimitExceeded(LedgerError):
    """A rate or concurrency limit of the key, or of who `whose` says. `rates` is what is left of its minute; `tokens`
    is True for the limit on tokens, into which a smaller request may fit. `retry_after_s` is None where the limit is 0:
    no wait lets a request through."""

    def __init__(
        self,
        kind: str,
        limit: int,
        remaining: int,
        retry_after_s: float | None,
        rates: Rates | None = None,
        whose: str = "key",
    ) -> None:
        super().__init__(f"this {whose}'s limit of {limit} {kind} is reached")
        self.kind = kind
        self.limit = limit
        self.remaining = remaining
        self.retry_after_s = retry_after_s
        self.rates = rates
        self.whose = whose
        self.tokens = kind == TOKENS_A_MINUTE
        self.advice = "It lets nothing through." if retry_after_s is None else f"Try again in {retry_after_s:.1f} s."
