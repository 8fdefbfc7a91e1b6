"""A repeat under an Idempotency-Key: the first one's answer, one charge, one row."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange import serve as serve_module
from interchange.exchange.http import Inbound
from interchange.exchange.media.embeddings import embeddings
from interchange.exchange.media.family import serve_media
from interchange.metering import idempotency as kept
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.embeddings import Server as EmbeddingServer
from interchange.wire import codec
from tests.exchange import world as w

CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
COST = 10 * 2000 + 50 * 10_000


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def whole(here: w.World, body: Any = CHAT, family: str = "chat", key: str = "k1") -> tuple[int, Any, Any]:
    return asyncio.run(here.whole(family, body, idempotency_key=key))


def once(here: w.World) -> None:
    """One was sent, one row stands, one charge was taken."""
    assert len(here.rows()) == 1
    assert here.balance().charged_nano == here.rows()[0].charge_nano
    assert here.balance().held_nano == 0


@pytest.mark.parametrize("family", ["chat", "messages"])
def test_a_whole_answer_again(here: w.World, family: str) -> None:
    here.script.answers = [w.Says(chunks=[w.chat_answer(completion=50)])]
    status, first, headers = whole(here, family=family)
    assert status == 200
    again_status, again, again_headers = whole(here, family=family)
    assert (again_status, again) == (200, first)
    assert again_headers["idempotent-replayed"] == "true"
    for name in ("x-interchange-request-id", "x-interchange-charge-usd", "content-type"):
        assert again_headers[name] == headers[name]
    once(here)
    assert here.balance().charged_nano == COST


@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
def test_a_stream_again_is_the_same_stream(here: w.World, family: str) -> None:
    body = {**CHAT, "stream": True} if family != "responses" else {"model": "claude", "input": "hi", "stream": True}
    answer = w.chat_stream("one", "two") if family != "responses" else w.messages_stream("one", "two")
    here.script.answers = [w.Says(chunks=answer)]
    _, first = asyncio.run(here.streamed(family, body, idempotency_key="k"))
    replay, again = asyncio.run(here.streamed(family, body, idempotency_key="k"))
    assert not isinstance(replay.body, bytes)
    assert replay.headers["content-type"].startswith("text/event-stream")
    assert b"".join(again) == b"".join(first)
    once(here)


def test_another_body_is_a_conflict(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    whole(here)
    status, error, _ = whole(here, {**CHAT, "max_tokens": 99})
    assert (status, error["error"]["code"]) == (409, "idempotency_key_reused")
    status, error, _ = whole(here, {**CHAT, "max_tokens": 99}, "messages")
    assert (status, error["type"]) == (409, "error")
    once(here)


def test_while_the_first_runs_a_repeat_waits_its_turn(here: w.World) -> None:
    async def run() -> None:
        gate = asyncio.Event()
        here.script.answers = [w.Says(chunks=[gate, w.chat_answer()])]
        first = asyncio.create_task(here.ask("chat", CHAT, idempotency_key="k"))
        await here.script.asked.wait()
        second = await here.ask("chat", CHAT, idempotency_key="k")
        assert (second.status, second.headers["retry-after"]) == (409, "1")
        gate.set()
        done = await first
        third = await here.ask("chat", CHAT, idempotency_key="k")
        assert (done.status, third.body) == (200, done.body)

    asyncio.run(run())
    once(here)


def test_who_left_gets_the_answer_by_asking_again(here: w.World) -> None:
    async def run() -> bytes:
        gate = asyncio.Event()
        frames = w.chat_stream("one", "two")
        here.script.answers = [w.Says(chunks=[*frames[:2], gate, *frames[2:]])]
        answer = await here.ask("chat", {**CHAT, "stream": True}, idempotency_key="k")
        assert not isinstance(answer.body, bytes)
        async for _ in answer.body:
            break
        await answer.body.aclose()  # type: ignore[attr-defined]
        gate.set()
        await asyncio.gather(*serve_module.RUNNING)
        again = await here.ask("chat", {**CHAT, "stream": True}, idempotency_key="k")
        assert not isinstance(again.body, bytes)
        return b"".join([chunk async for chunk in again.body])

    told = asyncio.run(run())
    assert b"one" in told and b"two" in told and told.endswith(b"data: [DONE]\n\n")
    once(here)


@pytest.mark.parametrize("stream", [False, True])
def test_what_cost_nothing_gives_its_key_back(here: w.World, stream: bool) -> None:
    body = {**CHAT, "stream": stream}
    here.script.answers = [w.Says(status=400, chunks=[b'{"error":{"message":"no"}}'])]
    assert whole(here, body)[0] == 400
    here.fund("-10")
    assert whole(here, body)[0] == 402
    here.fund("20")
    assert whole(here, {**body, "model": "nobody"})[0] == 404
    here.script.answers = [w.Says(chunks=w.chat_stream("one") if stream else [w.chat_answer()])]
    answer, _ = asyncio.run(here.streamed("chat", body, idempotency_key="k1"))
    assert answer.status == 200
    assert "idempotent-replayed" not in answer.headers


def test_a_process_that_died_before_it_could_charge_loses_the_key(here: w.World) -> None:
    books = here.services.idempotency
    now = here.now[0]
    books.begin(kept.Claim("acc", "k1", "dead"), _digest(CHAT), now, now + 1000)
    assert whole(here)[0] == 409
    here.now[0] += 1000
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    assert whole(here)[0] == 200


def test_a_process_that_died_after_it_charged_is_told(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[w.chat_answer(completion=50)])]
    _, _, headers = asyncio.run(here.whole("chat", CHAT))
    served = headers["x-interchange-request-id"]
    now = here.now[0]
    here.services.idempotency.begin(kept.Claim("acc", "k1", served), _digest(CHAT), now, now)
    status, error, _ = whole(here)
    assert (status, error["error"]["code"]) == (409, "idempotency_answer_lost")
    assert served in error["error"]["message"]
    once(here)


def test_an_answer_too_large_to_keep_is_told_and_not_charged_again(
    here: w.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10)
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    assert whole(here)[0] == 200
    status, error, _ = whole(here)
    assert (status, error["error"]["code"]) == (409, "idempotency_answer_lost")
    once(here)


def test_a_key_is_the_accounts_own_and_ends_after_a_day(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[w.chat_answer()]), w.Says(chunks=[w.chat_answer()])]
    whole(here)
    here.now[0] += 24 * 3_600_000
    _, _, headers = whole(here)
    assert "idempotent-replayed" not in headers
    other = kept.Claim("other", "k1", "r")
    assert here.services.idempotency.begin(other, "d", here.now[0], here.now[0]) == other


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb"])
def test_a_key_that_is_none_is_named(here: w.World, key: str) -> None:
    status, error, _ = whole(here, key=key)
    assert (status, error["error"]["param"]) == (400, "Idempotency-Key")
    assert here.script.sent == []


def test_a_store_that_fails_costs_nobody_the_answer(here: w.World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr(here.services.idempotency, "finish", broken)
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    assert whole(here)[0] == 200
    assert any(name == "idempotency_failed" for name, _ in here.reports)


def test_the_other_families_too(here: w.World) -> None:
    entry = {
        "id": "vec",
        "kind": "embedding",
        "routes": [{"provider": "openai", "model": "v"}],
        "price": {"input": "1"},
    }
    here.services = replace(here.services, catalog=read([entry]))
    family = embeddings(EmbeddingServer(), ErrorWriter(w.SEAL))
    data = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}], "model": "v",
            "usage": {"prompt_tokens": 3, "total_tokens": 3}}  # fmt: skip
    here.script.answers = [w.Says(chunks=[codec.dumps(data)])]

    async def ask() -> Any:
        headers = {"authorization": f"Bearer {w.KEY}", "content-type": "application/json", "idempotency-key": "k"}
        deadline = asyncio.get_running_loop().time() + 30
        raw = codec.dumps({"model": "vec", "input": "x"})
        return await serve_media(here.services, family, Inbound("POST", "/v1/embeddings", headers, raw, deadline))

    first, again = asyncio.run(ask()), asyncio.run(ask())
    assert (again.status, again.body) == (200, first.body)
    once(here)


def _digest(body: Any) -> str:
    return hashlib.sha256(b"\0".join((b"POST", b"/v1/chat", codec.dumps(body)))).hexdigest()
