"""A key's limits as its holder meets them, in the caller's own protocol; nothing is sent then, and nothing held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.exchange.access import may_use
from interchange.exchange.conversation.ask import serve
from interchange.exchange.http import Inbound
from interchange.identity.keys import Limits, Principal
from interchange.wire import codec
from tests.exchange.world import KEY, Says, World, world

CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 10, "messages": [{"role": "user", "content": "hi"}]}
ANSWER = codec.dumps(
    {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-up", "usage":
     {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
     "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}]}
)  # fmt: skip


def ask(here: World, family: str = "chat", **body: Any) -> tuple[int, Any, Any]:
    return asyncio.run(here.whole(family, {**CHAT, **body}))


def refused(here: World, family: str = "chat", **body: Any) -> tuple[int, Any, Any]:
    sent, before = len(here.script.sent), here.balance()
    status, error, headers = ask(here, family, **body)
    assert len(here.script.sent) == sent
    assert here.balance() == before
    return status, error["error"], headers


def test_a_limited_key_is_told_what_is_left() -> None:
    with world(limits=Limits(requests_per_minute=2, tokens_per_minute=5000)) as here:
        here.script.answers = [Says(chunks=[ANSWER])]
        status, _, headers = ask(here)
        assert status == 200
        assert (headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"]) == ("2", "1")
        assert headers["x-ratelimit-limit-tokens"] == "5000"
        assert headers["x-ratelimit-reset-requests"].endswith("s")


def test_requests_per_minute_in_each_protocol() -> None:
    with world(limits=Limits(requests_per_minute=1)) as here:
        here.script.answers = [Says(chunks=[ANSWER])]
        ask(here)
        status, error, headers = refused(here)
        assert (status, error["code"]) == (429, "rate_limit_exceeded")
        assert int(headers["retry-after"]) >= 1
        assert headers["x-ratelimit-remaining-requests"] == "0"
        status, error, headers = refused(here, "messages")
        assert (status, error["type"]) == (429, "rate_limit_error")
        assert headers["anthropic-ratelimit-requests-limit"] == "1"
        assert headers["anthropic-ratelimit-requests-remaining"] == "0"
        assert headers["anthropic-ratelimit-requests-reset"].endswith("Z")
        here.now[0] += 60_000
        here.script.answers = [Says(chunks=[ANSWER])]
        assert ask(here)[0] == 200


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("limit", ["requests_per_minute", "tokens_per_minute", "concurrent"])
def test_a_limit_that_no_wait_lifts_promises_nothing(limit: str, family: str) -> None:
    """The SDKs wait for as long as they are told, and repeat a 429 unless `x-should-retry` is false."""
    limited: dict[str, Any] = {limit: 0}
    with world(limits=Limits(**limited)) as here:
        status, error, headers = refused(here, family)
        assert status == 429
        assert "ry again" not in error["message"]
        assert "lets nothing through" in error["message"] or "too large for this key's tokens" in error["message"]
        assert "retry-after" not in headers
        assert headers["x-should-retry"] == "false"


def test_tokens_per_minute() -> None:
    with world(limits=Limits(tokens_per_minute=20)) as here:
        status, error, _ = refused(here)
        assert (status, error["code"]) == (429, "rate_limit_exceeded")


@pytest.mark.parametrize("limit", ["spend_nano", "spend_per_day_nano", "spend_per_week_nano", "spend_per_month_nano"])
def test_spending_caps(limit: str) -> None:
    limited: dict[str, Any] = {limit: 1}
    with world(limits=Limits(**limited)) as here:
        if limit == "spend_nano":
            here.accounts.allow("acc", "key", 1)
        status, error, headers = refused(here)
        assert (status, error["code"]) == (402, "key_allowance_exceeded")
        assert ("retry-after" in headers) == (limit != "spend_nano")


def test_models_by_pattern() -> None:
    with world(limits=Limits(allowed_models=("gp*",))) as here:
        here.script.answers = [Says(chunks=[ANSWER])]
        assert ask(here)[0] == 200
        status, error, _ = refused(here, model="claude")
        assert (status, error["code"], error["param"]) == (403, "model_not_allowed", "model")


def test_a_pattern_may_mean_an_alias() -> None:
    with world(limits=Limits()) as here:
        model = replace(here.services.catalog.models[0], aliases=("the-latest", "an-old-name"))
    holder = Principal("acc", "key", Limits(allowed_models=("*-latest",)))
    assert may_use(holder, model)
    assert not may_use(holder, replace(model, aliases=("an-old-name",)))


def test_an_expired_key() -> None:
    with world(limits=Limits(expires_ms=1_770_000_000_001)) as here:
        here.script.answers = [Says(chunks=[ANSWER])]
        assert ask(here)[0] == 200
        here.now[0] += 1
        status, error, _ = refused(here)
        assert (status, error["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("address", "status"),
    [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("2001:db8::7", 200), ("11.0.0.1", 403), (None, 403), ("x", 403)],
)
def test_source_networks(address: str | None, status: int) -> None:
    with world(limits=Limits(allowed_networks=("10.0.0.0/8", "2001:db8::/32"))) as here:
        here.script.answers = [Says(chunks=[ANSWER])]

        async def run() -> int:
            deadline = asyncio.get_running_loop().time() + 30
            sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
            inbound = Inbound("POST", "/v1/chat", sent, codec.dumps(CHAT), deadline, source_ip=address)
            return (await serve(here.services, here.faces()["chat"], inbound)).status

        assert asyncio.run(run()) == status


def test_a_network_that_cannot_be_read_lets_nobody_in() -> None:
    with world(limits=Limits(allowed_networks=("nope",))) as here:
        sent = {"authorization": f"Bearer {KEY}"}

        async def run() -> int:
            inbound = Inbound("POST", "/v1/chat", sent, codec.dumps(CHAT), 0.0, source_ip="10.1.2.3")
            return (await serve(here.services, here.faces()["chat"], inbound)).status

        assert asyncio.run(run()) == 403


def test_concurrent_requests_of_one_key() -> None:
    with world(limits=Limits(concurrent=1)) as here:

        async def run() -> tuple[int, int, int]:
            gate = asyncio.Event()
            here.script.answers = [Says(chunks=[gate, ANSWER]), Says(chunks=[ANSWER])]
            first = asyncio.create_task(here.ask("chat", CHAT))
            await here.script.asked.wait()
            second = await here.ask("chat", CHAT)
            gate.set()
            done = await first
            third = await here.ask("chat", CHAT)
            return done.status, second.status, third.status

        assert asyncio.run(run()) == (200, 429, 200)
