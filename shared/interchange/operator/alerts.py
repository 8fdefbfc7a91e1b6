"""The low-balance notice: said once each time that a balance falls below its account's threshold.

A conditional write decides who says it, so that two sweeps at once say it once; when it cannot be said, the write is
taken back and the next sweep tries again.
"""

from __future__ import annotations

import json

from interchange.metering.accounts import Account, Accounts
from interchange.metering.ledger import Balance
from interchange.metering.money import usd

from .notify import Publish


def check(accounts: Accounts, account: Account, balance: Balance, publish: Publish | None) -> bool:
    """True where the notice was given now. Without a topic nothing is, and nothing is remembered."""
    if publish is None or account.low_nano is None:
        return False
    # What is held comes back in part: the balance is low when even all of it would not help.
    low = balance.available_nano + balance.held_nano < account.low_nano
    if low == account.told or not accounts.tell(account.account_id, told=low):
        return False
    if not low:
        return False
    try:
        publish(f"Low balance: {account.name}", _text(account, balance))
    except BaseException:
        accounts.tell(account.account_id, told=False)
        raise
    return True


def _text(account: Account, balance: Balance) -> str:
    return json.dumps(
        {
            "event": "low_balance",
            "account": account.account_id,
            "name": account.name,
            "available_usd": usd(balance.available_nano),
            "held_usd": usd(balance.held_nano),
            "threshold_usd": usd(account.low_nano or 0),
        }
    )
