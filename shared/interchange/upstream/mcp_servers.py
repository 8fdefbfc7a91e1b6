"""Sessions with MCP servers, by the official library; imported when a request first needs one.

A session lives in a task of its own, since the library's scopes must end where they began. Streamable HTTP first; a
server that does not speak it is tried by SSE, the transport before it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp_types as types
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from yarl import URL

from interchange.hub import blocks as b
from interchange.hub.mcp import Called, ListedTool, McpFault, McpServer

from .mcp_http import BROKEN, MOST_BYTES, Transport
from .mcp_lenient import Lenient, Session
from .public import Reach, refused

MOST_PAGES, MOST_TOOLS = 100, 10_000
"""Of a server's list of tools."""
NAME = types.Implementation(name="interchange", version="1")
TERMINATED = "Session terminated"
"""What the library says of a session that the server no longer knows: nothing was called."""


UNREAD = "Failed to parse"
"""What it says, with all that it got, of an answer that it cannot read."""
UNSPOKEN = "its answer is no message of MCP"
UNTOLD = "Server returned an error response"
"""What the library says of a refusal whose body is none of the protocol."""
ELSEWHERE = frozenset({400, 404, 405, 406, 415})
"""What a server of the other transport answers:
https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#backwards-compatibility"""


class McpSession:
    """`seconds` bounds connecting and listing. Raises McpFault."""

    def __init__(self, server: McpServer, reach: Reach, silence: float) -> None:
        self.server = server
        self.version = ""
        self._reach, self._silence = reach, silence
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._session: Session | None = None
        self._sse: bool | None = None
        """Which transport it speaks, once that is known."""
        self._transport: Transport | None = None
        self._lenient: Lenient | None = None

    async def open(self, seconds: float) -> list[ListedTool]:
        """The server's tools."""
        try:
            async with asyncio.timeout(seconds):
                await self._connect()
                return _some(await self._list())
        except TimeoutError as error:
            raise McpFault(f"no answer within {seconds:.0f} s") from error
        except (MCPError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise McpFault(self._why(error)) from error

    async def _connect(self) -> None:
        """By the transport that was found to work, or that the address speaks of; else by the other."""
        url = URL(self.server.url)
        if (why := refused(url, self._reach)) is not None:
            raise McpFault(why)
        if self._sse is not None:
            await self._start(sse=self._sse)
            return
        first = url.path.rstrip("/").endswith("/sse")
        try:
            await self._start(sse=first)
            self._sse = first
        except McpFault as fault:
            await self._start_otherwise(fault, sse=not first)

    async def _start_otherwise(self, fault: McpFault, *, sse: bool) -> None:
        """The first way's fault stands where that way is the server's."""
        status = self._transport.refused if self._transport is not None else None
        if status not in ELSEWHERE:
            raise fault
        try:
            await self._start(sse=sse)
        except McpFault as second:
            raise (fault if status == 400 else second) from second
        self._sse = sse

    async def call(self, name: str, arguments: Mapping[str, Any], seconds: float) -> Called:
        """Calls the tool; a failure of any kind is a result that says so."""
        try:
            async with asyncio.timeout(seconds):
                return _called(await self._called(name, dict(arguments)))
        except TimeoutError:
            return _failed(f"the tool did not answer within {seconds:.0f} s")
        except McpFault as fault:
            return _failed(str(fault))
        except (MCPError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            return _failed(self._why(error))

    async def _called(self, name: str, arguments: dict[str, Any]) -> types.CallToolResult:
        """A session that the server has forgotten is begun anew, once."""
        if self._task is None or self._task.done() or self._session is None:
            await self._connect()
        try:
            return await self._live().call_tool(name, arguments)
        except MCPError as error:
            if TERMINATED not in str(error):
                raise
        await self._connect()
        return await self._live().call_tool(name, arguments)

    def _why(self, error: BaseException) -> str:
        """The status where the library has no other word for it."""
        told, transport = _told(error), self._transport
        status = transport.refused if transport is not None else None
        return f"it answered {status}" if status and UNTOLD in told else told

    def _live(self) -> Session:
        if self._session is None:
            raise McpFault("the session has ended")
        return self._session

    async def _list(self) -> list[ListedTool]:
        """Page by page, until a cursor is missing or has been there before. What comes twice is there once."""
        found: list[ListedTool] = []
        cursors: set[str | None] = {None, ""}
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = types.PaginatedRequestParams(cursor=cursor) if cursor else None
            page = await self._live().list_tools(params=params)
            found += self._read(page.tools)
            cursor = page.next_cursor
            if cursor in cursors:
                return _once(found)
            if len(found) > MOST_TOOLS:
                break
            cursors.add(cursor)
        raise McpFault("its list of tools does not end")

    def _read(self, tools: Sequence[types.Tool]) -> list[ListedTool]:
        """A page, those of its tools included that cannot be offered."""
        lenient = self._lenient
        faults, left_out = (lenient.faults, lenient.left_out) if lenient is not None else ({}, ())
        return [*(_listed(tool, faults.get(tool.name, {})) for tool in tools), *left_out]

    async def _start(self, *, sse: bool) -> None:
        await self.close()
        self._closing = asyncio.Event()
        ready: asyncio.Future[Session] = asyncio.get_running_loop().create_future()
        ready.add_done_callback(_heard)
        self._task = asyncio.create_task(self._run(ready, sse=sse))
        try:
            self._session = await asyncio.shield(ready)
        except McpFault:
            self._task = None
            raise

    async def _run(self, ready: asyncio.Future[Session], *, sse: bool) -> None:
        try:
            async with self._streams(sse=sse) as (read, write):
                lenient = Lenient(read, write)
                async with Session(dispatcher=lenient, client_info=NAME) as session:
                    await self._serve(session, lenient, ready)
        except BaseException as error:  # noqa: BLE001 - whatever ended the session is told to who waits for it
            if not ready.done():
                ready.set_exception(McpFault(self._why(error)))
        finally:
            self._session = None

    async def _serve(self, session: Session, lenient: Lenient, ready: asyncio.Future[Session]) -> None:
        await _greet(session)
        self.version, self._lenient = str(session.protocol_version or ""), lenient
        if not ready.done():
            ready.set_result(session)
        await self._closing.wait()

    @asynccontextmanager
    async def _streams(self, *, sse: bool) -> AsyncIterator[Any]:
        if sse:
            async with sse_client(self.server.url, httpx_client_factory=self._client) as streams:
                yield streams
            return
        async with (
            self._client(listens=False) as client,
            streamable_http_client(self.server.url, http_client=client, max_sse_event_size=MOST_BYTES) as streams,
        ):
            yield streams

    def _client(
        self,
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
        *,
        listens: bool = True,
    ) -> httpx2.AsyncClient:
        plain = URL(self.server.url).scheme == "http"
        transport = self._transport = Transport(self._reach, plain=plain, silence=self._silence, listens=listens)
        sent = {**(headers or {}), **self.server.headers}
        if self.server.token is not None:
            sent["authorization"] = f"Bearer {self.server.token}"
        limits = timeout or httpx2.Timeout(self._silence)
        return httpx2.AsyncClient(transport=transport, headers=sent, timeout=limits, auth=auth, trust_env=False)

    async def close(self) -> None:
        """Ends the session; the server is told, for a moment."""
        task, self._task = self._task, None
        self._closing.set()
        if task is not None and not task.done():
            done, _ = await asyncio.wait({task}, timeout=1.0)
            if not done:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task


def _heard(ready: asyncio.Future[Session]) -> None:
    """Nobody may be waiting any more."""
    if not ready.cancelled():
        ready.exception()


async def _greet(session: Session) -> None:
    """The handshake; servers of the newest version alone are discovered instead."""
    try:
        await session.initialize()
    except MCPError as error:
        if error.code != types.UNSUPPORTED_PROTOCOL_VERSION and error.code != types.METHOD_NOT_FOUND:
            raise
        await session.discover()


def _once(tools: list[ListedTool]) -> list[ListedTool]:
    names: dict[str, ListedTool] = {}
    return [one for one in tools if names.setdefault(one.name, one) is one or names[one.name] != one]


def _some(tools: list[ListedTool]) -> list[ListedTool]:
    """The tools. Raises McpFault where there are some, and none can be used."""
    if tools and all("" in one.faults for one in tools):
        one = tools[0]
        raise McpFault(f"none of its tools can be used: {one.name[:80] or 'the first'}: {one.faults['']}")
    return tools


def _listed(tool: types.Tool, faults: Mapping[str, str]) -> ListedTool:
    hints = tool.annotations
    return ListedTool(
        name=tool.name,
        description=tool.description or tool.title or "",
        schema=dict(tool.input_schema),
        read_only=bool(hints and hints.read_only_hint),
        annotations=hints.model_dump(by_alias=True, exclude_none=True, mode="json") if hints else None,
        faults=faults,
    )


def _called(result: types.CallToolResult) -> Called:
    content = tuple(_block(item) for item in result.content)
    said = any(isinstance(block, b.Text) and block.text for block in content)
    if result.structured_content is not None and not said:
        content += (b.Text(_json(result.structured_content)),)
    return Called(content, bool(result.is_error))


def _json(value: Any) -> str:
    from interchange.wire import codec

    return codec.dumps_text(value)


def _block(item: Any) -> b.Block:
    match item:
        case types.TextContent(text=text):
            return b.Text(text)
        case types.ImageContent(data=data, mime_type=media):
            return b.Image(b.Base64Source(media, data))
        case types.AudioContent(data=data, mime_type=media):
            return b.Audio(b.Base64Source(media, data), media.rpartition("/")[2])
        case types.ResourceLink():
            about = f": {item.description}" if item.description else ""
            return b.Text(f"[resource {item.name} at {item.uri}{about}]")
        case types.EmbeddedResource(resource=resource):
            return _resource(resource)
        case _:
            return b.Text("[left out: content of an unknown kind]")


def _resource(resource: Any) -> b.Block:
    media = resource.mime_type or "application/octet-stream"
    if isinstance(resource, types.TextResourceContents):
        return b.Text(f"[resource {resource.uri}]\n{resource.text}")
    source = b.Base64Source(media, resource.blob)
    if media.startswith("image/"):
        return b.Image(source)
    if media == "application/pdf":
        return b.Document(source)
    return b.Text(f"[resource {resource.uri}, {media}, {len(resource.blob) * 3 // 4} bytes: not shown]")


def _failed(why: str) -> Called:
    return Called((b.Text(why),), is_error=True)


def _told(error: BaseException) -> str:
    """An error in words for the caller; of several at once the first that is one of ours."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    match error:
        case MCPError() if error.message.startswith(UNREAD):
            why = error.message.rpartition(": ")[2]
            return why if why in BROKEN else UNSPOKEN
        case MCPError():
            return error.message[:500]
        case httpx2.HTTPStatusError():
            return f"it answered {error.response.status_code}"
        case httpx2.HTTPError() | httpx2.StreamError() | McpFault():
            return str(error)[:300]
        case RuntimeError() if "protocol version" in str(error):
            return "it speaks a version of MCP that is not known here"
        case _:
            return UNSPOKEN
