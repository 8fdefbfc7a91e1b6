"""Gemini signs any part of an answer (ai.google.dev/gemini-api/docs/thought-signatures): a text, a thought, a call, a
picture, code that it ran, a search. Whatever a stock SDK sends back of the answer, each signature stands where it
stood, whole and streamed, in every protocol."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import parsed

Json = dict[str, Any]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PICTURE: Json = {"inlineData": {"mimeType": "image/png", "data": PIXEL}}


def signed(part: Json, number: int = 1) -> Json:
    return {**part, "thoughtSignature": base64.b64encode(f"sign{number}".encode()).decode()}


def call(number: int) -> Json:
    return {"functionCall": {"name": "f", "args": {"a": number}}}


CODE: Json = {"executableCode": {"id": "x1", "language": "PYTHON", "code": "print(1)"}}
RAN: Json = {"codeExecutionResult": {"id": "x1", "outcome": "OUTCOME_OK", "output": "1"}}
SEARCH: Json = {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["q"]}}}
FOUND: Json = {"toolResponse": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "response": {"a": 1}}}
HI, MM = {"text": "hi"}, {"text": "hm", "thought": True}
SHAPES: dict[str, list[Json]] = {
    "text": [signed(HI)],
    "behind the text": [HI, signed({"text": ""})],
    "thought and text": [signed(MM, 2), signed(HI)],
    "two texts": [signed(HI), signed({"text": " ho"}, 2)],
    "calls": [signed(call(1)), call(2)],
    "each call": [signed(call(1)), signed(call(2), 2)],
    "text and call": [MM, signed(HI, 2), signed(call(1))],
    "call and text": [signed(call(1)), signed(HI, 2)],
    "picture": [signed(PICTURE)],
    "text and picture": [signed(HI, 2), signed(PICTURE)],
    "code": [signed(CODE), signed(RAN, 3), signed(HI, 2)],
    "code, unsigned result": [signed(CODE), RAN, HI],
    "search": [signed(SEARCH), signed(FOUND, 2), HI],
    "code and call": [signed(CODE), RAN, signed(call(1), 2)],
}
SCHEMA: Json = {"type": "object", "properties": {"a": {"type": "integer"}}}
MODEL = "gemini-3.5-flash"
ASKED: list[Any] = [{"role": "user", "content": "q"}]


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


def answer(parts: list[Json], stream: bool) -> list[bytes]:
    if not stream:
        return [v.gemini_whole(*parts)]
    frames = [codec.loads(v.gemini_whole(part)) for part in parts]
    for frame in frames[:-1]:
        del frame["candidates"][0]["finishReason"]
    return [b"data: " + codec.dumps(frame) + b"\n\n" for frame in frames]


def chat(here: w.World, history: list[Any], stream: bool) -> list[Any]:
    client = parsed.of_openai(here)
    asked: Any = {"model": MODEL, "messages": history, "reasoning_effort": "high",
                  "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]}  # fmt: skip
    if stream:
        with client.chat.completions.stream(**asked) as events:
            message: Any = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(**asked).choices[0].message
    said = message.model_dump(exclude_none=True, exclude={"parsed": True})
    for one in said.get("tool_calls", ()):
        one.pop("index", None)
        one["function"].pop("parsed_arguments", None)
    calls = message.tool_calls or []
    results = [{"role": "tool", "tool_call_id": one.id, "content": "oak"} for one in calls]
    return [said, *(results or [{"role": "user", "content": "next"}])]


def messages(here: w.World, history: list[Any], stream: bool) -> list[Any]:
    client = parsed.of_anthropic(here)
    asked: Any = {"model": MODEL, "max_tokens": 4000, "messages": history,
                  "thinking": {"type": "enabled", "budget_tokens": 1024},
                  "tools": [{"name": "f", "input_schema": SCHEMA}]}  # fmt: skip
    if stream:
        with client.messages.stream(**asked) as events:
            message: Any = events.get_final_message()
    else:
        message = client.messages.create(**asked)
    calls = [block for block in message.content if block.type == "tool_use"]
    results: Any = [{"type": "tool_result", "tool_use_id": one.id, "content": "oak"} for one in calls]
    return [{"role": "assistant", "content": message.content}, {"role": "user", "content": results or "next"}]


def responses(here: w.World, history: list[Any], stream: bool) -> list[Any]:
    client = parsed.of_openai(here)
    asked: Any = {"model": MODEL, "input": history, "store": False, "include": ["reasoning.encrypted_content"],
                  "tools": [{"type": "function", "name": "f", "parameters": SCHEMA, "strict": False}]}  # fmt: skip
    if stream:
        with client.responses.stream(**asked) as events:
            done: Any = events.get_final_response()
    else:
        done = client.responses.create(**asked)
    calls = [item for item in done.output if item.type == "function_call"]
    results = [{"type": "function_call_output", "call_id": one.call_id, "output": "oak"} for one in calls]
    items = [item.model_dump(exclude_none=True) for item in done.output] if stream else list(done.output)
    return [*items, *(results or [{"role": "user", "content": "next"}])]


def told(parts: list[Json]) -> list[tuple[str, str | None]]:
    """What each part is and its signature; texts that say nothing and bear nothing are none."""
    kept = [part for part in parts if part.get("text") != "" or "thoughtSignature" in part]
    kinds = [next(name for name in part if name not in ("thought", "thoughtSignature")) for part in kept]
    return [(kind, part.get("thoughtSignature")) for kind, part in zip(kinds, kept, strict=True)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("ask", [chat, messages, responses], ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("shape", SHAPES)
def test_each_signature_stands_where_it_stood(here: w.World, shape: str, ask: Any, stream: bool) -> None:
    here.script.answers = [w.Says(chunks=answer(SHAPES[shape], stream))]
    here.script.default = wire.hello
    history = [*ASKED, *ask(here, list(ASKED), stream)]
    ask(here, history, False)
    sent = [part for turn in here.script.bodies[-1]["contents"] if turn["role"] == "model" for part in turn["parts"]]
    wanted = [one for one in told(SHAPES[shape]) if one != ("text", None) or one in told(sent)]
    assert told(sent) == wanted
    drawn = [part for part in SHAPES[shape] if "inlineData" in part]
    assert [part for part in sent if "inlineData" in part] == drawn


@pytest.mark.parametrize("signature", ["not base64!", "größe", "c2ln====", ""])
def test_a_signature_that_is_no_base64_goes_nowhere(here: w.World, signature: str) -> None:
    said = {"role": "assistant", "content": "hi",
            "extra_content": {"google": {"thought_signature": signature}}}  # fmt: skip
    body = wire.sent(here, "chat", {"model": MODEL, "messages": [*ASKED, said, *ASKED]})
    assert "thoughtSignature" not in codec.dumps_text(body)
