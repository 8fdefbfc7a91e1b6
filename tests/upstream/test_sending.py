"""A request as it stands on the wire, and what becomes of its connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from interchange.upstream.call import ConnectionFault, Outgoing, Unmetered
from interchange.upstream.client import HttpUpstream

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def vendor(serve: Serve) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def heard(reader: asyncio.StreamReader) -> tuple[list[str], bytes]:
    """(request line and headers, body)"""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
    length = next((int(line.partition(":")[2]) for line in head if line.lower().startswith("content-length")), 0)
    return head, await reader.readexactly(length)


def on_the_wire(*outgoing: Outgoing) -> list[tuple[list[str], bytes]]:
    """What a vendor heard, a connection's requests one behind the other; "HOST" in an address stands for its own."""
    came: list[tuple[list[str], bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in outgoing:
            came.append(await heard(reader))
            writer.write(OK)
        writer.close()

    async def run() -> None:
        upstream = HttpUpstream()
        async with vendor(serve) as host:
            for one in outgoing:
                url = one.url.replace("HOST", host)
                incoming = await upstream.send(Unmetered("r"), Outgoing(one.method, url, one.headers, one.body))
                assert await incoming.read() == b"{}"
                incoming.close()
            await upstream.close()

    asyncio.run(run())
    return came


def test_a_request_has_its_headers_and_no_others() -> None:
    ((head, body),) = on_the_wire(
        Outgoing("POST", "http://HOST/v1/a?b=c%20d", {"content-type": "x/y", "a": "ü"}, b"{1}")
    )
    names = sorted(line.partition(":")[0].lower() for line in head[1:])
    assert head[0] == "POST /v1/a?b=c%20d HTTP/1.1"
    assert names == ["a", "accept", "accept-encoding", "content-length", "content-type", "host"]
    assert body == b"{1}"


def test_given_headers_stand_in_the_place_of_those_that_are_added() -> None:
    ((head, _),) = on_the_wire(Outgoing("GET", "http://HOST/", {"Accept": "text/event-stream", "HOST": "other"}, None))
    assert [line for line in head[1:] if line.lower().startswith(("accept:", "host:"))] == [
        "HOST: other",
        "Accept: text/event-stream",
    ]


@pytest.mark.parametrize(("method", "said"), [("POST", ["0"]), ("DELETE", ["0"]), ("GET", [])])
def test_a_request_without_a_body_says_so_where_one_is_expected(method: str, said: list[str]) -> None:
    ((head, _),) = on_the_wire(Outgoing(method, "http://HOST/", {}, None))
    assert [line.partition(": ")[2] for line in head if line.lower().startswith("content-length")] == said


def test_a_name_and_a_password_in_the_address_are_sent_as_headers_say_them() -> None:
    ((head, _),) = on_the_wire(Outgoing("GET", "http://me:secret@HOST/", {}, None))
    assert "Authorization: Basic bWU6c2VjcmV0" in head
    assert head[0] == "GET / HTTP/1.1"


def test_requests_follow_each_other_on_one_connection() -> None:
    came = on_the_wire(*[Outgoing("POST", "http://HOST/", {}, b"%d" % number) for number in range(3)])
    assert [body for _, body in came] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("header", [{"a": "b\r\nc: d"}, {"a\r\nc": "d"}])
def test_no_header_brings_a_line_of_its_own(header: dict[str, str]) -> None:
    with pytest.raises(ConnectionFault):
        on_the_wire(Outgoing("POST", "http://HOST/", header, b""))


def test_an_answer_before_the_requests_end_is_heard_and_its_connection_dropped() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        await asyncio.sleep(0.2)
        writer.transport.abort()

    async def run() -> None:
        upstream = HttpUpstream()
        async with vendor(serve) as host:
            for _ in range(2):
                large = Outgoing("POST", f"http://{host}/", {}, b"x" * 30_000_000)
                incoming = await upstream.send(Unmetered("r"), large)
                assert (incoming.status, await incoming.read()) == (413, b"no")
                incoming.close()
            await upstream.close()

    asyncio.run(run())
    assert connections == 2


def test_an_interim_answer_is_not_the_answer() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" + OK)

    async def run() -> tuple[int, bytes]:
        upstream = HttpUpstream()
        async with vendor(serve) as host:
            incoming = await upstream.send(Unmetered("r"), Outgoing("POST", f"http://{host}/", {}, b"{}"))
            read = incoming.status, await incoming.read()
            incoming.close()
            await upstream.close()
            return read

    assert asyncio.run(run()) == (200, b"{}")
