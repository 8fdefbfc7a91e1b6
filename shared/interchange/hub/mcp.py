"""MCP servers that the gateway itself connects to, and what it learns of them: values that no protocol owns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from interchange.dataclass import dataclass

from .blocks import Block, Raw

GATEWAY = "interchange"
"""`protocol` of blocks that the gateway makes: no vendor's own."""
CALL = "mcp"
"""`kind` of a `ServerToolUse` and its `ServerToolResult` that a server's tool was called by."""
APPROVAL = "mcp_approval"
"""`kind` of a call that waits for the caller's word, and of that word: `is_error` says no."""
LISTING = "mcp_list"
"""`kind` of a `ServerToolUse` that shows a server's tools: `raw["tools"]`."""
PREFIXES = ("mcptoolu_", "mcp_", "mcpr_")
"""What protocols put before the id of a call, of which these make a block's id."""
_ROUND = re.compile(r"_round(\d{1,3})\Z")


def own_id(identity: str) -> str:
    """The id of a call as the model gave it."""
    for prefix in PREFIXES:
        identity = identity.removeprefix(prefix)
    return _ROUND.sub("", identity)


def shown_id(identity: str, number: int) -> str:
    """Id that the caller is shown: it also says which round of the answer the call was of, counted from 0. No protocol
    has another place for that, and calls of one round are another history than calls of several."""
    return f"{identity}_round{number}" if number else identity


def round_of(identity: str) -> int:
    found = _ROUND.search(identity)
    return int(found[1]) if found is not None else 0


class McpFault(Exception):
    """A server that could not be reached, or did not speak MCP. The message is for the caller."""


@dataclass(frozen=True, slots=True)
class ToolRule:
    """A server's rule for one tool; None where it says nothing."""

    enabled: bool | None = None
    deferred: bool | None = None


@dataclass(frozen=True, slots=True)
class McpServer:
    """`path` names the server in the hub's request ("mcp_servers[0]"), `name` is the caller's label. A tool is offered
    where its own rule says so, else where `allowed` names it, else by `enabled`. `asks` and `trusted` are the names of
    tools whose calls need the caller's approval and need none; None stands for all others."""

    path: str
    name: str
    url: str
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True
    deferred: bool = False
    allowed: frozenset[str] | None = None
    rules: Mapping[str, ToolRule] = field(default_factory=dict)
    read_only: bool | None = None
    asks: frozenset[str | None] = frozenset()
    asks_read_only: bool | None = None
    trusted: frozenset[str] = frozenset()
    trusts_read_only: bool = False
    cached: bool = False
    """A prompt-cache breakpoint stands behind its tools."""
    about: str = ""
    """The caller's own words on the server, for the model."""
    pinned: tuple[ListedTool, ...] | None = None
    """Its tools as the caller already knows them: it is not asked for them again."""

    def offers(self, tool: ListedTool) -> bool:
        if self.read_only is not None and tool.read_only is not self.read_only:
            return False
        rule = self.rules.get(tool.name)
        if rule is not None and rule.enabled is not None:
            return rule.enabled
        return self.enabled and (self.allowed is None or tool.name in self.allowed)

    def defers(self, name: str) -> bool:
        rule = self.rules.get(name)
        return self.deferred if rule is None or rule.deferred is None else rule.deferred

    def approves(self, tool: ListedTool) -> bool:
        """False for a tool that may only be called once the caller has said so."""
        if tool.name in self.trusted or (self.trusts_read_only and tool.read_only):
            return True
        if tool.name in self.asks or (self.asks_read_only is not None and tool.read_only is self.asks_read_only):
            return False
        return None not in self.asks


@dataclass(frozen=True, slots=True)
class ListedTool:
    """`faults` are what of it was no tool of MCP: paths below the tool, and why. The path "" says that it cannot be
    offered."""

    name: str
    description: str
    schema: Raw
    read_only: bool = False
    annotations: Raw | None = None
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Called:
    """Result of a tool's call."""

    content: tuple[Block, ...]
    is_error: bool = False
