"""The reasoning that a caller sends back, with the state that we had sealed into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.protocols import JsonObject
from interchange.protocols import openai_fields as fields

from .reasoning import read_detail


@dataclass(slots=True)
class _Entry:
    """One entry of `reasoning_details`, put together again from the pieces of a stream."""

    text: str = ""
    state: b.Continuation | None = None
    encrypted: bool = False


def read_thought(message: JsonObject, path: str, seal: Seal) -> Iterator[b.Thinking | b.RedactedThinking]:
    """`reasoning_details` where they are, else the bare text. State that this deployment did not seal is the upstream's
    own, and stays with its protocol; a tampered seal is left out."""
    details = [item for _, item in fields.objects(message, "reasoning_details", f"{path}.reasoning_details")]
    entries = list(_entries(details, seal))
    if not any(entry.text for entry in entries):
        bare = fields.text(message, "reasoning_content", f"{path}.reasoning_content")
        bare = bare or fields.text(message, "reasoning", f"{path}.reasoning")
        silent = [entry for entry in entries if not entry.encrypted]
        if bare and len(silent) == 1:
            silent[0].text = bare
        elif bare:
            yield b.Thinking(bare)
    for entry in entries:
        if entry.encrypted:
            if entry.state is not None:
                yield b.RedactedThinking(entry.state)
        elif entry.text or entry.state is not None:
            yield b.Thinking(entry.text, entry.state)


def _entries(details: Iterable[JsonObject], seal: Seal) -> Iterable[_Entry]:
    """Pieces of one `index` and kind are one entry: clients keep a stream's pieces side by side, or joined."""
    found: dict[Any, _Entry] = {}
    for position, raw in enumerate(details):
        encrypted = raw.get("type") == "reasoning.encrypted"
        index = raw.get("index")
        key = (position if index is None else f"at {index}", encrypted)
        entry = found.setdefault(key, _Entry(encrypted=encrypted))
        text, own, _ = read_detail(raw)
        entry.text += text
        entry.state = entry.state or _state(raw.get("data" if encrypted else "signature"), own, seal)
    return found.values()


def _state(value: Any, own: b.Continuation | None, seal: Seal) -> b.Continuation | None:
    if isinstance(value, str) and seal.is_sealed(value):
        return seal.open(value)
    return own
