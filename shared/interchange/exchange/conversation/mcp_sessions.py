"""The servers of one request: connected at once, called within its limits, each call a line in the log.

The names of the line's fields are OpenTelemetry's: https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from urllib.parse import SplitResult, urlsplit

from interchange.dataclass import dataclass
from interchange.exchange.mcp import Mcp, Session
from interchange.exchange.services import Services
from interchange.hub import blocks as b
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.mcp import Called, ListedTool, McpFault, McpServer
from interchange.wire import codec


@dataclass(slots=True)
class Sessions:
    services: Services
    mcp: Mcp
    request_id: str
    open: dict[str, Session] = field(default_factory=dict)
    servers: dict[str, McpServer] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    """Calls of this round, as the usage row names them."""
    calls: int = 0

    async def listed(self, servers: Sequence[McpServer]) -> list[tuple[McpServer, list[ListedTool]]]:
        """The tools that each server offers. Raises RequestError naming the first that cannot be reached."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._connected(server)) for server in servers]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return [(server, task.result()) for server, task in zip(servers, tasks, strict=True)]

    async def _connected(self, server: McpServer) -> list[ListedTool]:
        started = self.services.now_ms()
        session = await self.mcp.connect(server)
        self.open[server.name], self.servers[server.name] = session, server
        if server.pinned is not None:
            return list(server.pinned)
        try:
            found = await session.open(self.mcp.limits.connect_seconds)
        except McpFault as fault:
            self._log(server, "tools/list", started, error="connection")
            message = f"{server.path}: the MCP server {server.name!r} could not be used: {fault}"
            kind = ErrorKind.INVALID_REQUEST
            raise RequestError(Failure(kind, message, param=server.path, code="mcp_server_error")) from fault
        self._log(server, "tools/list", started)
        return found

    async def call(self, server: str, tool: str, call: b.ToolUse, seconds: float) -> Called:
        """Calls the tool; a call beyond the limits, or of a server that is not there, is a result that says so."""
        session = self.open.get(server)
        self.calls += 1
        if session is None:
            called = _refused(f"the MCP server {server!r} is not part of this request")
        elif self.calls > self.mcp.limits.calls:
            called = _refused(f"not called: a request makes {self.mcp.limits.calls} calls at most")
        else:
            called = await self._called(session, self.servers[server], tool, call, seconds)
        return called

    def note(self, server: str, tool: str, called: Called) -> None:
        """Notes a call for the usage row, in the order in which the model called."""
        self.made.append(f"{server}.{tool}"[:80] + ("!" if called.is_error else ""))

    async def _called(self, session: Session, server: McpServer, tool: str, call: b.ToolUse, seconds: float) -> Called:
        try:
            arguments = codec.loads(call.arguments or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            return _refused("not called: the arguments are no JSON object")
        started = self.services.now_ms()
        called = await session.call(tool, arguments, seconds)
        error = "tool_error" if called.is_error else None
        self._log(server, "tools/call", started, tool=tool, call_id=call.id, version=session.version, error=error)
        return called

    def _log(
        self,
        server: McpServer,
        method: str,
        started: int,
        *,
        tool: str | None = None,
        call_id: str | None = None,
        version: str | None = None,
        error: str | None = None,
    ) -> None:
        """Nothing of the arguments, the result, the path or the token."""
        place = urlsplit(server.url)
        fields = {
            "request_id": self.request_id,
            "mcp.method.name": method,
            "mcp.protocol.version": version,
            "gen_ai.operation.name": "execute_tool" if tool is not None else None,
            "gen_ai.tool.name": tool,
            "gen_ai.tool.call.id": call_id,
            "server.address": place.hostname,
            "server.port": _port(place),
            "network.transport": "tcp",
            "mcp.client.operation.duration": (self.services.now_ms() - started) / 1000,
            "error.type": error,
        }
        self.services.report("mcp", {name: value for name, value in fields.items() if value is not None})

    async def close(self) -> None:
        sessions, self.open = list(self.open.values()), {}
        for session in sessions:
            with suppress(McpFault, OSError):
                await session.close()


def _port(place: SplitResult) -> int | None:
    try:
        return place.port or {"https": 443, "http": 80}.get(place.scheme)
    except ValueError:
        return None


def _refused(why: str) -> Called:
    return Called((b.Text(why),), is_error=True)
