"""Little is set aside at first, and more as the answer grows: an account runs many requests side by side, and none of
them costs what its balance does not carry."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.exchange import growth
from interchange.exchange.conversation.bound import measure
from interchange.exchange.services import FIRST_HOLD_NANO
from interchange.hub import events as e
from interchange.hub.fold import fold
from interchange.hub.request import Request
from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.bounds import bound, opening
from interchange.metering.ledger import AccountRef
from interchange.metering.money import nano
from interchange.metering.prices import PriceList
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.exchange import world as w
from tests.exchange.test_endless_answers import CLIENTS, endless
from tests.laws.traffic import read_events

OUTPUT = 10_000
"""Nano-dollars a token."""
FAMILIES = list(CLIENTS)
HI = [model for model in load().models if model.kind == "chat"]


@pytest.mark.parametrize("model", HI, ids=[model.id for model in HI])
def test_a_greeting_sets_little_aside_on_every_model(model: Model) -> None:
    prices = PriceList.read(model.price.data())
    bounds = measure(Request(model.id, ()), b'{"model":"m","input":"hi"}', model)
    assert bound(prices, opening(prices, bounds.first, FIRST_HOLD_NANO)) < nano("0.35")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "SHORTEST_PAUSE", 0.002)
    monkeypatch.setattr(growth, "FASTEST", 10**9)


def small(here: w.World, first: str = "0.001") -> w.World:
    here.services = replace(here.services, first_hold_nano=nano(first))
    return here


def body(family: str, model: str = "gpt", **fields: Any) -> dict[str, Any]:
    said = {"input": "hi"} if family == "responses" else {"messages": w.user()}
    limit = {"max_tokens": 1000} if family == "messages" else {}
    return {"model": model, **limit, **said, **fields}


def long_stream(text: str = "word " * 40, times: int = 15, tokens: int = 900) -> list[Any]:
    frames = w.chat_stream(*[text] * times, completion=tokens)
    return list(itertools.chain.from_iterable((frame, 0.01) for frame in frames))


def sound(here: w.World) -> None:
    balance = here.balance()
    assert balance.available_nano >= 0
    assert (balance.gap_nano, balance.held_nano, balance.open_holds) == (0, 0, 0)
    assert balance.charged_nano == sum(row.charge_nano for row in here.rows())
    assert not [fields for event, fields in here.reports if event == "fault"]


def test_a_hold_grows_while_its_answer_streams() -> None:
    held: list[int] = []
    gate = asyncio.Event()

    async def run(here: w.World) -> None:
        asking = asyncio.ensure_future(here.ask("chat", body("chat", stream=True)))
        await here.script.asked.wait()
        held.append(here.balance().held_nano)
        gate.set()
        answer = await asking
        assert not isinstance(answer.body, bytes)
        async for _ in answer.body:
            held.append(here.balance().held_nano)

    with w.world() as here:
        small(here).script.answers = [w.Says(chunks=[gate, *long_stream()])]
        asyncio.run(run(here))
        assert held[0] < nano("0.0015")
        assert max(held) > nano("0.009")
        (row,) = here.rows()
        assert (row.charge_nano, row.absorbed_nano) == (10 * 2000 + 900 * OUTPUT, 0)
        sound(here)


@pytest.mark.parametrize("family", ["chat", "responses"])
def test_a_whole_answer_beyond_its_first_hold_is_charged_in_full(family: str) -> None:
    with w.world() as here:
        small(here).script.answers = [w.Says(chunks=[w.chat_answer(completion=900)])]
        status, _, headers = asyncio.run(here.whole(family, body(family, "gemini" if family == "responses" else "gpt")))
        if family == "responses":
            return
        (row,) = here.rows()
        assert (status, row.charge_nano, row.absorbed_nano) == (200, 10 * 2000 + 900 * OUTPUT, 0)
        assert "x-interchange-max-tokens" not in headers
        sound(here)


def test_the_output_limit_is_what_the_balance_carries_not_what_is_held_at_first() -> None:
    with w.world(credit="0.006") as here:
        small(here).script.answers = [w.Says(chunks=[w.chat_answer(completion=400)])]
        status, _, headers = asyncio.run(here.whole("chat", body("chat")))
        assert status == 200
        assert 550 < int(headers["x-interchange-max-tokens"]) < 600
        (row,) = here.rows()
        assert row.charge_nano == 10 * 2000 + 400 * OUTPUT
        sound(here)


def test_a_whole_answer_with_a_limit_is_held_for_in_full() -> None:
    with w.world() as here:
        gate = asyncio.Event()
        small(here).script.answers = [w.Says(chunks=[gate, w.chat_answer()])]

        async def run() -> int:
            asking = asyncio.ensure_future(here.whole("chat", body("chat", max_tokens=800)))
            await here.script.asked.wait()
            held = here.balance().held_nano
            gate.set()
            await asking
            return held

        assert asyncio.run(run()) > 800 * OUTPUT


def take_the_rest(here: w.World, name: str = "other") -> None:
    account = AccountRef("acc", "key_2", Limits())
    here.ledger.hold(account, name, here.balance().available_nano, here.now[0], here.now[0] + 10**9)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ["claude", "gemini", "gpt"])
def test_a_stream_that_the_balance_carries_no_further_ends_at_a_limit(family: str, model: str) -> None:
    """Other requests of the account have used what there was when it began."""

    def slowly(outgoing: Outgoing) -> w.Says:
        frames = endless(outgoing).chunks
        return w.Says(chunks=(piece for frame in frames for piece in (frame, 0.001)))

    async def run(here: w.World) -> list[bytes]:
        answer = await here.ask(family, body(family, model, stream=True))
        assert not isinstance(answer.body, bytes)
        take_the_rest(here)
        return [chunk async for chunk in answer.body]

    with w.world(credit="0.1") as here:
        small(here).script.default = slowly
        out = asyncio.run(run(here))
        stop = fold(read_events(CLIENTS[family], b"".join(out).decode())).stop.reason
        assert stop is e.StopReason.MAX_TOKENS
        (row,) = here.rows()
        assert row.outcome == "truncated"
        assert 0 < row.charge_nano <= row.hold_nano < nano("0.002")
        assert "balance_spent" in [event for event, _ in here.reports]
        assert here.balance().available_nano == nano("0.1") - row.charge_nano - here.balance().held_nano


def test_a_whole_answer_that_the_balance_carries_no_further_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "TOKENS_A_SECOND", 2_000)

    async def run(here: w.World) -> tuple[int, Any, Any]:
        asking = asyncio.ensure_future(here.whole("chat", body("chat")))
        await here.script.asked.wait()
        take_the_rest(here)
        return await asking

    with w.world(credit="0.1") as here:
        small(here).script.answers = [w.Says(chunks=[5.0, w.chat_answer(completion=900)])]
        status, error, _ = asyncio.run(run(here))
        assert (status, error["error"]["code"]) == (402, "insufficient_quota")
        assert "does not carry this answer any further" in error["error"]["message"]
        (row,) = here.rows()
        assert (row.charge_nano, row.outcome) == (0, "upstream_error")
        assert here.balance().charged_nano == 0


def test_unseen_reasoning_grows_the_hold_by_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "TOKENS_A_SECOND", 10_000)
    held: list[int] = []

    async def look(here: w.World) -> None:
        await here.script.asked.wait()
        for _ in range(6):
            await asyncio.sleep(0.02)
            held.append(here.balance().held_nano)

    async def run(here: w.World) -> None:
        await asyncio.gather(look(here), here.streamed("chat", body("chat", stream=True)))

    with w.world() as here:
        small(here).script.answers = [w.Says(chunks=[0.15, *w.chat_stream("hi", completion=700)])]
        asyncio.run(run(here))
        assert max(held) > 2 * nano("0.001")
        (row,) = here.rows()
        assert (row.charge_nano, row.absorbed_nano) == (10 * 2000 + 700 * OUTPUT, 0)


@pytest.mark.parametrize("credit", ["0.03", "0.2", "2"])
def test_fifty_at_once_never_take_a_balance_below_zero(credit: str) -> None:
    """A vendor that writes as much as it may, for callers who set no limit."""

    def full(outgoing: Outgoing) -> w.Says:
        sent = codec.loads(outgoing.body or b"{}")
        limit = min(int(sent.get("max_completion_tokens") or sent.get("max_tokens") or 1000), 1000)
        if sent.get("stream"):
            times = max(1, limit // 50)
            return w.Says(chunks=long_stream(times=times, tokens=limit))
        return w.Says(chunks=[0.05, w.chat_answer("word " * limit, completion=limit)])

    async def one(here: w.World, number: int) -> int:
        answer = await here.ask("chat", body("chat", stream=number % 2 == 0))
        if not isinstance(answer.body, bytes):
            async for _ in answer.body:
                assert here.balance().available_nano >= 0
        return answer.status

    async def run(here: w.World) -> list[int]:
        return await asyncio.gather(*(one(here, number) for number in range(50)))

    with w.world(credit=credit) as here:
        small(here).script.default = full
        statuses = asyncio.run(run(here))
        assert statuses.count(200) >= 15
        assert set(statuses) <= {200, 402, 429}
        sound(here)


@pytest.mark.parametrize("stream", [False, True])
def test_a_lie_is_charged_no_higher_than_what_the_request_could_cost(stream: bool) -> None:
    lying = {"prompt_tokens": 10, "completion_tokens": 900_000_000, "total_tokens": 900_000_010}
    with w.world() as here:
        whole = codec.dumps({**codec.loads(w.chat_answer("hi")), "usage": lying})
        frames = [
            w.chat_chunk({"content": "hi"}),
            w.chat_chunk({}, "stop"),
            w.chat_chunk(None, usage=lying),
            b"data: [DONE]\n\n",
        ]
        small(here).script.answers = [w.Says(chunks=frames if stream else [whole])]
        ask: Callable[..., Any] = here.streamed if stream else here.whole
        asyncio.run(ask("chat", body("chat", stream=stream)))
        (row,) = here.rows()
        assert row.charge_nano == row.hold_nano < nano("0.012")
        sound(here)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(spend_nano=nano("0.02")),
        Limits(spend_per_day_nano=nano("0.02")),
        Limits(spend_per_month_nano=nano("0.02")),
    ],
    ids=["in all", "a day", "a month"],
)
def test_a_growing_hold_keeps_within_the_caps_of_its_key(limits: Limits) -> None:
    with w.world(limits=limits) as here:
        if limits.spend_nano is not None:
            Accounts(here.ledger._store).allow("acc", "key_1", limits.spend_nano)
        small(here).script.default = lambda _: w.Says(chunks=[w.chat_answer(completion=900)])
        asks = [asyncio.run(here.whole("chat", body("chat"))) for _ in range(4)]
        assert [status for status, _, _ in asks] == [200, 200, 200, 402]
        assert int(asks[2][2]["x-interchange-max-tokens"]) < 300
        rows = sorted(row.charge_nano for row in here.rows())
        assert sum(rows) <= nano("0.02")
        assert rows[-1] == rows[-2] == 10 * 2000 + 900 * OUTPUT
        sound(here)


@pytest.mark.parametrize("table", [w.world, w.dynamo_world], ids=["embedded", "dynamodb"])
@pytest.mark.parametrize("limits", [Limits(), Limits(spend_per_day_nano=10**9, concurrent=5)], ids=["free", "limited"])
def test_a_hold_that_grew_unheard_is_settled_as_what_it_is(table: Any, limits: Limits) -> None:
    with table(credit="1") as here:
        account = AccountRef("acc", "key_1", limits)
        hold = here.ledger.hold(account, "r1", 1000, here.now[0], here.now[0] + 10**6)
        grown = here.ledger.extend(hold, account, 500)
        assert here.ledger.extend(hold, account, 500).nano == grown.nano == 1500
        assert here.balance().held_nano == 1500
        assert here.ledger.settle(hold, 700, here.now[0])
        assert not here.ledger.settle(grown, 700, here.now[0])
        balance = here.balance()
        assert (balance.held_nano, balance.charged_nano, balance.gap_nano) == (0, 700, 0)


def test_a_hold_grows_from_the_accounts_other_items() -> None:
    with w.world(credit="1") as here:
        accounts = Accounts(here.ledger._store)
        accounts.split("acc", 4)
        account = AccountRef("acc", "key_1", Limits(), shards=4)
        hold = here.ledger.hold(account, "r1", nano("0.1"), here.now[0], here.now[0] + 10**6)
        assert here.ledger.spare(hold, account, nano("0.9")) == nano("0.9")
        grown = here.ledger.extend(hold, account, nano("0.9"))
        assert here.balance().available_nano == 0
        assert here.ledger.settle(grown, nano("0.4"), here.now[0])
        assert here.balance().available_nano == nano("0.6")


def test_an_answer_that_ends_while_its_hold_grows_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The books say that no more is there, and the answer is there already."""
    asked = asyncio.Event()

    async def slow(*_: object) -> None:
        asked.set()
        await asyncio.sleep(0.05)

    monkeypatch.setattr(growth, "extend", slow)
    with w.world(credit="0.002") as here:
        frames = w.chat_stream("word " * 200, completion=900)
        small(here, "0.0001").script.answers = [w.Says(chunks=[*frames[:2], asked, *frames[2:]])]
        _, chunks = asyncio.run(here.streamed("chat", body("chat", stream=True, max_tokens=900)))
        assert chunks[-1].endswith(b"data: [DONE]\n\n")
        assert [row.outcome for row in here.rows()] == ["ok"]
        assert not [fields for event, fields in here.reports if event == "fault"]
