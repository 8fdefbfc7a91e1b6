"""The estimate against what the vendors themselves counted, over recorded traffic."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.continuity.seal import Seal
from interchange.estimate import estimate_tokens
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server
from tests.laws import traffic

SERVER = Server(Seal(b"0123456789abcdef"))
MESSAGES = MessagesServer(Seal(b"0123456789abcdef"))
CATALOG = load()
DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$|-latest$")
NEAR = 0.10
WITHIN = 0.97
"""The share of requests that the estimate must come near."""


def listed(name: str) -> Model | None:
    return CATALOG.find(name) or CATALOG.find(DATED.sub("", name))


def counted(record: dict[str, Any]) -> int | None:
    """The input tokens that the vendor reported."""
    body = record.get("response_json")
    if isinstance(body, dict):
        return (body.get("usage") or {}).get("prompt_tokens")
    found = None
    for line in (record.get("response_sse") or "").splitlines():
        if line.startswith("data: {") and '"usage"' in line:
            usage = json.loads(line[6:]).get("usage")
            found = usage["prompt_tokens"] if usage else found
    return found


def countable(request: r.Request) -> bool:
    """Without what nobody can count from outside: a picture that the vendor fetches, a tool that it runs."""
    if any(isinstance(tool, r.HostedTool) for tool in request.tools):
        return False
    blocks = [block for message in request.messages for block in message.content]
    return not any(isinstance(block, b.Image) and isinstance(block.source, b.UrlSource) for block in blocks)


def samples(vendor: str) -> Iterator[tuple[str, r.Request, Model, int]]:
    source = next(one for one in traffic.SOURCES if one.name == vendor)
    for record in traffic.lines(source):
        body = record.get("request_json")
        if not isinstance(body, dict) or not traffic.answered(record) or not counted(record):
            continue
        model = listed(str(body.get("model")))
        if model is None or record["provider"] != vendor:
            continue
        if isinstance(body.get("tool_choice"), dict) and "function" not in body["tool_choice"]:
            continue  # another vendor's words, which this one passed over with the tools
        request = SERVER.read_request(body)
        if countable(request):
            yield record["id"], request, model, counted(record) or 0


@pytest.mark.parametrize("vendor", ["openai", "xai"])
def test_G2_the_estimate_comes_near_what_the_vendor_counted(vendor: str, capsys: Any) -> None:
    counts: Counter[bool] = Counter()
    far: list[str] = []
    for name, request, model, truth in samples(vendor):
        estimate = estimate_tokens(request, model.traits)
        near = abs(estimate - truth) <= NEAR * truth
        counts[near] += 1
        if not near:
            far.append(f"{name} {model.id}: {estimate} for {truth}")
    with capsys.disabled():
        print(f"\n  estimates {vendor}: {counts[True]} of {counts.total()} within 10 %")
    assert counts.total() >= (100 if vendor == "openai" else 5)
    wanted = WITHIN if vendor == "openai" else 0.6
    assert counts[True] >= wanted * counts.total(), far


def test_G2_instructions_and_tools_count() -> None:
    bare = {"model": "m", "messages": [{"role": "user", "content": "hello there"}]}
    tool = {"name": "get_weather", "description": "The weather of a place, now. " * 20,
            "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}  # fmt: skip
    small = estimate_tokens(MESSAGES.read_count_tokens(bare))
    full = estimate_tokens(MESSAGES.read_count_tokens({**bare, "system": "Be brief. " * 100, "tools": [tool]}))
    assert small < 20
    assert full > small + 300 + 100


def test_G3_what_is_meant_is_counted_not_its_json() -> None:
    plain = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    wordy = {"model": "m", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "hello", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]}]}  # fmt: skip
    assert estimate_tokens(MESSAGES.read_count_tokens(plain)) == estimate_tokens(MESSAGES.read_count_tokens(wordy))


def test_G3_encrypted_reasoning_is_not_counted_as_text() -> None:
    history = [{"role": "user", "content": "hi"},
               {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "A" * 40_000},
                                                 {"type": "text", "text": "hello"}]},
               {"role": "user", "content": "and?"}]  # fmt: skip
    assert estimate_tokens(MESSAGES.read_count_tokens({"model": "m", "messages": history})) < 40


def test_the_manners_of_the_catalog_are_words_that_exist() -> None:
    request = r.Request("m", (b.Message(b.Role.USER, (b.Text("hi"),)),))
    for model in CATALOG.models:
        assert estimate_tokens(request, model.traits) > 0
    with pytest.raises(ValueError, match=r"traits\.counting\.promt: unknown"):
        estimate_tokens(request, {"counting": {"promt": 3}})
