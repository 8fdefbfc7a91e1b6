"""Records of what a vendor ran itself in a turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from interchange.hub import blocks as b


def ran_by(block: b.Block) -> str | None:
    """The protocol in which a block says what was run."""
    return block.protocol if isinstance(block, b.ServerToolUse | b.ServerToolResult | b.Opaque) else None


def write_ran(block: b.ServerToolUse | b.ServerToolResult | b.Opaque) -> list[Any]:
    match block:
        case b.ServerToolUse():
            return ["use", block.id, block.name, block.arguments, block.kind, block.protocol, block.raw]
        case b.ServerToolResult():
            return ["result", block.tool_use_id, block.kind, block.protocol, block.raw]
        case b.Opaque():
            return ["opaque", block.protocol, block.raw]


def read_ran(entry: Iterable[Any], state: b.Continuation | None) -> b.Block:
    match list(entry):
        case ["use", identity, name, arguments, kind, protocol, raw]:
            return b.ServerToolUse(identity, name, arguments, kind, protocol, raw, state=state)
        case ["result", identity, kind, protocol, raw]:
            return b.ServerToolResult(identity, kind, protocol, raw, state=state)
        case [_, protocol, raw]:
            return b.Opaque(protocol, raw, state)
        case _:
            raise ValueError("no record of what was run")
