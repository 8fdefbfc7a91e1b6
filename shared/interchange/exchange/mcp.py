"""The port to callers' MCP servers, and how much of them one request may have."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from interchange.dataclass import dataclass
from interchange.hub.mcp import Called, ListedTool, McpServer


class Session(Protocol):
    """A connection with one server, for one request."""

    @property
    def version(self) -> str:
        """Version of the protocol, as agreed."""

    async def open(self, seconds: float) -> list[ListedTool]:
        """The server's tools. Raises McpFault."""

    async def call(self, name: str, arguments: Mapping[str, Any], seconds: float) -> Called:
        """Never raises: a failure is a result."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class McpLimits:
    """Limits of one request. `tools` and `servers` refuse it; `rounds`, `calls` and the time that is left end the turn,
    to be gone on with; results are cut at `call_bytes` each and `result_bytes` in all."""

    rounds: int = 10
    servers: int = 8
    tools: int = 128
    calls: int = 64
    call_bytes: int = 100_000
    result_bytes: int = 400_000
    connect_seconds: float = 15.0
    call_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Mcp:
    connect: Callable[[McpServer], Coroutine[Any, Any, Session]]
    limits: McpLimits = McpLimits()
