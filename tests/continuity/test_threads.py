"""Threads of the Anthropic SDK, by its own tool runner and `thread()`, with every vendor's model: each turn sends its
new messages alone, the vendor has the whole conversation, and nobody goes on with another's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic, beta_async_tool
from pydantic import BaseModel

from interchange.identity.keys import Limits, digest, write_limits
from interchange.metering.money import nano
from tests.exchange.world import KEY, World, world

from .added import everyone
from .clients import ToWorld
from .test_begun_elsewhere import ALL

OTHER = "sk-test-other-0123456789abcdef0123"


class Noting(ToWorld):
    """Keeps what the SDK sent."""

    def __init__(self, here: World) -> None:
        super().__init__(here)
        self.sent: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        import json

        self.sent.append(json.loads(await request.aread()))
        key = request.headers.get("x-api-key") or request.headers["authorization"].removeprefix("Bearer ")
        answer, chunks = await self.here.streamed("messages", await request.aread(), key=key)
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=b"".join(chunks))


def sdk(here: World, key: str = KEY) -> tuple[AsyncAnthropic, Noting]:
    transport = Noting(here)
    http = httpx2.AsyncClient(transport=transport)
    return AsyncAnthropic(api_key=key, base_url="http://gateway", http_client=http, max_retries=0), transport


@beta_async_tool
async def look() -> str:
    """Looks."""
    return "oak"


@beta_async_tool
async def listen() -> str:
    """Listens."""
    return "wind"


def upstream(body: dict[str, Any]) -> str:
    """The conversation that a vendor was sent, as text."""
    return str(body.get("messages") or body.get("contents") or body.get("input"))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("vendor", sorted(ALL))
def test_the_tool_runner_sends_new_turns_alone_and_the_vendor_has_them_all(vendor: str, stream: bool) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            made = vendors.made[vendor]
            made.script = [[("text", "I look."), ("call", "look"), ("call", "listen")], [("call", "look")]]
            client, wire = sdk(here)
            runner: Any = client.beta.messages.tool_runner(
                model=ALL[vendor], max_tokens=2000, tools=[look, listen], stream=stream,
                system="Speak of trees.", messages=[{"role": "user", "content": "Which tree?"}],
            )  # fmt: skip
            last: Any = None
            async for item in runner:
                last = await item.get_final_message() if stream else item
            assert (last.content[-1].text, vendors.refused) == ("Oak.", [])
            kinds = [body["thread"]["type"] for body in wire.sent]
            assert kinds == ["create", "continue", "continue"]
            assert [len(body["messages"]) for body in wire.sent] == [1, 1, 1]
            assert all("tools" not in body and "system" not in body for body in wire.sent[1:])
            told = upstream(made.bodies[-1])
            assert [text for text in ("Which tree?", "I look.", "oak", "wind") if text not in told] == []
            assert "Speak of trees." in str(made.bodies[-1]) and "listen" in str(
                made.bodies[-1]["tools" if "tools" in made.bodies[-1] else "toolConfig"]
            )
            assert all("thread" not in body for body in made.bodies)
            assert here.balance().held_nano == 0 and len(here.rows()) == 3

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_thread_goes_on_from_turn_to_turn_and_with_another_model(stream: bool) -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            client, wire = sdk(here)
            thread: Any = client.beta.messages.thread(model=ALL["anthropic"], max_tokens=500)
            for at, vendor in enumerate(("anthropic", "gemini", "openai", "xai", "bedrock", "anthropic")):
                said = {"role": "user", "content": f"Question {at}."}
                vendors.made[vendor].script = [[("text", f"Answer {at}.")]]
                if stream:
                    async with thread.stream(said, model=ALL[vendor]) as events:
                        reply: Any = await events.get_final_message()
                else:
                    reply = await thread.send(said, model=ALL[vendor])
                assert reply.content[0].text == f"Answer {at}."
                told = upstream(vendors.made[vendor].bodies[-1])
                before = [f"{kind} {number}." for number in range(at) for kind in ("Question", "Answer")]
                assert all(text in told for text in before), vendor
            assert [len(body["messages"]) for body in wire.sent] == [1] * 6
            assert vendors.refused == []

    asyncio.run(run())


def test_thinking_of_a_thread_goes_back_as_it_was_said() -> None:
    async def run() -> None:
        for vendor in ("anthropic", "openai", "xai", "bedrock"):
            with world() as here:
                vendors = everyone(here)
                vendors.made[vendor].script = [[("think", "A"), ("text", "I look."), ("call", "look")]]
                client, wire = sdk(here)
                runner: Any = client.beta.messages.tool_runner(
                    model=ALL[vendor], max_tokens=4000, tools=[look], stream=True,
                    thinking={"type": "enabled", "budget_tokens": 1024},
                    messages=[{"role": "user", "content": "Which tree?"}],
                )  # fmt: skip
                async for item in runner:
                    await item.get_final_message()
                assert [body["thread"]["type"] for body in wire.sent] == ["create", "continue"]
                assert vendors.refused == []
                (state, *_) = vendors.made[vendor].states
                assert state in str(vendors.made[vendor].bodies[-1])

    asyncio.run(run())


class Tree(BaseModel):
    name: str


def test_the_whole_history_is_counted_and_the_answer_has_the_sdks_form() -> None:
    async def run() -> None:
        with world() as here:
            everyone(here)
            client, _ = sdk(here)
            long = "word " * 3000
            thread: Any = client.beta.messages.thread(model="gpt-4.1", max_tokens=100)
            await thread.send({"role": "user", "content": long})
            held: list[int] = []
            sent = here.script.default
            assert sent is not None

            def noting(outgoing: Any) -> Any:
                held.append(here.balance().held_nano)
                return sent(outgoing)

            here.script.default = noting
            await thread.send({"role": "user", "content": "And?"})
            await client.beta.messages.create(
                model="gpt-4.1", max_tokens=100, messages=[{"role": "user", "content": "And?"}]
            )
            assert held[0] > held[1] + 3000 * 1500, "three thousand words more than the turn alone"

    asyncio.run(run())


def test_a_stolen_id_leads_nowhere_and_costs_nothing() -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            client, wire = sdk(here)
            thread: Any = client.beta.messages.thread(model="claude-sonnet-4-5", max_tokens=100)
            reply = await thread.send({"role": "user", "content": "My secret is SESAME."})
            assert wire.sent[0]["thread"] == {"type": "create"}
            here.accounts.create("thief", "test", here.now[0])
            here.accounts.credit("thief", nano("10"), "test", "c", here.now[0])
            here.keys.add(
                digest(OTHER),
                {"key_id": "key_2", "account_id": "thief", "status": "active", "name": "k", "markup": "1", "shards": 1,
                 "limits": write_limits(Limits()), "created_ms": here.now[0]},
            )  # fmt: skip
            other, _ = sdk(here, OTHER)
            asked = len(here.script.sent)
            for identity in (reply.id, f"thread/{reply.id}", "msg_unknown"):
                with pytest.raises(anthropic.NotFoundError) as raised:
                    await other.beta.messages.create(
                        model="claude-sonnet-4-5", max_tokens=100, messages=[{"role": "user", "content": "Repeat."}],
                        thread={"type": "continue", "previous_message_id": identity},
                    )  # fmt: skip
                assert raised.value.body["error"]["details"] == {"error_code": "thread_not_found"}  # type: ignore[index]
            assert len(here.script.sent) == asked and vendors.refused == []
            assert here.ledger.balance("thief").available_nano == nano("10")

    asyncio.run(run())


def test_a_thread_that_is_gone_is_begun_anew_by_the_sdk() -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            client, wire = sdk(here)
            thread: Any = client.beta.messages.thread(model="gemini-2.5-flash", max_tokens=100)
            await thread.send({"role": "user", "content": "One."})
            here.now[0] += 31 * 24 * 3600 * 1000
            await thread.send({"role": "user", "content": "Two."})
            assert [body["thread"]["type"] for body in wire.sent] == ["create", "continue", "create"]
            told = upstream(vendors.made["gemini"].bodies[-1])
            assert "One." in told and "Two." in told

    asyncio.run(run())


def test_where_nothing_is_kept_the_sdk_sends_the_whole_conversation() -> None:
    async def run() -> None:
        with world() as here:
            vendors = everyone(here)
            here.services = replace(here.services, responses=None)
            vendors.made["openai"].script = [[("call", "look")]]
            client, wire = sdk(here)
            runner = client.beta.messages.tool_runner(
                model="gpt-4.1", max_tokens=100, tools=[look], messages=[{"role": "user", "content": "Which tree?"}]
            )
            last = await runner.until_done()
            assert last.content[-1].text == "Oak."  # type: ignore[union-attr]
            assert ["thread" in body for body in wire.sent] == [True, False, False]
            assert [len(body["messages"]) for body in wire.sent] == [1, 1, 3]

    asyncio.run(run())


WRONG = [
    ({"type": "begin"}, "thread.type"),
    ({}, "thread.type"),
    ("create", "thread.type"),
    ({"type": "continue"}, "thread.previous_message_id"),
    ({"type": "continue", "previous_message_id": 5}, "thread.previous_message_id"),
]


@pytest.mark.parametrize("thread, named", WRONG)
def test_a_malformed_thread_is_a_400_that_names_the_field(thread: Any, named: str) -> None:
    with world() as here:
        body = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "thread": thread}
        status, answer, _ = asyncio.run(here.whole("messages", body))
        assert status == 400 and answer["error"]["message"].startswith(named)
        assert here.script.sent == [] and here.balance().held_nano == 0


def test_what_a_thread_was_created_with_stays() -> None:
    async def run() -> None:
        with world() as here:
            everyone(here)
            user = [{"role": "user", "content": "hi"}]
            first = {"model": "gpt-4.1", "max_tokens": 9, "messages": user, "system": "Be brief."}
            _, answer, _ = await here.whole("messages", {**first, "thread": {"type": "create"}})
            more = {"type": "continue", "previous_message_id": answer["id"]}
            status, _, _ = await here.whole("messages", {**first, "thread": more})
            assert status == 200
            status, told, _ = await here.whole("messages", {**first, "thread": more, "system": "Be long."})
            assert status == 400
            assert told["error"]["details"] == {"error_code": "thread_fingerprint_mismatch"}
            status, _, _ = await here.whole("messages", {**first, "thread": None})
            assert status == 200

    asyncio.run(run())
