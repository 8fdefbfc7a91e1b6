"""Tool calls out of deltas that number, name and identify them in every way that providers have thought of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.wire import codec

from .drafts import Draft, Drafts


@dataclass(slots=True)
class _Call:
    draft: Draft
    wire_id: str

    @property
    def block(self) -> b.ToolUse:
        assert isinstance(self.draft.block, b.ToolUse)
        return self.draft.block


@dataclass(slots=True)
class CallReader:
    """A call is known by (index, id): a new id under an old index is a new call, and so is a second JSON object under
    one id. `count` is the number of calls so far."""

    drafts: Drafts
    count: int = 0
    _slots: dict[int, _Call] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    _last: _Call | None = None

    def read(self, raw: Mapping[str, Any], position: int, message_id: str) -> Iterator[e.Event]:
        kind = "custom" if raw.get("type") == "custom" or "custom" in raw else "function"
        inner = raw.get(kind) or {}
        name, wire_id = inner.get("name") or "", raw.get("id") or ""
        call = self._find(raw.get("index"), wire_id, name)
        if call is None:
            call = self._make(wire_id, name, kind, raw, message_id)
            self._slots[self._key(raw.get("index"))] = call
            yield from self.drafts.begin(call.draft)
        else:
            yield from self._complete(call, wire_id, name)
        self._last = call
        text = inner.get("input" if kind == "custom" else "arguments")
        if text:
            yield from self._arguments(call, text if isinstance(text, str) else codec.dumps_text(text), message_id)

    def _find(self, index: Any, wire_id: str, name: str) -> _Call | None:
        """The call that an entry goes on with, None for a new one."""
        if isinstance(index, int):
            call = self._slots.get(index)
        elif wire_id:
            call = next((known for known in self._slots.values() if known.wire_id == wire_id), None)
        else:
            call = None if name else self._last
        if call is None:
            return None
        # A changed id begins a new call, unless it comes bare in the middle of one: some servers renew it each chunk.
        if wire_id and call.wire_id and wire_id != call.wire_id and (name or call.draft.finished):
            return None
        if name and not wire_id and call.block.name and (name != call.block.name or call.draft.scanner.complete):
            return None
        return call

    def _make(self, wire_id: str, name: str, kind: str, raw: Mapping[str, Any], message_id: str) -> _Call:
        chosen = wire_id
        if not chosen or chosen in self._ids:
            digest = hashlib.sha256(f"{message_id}:{self.drafts.choice}:{self.count}".encode()).hexdigest()
            chosen = f"call_{digest[:24]}"
        self._ids.add(chosen)
        self.count += 1
        block = b.ToolUse(chosen, name, "", kind, state=read_signature(raw))
        return _Call(Draft(block), wire_id)

    def _key(self, index: Any) -> int:
        return index if isinstance(index, int) else max(self._slots, default=-1) + 1

    def _complete(self, call: _Call, wire_id: str, name: str) -> Iterator[e.Event]:
        """Takes over what the first entry of a call had left out."""
        call.wire_id = call.wire_id or wire_id
        if name and not call.block.name:
            call.draft.block = replace(call.block, name=name)
            yield from self.drafts.advance()

    def _arguments(self, call: _Call, text: str, message_id: str) -> Iterator[e.Event]:
        scanner = call.draft.scanner
        if call.block.kind == "custom":
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text))
            return
        end = 0 if scanner.complete else scanner.feed(text)
        rest = "" if end is None else text[end:].lstrip()
        if not rest.startswith("{"):
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text))
            return
        if end:
            yield from self.drafts.add(call.draft, e.ArgumentsDelta(-1, text[:end]))
        following = self._make("", call.block.name, call.block.kind, {}, message_id)
        for key, known in self._slots.items():
            if known is call:
                self._slots[key] = following
        self._last = following
        yield from self.drafts.begin(following.draft)
        yield from self._arguments(following, rest, message_id)


def read_signature(raw: Mapping[str, Any]) -> b.Continuation | None:
    """Gemini's thought signature, where its OpenAI-compatible endpoint puts it
    (ai.google.dev/gemini-api/docs/thought-signatures#openai)."""
    match raw.get("extra_content"):
        case {"google": {"thought_signature": str(signature)}} if signature:
            return b.Continuation("gemini", signature)
        case _:
            return None
