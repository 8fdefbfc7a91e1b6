"""Bodies that go on to a provider as they came: only what we sealed is taken out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.protocols.anthropic_messages.carry import PassThrough
from interchange.protocols.anthropic_messages.server.answer import ELSEWHERE
from interchange.protocols.faces import Profile

SEAL = Seal(b"sixteen bytes key")


def sent(*content: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"model": "asked", "max_tokens": 1, "messages": [{"role": "assistant", "content": list(content)}]}
    raw = json.dumps(body).encode()
    out = json.loads(PassThrough().write_request(raw, body, Profile("upstream"), None, False))
    assert out["model"] == "upstream"
    return list(out["messages"][0]["content"])


def test_D3_what_is_the_models_own_is_byte_identical() -> None:
    body = {"model": "asked", "max_tokens": 1, "messages": [{"role": "assistant", "content": [
        {"type": "thinking", "thinking": "", "signature": "EqQB"}, {"type": "text", "text": ""}]}]}  # fmt: skip
    raw = json.dumps(body, indent=2).encode()
    out = PassThrough().write_request(raw, body, Profile("upstream"), None, False)
    assert out == raw.replace(b'"asked"', b'"upstream"')


def test_sealed_thinking_and_citations_are_taken_out() -> None:
    sealed = SEAL.seal(b.Continuation("gemini", "x"))
    kept = {"type": "web_search_result_location", "encrypted_index": "Eo8B", "url": "u", "cited_text": "c"}
    ours = {**kept, "encrypted_index": SEAL.seal(ELSEWHERE)}
    assert sent(
        {"type": "thinking", "thinking": "t", "signature": sealed},
        {"type": "redacted_thinking", "data": sealed},
        {"type": "text", "text": "a", "citations": [ours, kept]},
        {"type": "text", "text": "b", "citations": [ours]},
        {"type": "document", "citations": {"enabled": True}},
    ) == [
        {"type": "text", "text": "a", "citations": [kept]},
        {"type": "text", "text": "b"},
        {"type": "document", "citations": {"enabled": True}},
    ]


@pytest.mark.parametrize("messages", [[], [5], [{"role": "assistant", "content": []}]])
def test_what_has_no_turns_is_left_to_its_vendor(messages: Any) -> None:
    asked = {"type": "enabled", "budget_tokens": 1024}
    body = {"model": "asked", "max_tokens": 2000, "thinking": asked, "messages": messages}
    assert PassThrough().left_out(body) == ()
    out = PassThrough().write_request(json.dumps(body).encode(), body, Profile("upstream"), None, False)
    assert json.loads(out) == {**body, "model": "upstream"}
