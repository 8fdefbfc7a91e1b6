"""What a deployment remembers of its vendors: several credentials, routes by priority and weight, and failures that
other environments have seen."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import CatalogError, read
from interchange.continuity.rests import Rests
from interchange.exchange import vendor_news
from interchange.exchange.conversation.count_tokens import count_tokens
from interchange.exchange.http import Inbound
from interchange.operator import vendor_actions
from interchange.operator.books import make_books
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.upstream.call import Outgoing
from interchange.upstream.health import Health
from interchange.wiring.vendors import providers
from tests.exchange import world as w

ASKED: dict[str, Any] = {"model": "gpt", "max_tokens": 10, "messages": w.user()}
Answer = Callable[[Outgoing], w.Says]


def key_of(outgoing: Outgoing) -> str:
    shown = outgoing.headers
    return shown.get("authorization", "").removeprefix("Bearer ") or shown.get("x-api-key") or shown["x-goog-api-key"]


def keyed(here: w.World, key: str) -> None:
    made = providers({f"{name}_API_KEY": key for name in ("OPENAI", "ANTHROPIC", "GEMINI")} | {"XAI_API_KEY": "k4"}, {})
    here.services = replace(here.services, providers=made)


def refusing(status: int, said: str, *keys: str, headers: dict[str, str] | None = None) -> Answer:
    def answer(outgoing: Outgoing) -> w.Says:
        if key_of(outgoing) in keys:
            return w.Says(status, headers or {}, [json.dumps({"error": {"message": said}}).encode()])
        return w.Says(chunks=[w.chat_answer("ok")])

    return answer


def statuses(here: w.World, times: int) -> list[int]:
    async def all_of_them() -> list[int]:
        return [(await here.whole("chat", ASKED))[0] for _ in range(times)]

    return asyncio.run(all_of_them())


def shown(here: w.World) -> Counter[str]:
    return Counter(key_of(one) for one in here.script.sent)


@pytest.mark.parametrize("keys", ["k1,k2", " k1 , k2 "])
def test_several_keys_are_spread(keys: str) -> None:
    with w.world() as here:
        keyed(here, keys)
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])
        assert statuses(here, 10) == [200] * 10
        assert shown(here) == {"k1": 5, "k2": 5}


@pytest.mark.parametrize("model", ["claude", "gemini"])
def test_each_vendor_shows_its_keys_in_its_own_header(model: str) -> None:
    with w.world() as here:
        keyed(here, "k1,k2")
        here.script.default = lambda _: w.Says(401, chunks=[b'{"error":{"message":"invalid x-api-key"}}'])
        status, _, _ = asyncio.run(here.whole("chat", {**ASKED, "model": model}))
        assert status == 503
        assert sorted(shown(here)) == ["k1", "k2"]


def test_a_limited_key_rests_as_long_as_retry_after_says() -> None:
    with w.world() as here:
        keyed(here, "k1,k2")
        here.script.default = refusing(429, "rate limit reached", "k1", headers={"retry-after": "30"})
        assert statuses(here, 10) == [200] * 10
        assert shown(here) == {"k1": 1, "k2": 10}, "asked once, then left alone; the request went on with the other"
        here.now[0] += 31_000
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])
        here.script.sent.clear()
        assert statuses(here, 10) == [200] * 10
        assert shown(here) == {"k1": 5, "k2": 5}


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "Incorrect API key provided"), (403, "You are not a member of the organization"),
     (402, "Insufficient Balance"), (400, "Your credit balance is too low"), (429, "You exceeded your current quota")],
)  # fmt: skip
def test_a_key_that_is_refused_or_out_of_credit_is_skipped(status: int, said: str) -> None:
    with w.world() as here:
        keyed(here, "k1,k2")
        here.script.default = refusing(status, said, "k1")
        assert statuses(here, 6) == [200] * 6
        assert shown(here) == {"k1": 1, "k2": 6}
        lines = [fields for event, fields in here.reports if event == "vendor_refused"]
        assert [(line["credential"], line["provider"]) for line in lines] == [("0", "openai")]
        assert here.balance().charged_nano == sum(row.charge_nano for row in here.rows())


def test_with_every_key_refused_the_next_route_is_asked_at_once() -> None:
    with w.world() as here:
        keyed(here, "k1,k2")
        here.script.default = refusing(401, "Incorrect API key provided", "k1", "k2")
        status, _, _ = asyncio.run(here.whole("chat", {**ASKED, "model": "twice"}))
        assert status == 200
        assert [key_of(one) for one in here.script.sent] == ["k1", "k2", "k4"]
        here.script.sent.clear()
        asyncio.run(here.whole("chat", {**ASKED, "model": "twice"}))
        assert [key_of(one) for one in here.script.sent] == ["k4"], "the vendor rests whole"


ROUTES = [{"provider": "openai", "model": "a"}, {"provider": "xai", "model": "b"}]


def listed(here: w.World, *more: dict[str, Any]) -> None:
    routes = [{**route, **extra} for route, extra in zip(ROUTES, more, strict=True)]
    found = read([{"id": "gpt", "routes": routes, "max_output": 1000, "price": w.PRICE}])
    here.services = replace(here.services, catalog=found)
    here.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])


def hosts(here: w.World) -> Counter[str]:
    return Counter(name for one in here.script.sent for name in ("openai", "xai") if name in one.url.split("/")[2])


def test_routes_are_asked_by_priority() -> None:
    with w.world() as here:
        listed(here, {"priority": 2}, {"priority": 1})
        statuses(here, 3)
        assert hosts(here) == {"xai": 3}


def test_routes_of_one_priority_are_spread_by_weight() -> None:
    with w.world() as here:
        listed(here, {"weight": 3}, {"weight": 1})
        statuses(here, 60)
        assert hosts(here)["openai"] > hosts(here)["xai"] > 0


def test_a_route_without_weight_is_for_when_the_others_fail() -> None:
    with w.world() as here:
        listed(here, {"weight": 0}, {"weight": 1})
        statuses(here, 20)
        assert hosts(here) == {"xai": 20}


@pytest.mark.parametrize(
    ("extra", "word"), [({"weight": -1}, "weight"), ({"priority": "x"}, "priority"), ({"first_byte": 0}, "first_byte")]
)
def test_a_route_that_cannot_be_meant_is_refused_by_its_path(extra: dict[str, Any], word: str) -> None:
    with pytest.raises(CatalogError, match=rf"routes\[0\]\.{word}"):
        read([{"id": "gpt", "routes": [{**ROUTES[0], **extra}], "max_output": 1000, "price": w.PRICE}])


def told(here: w.World) -> Rests:
    return Rests(here.services.memory._table)  # type: ignore[attr-defined]


async def ask(here: w.World, times: int = 1) -> None:
    for _ in range(times):
        status, _, _ = await here.whole("chat", {**ASKED, "model": "twice"})
        assert status == 200
        await heard()


async def heard() -> None:
    while vendor_news._TASKS:
        await asyncio.gather(*vendor_news._TASKS)


def dead_first(outgoing: Outgoing) -> w.Says:
    return w.Says(503, chunks=[b"{}"]) if "openai" in outgoing.url else w.Says(chunks=[w.chat_answer("ok")])


def test_a_cold_environment_knows_what_another_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with w.world() as here:
        shared = told(here)
        here.services = replace(here.services, rests=shared)
        here.script.default = dead_first
        asyncio.run(ask(here))
        assert hosts(here)["openai"] == 2
        here.script.sent.clear()
        here.services = replace(here.services, health=Health(), rests=shared)  # another process
        asyncio.run(ask(here, 2))
        assert hosts(here)["openai"] <= 2, "its first request reads beside its own work; the next ones know"
        here.script.sent.clear()
        asyncio.run(ask(here, 3))
        assert hosts(here) == {"xai": 3}
        monkeypatch.setattr("interchange.wiring.rests_on", lambda _table: shared)
        books = make_books(SqliteTable(MEMORY), lambda: here.services.catalog, clock=lambda: here.now[0])
        state = {one["vendor"]: one for one in vendor_actions.vendors(books)["vendors"]}
        assert state["openai"]["cause"] == "overloaded" and state["openai"]["last_failure"].startswith("2026-")
        assert [one["model"] for one in state["openai"]["resting"]] == ["first"]
        assert state["xai"]["last_success"] and not state["xai"]["resting"]


def test_one_success_brings_a_route_back_for_everybody() -> None:
    with w.world() as here:
        shared = told(here)
        here.services = replace(here.services, rests=shared)
        here.script.default = dead_first
        asyncio.run(ask(here))
        here.now[0] += 11_000  # its rest is over
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])
        asyncio.run(ask(here))
        here.services = replace(here.services, health=Health(), rests=shared)
        here.script.sent.clear()
        asyncio.run(ask(here, 3))
        assert hosts(here) == {"openai": 3}


def test_no_request_waits_for_what_others_have_seen() -> None:
    """A table that refuses, or takes long over it, costs the request nothing."""

    class Away(Rests):
        def load(self) -> dict[str, dict[str, Any]]:
            raise OSError("away")

    with w.world() as here:
        here.services = replace(here.services, rests=Away(here.services.memory._table))  # type: ignore[attr-defined]
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer("ok")])
        asyncio.run(ask(here))
        assert "vendors_failed" in [event for event, _ in here.reports]


def test_an_auxiliary_call_rests_no_route() -> None:
    """Counting tokens fails at the vendor; the estimate answers, and the model is asked first as before."""
    with w.world() as here:
        here.script.default = lambda _: w.Says(503, chunks=[b"{}"])
        body = json.dumps({**ASKED, "model": "claude"}).encode()
        sent = {"authorization": f"Bearer {w.KEY}", "content-type": "application/json"}

        async def count() -> int:
            deadline = asyncio.get_running_loop().time() + 30
            inbound = Inbound("POST", "/v1/messages/count_tokens", sent, body, deadline)
            return (await count_tokens(here.services, MessagesServer(w.SEAL), inbound)).status

        assert asyncio.run(count()) == 200
        assert here.script.sent and not here.services.health.routes


CUT = [
    [w.chat_chunk({"content": "hello"}), b'data: {"error": {"message": "boom", "type": "server_error"}}\n\n'],
    [w.chat_chunk({"content": "hello"}), w.fault()],
    [w.chat_chunk({"content": "hello"})],
    [w.chat_chunk({"content": "hello"}), b"data: {x\n\n"],
]


@pytest.mark.parametrize("chunks", CUT, ids=["error", "reset", "end", "no json"])
@pytest.mark.parametrize("family", ["chat", "messages"])
def test_an_answer_that_breaks_off_is_no_success_of_its_route(family: str, chunks: list[Any]) -> None:
    """Counted for the credential that was used; the next request asks the other route first."""
    with w.world() as here:
        keyed(here, "k1,k2")

        def answer(outgoing: Outgoing) -> w.Says:
            return w.Says(chunks=chunks if "openai" in outgoing.url else w.chat_stream("ok"))

        here.script.default = answer
        asked = {**ASKED, "model": "twice", "max_tokens": 20, "stream": True}
        _, first = asyncio.run(here.streamed(family, asked))
        assert b"hello" in b"".join(first) and b"error" in b"".join(first)
        shown_key = key_of(here.script.sent[0])
        (line,) = [fields for event, fields in here.reports if event == "vendor_refused"]
        assert (line["provider"], line["credential"]) == ("openai", {"k1": "0", "k2": "1"}[shown_key])
        assert here.services.health.resting("openai", "first", here.now[0])
