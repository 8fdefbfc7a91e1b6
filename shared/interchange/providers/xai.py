"""xAI. https://docs.x.ai/docs/api-reference (chat completions and responses, OpenAI-shaped)"""

from __future__ import annotations

from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_media.client import find

from . import Provider, fixed

BASE_URL = "https://api.x.ai/v1"


def xai(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="xai",
        base_url=base_url,
        clients={"openai_chat": Chat()},
        fetches=frozenset({"image"}),
        authorize=fixed({"authorization": f"Bearer {key}"}),
        media=find,
    )
