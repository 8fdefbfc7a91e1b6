"""Pictures that one model drew are seen by the model that goes on, in a user's turn, whatever the protocol."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.wire import codec
from tests.exchange import world as w

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
SEES = ["text", "image"]
MODELS: list[dict[str, Any]] = [
    {"id": "painter", "routes": [{"provider": "gemini", "model": "g"}], "max_output": 8000, "input": SEES,
     "output": SEES, "price": {"input": "2", "output": "10", "output_image": "30"}},
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up"}], "input": SEES, "price": w.PRICE},
    {"id": "gpt-responses", "routes": [{"provider": "openai", "model": "r", "protocol": "openai_responses"}],
     "input": SEES, "price": w.PRICE},
    {"id": "grok", "routes": [{"provider": "xai", "model": "grok-up"}], "input": SEES, "price": w.PRICE},
    {"id": "claude", "routes": [{"provider": "anthropic", "model": "claude-up"}], "input": SEES, "max_output": 1000,
     "price": w.PRICE},
    {"id": "blind", "routes": [{"provider": "openai", "model": "blind-up"}], "price": w.PRICE},
]  # fmt: skip
DREW = {
    "candidates": [{
        "content": {"role": "model", "parts": [
            {"text": "Here:"}, {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
        ]},
        "index": 0, "finishReason": "STOP",
    }],
    "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 9, "totalTokenCount": 14},
}  # fmt: skip
NO = w.Says(400, chunks=[b'{"error": {"message": "enough", "type": "invalid_request_error"}}'])
"""What goes up is looked at; nothing need come back."""


def asked(family: str, turns: list[Any]) -> dict[str, Any]:
    return {"input": turns} if family == "responses" else {"messages": turns, "max_tokens": 500}


def said(family: str, answer: Any) -> list[Any]:
    """The answer as its caller sends it back."""
    match family:
        case "chat":
            return [answer["choices"][0]["message"]]
        case "messages":
            return [{"role": "assistant", "content": answer["content"]}]
        case _:
            return list(answer["output"])


def goes_up(family: str, model: str) -> tuple[Any, int, Any]:
    """Draws, then asks another model about it: what it is sent, and what the caller is told."""

    async def run() -> tuple[Any, int, Any]:
        with w.world() as here:
            here.services = replace(here.services, catalog=read(MODELS))
            here.script.answers += [w.Says(chunks=[codec.dumps(DREW)]), NO]
            first = [{"role": "user", "content": "draw"}]
            status, answer, _ = await here.whole(family, {"model": "painter", **asked(family, first)})
            assert status == 200, answer
            then = [*first, *said(family, answer), {"role": "user", "content": "brighter"}]
            status, told, _ = await here.whole(family, {"model": model, **asked(family, then)})
            return here.script.bodies[-1], status, told

    return asyncio.run(run())


@pytest.mark.parametrize("model", ["gpt", "gpt-responses", "grok", "claude"])
@pytest.mark.parametrize("family", ["chat", "messages", "responses"])
def test_a_picture_that_one_model_drew_is_shown_to_the_next(family: str, model: str) -> None:
    body, _, told = goes_up(family, model)
    turns = body["messages"] if "messages" in body else body["input"]
    assert told["error"]["message"].startswith("enough"), told
    shown = [turn for turn in turns if PICTURE in codec.dumps_text(turn)]
    assert [turn.get("role") for turn in shown] == ["user"]
    assert turns.index(shown[0]) == len(turns) - 1
    assert "brighter" in codec.dumps_text(shown)
    assert "images" not in codec.dumps_text(turns).replace("images are", "")


@pytest.mark.parametrize(
    ("family", "place"),
    [("chat", "messages[1].images[0]"), ("messages", "messages[1].content[1]"), ("responses", "input[2]")],
)
def test_a_model_that_sees_nothing_is_not_asked_about_it(family: str, place: str) -> None:
    _, status, told = goes_up(family, "blind")
    assert status == 400
    assert told["error"].get("param", place) == place
    assert told["error"]["message"].startswith(f"{place}: this model does not take image input")


def test_in_a_loop_of_tools_it_stays_where_it_stood() -> None:
    """Else the prefix would change with each turn."""
    url = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    drew = {"role": "assistant", "content": None, "tool_calls": [call], "images": [{**url, "index": 0}]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "1"}
    second = {"role": "assistant", "content": None, "tool_calls": [{**call, "id": "c2"}]}
    turns = [*w.user(), drew, result]

    async def run() -> list[Any]:
        with w.world() as here:
            here.services = replace(here.services, catalog=read(MODELS))
            here.script.answers += [NO, NO]
            for more in ([], [second, {**result, "tool_call_id": "c2"}]):
                await here.whole("chat", {"model": "gpt", "messages": [*turns, *more]})
            return [body["messages"] for body in here.script.bodies]

    first, then = asyncio.run(run())
    assert then[: len(first)] == first
    assert [turn["role"] for turn in then] == ["user", "assistant", "tool", "user", "assistant", "tool"]
    assert first[3]["content"][1:] == [url]
