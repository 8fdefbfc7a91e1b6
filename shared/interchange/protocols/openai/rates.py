"""Rate limits as OpenAI's formats tell them. https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers"""

from __future__ import annotations

from interchange.hub.rates import Rates


def write_rates(rates: Rates) -> dict[str, str]:
    """`x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; a reset is a duration ("6s", "59.2s")."""
    reset = f"{round(rates.reset_s, 3):g}s"
    out: dict[str, str] = {}
    for name, limit, left in (
        ("requests", rates.requests, rates.requests_left),
        ("tokens", rates.tokens, rates.tokens_left),
    ):
        if limit is not None:
            out |= {
                f"x-ratelimit-limit-{name}": str(limit),
                f"x-ratelimit-remaining-{name}": str(left),
                f"x-ratelimit-reset-{name}": reset,
            }
    return out
