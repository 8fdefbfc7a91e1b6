"""Sends the pieces of a stream, one behind the other: at once while the caller keeps up, else as it reads on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any

from starlette.types import Send


class Outlet:
    """`take` is called by who makes the pieces, `give` and `end` by the task that answers."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._giving = False
        self._rest: asyncio.Task[None] | None = None
        """The end of a piece that was taken and did not go out at once."""

    def take(self, piece: bytes) -> bool:
        """Sends a piece; False where it has to be given, since one before it is still on its way, or it cannot be
        sent."""
        if self._giving or self._rest is not None:
            return False
        sending: Any = self._send(_message(piece))
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return True
        except Exception:  # noqa: BLE001 - whoever answers meets it as well, and it is his
            return False
        self._rest = asyncio.get_running_loop().create_task(self._finish(_Begun(sending, waits_for)))
        return True

    async def give(self, piece: bytes) -> None:
        await self._pass(piece, more=True)

    async def end(self) -> None:
        await self._pass(b"", more=False)

    async def _pass(self, piece: bytes, *, more: bool) -> None:
        self._giving = True
        try:
            if self._rest is not None:
                await self._rest
            await self._send(_message(piece, more=more))
        finally:
            self._giving = False

    async def _finish(self, begun: _Begun) -> None:
        try:
            await begun
        finally:
            self._rest = None


class _Begun:
    """A coroutine whose first steps have been made elsewhere; it `waits_for` something."""

    def __init__(self, rest: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._rest, self._waits_for = rest, waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        yield self._waits_for
        yield from self._rest.__await__()


def _message(piece: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": piece, "more_body": more}
