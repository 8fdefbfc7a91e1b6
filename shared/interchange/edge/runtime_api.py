"""The Lambda Runtime API over asyncio: the public contract and nothing else.

GET /runtime/invocation/next, POST .../{id}/response (chunked, streamed), POST .../{id}/error, /runtime/init/error,
/runtime/restore/next and /runtime/restore/error, all under /2018-06-01. The service speaks plain HTTP/1.1 on a local
address, so a parser of status line, headers and body is all that is needed; a general client costs its import.
"""

from __future__ import annotations

import asyncio
import base64
import traceback
from collections.abc import Mapping

from interchange.dataclass import dataclass
from interchange.wire import codec

VERSION = "/2018-06-01"
STREAM_TYPE = "application/vnd.awslambda.http-integration-response"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
MODE = "Lambda-Runtime-Function-Response-Mode"
LINE_LIMIT = 2**20
"""The client context arrives in a header and may be long."""
TRACE_LINES = 20


class RuntimeApiError(Exception):
    """The service answered what its contract does not have, or went away. The environment cannot go on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RuntimeApi:
    """`address` is host:port. The connection that waits for invocations is kept; every answer has one of its own."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._host, self._port, self._address = host, int(port or 80), address
        self._waiting: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def another(self) -> RuntimeApi:
        """The same service, with a waiting connection of its own."""
        return RuntimeApi(self._address)

    async def next(self) -> Reply:
        """The next invocation, whenever it comes; the environment may be frozen meanwhile."""
        for fresh in (False, True):
            if fresh or self._waiting is None:
                self._waiting = await self._connect()
            reader, writer = self._waiting
            try:
                writer.write(self._head("GET", "/runtime/invocation/next", {}))
                reply = await _read_reply(reader)
            except (OSError, EOFError) as error:
                writer.close()
                self._waiting = None
                if fresh:
                    raise RuntimeApiError(f"no next invocation: {error!r}") from error
                continue
            if reply.status != 200:
                raise RuntimeApiError(f"no next invocation: status {reply.status}")
            return reply
        raise AssertionError("the second try returns or raises")

    async def restore_next(self) -> None:
        """Returns when the environment has been restored from its snapshot. No connection is open across it."""
        reply = await self._once("GET", "/runtime/restore/next", {}, b"")
        if reply.status != 200:
            raise RuntimeApiError(f"not restored: status {reply.status}")

    async def respond(self, request_id: str, echoed: Mapping[str, str]) -> Streamed:
        """Opens the streamed answer of an invocation."""
        reader, writer = await self._connect()
        headers = {
            **echoed,
            "Content-Type": STREAM_TYPE,
            MODE: "streaming",
            "Transfer-Encoding": "chunked",
            "Trailer": f"{ERROR_TYPE}, {ERROR_BODY}",
            "Connection": "close",
        }
        writer.write(self._head("POST", f"/runtime/invocation/{request_id}/response", headers))
        return Streamed(reader, writer)

    async def invocation_error(self, request_id: str, error: BaseException, echoed: Mapping[str, str]) -> None:
        await self._error(f"/runtime/invocation/{request_id}/error", kind_of(error), error, echoed)

    async def init_error(self, kind: str, error: BaseException) -> None:
        """`kind` is in the form `Runtime.ImportModuleError`."""
        await self._error("/runtime/init/error", kind, error, {})

    async def restore_error(self, error: BaseException) -> None:
        await self._error("/runtime/restore/error", "Runtime.AfterRestoreError", error, {})

    async def _error(self, path: str, kind: str, error: BaseException, echoed: Mapping[str, str]) -> None:
        headers = {**echoed, "Content-Type": "application/json", ERROR_TYPE: kind}
        await self._once("POST", path, headers, describe(kind, error))

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        reader, writer = await self._connect()
        try:
            length = {"Content-Length": str(len(body))} if body else {}
            writer.write(self._head(method, path, {**headers, **length, "Connection": "close"}) + body)
            return await _read_reply(reader)
        except (OSError, EOFError) as error:
            raise RuntimeApiError(f"{method} {path}: {error!r}") from error
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port, limit=LINE_LIMIT)

    def _head(self, method: str, path: str, headers: Mapping[str, str]) -> bytes:
        named = {"Host": self._address, **headers}
        lines = [f"{method} {VERSION}{path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class Streamed:
    """The answer of one invocation while it is being written, as chunks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def write(self, data: bytes) -> None:
        """One chunk, written at once; waits where the service takes no more. Raises OSError when it has gone."""
        if data:
            self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await self._writer.drain()

    async def end(self, error: BaseException | None = None) -> None:
        """The last chunk, with the error in its trailers where there is one, and the service's receipt."""
        trailers = b""
        if error is not None:
            kind = kind_of(error)
            # Base64: a header line cannot hold what a message may.
            body = base64.b64encode(describe(kind, error))
            trailers = b"%b: %b\r\n%b: %b\r\n" % (ERROR_TYPE.encode(), kind.encode(), ERROR_BODY.encode(), body)
        try:
            self._writer.write(b"0\r\n" + trailers + b"\r\n")
            await self._writer.drain()
            await _read_reply(self._reader)
        finally:
            self._writer.close()

    def abandon(self) -> None:
        self._writer.close()


def kind_of(error: BaseException) -> str:
    """The service keeps types of the form `Function.Name` and writes `Function.Unknown` for others."""
    return f"Function.{type(error).__name__}"


def describe(kind: str, error: BaseException) -> bytes:
    """The service's error object: errorMessage, errorType, stackTrace."""
    lines = traceback.format_exception(error)[-TRACE_LINES:]
    return codec.dumps({"errorMessage": str(error), "errorType": kind, "stackTrace": lines})


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    """Raises EOFError or OSError where the connection ends first."""
    while True:
        status = int((await _line(reader)).split(b" ", 2)[1])
        headers: dict[str, str] = {}
        while line := (await _line(reader)).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        if status >= 200:
            return Reply(status, headers, await _read_body(reader, headers))


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    parts: list[bytes] = []
    while size := int((await _line(reader)).partition(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await _line(reader)
    while (await _line(reader)).strip():
        pass
    return b"".join(parts)


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError("the connection ended inside a reply")
    return line
