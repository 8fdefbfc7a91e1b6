"""The items that a kept answer was made from, a page at a time, in the form in which OpenAI lists them.

Source: openai-python `types/responses/input_item_list_params.py`, `response_item.py`, `response_input_message_item.py`;
https://platform.openai.com/docs/api-reference/responses/input-items.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from interchange.continuity.responses import Stored
from interchange.hub.failure import invalid

Json = dict[str, Any]
PAGE = 20
MOST = 100
"""Items of a page: by default, and at most."""
NUMBER = re.compile(r"[0-9]{1,9}")
ORDERS = ("desc", "asc")
"""Newest first by default."""


def page(before: Sequence[Stored], stored: Stored, query: Mapping[str, str]) -> Json:
    """`before` are the answers that `stored` goes on from, oldest first. Raises RequestError for a page that there is
    not: an unknown word, a number out of range, an item that is none of these."""
    items = [*_of_all(before), *_named(stored.given, stored.id)]
    order = query.get("order", ORDERS[0])
    if order not in ORDERS:
        raise invalid(f"order: expected 'asc' or 'desc', but got {order[:40]!r}", "order", "invalid_value")
    if order == "desc":
        items.reverse()
    ids = [item["id"] for item in items]
    first = _place(ids, query, "after") + 1 if "after" in query else 0
    last = _place(ids, query, "before") if "before" in query else len(items)
    shown = items[first:last][: _limit(query)]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": first + len(shown) < last,
    }


def _of_all(answers: Sequence[Stored]) -> list[Json]:
    found: list[Json] = []
    for answer in answers:
        found += [*_named(answer.given, answer.id), *answer.output]
    return found


def _named(given: Sequence[Json], identity: str) -> list[Json]:
    """Items of a request: whoever sent them may have left out what the list has."""
    return [_listed({**item, "id": item.get("id") or f"in_{identity}_{at}"}) for at, item in enumerate(given)]


def _listed(item: Json) -> Json:
    if item.get("type", "message") != "message":
        return item
    content, said = item.get("content"), item.get("role") == "assistant"
    if isinstance(content, str):
        text: Json = {"type": "output_text", "text": content, "annotations": []}
        content = [text if said else {"type": "input_text", "text": content}]
    return {"status": "completed", **item, "type": "message", "content": content}


def _place(ids: Sequence[str], query: Mapping[str, str], name: str) -> int:
    if query[name] not in ids:
        raise invalid(f"{name}: no item here has the id {query[name][:100]!r}", name, "item_not_found")
    return ids.index(query[name])


def _limit(query: Mapping[str, str]) -> int:
    given = query.get("limit", str(PAGE))
    if not NUMBER.fullmatch(given) or not 1 <= int(given) <= MOST:
        raise invalid(f"limit: expected a number from 1 to {MOST}, but got {given[:40]!r}", "limit", "invalid_value")
    return int(given)
