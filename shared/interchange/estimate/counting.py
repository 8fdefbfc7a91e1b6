"""Counting rules of a family of models, as data: the model's trait `counting`, over these defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """Tokens around what the caller said. The defaults are those of recorded requests to OpenAI's models.

    prompt      of the vendor's own prompt, on every request
    reply       of the beginning of the answer, which counts as input
    message     around each turn, its role included
    tools       around all tools; `tool` around each
    forced      of a tool choice that names its tool, beside the name
    schema      around a schema of the answer
    call        around a call in the history; `parallel` around several of one turn
    page        of a page of a document
    factor      of the vendor's tokenizer to o200k, for its texts
    picture     see `pictures.picture_tokens`
    """

    prompt: int = 0
    reply: int = 3
    message: int = 4
    tools: int = 9
    tool: int = 0
    forced: int = 7
    schema: int = 3
    call: int = 7
    parallel: int = 16
    page: int = 220
    factor: float = 1.0
    picture: Mapping[str, Any] = field(default_factory=lambda: {"base": 85, "tile": 170})


def read_manner(traits: Mapping[str, Any]) -> Manner:
    """Raises ValueError for a word that is none of Manner's."""
    given = traits.get("counting", {})
    if not isinstance(given, Mapping):
        raise ValueError("traits.counting: must be an object")
    known = {item.name for item in fields(Manner)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"traits.counting.{unknown[0]}: unknown; known are {', '.join(sorted(known))}")
    return Manner(**given)
