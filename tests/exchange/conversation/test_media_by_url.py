"""Media by URL that the vendor cannot download: fetched under a hold, a few at a time, and not without end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.hub.blocks import Base64Source
from interchange.hub.failure import invalid
from interchange.upstream.budget import AT_A_TIME, MOST_URLS, Budget
from tests.exchange import world as w

PICTURE = Base64Source("image/png", "aGk=")


class Fetches:
    """Stands for the fetcher; keeps what it was asked, and what was held then."""

    def __init__(self, here: w.World) -> None:
        self.here = here
        self.asked: list[tuple[str, str]] = []
        self.held: list[int] = []
        self.running = self.most = 0
        self.fails: str | None = None

    async def __call__(self, url: str, param: str, budget: Budget) -> Base64Source:
        async with budget.turn:
            self.asked.append((url, param))
            self.held.append(self.here.balance().held_nano)
            self.running += 1
            self.most = max(self.most, self.running)
            await asyncio.sleep(0.001)
            self.running -= 1
        if self.fails is not None:
            raise invalid(f"{param}: {self.fails}", param, "media_fetch")
        return PICTURE


@pytest.fixture
def here() -> Iterator[w.World]:
    catalog = read([{**entry, "input": ["text", "image"]} for entry in w.CATALOG if entry.get("kind") is None])
    with w.world() as made:
        made.services = replace(made.services, catalog=catalog, providers=without_fetching(made))
        yield made


def without_fetching(here: w.World) -> dict[str, Any]:
    return {name: replace(one, fetches=frozenset()) for name, one in here.services.providers.items()}


def body(count: int) -> dict[str, Any]:
    urls = [f"https://pictures.example/{number}.png" for number in range(count)]
    parts = [{"type": "image", "source": {"type": "url", "url": url}} for url in urls]
    content = [{"type": "text", "text": "x"}, *parts]
    return {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": content}]}


def ask(here: w.World, fetches: Fetches, count: int) -> tuple[int, Any]:
    here.services = replace(here.services, fetch=fetches)
    status, answer, _ = asyncio.run(here.whole("messages", body(count)))
    return status, answer


def test_nothing_is_fetched_before_the_money_is_held(here: w.World) -> None:
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    fetches = Fetches(here)
    status, _ = ask(here, fetches, 6)
    assert status == 200
    assert len(fetches.asked) == 6
    assert min(fetches.held) > 0
    assert fetches.most == AT_A_TIME
    parts = here.script.bodies[0]["messages"][0]["content"]
    assert [part["image_url"]["url"] for part in parts[1:]] == ["data:image/png;base64,aGk="] * 6


def test_an_account_without_money_fetches_nothing() -> None:
    with w.world(credit="0") as here:
        catalog = read([{**entry, "input": ["text", "image"]} for entry in w.CATALOG if entry.get("kind") is None])
        here.services = replace(here.services, catalog=catalog, providers=without_fetching(here))
        fetches = Fetches(here)
        status, _ = ask(here, fetches, 1)
        assert status == 402
        assert fetches.asked == []


def test_a_file_that_cannot_be_fetched_costs_nothing(here: w.World) -> None:
    fetches = Fetches(here)
    fetches.fails = "could not be fetched"
    status, answer = ask(here, fetches, 2)
    assert status == 400
    assert answer["error"]["message"].startswith("messages[0].content[")
    assert here.balance().held_nano == 0
    assert here.balance().charged_nano == 0
    assert here.script.sent == []


def test_more_urls_than_a_request_may_have_are_refused_by_the_first_of_them(here: w.World) -> None:
    fetches = Fetches(here)
    status, answer = ask(here, fetches, MOST_URLS + 1)
    assert status == 400
    assert answer["error"]["message"].startswith(f"messages[0].content[{MOST_URLS + 1}]")
    assert fetches.asked == []
    assert here.balance().held_nano == 0


def test_a_model_without_pictures_refuses_before_anything_is_fetched(here: w.World) -> None:
    plain = read([{**entry, "input": ["text"]} for entry in w.CATALOG if entry.get("kind") is None])
    here.services = replace(here.services, catalog=plain)
    fetches = Fetches(here)
    status, _ = ask(here, fetches, 1)
    assert status == 400
    assert fetches.asked == []
