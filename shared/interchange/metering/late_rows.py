"""A usage row that comes when its request is long over: the table was away while it was to be written."""

from __future__ import annotations

from interchange.dataclass import dataclass, replace

from . import spread
from .accounts import Accounts
from .ledger import Ledger, LedgerError
from .reports import over
from .rows import UsageRow, write_row
from .store import Change, ConditionFailed, Insert, Store, Update, day_of, row_item


class NotCharged(LedgerError):
    """The request is recorded already, or the sweep is about to give its hold back."""


TRIES = 8
"""How often it is done again because money moved meanwhile."""


@dataclass(frozen=True, slots=True)
class Late:
    store: Store

    def charge(self, row: UsageRow, now_ms: int) -> UsageRow:
        """Writes the row and takes its charge: out of the hold where that still stands, else from what is available;
        what neither covers is the operator's (`absorbed_nano`). A row of a closed day is entered into today. Returns it
        as written. Raises NotCharged, UnknownAccount."""
        if over(day_of(row.created_ms), now_ms):
            row = replace(row, created_ms=now_ms)
        holds = Accounts(self.store).holds(row.account_id)
        hold = next((one for one in holds if one.request_id == row.request_id), None)
        if hold is None:
            return self._charge_available(row)
        if hold.expires_ms <= now_ms:
            raise NotCharged(f"request {row.request_id} is held still, and its hold has expired: run `sweep` first")
        row = _covered(row, sum(row.holds) or hold.nano)
        try:
            self.store.insert(row_item(write_row(row)))
        except ConditionFailed as failed:
            raise _recorded(row) from failed
        Ledger(self.store).settle(hold, row.share(hold.request_id), now_ms, row.usage.total)
        return row

    def _charge_available(self, row: UsageRow) -> UsageRow:
        """The row and the money in one transaction, from as many of the account's items as it takes."""
        for _ in range(TRIES):
            items = spread.shards_of(self.store, row.account_id)
            written = _covered(row, sum(max(0, int(item["available"])) for item in items))
            steps: list[Insert | Update] = [Insert(row_item(write_row(written)))]
            missing = written.charge_nano
            for item in items:
                part = min(missing, max(0, int(item["available"])))
                missing -= part
                if part:
                    steps.append(Update(str(item["pk"]), str(item["sk"]), _taking(part)))
            try:
                self.store.transact(steps)
            except ConditionFailed as failed:
                if failed.step == 0:
                    raise _recorded(row) from failed
            else:
                return written
        raise NotCharged(f"request {row.request_id}: the account's money does not stop moving; try again")


def _recorded(row: UsageRow) -> NotCharged:
    return NotCharged(f"request {row.request_id} is recorded already")


def _covered(row: UsageRow, most: int) -> UsageRow:
    """Limits the row's charge to `most`."""
    above = max(0, row.charge_nano - most)
    return replace(row, charge_nano=row.charge_nano - above, absorbed_nano=row.absorbed_nano + above)


def _taking(nano: int) -> Change:
    return Change("SET available = available - :c, charged = charged + :c", "available >= :c", {}, {":c": nano})
