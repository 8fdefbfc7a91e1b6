"""Money over rounds: whatever the model calls, the tools give and the balance holds, the books agree."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from interchange.exchange.mcp import McpLimits
from interchange.exchange.serve import RUNNING
from interchange.hub.usage import sum_of
from interchange.metering.prices import PriceList, charge_all
from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import BODIES, GATEWAY
from tests.rounds.servers import Seen

CREDITS = ("0.0005", "0.01", "0.03", "0.045", "0.2", "10")


def script(chance: random.Random, words: str, *, stream: bool) -> list[w.Says]:
    answers = []
    for number in range(chance.randint(0, 5)):
        size = chance.choice((10, 5_000, 40_000))
        calls: list[m.Call] = [(f"call_{number}_{n}", "huge", {"size": size}) for n in range(chance.randint(1, 3))]
        answers.append(m.answer(words, chance.choice(("", "well")), calls, stream=stream))
    answers.append(m.answer(words, "done", stream=stream))
    if chance.random() < 0.3:
        failed = b'{"error": {"message": "no", "type": "invalid_request_error"}}'
        answers[chance.randrange(len(answers))] = w.Says(400, chunks=[failed])
    if chance.random() < 0.3:
        answers[-1] = w.Says(chunks=list(answers[-1].chunks)[:1])
    return answers


@pytest.mark.parametrize("seed", range(24))
def test_the_books_agree_after_any_turn(tools: tuple[str, Seen], seed: int) -> None:
    chance = random.Random(seed)
    family, stream = chance.choice(list(BODIES)), chance.random() < 0.5
    limits = McpLimits(rounds=chance.choice((1, 2, 10)), calls=chance.choice((2, 64)))
    with m.world(chance.choice(CREDITS), limits) as here:
        here.script.answers = list(script(chance, "claude", stream=stream))
        here.script.default = lambda _: m.answer("claude", "more", stream=stream)
        body = BODIES[family]("claude", tools[0])
        if stream:
            m.streamed(here, family, body, **GATEWAY)
        else:
            m.asked(here, family, body, **GATEWAY)
        agree(here)


def agree(here: w.World) -> None:
    balance, rows = here.balance(), here.rows()
    assert (balance.held_nano, balance.open_holds, balance.gap_nano) == (0, 0, 0)
    assert balance.available_nano >= 0
    assert balance.charged_nano == sum(row.charge_nano for row in rows)
    for row in rows:
        assert row.charge_nano <= row.hold_nano
        cost = charge_all(row.usages, PriceList.read(row.prices), row.markup).nano
        assert row.charge_nano == min(cost, row.hold_nano)
        if row.rounds:
            assert row.usage == sum_of([one.usage for one in row.rounds])


@pytest.mark.parametrize("credit", ["0.05", "0.2", "10"])
def test_turns_side_by_side_never_spend_more_than_there_is(tools: tuple[str, Seen], credit: str) -> None:
    with m.world(credit) as here:
        calls: list[m.Call] = [("toolu_1", "huge", {"size": 20_000})]
        answers = iter([m.answer("claude", "", calls) for _ in range(12)] + [m.answer("claude", "ok")] * 40)
        here.script.default = lambda _: next(answers)

        async def run() -> list[Any]:
            body = BODIES["messages"]("claude", tools[0])
            return list(await asyncio.gather(*(here.whole("messages", body, **GATEWAY) for _ in range(6))))

        statuses = {status for status, _, _ in asyncio.run(run())}
        assert statuses <= {200, 402, 429}
        agree(here)


def test_the_answer_reports_the_sum_of_its_rounds(tools: tuple[str, Seen]) -> None:
    for family in BODIES:
        with m.world() as here:
            here.script.answers = [m.answer("claude", "", [("toolu_1", "add", {"a": 1, "b": 1})]),
                                   m.answer("claude", "ok")]  # fmt: skip
            _, found = m.asked(here, family, BODIES[family]("claude", tools[0]), **GATEWAY)
            (row,) = here.rows()
            usage = found["usage"]
            told = (usage.get("input_tokens", usage.get("prompt_tokens")),
                    usage.get("output_tokens", usage.get("completion_tokens")))  # fmt: skip
            assert told == (row.usage.total_input, row.usage.total_output) == (20, 10)
            assert len(row.rounds) == 2


def test_a_settlement_that_is_cut_off_is_finished_by_the_sweep(
    tools: tuple[str, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the request's holds pays its part, once."""
    with m.world() as here:
        here.script.answers = [
            m.answer("claude", "", [("toolu_1", "huge", {"size": 50_000})]),
            m.answer("claude", "ok"),
        ]

        def broken(*_: Any) -> bool:
            raise RuntimeError("cut off")

        with monkeypatch.context() as patched:
            patched.setattr(type(here.ledger), "settle", broken)
            m.asked(here, "messages", BODIES["messages"]("claude", tools[0]), **GATEWAY)
        (row,) = here.rows()
        assert here.balance().held_nano == row.hold_nano
        for _ in range(2):
            here.now[0] += 3_600_000
            here.accounts.sweep(here.now[0])
        assert here.balance().charged_nano == row.charge_nano > 0
        balance = here.balance()
        assert (balance.held_nano, balance.gap_nano) == (0, 0)


def test_nobody_waits_for_rounds_that_nobody_hears(tools: tuple[str, Seen]) -> None:
    """A caller that leaves is charged for the round under way, and no further one begins."""
    url, seen = tools
    with m.world() as here:
        gate = asyncio.Event()
        said = list(m.answer("claude", "let me see", [("toolu_1", "add", {"a": 1, "b": 1})], stream=True).chunks)
        here.script.answers = [w.Says(chunks=[*said[:3], gate, *said[3:]])]
        before = len(seen.calls)

        async def run() -> None:
            body: Any = {**BODIES["messages"]("claude", url), "stream": True}
            answer = await here.ask("messages", body, x_interchange_mcp="gateway")
            assert not isinstance(answer.body, bytes)
            heard: Any = answer.body
            await anext(heard)
            await heard.aclose()
            gate.set()
            await asyncio.gather(*RUNNING)

        asyncio.run(run())
        (row,) = here.rows()
        assert (row.outcome, len(row.rounds)) == ("client_gone", 1)
        assert len(seen.calls) == before
        agree(here)


def test_a_request_without_servers_calls_the_table_no_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it load anything of MCP."""
    with m.world() as here:
        made: list[str] = []
        for name in ("hold", "record", "settle", "row"):
            known = getattr(type(here.ledger), name)

            def noted(*args: Any, _known: Any = known, _name: str = name, **fields: Any) -> Any:
                made.append(_name)
                return _known(*args, **fields)

            monkeypatch.setattr(type(here.ledger), name, noted)
        here.script.answers = [m.answer("claude", "hi")]
        body = {"model": "claude", "max_tokens": 50, "messages": w.user()}
        assert m.asked(here, "messages", body)[0] == 200
        assert made == ["hold", "record", "settle"]
