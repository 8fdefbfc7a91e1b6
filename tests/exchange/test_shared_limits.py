"""Limits of an account, of its end users and of models: they hold for all of its keys together, to the nano-dollar,
however many requests run at once, and are given back as a key's are."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from interchange.identity.keys import Limits, read_shared
from interchange.metering.hold import AccountRef
from interchange.metering.hold_records import find_hold
from interchange.metering.ledger import AllowanceExceeded, LedgerError, LimitExceeded
from interchange.metering.money import NANO
from interchange.operator import account_actions, account_limits
from interchange.operator.books import Books, make_books
from interchange.operator.sweep import sweep
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.exchange import world as w

COST = 70_000_000
"""Of a request of 10,000 tokens in and 5,000 out."""


@dataclass
class Shop:
    here: w.World
    books: Books
    account: str
    keys: tuple[str, str]

    def limit(self, each_user: bool = False, models: str | None = None, **form: Any) -> Any:
        return account_limits.limit_account(self.books, self.account, form, each_user=each_user, models=models)

    def ask(self, key: int = 0, model: str = "gpt", family: str = "chat", **body: Any) -> tuple[int, Any, Any]:
        self.here.script.answers = [w.Says(chunks=[w.chat_answer(prompt=10_000, completion=5_000)])]
        asked = {"model": model, "messages": w.user("x" * 10_000), "max_tokens": 5_000, **body}
        status, answer, headers = asyncio.run(self.here.whole(family, asked, key=self.keys[key]))
        return status, answer, headers

    def statuses(self, times: int, **asked: Any) -> list[int]:
        return [self.ask(**asked)[0] for _ in range(times)]


@pytest.fixture
def shop() -> Iterator[Shop]:
    table = SqliteTable(MEMORY)
    here = w.make(lambda: table, "1", Limits())
    books = make_books(table, lambda: here.services.catalog, clock=lambda: here.now[0])
    made = account_actions.create_account(books, "Ada", "100")
    second = account_actions.create_key(books, made["account"], "second", {})
    yield Shop(here, books, made["account"], (made["key"], second["key"]))
    table.close()


def test_an_accounts_cap_of_a_day_is_for_all_of_its_keys_together(shop: Shop) -> None:
    shop.limit(spend_per_day_usd="0.15")
    assert [shop.ask(key)[0] for key in (0, 1)] == [200, 200]
    status, error, headers = shop.ask(1)
    assert (status, error["error"]["code"]) == (402, "key_allowance_exceeded")
    assert error["error"]["message"].startswith("this account's spending cap of $0.15 per day does not cover")
    assert int(headers["retry-after"]) > 0
    assert shop.books.ledger.balance(shop.account).held_nano == 0
    shown = account_actions.show_account(shop.books, shop.account)
    assert shown["limits"] == {"spend_per_day_usd": "0.15", "day_left_usd": "0.01"}
    shop.here.now[0] += 86_400_000
    assert shop.ask()[0] == 200


def test_requests_of_an_accounts_minute_are_counted_over_its_keys(shop: Shop) -> None:
    shop.limit(requests_per_minute="2")
    assert [shop.ask(key)[0] for key in (0, 1, 0)] == [200, 200, 429]
    status, error, _ = shop.ask(1)
    assert error["error"]["message"].startswith("Rate limit reached: this account's limit of 2 requests per minute")
    status, error, headers = shop.ask(1, family="messages", max_tokens=5000)
    assert (status, error["error"]["type"]) == (429, "rate_limit_error")
    assert int(headers["retry-after"]) > 0


def test_each_end_user_has_a_limit_of_his_own(shop: Shop) -> None:
    shop.limit(each_user=True, spend_per_month_usd="0.075")
    assert shop.statuses(1, user="u-1") + shop.statuses(1, user="u-1", key=1) == [200, 402]
    assert shop.statuses(1, user="u-2") == [200]
    assert shop.statuses(3) == [200, 200, 200]  # of nobody
    assert "this user's spending cap" in shop.ask(user="u-1")[1]["error"]["message"]


def test_a_users_limit_holds_in_every_protocol(shop: Shop) -> None:
    shop.limit(each_user=True, requests_per_minute="1")
    assert shop.statuses(1, user="u-1") == [200]
    assert shop.ask(family="messages", metadata={"user_id": "u-1"})[0] == 429
    assert shop.ask(family="responses", input="hi", user="u-1")[0] == 429


def test_models_have_limits_by_pattern(shop: Shop) -> None:
    shop.limit(models="gp?", spend_per_day_usd="0.075")
    assert shop.statuses(2) == [200, 402]
    assert shop.ask(model="grok")[0] == 200
    assert "this model's spending cap" in shop.ask()[1]["error"]["message"]
    assert shop.limit(models="no-such-model", requests_per_minute="1")["warnings"]


def test_a_key_made_later_shares_the_limits(shop: Shop) -> None:
    shop.limit(requests_per_minute="1")
    made = account_actions.create_key(shop.books, shop.account, "third", {})
    shop.keys = (shop.keys[0], made["key"])
    assert [shop.ask(key)[0] for key in (1, 0)] == [200, 429]


def test_a_limit_is_taken_away(shop: Shop) -> None:
    shop.limit(requests_per_minute="1")
    shop.limit(requests_per_minute=None)
    assert shop.statuses(3) == [200, 200, 200]
    assert "limits" not in account_actions.show_account(shop.books, shop.account)


def test_the_tightest_limit_cuts_the_answer_and_says_so(shop: Shop) -> None:
    shop.limit(spend_per_day_usd="0.05")
    status, _, headers = shop.ask()
    assert status == 200
    assert int(headers["x-interchange-max-tokens"]) < 5_000


def test_a_failure_gives_back_what_was_counted(shop: Shop) -> None:
    shop.limit(spend_per_day_usd="0.1")
    shop.here.script.answers = [w.Says(400, chunks=[b'{"error":{"message":"no"}}'])]
    body = {"model": "gpt", "messages": w.user(), "max_tokens": 10}
    assert asyncio.run(shop.here.whole("chat", body, key=shop.keys[0]))[0] == 400
    assert account_actions.show_account(shop.books, shop.account)["limits"]["day_left_usd"] == "0.1"


def ref(shop: Shop, **limits: Any) -> AccountRef:
    """As the exchange makes it."""
    from interchange.exchange.meters import metered

    principal = shop.here.services.identity.authenticate(shop.keys[0])
    model = shop.here.services.catalog.find("gpt")
    assert model is not None
    principal = metered(replace(principal, limits=Limits(**limits)), model, "u-1")
    return AccountRef(principal.account_id, principal.key_id, principal.limits, 1, principal.meters)


def test_nothing_is_overspent_by_many_requests_at_once(shop: Shop) -> None:
    shop.limit(spend_per_day_usd="10")
    shop.limit(each_user=True, spend_per_week_usd="7")
    account, made, refused = ref(shop), list[str](), list[str]()

    def run(number: int) -> None:
        try:
            held = shop.books.ledger.hold(account, f"r{number}", NANO, shop.here.now[0], shop.here.now[0] + 1000)
        except LedgerError as error:
            refused.append(type(error).__name__)
        else:
            made.append(held.request_id)
            shop.books.ledger.settle(held, NANO, shop.here.now[0])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(24)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) <= 7
    assert len(made) + len(refused) == 24
    while len(made) < 7:  # those that gave way to others
        run(100 + len(made) + len(refused))
    with pytest.raises(AllowanceExceeded, match="this user's"):
        shop.books.ledger.hold(account, "more", NANO, shop.here.now[0], shop.here.now[0] + 1000)


def test_an_abandoned_hold_gives_back_every_counter(shop: Shop) -> None:
    shop.limit(spend_per_day_usd="10", concurrent="1")
    shop.limit(each_user=True, spend_per_week_usd="10")
    shop.limit(models="gpt", spend_per_month_usd="10")
    account, now = ref(shop, spend_per_day_nano=9 * NANO), shop.here.now[0]
    held = shop.books.ledger.hold(account, "r", 4 * NANO, now, now + 1000)
    (item,) = shop.books.accounts.shards(shop.account)
    found = find_hold(item, "r")
    assert found is not None
    assert (found.beside, len(found.beside)) == (held.beside, 3)
    with pytest.raises(LimitExceeded, match="this account's limit of 1 concurrent"):
        shop.books.ledger.hold(account, "r2", NANO, now, now + 1000)
    shop.here.now[0] += 2000
    assert sweep(shop.books).released == 1
    shown = account_actions.show_account(shop.books, shop.account)
    assert shown["limits"]["day_left_usd"] == shown["model_limits"]["gpt"]["month_left_usd"] == "10"
    shop.books.ledger.hold(account, "r3", 9 * NANO, shop.here.now[0], shop.here.now[0] + 1000)


@pytest.mark.parametrize("cap", ["spend_per_day_nano", "spend_per_week_nano", "spend_per_month_nano"])
def test_a_hold_that_grows_is_counted_in_every_window(shop: Shop, cap: str) -> None:
    shop.limit(spend_per_week_usd="6")
    account, now = ref(shop, **{cap: 10 * NANO}), shop.here.now[0]
    held = shop.books.ledger.hold(account, "r", NANO, now, now + 1000)
    held = shop.books.ledger.extend(held, account, 4 * NANO)
    with pytest.raises(AllowanceExceeded, match="this account's spending cap of its day, week or month"):
        shop.books.ledger.extend(held, account, 2 * NANO)
    assert shop.books.ledger.spare(held, account, 50 * NANO) == NANO
    shop.books.ledger.settle(held, 5 * NANO, now)
    alone = replace(account, meters=())
    with pytest.raises(AllowanceExceeded) as raised:
        shop.books.ledger.hold(alone, "r2", 6 * NANO, now, now + 1000)
    assert raised.value.remaining_nano == 5 * NANO


@pytest.mark.parametrize(
    "form", [{"spend_usd": "5"}, {"expires": "1d"}, {"zone": "Europe/Berlin"}, {"nonsense": "1"}, {"concurrent": "x"}]
)
def test_a_limit_that_an_account_has_not_is_named(shop: Shop, form: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(form))}: "):
        account_limits.limit_account(shop.books, shop.account, form)
    assert read_shared({}).account is None
