"""What a family's application answers by itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.testclient import TestClient

from interchange.edge.app import FAULT, Endpoint, create_app
from interchange.edge.family import ANY_ORIGIN, ASKED, family
from interchange.exchange.http import Answer, Inbound
from interchange.hub.failure import Failure
from interchange.protocols.openai_chat.server import Server
from tests.exchange.world import SEAL, world


async def echo(inbound: Inbound) -> Answer:
    return Answer(200, {}, inbound.body)


def refuse(failure: Failure) -> Answer:
    return Answer(400, {}, failure.message.encode())


@pytest.fixture
def app() -> Starlette:
    made = create_app([Endpoint("POST", "/v1/things", echo), Endpoint("GET", "/v1/things/{name:path}", echo)], refuse)
    made.state.title = "things"
    return made


def test_a_slash_behind_the_path_is_served_without_a_redirection(app: Starlette) -> None:
    client = TestClient(app, follow_redirects=False)
    assert client.post("/v1/things/", content=b"said").content == b"said"


def test_a_wrong_method_is_told_the_right_one(app: Starlette) -> None:
    assert TestClient(app).put("/v1/things").headers["allow"] == "POST"


def test_a_wrong_method_is_told_every_right_one_of_its_path() -> None:
    made = create_app([Endpoint(one, "/v1/things/{name:path}", echo) for one in ("GET", "DELETE")], refuse)
    assert TestClient(made).put("/v1/things/a").headers["allow"] == "GET, HEAD, DELETE"


ASKING = {"origin": "https://app.example", "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,x-stainless-lang"}  # fmt: skip


def test_a_page_of_any_site_may_call(app: Starlette) -> None:
    app.add_middleware(CORSMiddleware, **ANY_ORIGIN, allow_methods=ASKED)
    first = TestClient(app).options("/v1/things", headers=ASKING)
    assert (first.status_code, first.headers["access-control-allow-origin"]) == (200, "*")
    assert first.headers["access-control-allow-headers"] == ASKING["access-control-request-headers"]
    answer = TestClient(app).post("/v1/things", content=b"said", headers={"origin": "https://app.example"})
    assert (answer.content, answer.headers["access-control-allow-origin"]) == (b"said", "*")
    assert answer.headers["access-control-expose-headers"] == "*"


def test_a_page_may_use_each_method_that_its_family_has() -> None:
    routes = [Endpoint("POST", "/v1/things", echo), Endpoint("DELETE", "/v1/things/{name:path}", echo)]
    with world() as here:
        made, _ = family("things", routes, Server(SEAL), here.services)
        asking = {**ASKING, "access-control-request-method": "DELETE"}
        answer = TestClient(made).options("/v1/things/1", headers=asking)
    assert (answer.status_code, answer.headers["access-control-allow-methods"]) == (200, "DELETE, GET, POST")


def test_who_is_no_browser_sees_nothing_of_it(app: Starlette) -> None:
    app.add_middleware(CORSMiddleware, **ANY_ORIGIN)
    assert not [name for name in TestClient(app).post("/v1/things").headers if name.startswith("access-control")]


def test_a_fault_is_answered_and_reported() -> None:
    """The platform sees an answer and counts nothing: the alarm hangs on the report."""

    async def broken(_inbound: Inbound) -> Answer:
        raise ArithmeticError("no such sum")

    heard: list[Exception] = []

    def report(error: Exception) -> Failure:
        heard.append(error)
        return FAULT

    made = create_app([Endpoint("POST", "/v1/things", broken)], refuse, report=report)
    answer = TestClient(made).post("/v1/things")  # nothing is raised, so that the connection is kept
    assert answer.content == b"internal error"
    assert [repr(error) for error in heard] == ["ArithmeticError('no such sum')"]


@pytest.mark.parametrize("begun", [b"", b'{"model":'])
def test_a_client_that_breaks_off_its_upload_is_nobodys_fault(begun: bytes) -> None:
    async def asked(_inbound: Inbound) -> Answer:
        raise AssertionError("half a body is no request")

    async def leave() -> list[dict[str, Any]]:
        pieces: list[dict[str, Any]] = [
            {"type": "http.request", "body": begun, "more_body": True},
            {"type": "http.disconnect"},
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return pieces.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/things", "headers": [], "query_string": b""}
        await made(scope, receive, send)
        return sent

    heard: list[Exception] = []

    def report(error: Exception) -> Failure:
        heard.append(error)
        return FAULT

    made = create_app([Endpoint("POST", "/v1/things", asked)], refuse, report=report)
    assert asyncio.run(leave())[0]["status"] == 499
    assert heard == []
