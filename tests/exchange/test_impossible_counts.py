"""Counts that cannot be true, at each place of each format's usage: negative, huge, fractional, text, missing. The
answer is served, it is not free, it costs at most what was held, and what the caller reads of it are counts."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.exchange import call
from interchange.metering.prices import PriceList, charge
from tests.exchange import world as w
from tests.exchange.test_refusals_everywhere import MADE, asked, placed
from tests.faults.place import MODELS
from tests.faults.words import ONE_DOCUMENT, STREAMED_ALONE, WHOLE_ALONE, WORDS

USAGES: dict[str, Any] = {
    "chat": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13,
             "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 1},
             "completion_tokens_details": {"reasoning_tokens": 1, "audio_tokens": 1}},
    "messages": {"input_tokens": 10, "output_tokens": 3, "cache_read_input_tokens": 2,
                 "cache_creation_input_tokens": 2,
                 "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 1},
                 "server_tool_use": {"web_search_requests": 1}},
    "responses": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 3,
                  "output_tokens_details": {"reasoning_tokens": 1}, "total_tokens": 13},
    "gemini": {"promptTokenCount": 10, "candidatesTokenCount": 3, "thoughtsTokenCount": 1, "totalTokenCount": 14,
               "cachedContentTokenCount": 2, "toolUsePromptTokenCount": 1,
               "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
               "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 3}]},
    "embeddings": {"prompt_tokens": 10, "total_tokens": 10},
    "images": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13,
               "input_tokens_details": {"text_tokens": 10, "image_tokens": 0}},
    "speech_events": {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13},
    "transcriptions": {"type": "tokens", "input_tokens": 10, "output_tokens": 3, "total_tokens": 13,
                       "input_token_details": {"text_tokens": 0, "audio_tokens": 10}},
    "gemini_embeddings": {"promptTokenCount": 10},
    "gemini_images": {"promptTokenCount": 10, "candidatesTokenCount": 3, "totalTokenCount": 13,
                      "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 3}]},
    "gemini_speech": {"promptTokenCount": 10, "candidatesTokenCount": 3, "totalTokenCount": 13},
    "gemini_transcriptions": {"promptTokenCount": 10, "candidatesTokenCount": 3, "totalTokenCount": 13},
}  # fmt: skip
IMPOSSIBLE: tuple[Any, ...] = (
    -5, 0, 10**9, 9 * 10**18, 10**30, -(10**30), 3.5, 1e300, "3", "x", "", None, True, [], {}, [3], {"a": 1},
)  # fmt: skip
VENDORS = {"chat": "openai_chat", "messages": "anthropic_messages", "responses": "openai_responses", "gemini": "gemini"}
CALLERS = {"chat": "messages", "messages": "chat", "responses": "messages", "gemini": "chat"}
"""Another protocol than the vendor's, so that the counts are written anew."""
CASES = [
    (words, caller, stream)
    for words in USAGES
    for caller in ((CALLERS[words], words) if words in CALLERS else (words,))
    for stream in (False, True)
    if caller != "gemini" and not (stream and words in WHOLE_ALONE) and (stream or words not in STREAMED_ALONE)
]


def leaves(usage: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in usage.items() if isinstance(usage, dict) else enumerate(usage):
        if isinstance(value, dict | list):
            yield (*path, key)
            yield from leaves(value, (*path, key))
        elif isinstance(value, int):
            yield (*path, key)


def put(usage: Any, path: tuple[Any, ...], value: Any) -> Any:
    found = copy.deepcopy(usage)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return found


def impossible(words: str) -> Iterator[Any]:
    """Each count by itself, then all at once, then none, then no object."""
    usage = USAGES[words]
    for value in IMPOSSIBLE:
        everywhere = usage
        for path in leaves(usage):
            yield put(usage, path, value)
            if not isinstance(put_at(usage, path), dict | list):
                everywhere = put(everywhere, path, value)
        yield everywhere
    yield from ({"x": 1}, [1], "many", 7, [{}], True)


def put_at(usage: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        usage = usage[key]
    return usage


def told_counts(text: str) -> Iterator[Any]:
    """Every count in the usages of an answer, streamed or whole."""
    bodies = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")] or [text]
    for body in bodies:
        found = json.loads(body)
        for holder in (found, found.get("message"), found.get("response")):
            if isinstance(holder, dict) and isinstance(holder.get("usage"), dict):
                yield from numbers(holder["usage"])


def numbers(value: Any) -> Iterator[Any]:
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from numbers(child)
        elif not isinstance(child, str) and child is not None:
            yield child


@pytest.mark.parametrize(("words", "caller", "stream"), CASES)
def test_counts_that_cannot_be_true(monkeypatch: pytest.MonkeyPatch, words: str, caller: str, stream: bool) -> None:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world("1000000") as here:
        model = MODELS.get(words, {"max_output": 1000, "price": w.PRICE})
        protocol = VENDORS.get(words, "gemini" if words.startswith("gemini") else "openai_chat")
        vendor = MADE[protocol]
        placed(here, model, replace(vendor, clients={protocol: vendor.clients[protocol]}))
        for usage in impossible(words):
            one = WORDS[words]
            framed = stream and words not in ONE_DOCUMENT
            chunks = one.frames("hello", usage) if framed else [one.whole("hello", usage)]
            here.script.default = lambda _, chunks=chunks: w.Says(chunks=chunks)
            before = here.balance().charged_nano
            here.now[0] += 1
            answer, text = asyncio.run(asked(here, caller, stream=stream))
            said = f"{usage} -> {text[:500]}"
            assert answer.status == 200, said
            row = here.ledger.row(answer.headers["x-interchange-request-id"])
            assert row is not None and row.outcome == "ok", said
            assert 0 < row.charge_nano <= row.hold_nano, said
            assert row.charge_nano == here.balance().charged_nano - before
            assert row.charge_nano == min(charge(row.usage, PriceList.read(row.prices)).nano, row.hold_nano), said
            assert row.usage.total_input > 0, said
            assert row.usage.total_output > 0 or words.endswith("embeddings"), said
            if words in CALLERS and caller != words:
                assert all(isinstance(one, int) and one >= 0 for one in told_counts(text)), said
        assert not [fields for event, fields in here.reports if event == "fault"]
        assert here.balance().held_nano == 0
