"""Rate limits as Messages tells them. https://docs.anthropic.com/en/api/rate-limits#response-headers"""

from __future__ import annotations

from interchange.hub.rates import Rates


def write_rates(rates: Rates) -> dict[str, str]:
    """`anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`; a reset is a moment, RFC 3339."""
    out: dict[str, str] = {}
    for name, limit, left in (
        ("requests", rates.requests, rates.requests_left),
        ("tokens", rates.tokens, rates.tokens_left),
    ):
        if limit is not None:
            out |= {
                f"anthropic-ratelimit-{name}-limit": str(limit),
                f"anthropic-ratelimit-{name}-remaining": str(left),
                f"anthropic-ratelimit-{name}-reset": rates.reset_at,
            }
    return out
