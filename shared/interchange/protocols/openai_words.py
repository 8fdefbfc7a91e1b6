"""Words that OpenAI's formats share."""

from __future__ import annotations

SERVICE_TIERS: dict[str, str] = {
    "auto": "auto",
    "default": "default",
    "flex": "flex",
    "scale": "scale",
    "priority": "priority",
    "fast": "fast",
    "standard": "default",
    "standard_only": "default",
}
"""Any protocol's word for a tier -> OpenAI's."""
BUDGET_EFFORTS: tuple[tuple[int, str], ...] = ((1024, "minimal"), (4096, "low"), (16384, "medium"), (32768, "high"))
"""Thinking budgets up to so many tokens, as an effort; a greater one is the greatest effort that the model has."""
