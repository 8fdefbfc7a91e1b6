"""Pieces of a stream leave in their order, whether their caller reads them at once or late."""

from __future__ import annotations

import asyncio
from typing import Any

from interchange.edge.outlet import Outlet


class Caller:
    """Takes messages, once `reads` is set."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.heard: list[bytes] = []

    async def send(self, message: Any) -> None:
        await self.reads.wait()
        self.heard.append(message["body"])


def test_a_caller_who_keeps_up_has_each_piece_at_once() -> None:
    async def run() -> None:
        caller = Caller()
        caller.reads.set()
        outlet = Outlet(caller.send)
        assert outlet.take(b"a")
        assert outlet.take(b"b")
        assert caller.heard == [b"a", b"b"]

    asyncio.run(run())


def test_a_slow_caller_has_the_pieces_in_their_order() -> None:
    async def run() -> None:
        caller = Caller()
        outlet = Outlet(caller.send)
        assert outlet.take(b"a")  # on its way
        assert not outlet.take(b"b")
        giving = asyncio.create_task(outlet.give(b"b"))
        await asyncio.sleep(0)
        assert not outlet.take(b"c")
        caller.reads.set()
        await giving
        assert outlet.take(b"c")
        await outlet.end()
        assert caller.heard == [b"a", b"b", b"c", b""]

    asyncio.run(run())


def test_what_cannot_be_sent_is_left_to_who_answers() -> None:
    async def broken(_message: Any) -> None:
        raise RuntimeError("the answer has ended")

    async def run() -> None:
        assert not Outlet(broken).take(b"a")

    asyncio.run(run())
