"""Usage of a Converse answer, wire -> hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.usage import Usage, whole


def read_usage(raw: Any, tier: Any = None) -> Usage | None:
    """inputTokens leaves cached tokens out; cacheDetails splits the writes by TTL where given, else all are 5 m. `tier`
    is the answer's `serviceTier`, {"type": "flex"}."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("inputTokens"), int | float):
        return None
    served = tier.get("type") if isinstance(tier, Mapping) else None
    written = whole(raw.get("cacheWriteInputTokens"))
    hour = sum(whole(item.get("inputTokens")) for item in raw.get("cacheDetails") or [] if item.get("ttl") == "1h")
    calls = {name: count.get("invocations", 0) for name, count in (raw.get("serverToolUsage") or {}).items() if count}
    return Usage(
        input=whole(raw["inputTokens"]),
        cache_read=whole(raw.get("cacheReadInputTokens")),
        cache_write_5m=max(0, written - hour),
        cache_write_1h=hour,
        output=whole(raw.get("outputTokens")),
        tool_calls=calls,
        service_tier=served if isinstance(served, str) else None,
    )
