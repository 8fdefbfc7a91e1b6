"""Why the books refuse. A refusal changes nothing."""

from __future__ import annotations

from .key_limits import Rates


class LedgerError(Exception):
    """A refusal of the books. Nothing was changed."""


class InsufficientBalance(LedgerError):
    """No shard has `needed_nano`; `available_nano` is the most that any has."""

    def __init__(self, available_nano: int, needed_nano: int) -> None:
        super().__init__(f"{available_nano} nano-dollars available, {needed_nano} needed")
        self.available_nano = available_nano
        self.needed_nano = needed_nano


class KeyRevoked(LedgerError):
    pass


class AccountInactive(LedgerError):
    pass


class UnknownAccount(LedgerError):
    pass


class DuplicateHold(LedgerError):
    """The request id is held already."""


class AllowanceExceeded(LedgerError):
    """One of the key's own spending caps is reached. `retry_after_s` is until the cap's day or month ends, None for a
    cap in all."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LimitExceeded(LedgerError):
    """A rate or concurrency limit of the key. `rates` is what is left of its minute."""

    def __init__(self, kind: str, limit: int, remaining: int, retry_after_s: float, rates: Rates | None = None) -> None:
        super().__init__(f"this key's limit of {limit} {kind} is reached")
        self.kind = kind
        self.limit = limit
        self.remaining = remaining
        self.retry_after_s = retry_after_s
        self.rates = rates
