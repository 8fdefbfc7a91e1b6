"""A vendor's answer as its connection brings it."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp.connector import Connection


class Response:
    """An answer whose head is there. Its connection serves others as soon as its body has come."""

    __slots__ = ("connection", "content", "headers", "status")

    def __init__(self, connection: Connection, message: Any, content: aiohttp.StreamReader) -> None:
        self.connection: Connection | None = connection
        self.status: int = message.code
        self.headers = message.headers
        self.content = content
        content.on_eof(self.release)

    async def read(self) -> bytes:
        """All of the body. Raises ClientError."""
        return await self.content.read()

    def release(self) -> None:
        """Drops the connection where more of the body would come, or not all of the request has gone."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        if connection.transport is not None and connection.transport.get_write_buffer_size():
            connection.close()
        else:
            connection.release()
