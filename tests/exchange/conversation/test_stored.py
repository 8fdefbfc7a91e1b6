"""Answers that are kept for their caller, by the official SDK: `previous_response_id`, item references, GET, DELETE."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI

from interchange.continuity.responses import PART_BYTES, Stored, TableResponses
from interchange.exchange.conversation.stored import Shelf
from interchange.exchange.http import Inbound
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.wire import codec
from tests.continuity.clients import NAMES, PARAMETERS, ToWorld
from tests.continuity.vendors import meet
from tests.exchange.world import KEY, World, world

MODELS = ["gpt-5.4", "claude-sonnet-4-5", "gemini-3-flash-preview", "grok-4.3"]
TOOLS: Any = [{"type": "function", "name": name, "parameters": PARAMETERS, "strict": False} for name in NAMES]
VENDOR = dict(zip(MODELS, ("openai", "anthropic", "gemini", "xai"), strict=True))


class Shelved(ToWorld):
    """The endpoints of one answer too."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            return await super().handle_async_request(request)
        shelf = Shelf(self.here.services, self.here.faces()["responses"].server)
        identity, _, part = request.url.path.removeprefix("/v1/responses/").partition("/")
        query = {**dict(request.url.params), "response": identity}
        deadline = asyncio.get_running_loop().time() + 30
        headers = {name.lower(): value for name, value in request.headers.items()}
        inbound = Inbound(request.method, request.url.path, headers, b"", deadline, query)
        reading = shelf.items if part == "input_items" else shelf.read
        answer = await (shelf.delete if request.method == "DELETE" else reading)(inbound)
        assert isinstance(answer.body, bytes)
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=answer.body)


def sdk(here: World) -> AsyncOpenAI:
    http = httpx2.AsyncClient(transport=Shelved(here))
    return AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)


async def ask(client: AsyncOpenAI, stream: bool, **asked: Any) -> Any:
    if not stream:
        return await client.responses.create(**asked, tools=TOOLS)
    async with client.responses.stream(**asked, tools=TOOLS) as made:
        return await made.get_final_response()


def results(answer: Any) -> list[Any]:
    calls = [item for item in answer.output if item.type == "function_call"]
    return [{"type": "function_call_output", "call_id": call.call_id, "output": "oak"} for call in calls]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("second", MODELS)
@pytest.mark.parametrize("first", MODELS)
def test_previous_response_id_goes_on_with_any_model(first: str, second: str, stream: bool) -> None:
    async def run() -> None:
        with world() as here:
            vendors, client = meet(here), sdk(here)
            vendors.made[VENDOR[first]].script = [[("think", "A"), ("call", "look")]]
            one = await ask(client, stream, model=first, input="Which tree is Ada's?")
            two = await ask(client, stream, model=second, input=results(one), previous_response_id=one.id)
            assert (two.output_text, two.previous_response_id) == ("Oak.", one.id)
            three = await ask(client, stream, model=first, input="Sure?", previous_response_id=two.id)
            assert (three.output_text, vendors.refused) == ("Oak.", [])
            sent = codec.dumps_text(vendors.made[VENDOR[first]].bodies[-1])
            assert all(word in sent for word in ("Which tree is Ada's?", "look", "oak", "Oak.", "Sure?"))
            assert "previous_response_id" not in sent
            kept = await client.responses.retrieve(three.id)
            assert (kept.output_text, kept.model_dump()["store"]) == ("Oak.", True)
            listed = await client.responses.input_items.list(three.id, order="asc", limit=100)
            assert codec.dumps_text(listed.data[0].model_dump(mode="json")).count("Ada") == 1
            assert len(listed.data) >= 4

    asyncio.run(run())


@pytest.mark.parametrize("word", [{"type": "item_reference"}, {}, {"type": None}], ids=["word", "id alone", "null"])
@pytest.mark.parametrize("model", MODELS)
def test_item_references_stand_for_the_items(model: str, word: dict[str, Any]) -> None:
    """What the Vercel AI SDK's default provider sends at its second turn."""

    async def run() -> None:
        with world() as here:
            vendors, client = meet(here), sdk(here)
            vendors.made[VENDOR[model]].script = [[("think", "A"), ("text", "I look."), ("call", "look")]]
            one = await ask(client, False, model=model, input="Which tree?")
            references: list[Any] = [{**word, "id": item.id} for item in one.output]
            history = [{"role": "user", "content": "Which tree?"}, *references, *results(one)]
            two = await ask(client, False, model=model, input=history)
            assert (two.output_text, vendors.refused) == ("Oak.", [])
            sent = codec.dumps_text(vendors.made[VENDOR[model]].bodies[-1])
            assert "I look." in sent and "look" in sent and "item_reference" not in sent

    asyncio.run(run())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("item", [
    {"type": "item_reference", "id": "msg_unknown"}, {"id": "msg_unknown"}, {"type": "item_reference"},
    {"type": "item_reference", "id": 5}, {"type": "image_generation_call", "id": "ig_unknown"},
])  # fmt: skip
def test_a_reference_to_nothing_is_refused_by_its_place(item: Any, model: str) -> None:
    async def run() -> None:
        with world() as here:
            vendors = meet(here)
            body = {"model": model, "input": [{"role": "user", "content": "hi"}, item]}
            status, told, _ = await here.whole("responses", body)
            assert (status, told["error"]["param"]) == (400, "input[1].id")
            assert not here.script.sent and not vendors.refused

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_store_false_keeps_nothing_and_says_so(model: str, stream: bool) -> None:
    async def run() -> None:
        with world() as here:
            meet(here)
            client = sdk(here)
            one = await ask(client, stream, model=model, input="hi", store=False)
            assert one.model_dump()["store"] is False
            with pytest.raises(openai.NotFoundError):
                await client.responses.retrieve(one.id)
            with pytest.raises(openai.BadRequestError) as failed:
                await ask(client, False, model=model, input="why", previous_response_id=one.id)
            assert (failed.value.code, failed.value.param) == ("previous_response_not_found", "previous_response_id")
            with pytest.raises(openai.BadRequestError) as failed:
                items: Any = [{"type": "item_reference", "id": one.output[0].id}]
                await ask(client, False, model=model, input=items)
            assert failed.value.param == "input[0].id"

    asyncio.run(run())


def test_a_deleted_answer_is_gone() -> None:
    async def run() -> None:
        with world() as here:
            meet(here)
            client = sdk(here)
            one = await ask(client, False, model=MODELS[1], input="hi")
            assert (await client.responses.retrieve(one.id)).id == one.id
            await client.responses.delete(one.id)
            with pytest.raises(openai.NotFoundError):
                await client.responses.retrieve(one.id)
            with pytest.raises(openai.NotFoundError):
                await client.responses.delete(one.id)

    asyncio.run(run())


@pytest.mark.parametrize("store", [True, False, None])
@pytest.mark.parametrize("days", [30, 0])
@pytest.mark.parametrize("model", MODELS)
def test_each_event_that_holds_the_answer_says_whether_it_is_kept(model: str, days: int, store: Any) -> None:
    async def run() -> None:
        with world() as here:
            meet(here)
            if not days:
                here.services = replace(here.services, responses=None)
            more = {} if store is None else {"store": store}
            made: Any = await sdk(here).responses.create(model=model, input="hi", stream=True, **more)
            said = [event.response.model_dump()["store"] async for event in made if hasattr(event, "response")]
            assert len(said) >= 2 and set(said) == {bool(days) and store is not False}

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_an_operator_may_keep_no_answers(model: str, stream: bool) -> None:
    async def run() -> None:
        with world() as here:
            meet(here)
            here.services = replace(here.services, responses=None)
            client = sdk(here)
            one = await ask(client, stream, model=model, input="hi")
            assert one.model_dump()["store"] is False
            with pytest.raises(openai.BadRequestError):
                await ask(client, False, model=model, input="why", previous_response_id=one.id)

    asyncio.run(run())


def test_a_kept_answer_is_no_stream() -> None:
    """The SDK would read no event out of the whole answer, and say nothing of it."""

    async def run() -> None:
        with world() as here:
            meet(here)
            client = sdk(here)
            one = await ask(client, False, model=MODELS[0], input="hi")
            with pytest.raises(openai.BadRequestError) as failed:
                await client.responses.retrieve(one.id, stream=True)
            assert failed.value.param == "stream"
            again = await client.responses.retrieve(one.id, include=["reasoning.encrypted_content"])
            assert again.id == one.id

    asyncio.run(run())


def test_answers_of_an_account_are_no_other_accounts_and_end_with_their_days() -> None:
    store = TableResponses(SqliteTable(MEMORY), 1)
    item = {"type": "message", "id": "msg_1", "content": []}
    answer = Stored({"id": "resp_1", "output": [item]}, [{"role": "user", "content": "hi"}], ("resp_0",))
    assert store.put("a", answer, 0)
    assert store.get("a", ["resp_1", "resp_2"], 0) == {"resp_1": answer}
    assert store.holders("a", ["msg_1"], 0) == {"msg_1": "resp_1"}
    assert store.get("b", ["resp_1"], 0) == {} and store.holders("b", ["msg_1"], 0) == {}
    assert store.get("a", ["resp_1"], 24 * 3600 * 1000) == {}
    store.delete("a", answer, 0)
    assert store.get("a", ["resp_1"], 0) == {} and store.holders("a", ["msg_1"], 0) == {}


def test_a_long_answer_is_kept_in_parts_and_a_longer_one_not_at_all() -> None:
    store = TableResponses(SqliteTable(MEMORY), 1)
    noise = "".join(f"{number * 7919 % 999983:x}" for number in range(400_000))
    answer = Stored({"id": "resp_1", "output": []}, [{"role": "user", "content": noise}])
    assert len(noise) > PART_BYTES and store.put("a", answer, 0)
    assert store.get("a", ["resp_1"], 0) == {"resp_1": answer}
    store.delete("a", answer, 0)
    assert store.get("a", ["resp_1"], 0) == {}
