"""`models/{model}:countTokens`: the tokens of a whole request, tools and instructions included.

Source: https://ai.google.dev/api/tokens; recordings gemini.countTokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COUNTED = ("contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "cachedContent")


def write_count_tokens(request: Mapping[str, Any], model: str) -> dict[str, Any]:
    """The body, from that of `generateContent`: wrapped, so that more than the contents is counted."""
    name = model if "/" in model else f"models/{model}"
    return {"generateContentRequest": {"model": name, **{key: request[key] for key in COUNTED if key in request}}}


def read_count(body: Mapping[str, Any]) -> int:
    """Raises KeyError where the answer has no count."""
    return int(body["totalTokens"])
