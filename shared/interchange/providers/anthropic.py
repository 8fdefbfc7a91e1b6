"""Anthropic. https://docs.anthropic.com/en/api/overview (the version header is required on every call)"""

from __future__ import annotations

from interchange.protocols.anthropic_messages.client import Client

from . import Provider, fixed

BASE_URL = "https://api.anthropic.com"


def anthropic(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="anthropic",
        base_url=base_url,
        clients={"anthropic_messages": Client()},
        authorize=fixed({"x-api-key": key}),
        headers={"anthropic-version": "2023-06-01"},
        beta_header="anthropic-beta",
        forward=("anthropic-beta", "anthropic-version"),
    )
