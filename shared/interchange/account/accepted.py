"""The form of an answer that a caller would rather have (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> str:
    """The one of `offered` that the header `accept` gives the most weight; the first of them in doubt, and where it
    names none of them."""
    weights = dict(_weight(one) for one in accept.lower().split(","))
    if not any(name in weights for name in offered):
        return offered[0]

    def weight(name: str) -> float:
        kind = name.partition("/")[0]
        return weights.get(name, weights.get(f"{kind}/*", weights.get("*/*", 0.0)))

    return max(offered, key=weight)


def _weight(one: str) -> tuple[str, float]:
    """The media type and its weight; 1 where that is absent or no number."""
    name, *parameters = (part.strip() for part in one.split(";"))
    said = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, min(max(float(said), 0.0), 1.0)
    except ValueError:
        return name, 1.0
