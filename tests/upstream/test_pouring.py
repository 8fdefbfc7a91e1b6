"""A body that is given on in the read that brings it: what comes, in which order, and how it ends."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from interchange.upstream.answer import HttpIncoming
from interchange.upstream.call import ConnectionFault, Outgoing, Patience, Unmetered
from interchange.upstream.client import HttpUpstream

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
Says = Callable[[asyncio.StreamWriter], Awaitable[None]]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


END = b"0\r\n\r\n"


@asynccontextmanager
async def vendor(*answers: Says) -> AsyncIterator[str]:
    """Answers the requests of its connections, one after the other; the last answer again and again."""
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            try:
                await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            await (left.pop(0) if len(left) > 1 else left[0])(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


def saying(*parts: bytes, close: bool = False) -> Says:
    """The parts in a packet each."""

    async def says(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        if close:
            writer.close()

    return says


async def asked(upstream: HttpUpstream, url: str, silence: float = 5.0) -> HttpIncoming:
    outgoing = Outgoing("GET", url, {}, None, patience=Patience(first_byte=silence, silence=silence))
    return await upstream.send(Unmetered("r"), outgoing)


async def came(incoming: HttpIncoming) -> list[bytes]:
    found: list[bytes] = []

    def take(data: bytes) -> bool:
        found.append(data)
        return True

    try:
        await incoming.pour(take)
    finally:
        incoming.close()
    return found


def poured(*parts: bytes, close: bool = False, silence: float = 5.0) -> list[bytes]:
    async def run() -> list[bytes]:
        upstream = HttpUpstream()
        try:
            async with vendor(saying(*parts, close=close)) as url:
                return await came(await asked(upstream, url, silence))
        finally:
            await upstream.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ((CHUNKED, chunk(b"one"), chunk(b"two"), END), [b"one", b"two"]),
        ((CHUNKED + chunk(b"with the head"), chunk(b"two"), END), [b"with the head", b"two"]),
        ((CHUNKED, chunk(b"a") + chunk(b"b") + chunk(b"c"), chunk(b"d") + END), [b"abc", b"d"]),
        ((CHUNKED + chunk(b"all") + END,), [b"all"]),
        ((CHUNKED, END), []),
        ((CHUNKED, b"6\r\nhal", b"ves\r\n", END), [b"hal", b"ves"]),
        ((HEAD + b"content-length: 6\r\n\r\n", b"six", b"six"), [b"six", b"six"]),
        ((HEAD + b"content-length: 0\r\n\r\n",), []),
    ],
)
def test_each_read_of_the_socket_is_given_once_and_in_order(parts: Sequence[bytes], found: list[bytes]) -> None:
    assert poured(*parts) == found


def test_a_body_without_length_ends_with_its_connection() -> None:
    assert poured(HEAD + b"connection: close\r\n\r\n", b"one", b"two", close=True) == [b"one", b"two"]


def test_a_large_body_and_a_compressed_one_come_whole() -> None:
    """Larger than what the client holds before it stops reading."""
    large = bytes(range(256)) * 32_768
    assert b"".join(poured(CHUNKED, *(chunk(large[at : at + 2**20]) for at in range(0, 2**23, 2**20)), END)) == large
    packed = gzip.compress(large)
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    assert b"".join(poured(head, packed[:100], packed[100:])) == large


def test_a_body_that_breaks_off_or_is_silent_says_so() -> None:
    with pytest.raises(ConnectionFault) as cut:
        poured(CHUNKED, chunk(b"one"), close=True)
    assert cut.value.sent
    assert not cut.value.silent
    with pytest.raises(ConnectionFault) as silent:
        poured(CHUNKED, chunk(b"one"), *[b""] * 20, silence=0.1)
    assert silent.value.silent
    with pytest.raises(ConnectionFault):
        poured(CHUNKED, chunk(b"one"), b"not a length\r\n")


def test_what_take_raises_is_raised_where_the_body_is_awaited() -> None:
    async def run() -> None:
        def take(data: bytes) -> bool:
            raise LookupError(data.decode())

        upstream = HttpUpstream()
        async with vendor(saying(CHUNKED, chunk(b"one"), chunk(b"two"), END)) as url:
            incoming = await asked(upstream, url)
            with pytest.raises(LookupError, match="one"):
                await incoming.pour(take)
            incoming.close()
        await upstream.close()

    asyncio.run(run())


def test_who_wants_no_more_is_given_no_more_and_the_connection_serves_the_next() -> None:
    async def run() -> None:
        first: list[bytes] = []

        def take(data: bytes) -> bool:
            first.append(data)
            return False

        upstream = HttpUpstream()
        one = saying(CHUNKED, chunk(b"one"), chunk(b"more") + END)
        other = saying(CHUNKED, chunk(b"of the second"), END)
        async with vendor(one, other) as url:
            incoming = await asked(upstream, url)
            await incoming.pour(take)
            incoming.close()
            await asyncio.sleep(0.05)
            assert await came(await asked(upstream, url)) == [b"of the second"]
        await upstream.close()
        assert first == [b"one"]

    asyncio.run(run())
