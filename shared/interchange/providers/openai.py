"""OpenAI. https://platform.openai.com/docs/api-reference (chat completions and responses)"""

from __future__ import annotations

import re

from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_media.client import find
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.protocols.openai_responses.dialect import Dialect as ResponsesDialect

from . import Provider, fixed

BASE_URL = "https://api.openai.com/v1"
RESPONSES_DIALECT = ResponsesDialect(foreign=re.compile(r"[a-z]+_[0-9a-f]{8}-[0-9a-f]{4}-"))
"""xAI's ids hold a UUID, OpenAI's hexadecimal digits alone (tests/recordings): of another one's items it misses members
("Missing required parameter: 'input[1].action'")."""


def openai(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="openai",
        base_url=base_url,
        clients={"openai_chat": Chat(), "openai_responses": Responses(RESPONSES_DIALECT)},
        fetches=frozenset({"image"}),
        authorize=fixed({"authorization": f"Bearer {key}"}),
        forward=("openai-beta",),
        media=find,
    )
