from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from interchange.metering.accounts import Accounts
from interchange.metering.codes import CodeRefused, Codes, Redeemed
from interchange.metering.ledger import Ledger, UnknownAccount
from interchange.metering.store import DAY_MS, Store


def two_accounts(store: Store) -> Codes:
    for name in ("a", "b"):
        Accounts(store).create(name, name, 0)
    return Codes(store)


def credited(store: Store, account_id: str) -> int:
    assert Accounts(store).audit_of(account_id).sound
    return Ledger(store).balance(account_id).credited_nano


def test_a_code_is_redeemed_once(store: Store) -> None:
    codes = two_accounts(store)
    code, other = codes.create(2, 500, "spring", 1)
    assert codes.redeem(code, "a", 2) == Redeemed(500, fresh=True)
    assert codes.redeem(code, "a", 3) == Redeemed(500, fresh=False)
    with pytest.raises(CodeRefused, match="used up"):
        codes.redeem(code, "b", 3)
    codes.redeem(other, "b", 4)
    assert (credited(store, "a"), credited(store, "b")) == (500, 500)
    assert sorted((one.redeemed_by, one.redeemed_ms) for one in codes.batch("spring")) == [("a", 2), ("b", 4)]


def test_a_code_is_read_as_people_write_it(store: Store) -> None:
    codes = two_accounts(store)
    (code,) = codes.create(1, 5, "x", 1)
    spoken = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert codes.redeem(spoken, "a", 2).fresh


def test_a_code_lapses(store: Store) -> None:
    codes = two_accounts(store)
    (code,) = codes.create(1, 5, "x", 1, until_ms=100)
    with pytest.raises(CodeRefused, match="expired"):
        codes.redeem(code, "a", 100)
    assert credited(store, "a") == 0


def test_a_codes_credit_may_expire(store: Store) -> None:
    codes = two_accounts(store)
    (code,) = codes.create(1, 5, "x", 1, credit_days=30)
    codes.redeem(code, "a", 10)
    assert Accounts(store).credits.book("a")[0].expires_ms == 10 + 30 * DAY_MS


def test_unknown_codes_and_accounts_use_nothing_up(store: Store) -> None:
    codes = two_accounts(store)
    (code,) = codes.create(1, 5, "x", 1)
    with pytest.raises(CodeRefused, match="no such code"):
        codes.redeem("0000-0000-0000-0000-0000", "a", 2)
    with pytest.raises(UnknownAccount):
        codes.redeem(code, "nobody", 2)
    assert codes.redeem(code, "a", 3).fresh


@pytest.mark.parametrize(("count", "nano"), [(0, 5), (1001, 5), (1, 0), (1, -5)])
def test_senseless_batches_are_refused(store: Store, count: int, nano: int) -> None:
    with pytest.raises(ValueError):
        Codes(store).create(count, nano, "x", 1)


def test_many_redeeming_one_code_at_once_get_it_once(real_store: Store) -> None:
    codes = two_accounts(real_store)
    (code,) = codes.create(1, 5, "x", 1)

    def one(number: int) -> bool:
        try:
            return codes.redeem(code, "ab"[number % 2], 2).fresh
        except CodeRefused:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(16))) == 1
    assert credited(real_store, "a") + credited(real_store, "b") == 5
