"""Which `anthropic-beta` switches a body needs. Source: the anthropic SDK's AnthropicBetaParam and beta resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .vocabulary import Json

TOOL_BETA: dict[str, str] = {
    "mcp_toolset": "mcp-client-2025-11-20",
    "computer_20241022": "computer-use-2024-10-22",
    "computer_20250124": "computer-use-2025-01-24",
    "computer_20251124": "computer-use-2025-11-24",
    "code_execution_20250522": "code-execution-2025-05-22",
    "advisor_20260301": "advisor-tool-2026-03-01",
}
FIELD_BETA: dict[str, str] = {
    "context_management": "context-management-2025-06-27",
    "output_format": "structured-outputs-2025-11-13",
}
EDIT_BETA: dict[str, str] = {"compact_20260112": "compact-2026-01-12"}


def betas(body: Json) -> tuple[str, ...]:
    """The switches, each once, in a stable order."""
    return tuple(dict.fromkeys(_needed(body)))


def _needed(body: Json) -> Iterator[str]:
    kinds = [str(tool.get("type")) for tool in body.get("tools") or ()]
    yield from (TOOL_BETA[kind] for kind in kinds if kind in TOOL_BETA)
    if body.get("mcp_servers") and "mcp_toolset" not in kinds:
        yield "mcp-client-2025-04-04"
    yield from (beta for name, beta in FIELD_BETA.items() if body.get(name))
    management = body.get("context_management")
    edits = management.get("edits") if isinstance(management, dict) else None
    yield from (EDIT_BETA[edit["type"]] for edit in edits or () if edit.get("type") in EDIT_BETA)
    container = body.get("container")
    if isinstance(container, dict) and container.get("skills"):
        yield "skills-2025-10-02"
    if _holds(body.get("messages"), "type", ("file", "container_upload")):
        yield "files-api-2025-04-14"
    if _holds(body.get("messages"), "type", ("tool_addition", "tool_removal")):
        yield "mid-conversation-tool-changes-2026-07-01"


def _holds(value: Any, name: str, words: tuple[str, ...]) -> bool:
    """True where a content block, or its source, has one of the words under `name`."""
    if isinstance(value, list):
        return any(_holds(item, name, words) for item in value)
    if not isinstance(value, dict):
        return False
    return value.get(name) in words or any(_holds(value.get(key), name, words) for key in ("content", "source"))
