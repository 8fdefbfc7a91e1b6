"""Reports what the gateway's processes last saw of each vendor."""

from __future__ import annotations

import time
from typing import Any

from interchange import wiring

from .books import Books, Shown


def vendors(books: Books) -> Shown:
    """Each vendor's last success, its last failure and why, and until when its routes rest."""
    return {
        "vendors": [
            _shown(name, state, books.now_ms) for name, state in sorted(wiring.rests_on(books.table).load().items())
        ]
    }


def _shown(name: str, state: dict[str, Any], now_ms: int) -> dict[str, Any]:
    resting = [
        {"model": model or "(all)", "until": when(until), "cause": cause}
        for model, until, cause in state.get("routes", ())
        if until > now_ms
    ]
    return {
        "vendor": name,
        "last_success": when(state.get("served_ms")),
        "last_failure": when(state.get("failed_ms")),
        "failing_since": when(state.get("failing_ms")),
        "cause": state.get("cause") or None,
        "resting": resting,
    }


def when(moment_ms: int | None) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment_ms / 1000)) if moment_ms else None
