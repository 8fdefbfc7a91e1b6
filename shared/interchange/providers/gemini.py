"""Gemini API (AI Studio). https://ai.google.dev/api"""

from __future__ import annotations

from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini_media.client import find

from . import Provider, fixed

BASE_URL = "https://generativelanguage.googleapis.com"


def gemini(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="gemini",
        base_url=base_url,
        clients={"gemini": Client()},
        authorize=fixed({"x-goog-api-key": key}),
        media=find,
    )
