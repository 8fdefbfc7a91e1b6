"""Kept connections against a vendor on a socket that closes them when it likes; and that no vendor's trouble, and no
other request, ends a request under way."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from interchange.providers.openai import openai
from interchange.upstream import client
from interchange.upstream.call import ConnectionFault, Outgoing, Patience, Unmetered
from interchange.upstream.client import HttpUpstream
from tests.exchange import world as w

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
TICKET = Unmetered("r")
Manner = Callable[["Place", int, asyncio.StreamWriter], Awaitable[bool]]
"""What the vendor does with the nth request of a connection, from 0; False closes the connection."""


@dataclass
class Place:
    port: int = 0
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)
    """Bodies of all requests that were read whole."""


@asynccontextmanager
async def vendor(manner: Manner) -> AsyncIterator[Place]:
    place = Place()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place.connections += 1
        number = 0
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                place.asked.append(await reader.readexactly(int(lengths[0][15:]) if lengths else 0))
                if not await manner(place, number, writer):
                    break
                number += 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        server.close()


def answer(body: bytes = b"{}") -> bytes:
    return OK + f"content-length: {len(body)}\r\n\r\n".encode() + body


async def polite(_place: Place, _number: int, writer: asyncio.StreamWriter) -> bool:
    writer.write(answer())
    return True


async def closes_when_idle(_place: Place, _number: int, writer: asyncio.StreamWriter) -> bool:
    """As load balancers do, a moment after the answer; nobody is told."""
    writer.write(answer())
    await writer.drain()
    await asyncio.sleep(0.01)
    return False


async def closes_on_the_second(_place: Place, number: int, writer: asyncio.StreamWriter) -> bool:
    """Reads a kept connection's next request, and closes without a byte."""
    if number == 0:
        writer.write(answer())
    return number == 0


def to(place: Place, body: bytes = b"x", **patience: float) -> Outgoing:
    return Outgoing("POST", f"http://127.0.0.1:{place.port}/v1/x", {}, body, patience=Patience(**patience))


async def ask(upstream: HttpUpstream, outgoing: Outgoing) -> bytes:
    incoming = await upstream.send(TICKET, outgoing)
    try:
        return await incoming.read()
    finally:
        incoming.close()


def run(made: Callable[[HttpUpstream], Awaitable[Any]]) -> Any:
    async def inside() -> Any:
        upstream = HttpUpstream()
        try:
            return await made(upstream)
        finally:
            await upstream.close()

    return asyncio.run(inside())


@pytest.mark.parametrize("pause", [0.0, 0.03])
def test_a_connection_closed_while_idle_is_replaced(pause: float) -> None:
    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(closes_when_idle) as place:
            for number in range(10):
                assert await ask(upstream, to(place, b"%d" % number)) == b"{}"
                await asyncio.sleep(pause)
            if pause:
                assert place.asked == [b"%d" % number for number in range(10)], "each was read once"

    run(inside)


def test_a_connection_that_closes_on_its_next_request_is_replaced_with_all_beside_it() -> None:
    """Five dead ones in the pool: the next five requests are sent at most twice each, none of them fails."""

    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(closes_on_the_second) as place:
            await asyncio.gather(*(ask(upstream, to(place)) for _ in range(5)))
            assert place.connections == 5
            place.asked.clear()
            assert await ask(upstream, to(place, b"one")) == b"{}"
            assert place.asked == [b"one", b"one"], "not once for each dead connection"

    run(inside)


def test_requests_side_by_side_all_outlive_dead_connections() -> None:
    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(closes_on_the_second) as place:
            for _ in range(6):
                assert await asyncio.gather(*(ask(upstream, to(place)) for _ in range(8))) == [b"{}"] * 8

    run(inside)


def test_a_vendor_that_closes_every_time_is_a_failed_try() -> None:
    async def slams(_place: Place, _number: int, _writer: asyncio.StreamWriter) -> bool:
        return False

    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(slams) as place:
            with pytest.raises(ConnectionFault) as caught:
                await ask(upstream, to(place))
            assert caught.value.sent and len(place.asked) == 1, "a fresh connection that closes is no idle one"

    run(inside)


def test_a_dead_connection_is_no_try_of_the_exchange() -> None:
    async def chats(_place: Place, number: int, writer: asyncio.StreamWriter) -> bool:
        if number == 0:
            writer.write(answer(w.chat_answer("ok")))
        return number == 0

    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(chats) as place:
            with w.world() as here:
                found = openai("k", f"http://127.0.0.1:{place.port}/v1")
                here.services = replace(here.services, upstream=upstream, providers={"openai": found})
                for _ in range(6):
                    asked = {"model": "gpt", "max_tokens": 5, "messages": w.user()}
                    status, said, _ = await here.whole("chat", asked)
                    assert (status, said["choices"][0]["message"]["content"]) == (200, "ok")
                assert [len(row.legs) for row in here.rows()] == [0] * 6
                assert not here.services.health.routes

    run(inside)


def waits(go: asyncio.Event) -> Manner:
    async def manner(place: Place, _number: int, writer: asyncio.StreamWriter) -> bool:
        if place.asked[-1] == b"slow":
            await go.wait()
        writer.write(answer(json.dumps({"of": place.connections}).encode()))
        return True

    return manner


def test_a_request_that_waits_for_its_first_byte_is_ended_by_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it waits: others come after the pool's time, and find dead connections beside it."""
    monkeypatch.setattr(client, "IDLE_SECONDS", 0.02)

    async def inside(upstream: HttpUpstream) -> None:
        go = asyncio.Event()
        async with vendor(waits(go)) as place:
            slow = asyncio.create_task(ask(upstream, to(place, b"slow")))
            for _ in range(5):
                await asyncio.sleep(0.05)
                await ask(upstream, to(place))
            assert not slow.done()
            go.set()
            await slow
            assert place.asked.count(b"slow") == 1, "the vendor made it once, and bills it once"

    run(inside)


def test_a_pool_that_is_replaced_does_not_end_what_is_under_way_on_it() -> None:
    async def inside(upstream: HttpUpstream) -> None:
        go = asyncio.Event()

        async def manner(place: Place, number: int, writer: asyncio.StreamWriter) -> bool:
            if place.asked[-1] == b"slow":
                await go.wait()
            elif number > 0:
                return False
            writer.write(answer())
            return True

        async with vendor(manner) as place:
            slow = asyncio.create_task(ask(upstream, to(place, b"slow")))
            await asyncio.sleep(0.02)
            for _ in range(4):
                assert await ask(upstream, to(place)) == b"{}"
            assert not slow.done()
            go.set()
            assert await slow == b"{}"
            assert place.asked.count(b"slow") == 1

    run(inside)


def test_one_vendors_dead_connections_leave_anothers_alone() -> None:
    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(polite) as good, vendor(closes_on_the_second) as bad:
            for _ in range(6):
                await ask(upstream, to(good))
                await ask(upstream, to(bad))
            assert good.connections == 1
            assert bad.connections == 6

    run(inside)


def test_one_vendors_reset_answer_leaves_anothers_stream_alone() -> None:
    async def tears(_place: Place, _number: int, writer: asyncio.StreamWriter) -> bool:
        writer.write(OK + b"content-length: 100\r\n\r\nhalf")
        await writer.drain()
        writer.transport.abort()
        return False

    async def streams(_place: Place, _number: int, writer: asyncio.StreamWriter) -> bool:
        writer.write(OK + b"transfer-encoding: chunked\r\n\r\n")
        for _ in range(10):
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(b"0\r\n\r\n")
        return True

    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(streams) as good, vendor(tears) as bad:
            stream = asyncio.create_task(ask(upstream, to(good)))
            for _ in range(3):
                with pytest.raises(ConnectionFault):
                    await ask(upstream, to(bad))
            assert await stream == b"x" * 10

    run(inside)


def test_a_caller_who_is_cancelled_leaves_the_pool_to_others() -> None:
    async def inside(upstream: HttpUpstream) -> None:
        go = asyncio.Event()
        async with vendor(waits(go)) as place:
            for _ in range(3):
                slow = asyncio.create_task(ask(upstream, to(place, b"slow")))
                await asyncio.sleep(0.02)
                slow.cancel()
                await asyncio.gather(slow, return_exceptions=True)
            assert (await ask(upstream, to(place)))[:6] == b'{"of":'
            assert [pool.busy for pool in upstream._pools.values()] == [0]

    run(inside)


def test_a_pool_that_nobody_used_for_long_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(polite) as place:
            await ask(upstream, to(place))
            await ask(upstream, to(place))
            assert place.connections == 1
            monkeypatch.setattr(client, "IDLE_SECONDS", -1.0)
            await ask(upstream, to(place))
            assert place.connections == 2

    run(inside)


def test_another_loop_has_pools_of_its_own() -> None:
    upstream = HttpUpstream()

    async def inside() -> None:
        async with vendor(polite) as place:
            await ask(upstream, to(place))

    asyncio.run(inside())
    asyncio.run(inside())


def test_nobody_listens() -> None:
    async def inside(upstream: HttpUpstream) -> None:
        async with vendor(polite) as place:
            pass
        with pytest.raises(ConnectionFault) as caught:
            await ask(upstream, to(place))
        assert not caught.value.sent

    run(inside)


def test_a_vendor_that_does_not_take_a_connection_is_left_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name's look-up is a part of it."""

    async def lost(*_: object, **__: object) -> Any:
        await asyncio.sleep(60)

    async def inside(upstream: HttpUpstream) -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lost)
        with pytest.raises(ConnectionFault) as caught:
            await ask(upstream, Outgoing("POST", "http://vendor.test/v1", {}, b"", patience=Patience(connect=0.05)))
        assert caught.value.silent and not caught.value.sent

    run(inside)
