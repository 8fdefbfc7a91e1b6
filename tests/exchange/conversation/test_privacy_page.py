"""What docs/privacy.md says is stored of a conversation is what the table holds, and what it says is gone is gone."""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interchange.tables.items import read_item
from interchange.tables.sqlite import SqliteTable
from tests.continuity.vendors import Part, meet
from tests.exchange.world import World, world

from .test_stored import VENDOR, ask, results, sdk

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "privacy.md").read_text()
QUESTION, THOUGHT, TEXT, RESULT, ARGUMENT = "QUESTION-WORD", "THOUGHT-WORD", "TEXT-WORD", "RESULT-WORD", "ARGUMENT-WORD"
WORDS = (QUESTION, THOUGHT, TEXT, RESULT, ARGUMENT)
SPOKEN = {QUESTION, TEXT, RESULT, ARGUMENT}
TURN: list[Part] = [("think", THOUGHT), ("text", TEXT), ("call", f'look {{"place":"{ARGUMENT}"}}')]
MODELS = sorted(VENDOR)
DAY_S = 24 * 3600


def items(here: World, folder: Path) -> list[dict[str, Any]]:
    """All that the table holds."""
    table = here.services.memory._table  # type: ignore[attr-defined]
    assert isinstance(table, SqliteTable)
    copy = folder / f"copy-{len(list(folder.iterdir()))}.db"
    table.backup(copy)
    with sqlite3.connect(copy) as file:
        return [dict(read_item(row[0])) for row in file.execute("SELECT item FROM items")]


def text_of(value: Any) -> str:
    """A stored value as it reads, whatever it is packed in."""
    match value:
        case bytes() if value[:2] == b"\x78\x9c":
            return zlib.decompress(value).decode()
        case bytes():
            return value.decode("utf-8", "replace")
        case dict():
            return " ".join(f"{name} {text_of(one)}" for name, one in value.items())
        case list() | tuple() | set():
            return " ".join(map(text_of, value))
        case _:
            return str(value)


def holding(here: World, folder: Path) -> dict[str, set[str]]:
    """Kind of item -> the words of the conversation in it."""
    found: dict[str, set[str]] = {}
    for item in items(here, folder):
        words = {word for word in WORDS if word in text_of(item)}
        if words:
            found.setdefault(str(item["pk"]).partition("#")[0], set()).update(words)
    return found


async def loop(here: World, model: str, *, stream: bool, **more: Any) -> Any:
    """A tool loop of two answers by the official SDK; the second one is returned with the first."""
    client = sdk(here)
    meet(here).made[VENDOR[model]].script = [list(TURN), [("text", TEXT)]]
    asked = {"reasoning": {"effort": "high"}, **more}
    one = await ask(client, stream, model=model, input=QUESTION, **asked)
    told = [{**item, "output": RESULT} for item in results(one)]
    history = [{"role": "user", "content": QUESTION}, *one.output, *told]
    if more.get("store") is False:
        two = await ask(client, stream, model=model, input=history, **asked)
    else:
        two = await ask(client, stream, model=model, input=told, previous_response_id=one.id, **asked)
    assert two.output_text == TEXT
    return one, two


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_a_kept_answer_lies_where_the_page_says_until_it_is_deleted(model: str, stream: bool, tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            one, two = await loop(here, model, stream=stream)
            found = holding(here, tmp_path)
            assert found.pop("RESPONSES") >= SPOKEN
            assert found.pop("STATE", set()) <= {THOUGHT} and found == {}
            for item in items(here, tmp_path):
                if item["pk"].startswith("RESPONSES#"):
                    assert item["pk"] == "RESPONSES#acc"
                    assert item["expires_at"] == here.now[0] // 1000 + 30 * DAY_S
                if item["pk"].startswith("STATE#"):
                    assert item["pk"] == "STATE#acc" and item["expires_at"] == here.now[0] // 1000 + DAY_S
            client = sdk(here)
            for answer in (one, two):
                await client.responses.delete(answer.id)
            assert holding(here, tmp_path) == {}
            for item in items(here, tmp_path):
                if item["pk"].startswith("RESPONSES#"):
                    assert set(item) == {"pk", "sk", "expires_at"} and item["expires_at"] < here.now[0] // 1000

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", MODELS)
def test_store_false_leaves_reasoning_for_a_day_and_nothing_else(model: str, stream: bool, tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            await loop(here, model, stream=stream, store=False, include=["reasoning.encrypted_content"])
            found = holding(here, tmp_path)
            assert found.pop("STATE", set()) <= {THOUGHT} and found == {}

    asyncio.run(run())


@pytest.mark.parametrize("model", MODELS)
def test_where_the_operator_keeps_none_none_is_kept(model: str, tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            here.services = replace(here.services, responses=None)
            meet(here).made[VENDOR[model]].script = [list(TURN)]
            one = await ask(sdk(here), False, model=model, input=QUESTION, reasoning={"effort": "high"})
            assert one.model_dump()["store"] is False
            found = holding(here, tmp_path)
            assert found.pop("STATE", set()) <= {THOUGHT} and found == {}

    asyncio.run(run())


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("model", MODELS)
def test_other_protocols_leave_reasoning_for_a_day_and_nothing_else(model: str, family: str, tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            meet(here).made[VENDOR[model]].script = [list(TURN)]
            chat = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
            tools = {"chat": [chat], "messages": [{"name": "look", "input_schema": {"type": "object"}}]}[family]
            more: Any = {"chat": {"reasoning_effort": "high"}, "messages": {"thinking": {"type": "adaptive"}}}[family]
            said = [{"role": "user", "content": QUESTION}]
            body: Any = {"model": model, "max_tokens": 4000, "messages": said, "tools": tools, **more}
            status, _, _ = await here.whole(family, body)
            assert status == 200
            found = holding(here, tmp_path)
            assert found.pop("STATE", set()) <= {THOUGHT} and found == {}

    asyncio.run(run())


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_lies_where_the_page_says(model: str, tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            meet(here).made[VENDOR[model]].script = [[("text", TEXT)]]
            said = [{"role": "user", "content": QUESTION}]
            body = {"model": model, "max_tokens": 99, "messages": said, "thread": {"type": "create"}}
            status, _, _ = await here.whole("messages", body)
            assert status == 200
            assert holding(here, tmp_path) == {"RESPONSES": {QUESTION, TEXT}}

    asyncio.run(run())


def test_an_answer_under_an_idempotency_key_is_kept_for_a_day(tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            meet(here).made["openai"].script = [[("text", TEXT)]]
            said = [{"role": "user", "content": QUESTION}]
            body = {"model": "gpt-4.1", "max_tokens": 99, "messages": said}
            await here.whole("chat", body, idempotency_key="k")
            assert holding(here, tmp_path) == {"IDEM": {TEXT}}
            (item,) = [one for one in items(here, tmp_path) if one["pk"].startswith("IDEM#")]
            assert item["pk"].startswith("IDEM#acc#") and item["expires_at"] == here.now[0] // 1000 + DAY_S

    asyncio.run(run())


def test_labels_lie_in_the_usage_row(tmp_path: Path) -> None:
    async def run() -> None:
        with world() as here:
            meet(here)
            body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}], "user": QUESTION,
                    "metadata": {"place": TEXT}}  # fmt: skip
            await here.whole("chat", body, x_interchange_tags=RESULT)
            assert holding(here, tmp_path)["REQUEST"] == {QUESTION, TEXT, RESULT}

    asyncio.run(run())


def test_the_page_names_every_kind_of_item_that_has_words() -> None:
    named = {kind for kind in ("REQUEST#", "RESPONSES#<account>", "STATE#<account>", "IDEM#<account>") if kind in PAGE}
    assert named == {"REQUEST#", "RESPONSES#<account>", "STATE#<account>", "IDEM#<account>"}
