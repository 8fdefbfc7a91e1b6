"""xAI. https://docs.x.ai/docs/api-reference (chat completions and responses, OpenAI-shaped)"""

from __future__ import annotations

import re

from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.dialect import Dialect as ChatDialect
from interchange.protocols.openai_chat.words import PARAMETERS as CHAT
from interchange.protocols.openai_media.client import find_json
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.protocols.openai_responses.dialect import Dialect as ResponsesDialect
from interchange.protocols.openai_responses.words import PARAMETERS as RESPONSES

from . import Provider, fixed

BASE_URL = "https://api.x.ai/v1"
CHAT_DIALECT = ChatDialect(
    parameters=CHAT
    - {"logit_bias", "store", "metadata", "verbosity", "prompt_cache_key", "prompt_cache_retention"}
    - {"safety_identifier", "modalities", "audio", "service_tier", "web_search_options"},
    max_stops=8,
    custom_tools=False,
    reasoning_replay="reasoning_content",
    audio_formats=frozenset(),
)
RESPONSES_DIALECT = ResponsesDialect(
    parameters=RESPONSES
    - {"metadata", "prompt_cache_retention", "safety_identifier", "text.verbosity", "service_tier", "max_tool_calls"},
    hosted={
        "web_search": {"type": "web_search"},
        "code_execution": {"type": "code_interpreter"},
        "mcp": {"type": "mcp"},
    },
    blocked="excluded_domains",
    custom_tools=False,
    foreign=re.compile(r"[a-z]+_[0-9a-f]{32}"),  # OpenAI's; xAI's hold a UUID (tests/recordings)
    client_tools=False,
    least_output=1,
)
"""https://docs.x.ai/docs/api-reference#create-new-response, https://docs.x.ai/docs/guides/tools/overview"""


def xai(key: str, base_url: str = BASE_URL) -> Provider:
    return Provider(
        name="xai",
        base_url=base_url,
        clients={"openai_chat": Chat(CHAT_DIALECT), "openai_responses": Responses(RESPONSES_DIALECT)},
        fetches=frozenset({"image"}),
        authorize=fixed({"authorization": f"Bearer {key}"}),
        media=find_json,
    )
