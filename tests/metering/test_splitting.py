"""An account's balance items are not read at one moment: a split that saw half of another one must not undo it."""

from __future__ import annotations

from collections.abc import Iterator

from interchange.metering import spread
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import Ledger
from interchange.tables.port import Item
from interchange.tables.sqlite import MEMORY, SqliteTable


class Torn(SqliteTable):
    """Shows items of before a split beside some that it made, once."""

    before: tuple[Item, ...] = ()

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        found = list(super().query(pk, prefix))
        if self.before and prefix == "BALANCE#":
            known = {item["sk"] for item in self.before}
            found = [*self.before, *[item for item in found if item["sk"] not in known][:6]]
            self.before = ()
        return iter(found)


def test_a_split_that_saw_half_of_another_lowers_no_number() -> None:
    store = Torn(MEMORY, create=True)
    Accounts(store).create("acc", "a", 1)
    Accounts(store).credit("acc", 10**9, "c", "c", 1)
    spread.split(store, "acc", 4)
    before = tuple(store.query("ACCOUNT#acc", "BALANCE#"))
    spread.split(store, "acc", 16)
    store.before = before
    assert spread.split(store, "acc", 4) == 16
    assert {item["shards"] for item in store.query("ACCOUNT#acc", "BALANCE#")} == {16}
    assert Ledger(store).balance("acc").available_nano == 10**9
