"""A plain POST is answered without the framework, and the same as with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from interchange.edge.app import Endpoint, create_app
from interchange.edge.direct import Direct
from interchange.edge.family import ANY_ORIGIN
from interchange.exchange.http import Answer, Inbound, StreamCut
from interchange.hub.failure import Failure

PATH = "/v1/things"
JSON = {"content-type": "application/json"}


def refuse(failure: Failure) -> Answer:
    return Answer(413 if failure.code == "too_large" else 500, JSON, failure.message.encode())


async def handle(inbound: Inbound) -> Answer:
    said = inbound.body.decode()
    if said == "fault":
        raise ValueError(said)
    if said == "stream":
        return Answer(200, {"content-type": "text/event-stream"}, _pieces())
    status = int(said) if said.isdigit() else 200
    told = f"{inbound.method} {inbound.path} {dict(inbound.query)} {inbound.headers['x-word']} {said}"
    return Answer(status, JSON, told.encode())


async def _pieces() -> AsyncIterator[bytes]:
    for number in range(3):
        yield f"data: {number}\n\n".encode()


def made(*, direct: bool) -> Direct:
    from starlette.middleware.cors import CORSMiddleware

    app = create_app([Endpoint("POST", PATH, handle, larger="Send less.")], refuse, max_body=100)
    app.add_middleware(CORSMiddleware, **ANY_ORIGIN, allow_methods=("POST",))
    if direct:
        app.answer_directly()
    return app


@pytest.mark.parametrize("said", ["hello", "", "400", "503", "fault", "stream", "x" * 200])
@pytest.mark.parametrize("query", ["", "?a=1&b=%20c&a=2&empty="])
@pytest.mark.parametrize("origin", [{}, {"origin": "https://app.example"}])
def test_both_ways_give_the_same_answer(said: str, query: str, origin: Mapping[str, str]) -> None:
    headers = {"X-Word": "caf\u00e9".encode("latin-1"), **{name: value.encode() for name, value in origin.items()}}
    answers = [
        TestClient(made(direct=direct)).post(PATH + query, content=said.encode(), headers=headers)  # type: ignore[arg-type]
        for direct in (False, True)
    ]
    shown = [(one.status_code, one.content, sorted(one.headers.multi_items())) for one in answers]
    assert shown[0] == shown[1]


def test_a_plain_post_does_not_meet_the_framework() -> None:
    app = made(direct=True)
    app.middleware_stack = None

    async def never(*_: Any) -> None:
        raise AssertionError("the framework was asked")

    app.middleware_stack = never
    assert TestClient(app).post(PATH, content=b"hello", headers={"x-word": "a"}).status_code == 200


async def _asked(body: bytes, *, leaves_after: int) -> list[dict[str, Any]]:
    """What is sent to a caller who leaves after so many messages."""
    sent: list[dict[str, Any]] = []
    left = asyncio.Event()
    given = iter([{"type": "http.request", "body": body}])

    async def receive() -> dict[str, Any]:
        if (message := next(given, None)) is not None:
            return message
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == leaves_after:
            left.set()
        await asyncio.sleep(0)

    scope = {"type": "http", "method": "POST", "path": PATH, "headers": [(b"x-word", b"a")], "client": None,
             "query_string": b""}  # fmt: skip
    async with asyncio.timeout(5):
        await APPS["endless"](scope, receive, send)
    return sent


CLOSED: list[str] = []


async def _endless(_inbound: Inbound) -> Answer:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                await asyncio.sleep(0)
                yield b"more"
        finally:
            CLOSED.append("closed")

    return Answer(200, {}, pieces())


async def _breaking(_inbound: Inbound) -> Answer:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        raise StreamCut("broke off")

    return Answer(200, {}, pieces())


def _app(handler: Any) -> Direct:
    app = create_app([Endpoint("POST", PATH, handler)], refuse)
    app.answer_directly()
    return app


APPS = {"endless": _app(_endless), "breaking": _app(_breaking)}


def test_a_stream_ends_where_its_caller_leaves() -> None:
    CLOSED.clear()
    sent = asyncio.run(_asked(b"stream", leaves_after=4))
    assert [one["type"] for one in sent][:2] == ["http.response.start", "http.response.body"]
    assert (len(sent) < 10, CLOSED) == (True, ["closed"])


def test_a_stream_that_breaks_off_ends_without_its_last_word() -> None:
    with pytest.raises(StreamCut):
        TestClient(APPS["breaking"]).post(PATH, content=b"")


def test_a_caller_who_leaves_while_writing_is_not_answered() -> None:
    async def leave() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope: dict[str, Any] = {"type": "http", "method": "POST", "path": PATH, "headers": [], "client": None}
        await APPS["endless"](scope, receive, send)
        return sent

    assert asyncio.run(leave()) == []
