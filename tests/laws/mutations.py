"""Recorded answers, said otherwise: what a vendor, a compatible server or a proxy between may do to the bytes without
changing what they mean. Each mutation takes a stream's events as (event name, JSON), or gives the stream's syntax."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

Event = tuple[str | None, Any]
"""(name, parsed data); data that is no JSON stays bytes."""
Change = Callable[[list[Event]], list[Event]]

OPEN = frozenset({
    "args", "input", "arguments", "metadata", "logprobs", "response", "parameters", "schema", "tools", "text",
    "avgLogprobs", "logprobsResult", "output_schema", "format", "content_filter_results", "citation", "citations",
})  # fmt: skip
"""Members whose own members are the model's or the caller's, or are passed on as they came."""


def parse(sse: str) -> list[Event]:
    events: list[Event] = []
    for frame in sse.replace("\r\n", "\n").split("\n\n"):
        name, data = None, []
        for line in frame.split("\n"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
        if data:
            text = "\n".join(data)
            try:
                events.append((name, json.loads(text)))
            except ValueError:
                events.append((name, text.encode()))
    return events


def dump(data: Any) -> str:
    return data.decode() if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def plain(events: list[Event]) -> str:
    return "".join((f"event: {name}\n" if name else "") + f"data: {dump(data)}\n\n" for name, data in events)


# --- syntax: the same events, in other bytes


def crlf(events: list[Event]) -> str:
    return plain(events).replace("\n", "\r\n")


def cr(events: list[Event]) -> str:
    return plain(events).replace("\n", "\r")


def no_space(events: list[Event]) -> str:
    return plain(events).replace("data: ", "data:").replace("event: ", "event:")


def comments(events: list[Event]) -> str:
    return ": hello\n\n" + "".join(f"{plain([event])}: keep-alive\n\n" for event in events)


def other_fields(events: list[Event]) -> str:
    return "".join(f"id: {number}\nretry: 3000\n{plain([event])}" for number, event in enumerate(events))


def many_lines(events: list[Event]) -> str:
    def lines(data: Any) -> str:
        text = data.decode() if isinstance(data, bytes) else json.dumps(data, indent=1)
        return "".join(f"data: {line}\n" for line in text.split("\n"))

    return "".join((f"event: {name}\n" if name else "") + lines(data) + "\n" for name, data in events)


def escaped(events: list[Event]) -> str:
    return "".join(
        (f"event: {name}\n" if name else "")
        + f"data: {data.decode() if isinstance(data, bytes) else json.dumps(data)}\n\n"
        for name, data in events
    )


def marked(events: list[Event]) -> str:
    return "\ufeff" + plain(events)


def unfinished(events: list[Event]) -> str:
    """The last frame's blank line is missing."""
    return plain(events).rstrip("\n") + "\n"


SYNTAX: tuple[Callable[[list[Event]], str], ...] = (
    crlf, cr, no_space, comments, other_fields, many_lines, escaped, marked, unfinished,
)  # fmt: skip


# --- events: the same answer, in other JSON


def walk(value: Any, act: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return act({key: child if key in OPEN else walk(child, act) for key, child in value.items()})
    return [walk(child, act) for child in value] if isinstance(value, list) else value


def every_object(act: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    return lambda events: [(name, walk(copy.deepcopy(data), act)) for name, data in events]


unknown_members = every_object(lambda one: {**one, "x_new": {"a": [1, None]}, "x_other": "y"})
turned_round = every_object(lambda one: dict(reversed(one.items())))
without_nulls = every_object(lambda one: {key: value for key, value in one.items() if value is not None})


def _counts_as_floats(one: dict[str, Any]) -> dict[str, Any]:
    return {key: float(value) if _is_count(key, value) else value for key, value in one.items()}


def _is_count(key: str, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and key.lower().endswith(("tokens", "tokencount"))


counts_as_floats = every_object(_counts_as_floats)

NULLS: dict[str, tuple[str, ...]] = {
    "delta": ("content", "tool_calls", "refusal", "function_call", "role", "reasoning_content", "annotations", "audio"),
    "message": ("tool_calls", "refusal", "function_call", "annotations", "audio", "stop_details", "stop_sequence"),
    "usage": ("prompt_tokens_details", "completion_tokens_details", "cache_creation", "server_tool_use"),
}
"""Members that may be null where they may be missing, by the member that holds them."""


def spelled_nulls(events: list[Event]) -> list[Event]:
    def act(one: dict[str, Any]) -> dict[str, Any]:
        for holder, names in NULLS.items():
            child = one.get(holder)
            if isinstance(child, dict) and child.get("type") is None:
                one[holder] = {**dict.fromkeys(name for name in names if name not in child), **child}
        if "delta" in one and "index" in one and "type" not in one:
            one = {"logprobs": None, "finish_reason": None, **one}
        if one.get("object") == "chat.completion.chunk":
            one = {"usage": None, "system_fingerprint": None, "service_tier": None, **one}
        if "functionCall" in one or ("text" in one and "thought" in one):
            one = {"thought": None, "thoughtSignature": None, **one}
        return one

    return every_object(act)(events)


def new_events(events: list[Event]) -> list[Event]:
    """Kinds that are not known yet, between all others; chat completions and Gemini have no kinds."""
    if not any(isinstance(data, dict) and "type" in data for _, data in events):
        return events
    between: Event = ("x_new.event", {"type": "x_new.event", "x": 1})
    return [each for event in events for each in (between, event)]


def pings(events: list[Event]) -> list[Event]:
    if not any(name == "message_start" for name, _ in events):
        return events
    return [each for event in events for each in (event, ("ping", {"type": "ping"}))][:-1]


def _chunks(events: list[Event]) -> Iterator[dict[str, Any]]:
    for _, data in events:
        if isinstance(data, dict) and data.get("object") == "chat.completion.chunk":
            yield data


def empty_deltas(events: list[Event]) -> list[Event]:
    first = next(_chunks(events), None)
    if first is None or not first.get("choices"):
        return events
    silent = {**first, "choices": [{"index": 0, "delta": {}, "finish_reason": None}]}
    silent.pop("usage", None)
    nobody = {**silent, "choices": []}
    return [events[0], (None, silent), (None, nobody), *events[1:]]


def repeated_heads(events: list[Event]) -> list[Event]:
    """Each delta names the role again, and each delta of a call its id and name."""
    events = copy.deepcopy(events)
    known: dict[tuple[int, int], tuple[Any, Any]] = {}
    for chunk in _chunks(events):
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or {}
            if delta.get("content") or delta.get("tool_calls"):
                delta["role"] = "assistant"
            for call in delta.get("tool_calls") or []:
                at = (choice.get("index", 0), call.get("index", 0))
                function = call.get("function")
                if call.get("type", "function") == "function" and isinstance(function, dict):
                    if at in known:
                        call["id"], function["name"] = known[at]
                    elif call.get("id") and function.get("name"):
                        known[at] = (call["id"], function["name"])
    return events


def unnumbered_calls(events: list[Event]) -> list[Event]:
    """No index, where there is one call only."""
    events = copy.deepcopy(events)
    calls = [
        call
        for chunk in _chunks(events)
        for choice in chunk.get("choices") or []
        for call in (choice.get("delta") or {}).get("tool_calls") or []
    ]
    if any(call.get("index") for call in calls):
        return events
    for call in calls:
        call.pop("index", None)
    return events


def usage_in_each(events: list[Event]) -> list[Event]:
    """A count that grows: what the last chunk says is what was used."""
    events = copy.deepcopy(events)
    chunks = list(_chunks(events))
    told = [chunk for chunk in chunks if chunk.get("usage")]
    if len(told) != 1:
        return events
    growing = {"prompt_tokens": told[0]["usage"].get("prompt_tokens", 0), "completion_tokens": 1}
    growing["total_tokens"] = growing["prompt_tokens"] + 1
    if told[0]["usage"].get("completion_tokens", 0) < 1:
        return events
    for chunk in chunks[: chunks.index(told[0])]:
        chunk["usage"] = dict(growing)
    return events


def letter_by_letter(events: list[Event]) -> list[Event]:
    """Each piece of text, thinking or arguments in pieces of one character."""
    out: list[Event] = []
    for name, data in events:
        out += [(name, piece) for piece in _pieces(data)]
    return out


def _pieces(data: Any) -> list[Any]:
    for path in PIECES:
        holder, leaf = _at(data, path)
        if holder is not None and isinstance(holder[leaf], str) and len(holder[leaf]) > 1 and _alone(data):
            pieces = []
            for letter in holder[leaf]:
                piece = copy.deepcopy(data)
                inner, key = _at(piece, path)
                assert inner is not None
                inner[key] = letter
                pieces.append(piece)
            return pieces
    return [data]


PIECES: tuple[tuple[Any, ...], ...] = (
    ("choices", 0, "delta", "content"), ("delta", "text"), ("delta", "partial_json"), ("delta", "thinking"),
)  # fmt: skip


def _alone(data: Any) -> bool:
    """Nothing else is in it that must not be said twice."""
    if "choices" in data:
        choice = data["choices"][0]
        others = set(choice["delta"]) - {"content", "role"}
        return len(data["choices"]) == 1 and not others and not choice.get("finish_reason") and not data.get("usage")
    return data.get("type") == "content_block_delta" and set(data["delta"]) <= {
        "type",
        "text",
        "partial_json",
        "thinking",
    }


def _at(data: Any, path: tuple[Any, ...]) -> tuple[Any, Any]:
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None, None
    if not isinstance(data, dict) or path[-1] not in data:
        return None, None
    return data, path[-1]


CHANGES: dict[str, Change] = {
    "unknown members": unknown_members,
    "members turned round": turned_round,
    "nulls left out": without_nulls,
    "nulls spelled out": spelled_nulls,
    "counts as floats": counts_as_floats,
    "new kinds of events": new_events,
    "pings": pings,
    "empty deltas": empty_deltas,
    "heads repeated": repeated_heads,
    "calls without numbers": unnumbered_calls,
    "usage in each chunk": usage_in_each,
    "letter by letter": letter_by_letter,
}
