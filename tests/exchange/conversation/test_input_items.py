"""GET /v1/responses/{id}/input_items, by the official SDK: order, pages, form, owner."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from interchange.identity.keys import Limits, digest, write_limits
from tests.continuity.vendors import meet
from tests.exchange.world import World, world

from .test_stored import MODELS, VENDOR, ask, results, sdk

OTHER = "sk-test-other-0123456789abcdef0123"


async def three(here: World, client: AsyncOpenAI, model: str = MODELS[0]) -> Any:
    """The last of three answers: question, thought and call, result, answer, question."""
    meet(here).made[VENDOR[model]].script = [[("think", "A"), ("call", "look")]]
    one = await ask(client, False, model=model, input="Which tree is Ada's?")
    two = await ask(client, False, model=model, input=results(one), previous_response_id=one.id)
    asked: list[Any] = [{"role": "user", "content": "Sure?"}, {"role": "user", "content": "Quite?"}]
    return await ask(client, False, model=model, input=asked, previous_response_id=two.id)


def listed(checked: Callable[[AsyncOpenAI, str, World], Awaitable[None]]) -> None:
    async def run() -> None:
        with world() as here:
            client = sdk(here)
            last = await three(here, client)
            await checked(client, last.id, here)

    asyncio.run(run())


def kinds(items: Any) -> list[str]:
    return [item.type if item.type != "message" else item.role for item in items]


ALL = ["user", "reasoning", "function_call", "function_call_output", "assistant", "user", "user"]


def test_the_newest_come_first_unless_asked_otherwise() -> None:
    async def checked(client: AsyncOpenAI, last: str, _: World) -> None:
        assert kinds((await client.responses.input_items.list(last)).data) == ALL[::-1]
        assert kinds((await client.responses.input_items.list(last, order="desc")).data) == ALL[::-1]
        assert kinds((await client.responses.input_items.list(last, order="asc")).data) == ALL

    listed(checked)


def test_the_sdk_goes_from_page_to_page() -> None:
    async def checked(client: AsyncOpenAI, last: str, _: World) -> None:
        seen = [item async for item in client.responses.input_items.list(last, order="asc", limit=2)]
        assert kinds(seen) == ALL and len({item.id for item in seen}) == len(ALL)
        first = await client.responses.input_items.list(last, order="asc", limit=3)
        assert first.has_more is True and kinds(first.data) == ALL[:3]
        after = await client.responses.input_items.list(last, order="asc", after=first.data[2].id)
        assert kinds(after.data) == ALL[3:] and after.has_more is False
        back = await client.responses.input_items.list(last, order="desc", after=first.data[2].id)
        assert kinds(back.data) == ALL[:2][::-1]
        until = await client.responses.input_items.list(last, order="asc", extra_query={"before": first.data[2].id})
        assert kinds(until.data) == ALL[:2]

    listed(checked)


def test_a_text_is_listed_as_the_vendor_lists_it() -> None:
    async def checked(client: AsyncOpenAI, last: str, _: World) -> None:
        data: Any = (await client.responses.input_items.list(last, order="asc")).data
        assert data[0].content[0].type == "input_text" and data[0].content[0].text == "Which tree is Ada's?"
        assert (data[4].content[0].type, data[4].content[0].text) == ("output_text", "Oak.")
        assert data[-1].content[0].text == "Quite?" and data[-1].status == "completed"
        with_more = await client.responses.input_items.list(last, include=["reasoning.encrypted_content"])
        assert kinds(with_more.data) == ALL[::-1]

    listed(checked)


@pytest.mark.parametrize(
    ("query", "param"),
    [({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "few"}, "limit"), ({"order": "up"}, "order"),
     ({"after": "msg_unknown"}, "after"), ({"before": "msg_unknown"}, "before")],
)  # fmt: skip
def test_a_page_that_there_is_not_is_refused_by_its_field(query: dict[str, str], param: str) -> None:
    async def checked(client: AsyncOpenAI, last: str, _: World) -> None:
        with pytest.raises(openai.BadRequestError) as raised:
            await client.responses.input_items.list(last, extra_query=query)
        assert raised.value.param == param

    listed(checked)


def test_nobody_else_lists_them_nor_anybody_what_is_deleted() -> None:
    async def checked(client: AsyncOpenAI, last: str, here: World) -> None:
        here.accounts.create("thief", "test", here.now[0])
        here.keys.add(
            digest(OTHER),
            {"key_id": "key_2", "account_id": "thief", "status": "active", "name": "k", "markup": "1", "shards": 1,
             "limits": write_limits(Limits()), "created_ms": here.now[0]},
        )  # fmt: skip
        other = client.with_options(api_key=OTHER)
        for act in (other.responses.input_items.list, other.responses.retrieve, other.responses.delete):
            with pytest.raises(openai.NotFoundError):
                await act(last)
        assert kinds((await client.responses.input_items.list(last)).data) == ALL[::-1]
        await client.responses.delete(last)
        with pytest.raises(openai.NotFoundError):
            await client.responses.input_items.list(last)

    listed(checked)
