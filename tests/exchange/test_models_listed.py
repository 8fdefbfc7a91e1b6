"""The list of models, for both kinds of caller."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.http import Inbound
from interchange.exchange.models import Listing
from interchange.identity.keys import Limits
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.wire import codec
from tests.exchange.world import CATALOG, KEY, SEAL, World, world

PAGED = {"anthropic-version": "2023-06-01"}
NAMES = [entry["id"] for entry in CATALOG]


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


def ask(here: World, query: dict[str, str], headers: dict[str, str], *, one: bool = False) -> tuple[int, Any]:
    listing = Listing(here.services, ChatServer(SEAL), MessagesServer(SEAL))
    sent = {"authorization": f"Bearer {KEY}", **headers}
    inbound = Inbound("GET", "/v1/models", sent, b"", 0.0, query=query)
    answer = asyncio.run(listing.show(inbound) if one else listing.index(inbound))
    assert isinstance(answer.body, bytes)
    return answer.status, codec.loads(answer.body)


def test_pages_follow_one_another_in_either_direction(here: World) -> None:
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        _, page = ask(here, query, PAGED)
        seen += [entry["id"] for entry in page["data"]]
        if not page["has_more"]:
            break
        query = {"limit": "2", "after_id": page["last_id"]}
    assert seen == NAMES
    _, page = ask(here, {"limit": "2", "before_id": NAMES[3]}, PAGED)
    assert ([entry["id"] for entry in page["data"]], page["has_more"]) == (NAMES[1:3], True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "\u00b2"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"after_id": "nobody"}, "after_id"),
        ({"after_id": "gpt", "before_id": "gpt"}, "before_id"),
    ],
)
def test_a_page_that_is_none_names_its_field(here: World, query: dict[str, str], field: str) -> None:
    status, body = ask(here, query, PAGED)
    assert (status, body["type"], body["error"]["type"]) == (400, "error", "invalid_request_error")
    assert body["error"]["message"].startswith(field)


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_a_slash_behind_the_path_is_the_list(here: World, headers: dict[str, str]) -> None:
    assert ask(here, {"model": ""}, headers, one=True) == ask(here, {}, headers)


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_prices_are_what_this_caller_pays(here: World, headers: dict[str, str]) -> None:
    here.keys.change("key_1", markup="1.25")
    priced = {entry["id"]: entry["pricing"] for entry in ask(here, {}, headers)[1]["data"]}
    assert priced["gpt"] == {"input": "2.5", "output": "12.5", "cache_read": "0.625"}


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_a_bound_key_sees_what_it_may_use(headers: dict[str, str]) -> None:
    with world(limits=Limits(allowed_models=("g*",))) as here:
        assert [entry["id"] for entry in ask(here, {}, headers)[1]["data"]] == ["gpt", "gemini", "grok"]
        assert ask(here, {"model": "gpt"}, headers, one=True)[0] == 200
        assert ask(here, {"model": "claude"}, headers, one=True)[0] == 404


def unsigned(here: World, headers: dict[str, str], *, public: bool) -> tuple[int, Any]:
    listing = Listing(replace(here.services, public_models=public), ChatServer(SEAL), MessagesServer(SEAL))
    answer = asyncio.run(listing.index(Inbound("GET", "/v1/models", headers, b"", 0.0)))
    assert isinstance(answer.body, bytes)
    return answer.status, codec.loads(answer.body)


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_the_list_needs_no_key_unless_the_operator_says_so(here: World, headers: dict[str, str]) -> None:
    status, body = unsigned(here, headers, public=True)
    assert (status, [entry["id"] for entry in body["data"]]) == (200, NAMES)
    assert body == ask(here, {}, headers)[1]
    assert unsigned(here, headers, public=False)[0] == 401


def test_a_wrong_key_is_refused_where_none_would_do(here: World) -> None:
    assert unsigned(here, {"authorization": "Bearer sk-wrong"}, public=True)[0] == 401


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_a_model_is_listed_with_its_aliases(headers: dict[str, str]) -> None:
    entries = [{**CATALOG[0], "aliases": ["first-of-all"]}, *CATALOG[1:]]
    with world() as plain:
        here = replace(plain, services=replace(plain.services, catalog=read(entries)))
        listed = {entry["id"]: entry["aliases"] for entry in ask(here, {}, headers)[1]["data"]}
        assert listed == {name: ["first-of-all"] if name == NAMES[0] else [] for name in NAMES}
        assert ask(here, {"model": "first-of-all"}, headers, one=True)[1]["id"] == NAMES[0]
