"""The list of models as caches keep it: told apart by its content, packed where that is read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from interchange.api.application import json_family
from interchange.api.listing import PATHS, listing
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer
from tests.exchange.world import KEY, SEAL, World, world

PLAIN = {"accept-encoding": "identity"}
PACKED = {"accept-encoding": "gzip, br;q=0"}
MINE = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def site(here: World) -> TestClient:
    plain, paged = ChatServer(SEAL), MessagesServer(SEAL)
    app, _ = json_family("models", [listing(here.services)], PATHS, plain, here.services, by_version=paged, kept_s=60)
    return TestClient(app)


def raw(answer: httpx.Response) -> int:
    return int(answer.headers["content-length"])


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/gpt"])
def test_what_has_not_changed_is_not_sent_again(site: TestClient, path: str) -> None:
    first = site.get(path, headers=PLAIN)
    assert first.status_code == 200 and first.headers["etag"].startswith('W/"')
    for given in (
        first.headers["etag"],
        first.headers["etag"].removeprefix("W/"),
        f'"a", {first.headers["etag"]}',
        "*",
    ):
        again = site.get(path, headers={**PLAIN, "if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert not {"content-type", "content-length", "content-encoding"} & set(again.headers)
    other = site.get(path, headers={**PLAIN, "if-none-match": 'W/"other"'})
    assert (other.status_code, other.json()) == (200, first.json())


def test_it_is_packed_for_who_reads_that(site: TestClient) -> None:
    whole, packed = site.get("/v1/models", headers=PLAIN), site.get("/v1/models", headers=PACKED)
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in whole.headers
    assert raw(packed) < raw(whole) / 2 and packed.json() == whole.json()
    assert packed.headers["etag"] == whole.headers["etag"]
    assert "content-encoding" not in site.get("/v1/models", headers={"accept-encoding": "gzip;q=0"}).headers
    with site.stream("GET", "/v1/models", headers=PACKED) as answer:
        assert json.loads(gzip.decompress(b"".join(answer.iter_raw()))) == whole.json()


def test_any_cache_keeps_what_everybody_gets_and_none_what_one_key_gets(site: TestClient) -> None:
    public = site.get("/v1/models").headers
    assert public["cache-control"] == "public, max-age=60"
    assert {"authorization", "x-api-key", "anthropic-version", "accept-encoding"} <= set(public["vary"].split(", "))
    for headers in (MINE, {"x-api-key": KEY}):
        assert site.get("/v1/models", headers=headers).headers["cache-control"] == "private, no-cache"
    versioned = site.get("/v1/models", headers={"anthropic-version": "2023-06-01"}).headers
    assert versioned["etag"] != public["etag"]


def test_head_has_the_headers_and_no_body(site: TestClient) -> None:
    for headers in (PLAIN, PACKED):
        whole, head = site.get("/v1/models", headers=headers), site.head("/v1/models", headers=headers)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
            assert head.headers[name] == whole.headers[name], name


def test_a_refusal_is_kept_by_nobody(site: TestClient) -> None:
    for path, headers in (("/v1/models/none", {}), ("/v1/models", {"authorization": "Bearer sk-wrong"})):
        answer = site.get(path, headers={**headers, "if-none-match": "*"})
        assert answer.status_code in (401, 404) and answer.json()["error"]["message"]
        assert not {"etag", "cache-control"} & set(answer.headers)
