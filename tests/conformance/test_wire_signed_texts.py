"""T14: Gemini signs its text answers; the signature goes out on the message, where Google's own endpoint puts it, and
comes back with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.wire import codec
from tests.exchange import world as w

Json = dict[str, Any]
SIGNED = {"google": {"thought_signature": "c2lnbmVk"}}
ONE: list[Json] = [{"text": "hi", "thoughtSignature": "c2lnbmVk"}]
BEHIND: list[Json] = [{"text": "hi"}, {"text": "", "thoughtSignature": "c2lnbmVk"}]


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def answer(parts: list[Json]) -> bytes:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}
    found = [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}]
    return codec.dumps({"candidates": found, "usageMetadata": usage, "modelVersion": "g"})


def asked(here: w.World, model: str, *turns: Json) -> Json:
    status, found, _ = asyncio.run(here.whole("chat", {"model": model, "messages": list(turns)}))
    assert status == 200, found
    message: Json = found["choices"][0]["message"]
    return message


@pytest.mark.parametrize("parts", [ONE, BEHIND], ids=["on the text", "behind it"])
def test_a_texts_signature_is_the_messages_own_and_comes_back(here: w.World, parts: list[Json]) -> None:
    here.script.answers = [w.Says(chunks=[answer(parts)]), w.Says(chunks=[answer(ONE)])]
    message = asked(here, "gemini", *w.user())
    assert message["content"] == "hi"
    assert message["extra_content"] == SIGNED
    asked(here, "gemini", *w.user(), message, *w.user("go on"))
    sent = here.script.bodies[1]["contents"][1]["parts"]
    assert "".join(part["text"] for part in sent) == "hi"
    assert [part["thoughtSignature"] for part in sent if "thoughtSignature" in part] == ["c2lnbmVk"]


@pytest.mark.parametrize("parts", [ONE, BEHIND], ids=["on the text", "behind it"])
def test_a_streamed_texts_signature_is_in_a_delta(here: w.World, parts: list[Json]) -> None:
    frames = [b"data: " + answer([part]) + b"\n\n" for part in parts]
    here.script.answers = [w.Says(chunks=frames)]
    _, chunks = asyncio.run(here.streamed("chat", {"model": "gemini", "messages": w.user(), "stream": True}))
    lines = [line for line in b"".join(chunks).decode().split("\n") if line.startswith("data: {")]
    deltas = [choice["delta"] for line in lines for choice in codec.loads(line[6:].encode())["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == "hi"
    assert [delta["extra_content"] for delta in deltas if "extra_content" in delta] == [SIGNED]


@pytest.mark.parametrize("model", ["gpt", "claude", "grok"])
def test_a_texts_signature_goes_to_no_other_vendor(here: w.World, model: str) -> None:
    here.script.default = lambda outgoing: w.Says(chunks=[w.chat_answer()])
    turns = [*w.user(), {"role": "assistant", "content": "hi", "extra_content": SIGNED}, *w.user("go on")]
    asyncio.run(here.whole("chat", {"model": model, "messages": turns}))
    assert b"c2lnbmVk" not in (here.script.sent[0].body or b"")
