"""Models that take over within a request, where the one that was asked for declines: the body's `fallbacks`.

Sources: the anthropic SDK's `types/beta/beta_fallback*_param.py`, `beta_iterations_usage.py`, `beta_fallback_block.py`,
and https://platform.claude.com/docs/en/build-with-claude/refusals-and-fallback. The top-level numbers of the usage are
those of the model that answered; `iterations` has each attempt's, with its model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject, Successor
from interchange.wire import codec, splice

from .server import fields as check
from .server.fields import ROOT, Place
from .usage import BESIDE, read_attempt, read_usage

FIELD = "fallbacks"
FIELDS = frozenset({"model", "max_tokens", "thinking", "output_config", "speed"})
"""What an entry may say; the API refuses the rest."""
SPEEDS = ("standard", "fast")
CHOSEN = '"default" leaves the models to the provider, and each has its own price; name them: [{"model": "..."}]'
MOST = 8
"""Entries: each could be charged, so each is held for. The API takes three."""
SERVED = "fallback_message"
"""The type of the iteration that made the answer, where another model than the one that was asked for did."""


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """The Messages API's `Successors`."""

    def read(self, body: JsonObject) -> tuple[Successor, ...]:
        if body.get(FIELD) == "default":
            raise ROOT.key(FIELD).wrong(CHOSEN)
        found = check.objects(body, FIELD, ROOT)
        if len(found) > MOST:
            raise ROOT.key(FIELD).wrong(f"List should have at most {MOST} items")
        return tuple(_read(entry, place) for entry, place in found)

    def write_request(self, raw: bytes, body: JsonObject, names: Mapping[str, str], limit: int | None) -> bytes:
        entries = [_limited({**entry, "model": names[entry["model"]]}, limit) for entry in body[FIELD]]
        return splice.put(raw, entries, FIELD)

    def write_answer(self, data: bytes, names: Mapping[str, str]) -> bytes:
        value = codec.loads(data)
        for holder in _naming(value):
            name = holder["model"]
            holder["model"] = names.get(name, name)
        return codec.dumps(value)

    def serving(self, event: JsonObject) -> str | None:
        message, block = event.get("message"), event.get("content_block")
        if isinstance(message, dict):
            return _name(message)
        return _name(block.get("to")) if isinstance(block, dict) and block.get("type") == "fallback" else None

    def read_usage(self, report: JsonObject, serving: str) -> Usage:
        whole = read_usage(report)
        parts = [(name, part) for name, part in _attempts(report, serving) if part != Usage()]
        if not parts:
            return replace(whole, shares=((serving, whole),))
        tier, region = whole.service_tier, whole.region
        shares = [(name, replace(part, service_tier=tier, region=region)) for name, part in parts]
        last, answer = shares[-1]
        shares[-1] = (last, replace(answer, tool_calls=whole.tool_calls, reasoning=whole.reasoning))
        return replace(whole, shares=tuple(shares))


def _read(entry: JsonObject, place: Place) -> Successor:
    unknown = sorted(set(entry) - FIELDS)
    if unknown:
        raise place.key(unknown[0]).wrong("Extra inputs are not permitted")
    speed = check.optional_text(entry, "speed", place)
    if speed is not None and speed not in SPEEDS:
        raise place.key("speed").wrong("Input should be 'standard' or 'fast'")
    limit = check.optional_integer(entry, "max_tokens", place, 1)
    return Successor(check.text(entry, "model", place), place.key("model").path, limit, speed)


def _limited(entry: JsonObject, limit: int | None) -> JsonObject:
    own = entry.get("max_tokens")
    return entry if limit is None or own is None else {**entry, "max_tokens": min(own, limit)}


def _attempts(report: JsonObject, serving: str) -> Iterator[tuple[str, Usage]]:
    """Attempts that are billed: one that declined before its first token is not (the guide's "Billing"). Compaction and
    advice are billed by their own numbers."""
    for item in report.get("iterations") or ():
        if not isinstance(item, dict):
            continue
        used = read_attempt(item)
        if used.output or item.get("type") == SERVED or item.get("type") in BESIDE:
            yield _name(item) or serving, used


def _naming(value: Any) -> Iterator[JsonObject]:
    """The objects of an answer or of an event that name a model."""
    if not isinstance(value, dict):
        return
    message = value.get("message")
    holder = message if isinstance(message, dict) else value
    usage = holder.get("usage")
    blocks = [*_objects(holder.get("content")), *_objects([value.get("content_block")])]
    hops = _objects([block.get(end) for block in blocks if block.get("type") == "fallback" for end in ("from", "to")])
    for one in (holder, *hops, *_objects(usage.get("iterations") if isinstance(usage, dict) else None)):
        if _name(one) is not None:
            yield one


def _objects(value: Any) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _name(holder: Any) -> str | None:
    name = holder.get("model") if isinstance(holder, dict) else None
    return name if isinstance(name, str) else None
