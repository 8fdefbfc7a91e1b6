"""The list of models, for both kinds of caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from interchange.api.application import json_family
from interchange.api.listing import PATHS, listing
from interchange.catalog.load import read
from interchange.identity.keys import Limits
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer
from tests.exchange.world import CATALOG, KEY, SEAL, World, world

PAGED = {"anthropic-version": "2023-06-01"}
NAMES = [entry["id"] for entry in CATALOG]


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        yield made


def ask(here: World, query: dict[str, str], headers: dict[str, str], path: str = "/v1/models") -> tuple[int, Any]:
    plain, paged = ChatServer(SEAL), MessagesServer(SEAL)
    app, _ = json_family("models", [listing(here.services)], PATHS, plain, here.services, by_version=paged)
    sent = {"authorization": f"Bearer {KEY}", **headers}
    answer = TestClient(app).get(path, params=query, headers={name: value for name, value in sent.items() if value})
    return answer.status_code, answer.json()


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
        ({"limit": "007"}, "limit"),
    ],
)
def test_a_page_that_is_none_names_its_field(here: World, query: dict[str, str], field: str) -> None:
    status, body = ask(here, query, PAGED)
    assert (status, body["type"], body["error"]["type"]) == (400, "error", "invalid_request_error")
    assert body["error"]["message"].startswith(field)


@pytest.mark.parametrize("name", ["after_id", "before_id"])
def test_a_cursor_that_is_no_model_is_not_found(here: World, name: str) -> None:
    status, body = ask(here, {name: "nobody"}, PAGED)
    assert (status, body["error"]["type"]) == (404, "not_found_error")
    assert body["error"]["message"] == f"{name}: no such model: 'nobody'"


def test_two_cursors_have_between_them_what_lies_there(here: World) -> None:
    def page(after: str, before: str, limit: str = "20") -> tuple[list[str], bool]:
        _, found = ask(here, {"after_id": after, "before_id": before, "limit": limit}, PAGED)
        return [entry["id"] for entry in found["data"]], found["has_more"]

    assert page(NAMES[0], NAMES[3]) == (NAMES[1:3], False)
    assert page(NAMES[0], NAMES[3], "1") == (NAMES[1:2], True)
    assert page(NAMES[2], NAMES[2]) == ([], False)
    assert page(NAMES[3], NAMES[0]) == ([], False)


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_a_slash_behind_the_path_is_the_list(here: World, headers: dict[str, str]) -> None:
    assert ask(here, {}, headers, "/v1/models/") == ask(here, {}, headers)


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_prices_are_what_this_caller_pays(here: World, headers: dict[str, str]) -> None:
    here.keys.change("key_1", markup="1.25")
    priced = {entry["id"]: entry["pricing"] for entry in ask(here, {}, headers)[1]["data"]}
    assert priced["gpt"] == {"input": "2.5", "output": "12.5", "cache_read": "0.625"}


@pytest.mark.parametrize("headers", [{}, PAGED])
def test_a_bound_key_sees_what_it_may_use(headers: dict[str, str]) -> None:
    with world(limits=Limits(allowed_models=("g*",))) as here:
        assert [entry["id"] for entry in ask(here, {}, headers)[1]["data"]] == ["gpt", "gemini", "grok"]
        assert ask(here, {}, headers, "/v1/models/gpt")[0] == 200
        assert ask(here, {}, headers, "/v1/models/claude")[0] == 404


def unsigned(here: World, headers: dict[str, str], *, public: bool) -> tuple[int, Any]:
    closed = replace(here, services=replace(here.services, public_models=public))
    return ask(closed, {}, {"authorization": "", **headers})


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
        assert ask(here, {}, headers, "/v1/models/first-of-all")[1]["id"] == NAMES[0]
