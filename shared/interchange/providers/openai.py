"""OpenAI. https://platform.openai.com/docs/api-reference (chat completions and responses)"""

from __future__ import annotations

from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_media.client import find
from interchange.protocols.openai_responses.client import Client as Responses

from . import Provider, fixed

BASE_URL = "https://api.openai.com/v1"


def openai(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="openai",
        base_url=base_url,
        clients={"openai_chat": Chat(), "openai_responses": Responses()},
        fetches=frozenset({"image"}),
        authorize=fixed({"authorization": f"Bearer {key}"}),
        forward=("openai-beta",),
        media=find,
    )
