"""A usage row that comes when its request is long over: the table was away while it was to be written."""

from __future__ import annotations

from dataclasses import replace

from interchange.dataclass import dataclass

from .accounts import Accounts
from .ledger import Ledger, LedgerError
from .reports import over
from .rows import UsageRow, write_row
from .store import Change, ConditionFailed, Insert, Store, Update, day_of, row_item


class NotCharged(LedgerError):
    """The request is recorded already, or the sweep is about to give its hold back."""


@dataclass(frozen=True, slots=True)
class Late:
    store: Store

    def charge(self, row: UsageRow, now_ms: int) -> UsageRow:
        """Writes the row and takes its charge: out of the hold where that still stands, else from what is available,
        which may go below zero. A row of a closed day is entered into today. Returns it as written. Raises NotCharged,
        UnknownAccount."""
        if over(day_of(row.created_ms), now_ms):
            row = replace(row, created_ms=now_ms)
        holds = Accounts(self.store).holds(row.account_id)
        hold = next((one for one in holds if one.request_id == row.request_id), None)
        steps: list[Insert | Update] = [Insert(row_item(write_row(row)))]
        if hold is None:
            steps.append(Update(f"ACCOUNT#{row.account_id}", "BALANCE#0", _taking(row)))
        elif hold.expires_ms <= now_ms:
            raise NotCharged(f"request {row.request_id} is held still, and its hold has expired: run `sweep` first")
        try:
            self.store.transact(steps)
        except ConditionFailed as failed:
            raise NotCharged(f"request {row.request_id} is recorded already") from failed
        if hold is not None:
            Ledger(self.store).settle(hold, row.share(hold.request_id), now_ms, row.usage.total)
        return row


def _taking(row: UsageRow) -> Change:
    return Change(
        "SET available = available - :c, charged = charged + :c", "attribute_exists(pk)", {}, {":c": row.charge_nano}
    )
