"""Rules that a vendor enforces: exclusive parameters, lengths, what a reasoning model refuses; and a full context."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from interchange.wire import codec
from tests.conformance import wire
from tests.exchange import world as w


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5", "claude-opus-4-6"])
@pytest.mark.parametrize("temperature, top_p, right, lost", [
    (0.7, 1, ("temperature", 0.7), False), (1, 0.5, ("top_p", 0.5), False), (0.7, 0.5, ("temperature", 0.7), True),
])  # fmt: skip
def test_claude_gets_temperature_or_top_p(
    here: w.World, model: str, temperature: float, top_p: float, right: tuple[str, float], lost: bool
) -> None:
    body = {"model": model, "messages": [wire.user()], "temperature": temperature, "top_p": top_p}
    _, _, dropped = wire.ask(here, "chat", body)
    up = here.script.bodies[-1]
    assert [(name, up[name]) for name in ("temperature", "top_p") if name in up] == [right]
    assert ("top_p" in dropped) is lost


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "grok-4.3"])
def test_a_long_id_of_a_user_is_sent_as_a_stable_digest(here: w.World, model: str) -> None:
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()], "metadata": {"user_id": "u" * 170}}
    first, again = (wire.sent(here, "messages", body)["user"] for _ in range(2))
    assert first == again and len(first) == 64
    other = {**body, "metadata": {"user_id": "short"}}
    assert wire.sent(here, "messages", other)["user"] == "short"


@pytest.mark.parametrize("model", ["grok-4", "grok-4.3", "grok-code-fast-1"])
def test_a_reasoning_grok_is_given_no_stop_sequences(here: w.World, model: str) -> None:
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()], "stop_sequences": ["END"]}
    assert "stop" in wire.refused(here, "messages", body)


def test_a_forced_choice_without_tools_is_told_plainly(here: w.World) -> None:
    body = {"model": "gemini-3.5-flash", "messages": [wire.user()], "tool_choice": "required"}
    assert wire.refused(here, "chat", body) == "tool_choice: no tools are declared, so none can be forced"


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-2.5-pro"])
def test_functions_beside_a_vendors_own_tools_are_refused_where_they_exclude_each_other(
    here: w.World, model: str
) -> None:
    tools = [{"name": "f", "input_schema": {"type": "object"}}, {"type": "web_search_20250305", "name": "web_search"}]
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()], "tools": tools}
    assert wire.refused(here, "messages", body) == "tools[1]: this model takes its own tools or functions, not both"
    up = wire.sent(here, "messages", {**body, "model": "gemini-3.5-flash"})
    assert up["toolConfig"]["includeServerSideToolInvocations"] is True


def test_a_history_cut_before_a_call_is_given_a_turn_before_it_for_gemini(here: w.World) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c", "content": "o"}]
    up = wire.sent(here, "chat", {"model": "gemini-3.5-flash", "messages": turns, "tools": [wire.function("f")]})
    assert [turn["role"] for turn in up["contents"]] == ["user", "model", "user"]


OPENAI = "This model's maximum context length is 1047576 tokens. However, your messages resulted in 1200000 tokens."
GOOGLE = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
ASKED = "maximum context length is 128000 tokens. However, you requested 140000 tokens (120000 in the messages, " \
        "20000 in the completion)."  # fmt: skip


@pytest.mark.parametrize("model, message, right", [
    ("gpt-4.1", OPENAI, "prompt is too long: 1200000 tokens > 1047576 maximum"),
    ("gpt-4.1", ASKED, "input length and `max_tokens` exceed context limit: 120000 + 20000 > 128000, "
     "decrease input length or `max_tokens` and try again"),
    ("gemini-3.5-flash", GOOGLE, "prompt is too long: 1200000 tokens > 1048576 maximum"),
    ("grok-4.3", "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
     "prompt is too long: 537812 tokens > 131072 maximum"),
])  # fmt: skip
def test_a_full_context_reads_as_anthropics_own(here: w.World, model: str, message: str, right: str) -> None:
    error = {"code": 400, "status": "INVALID_ARGUMENT", "message": message}
    if not model.startswith("gemini"):
        error = {"code": "context_length_exceeded", "type": "invalid_request_error", "message": message}
    here.script.answers = [w.Says(400, chunks=[codec.dumps({"error": error})])]
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()]}
    status, said, _ = asyncio.run(here.whole("messages", body))
    assert (status, said["error"]["type"], said["error"]["message"]) == (400, "invalid_request_error", right)


REFUSED: list[tuple[str, str, str]] = [
    ("gpt-4.1", "You uploaded an unsupported image. Please make sure your image is valid.", "Could not process image"),
    ("gpt-4.1", "Invalid image data.", "Could not process image"),
    (
        "gemini-3.5-flash",
        "Unable to process input image. Please retry or report in the forum.",
        "Could not process image",
    ),
    ("gpt-4.1", "The image is too large. Images must be under 20 MB.", "image exceeds"),
    ("grok-4.3", "Image size exceeds the maximum of 20MiB.", "image exceeds"),
]


@pytest.mark.parametrize("model, message, right", REFUSED)
def test_a_refused_picture_reads_as_anthropics_own(here: w.World, model: str, message: str, right: str) -> None:
    here.script.answers = [w.Says(400, chunks=[_error(model, message)])]
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()]}
    status, said, _ = asyncio.run(here.whole("messages", body))
    assert (status, said["error"]["type"]) == (400, "invalid_request_error")
    assert said["error"]["message"].startswith(right) and message in said["error"]["message"]


def _error(model: str, message: str) -> bytes:
    match model:
        case "claude-sonnet-4-5":
            return codec.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
        case "gemini-3.5-flash":
            return codec.dumps({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": message}})
        case _:
            return codec.dumps({"error": {"code": None, "type": "invalid_request_error", "message": message}})


@pytest.mark.parametrize("family", ["chat", "responses"])
@pytest.mark.parametrize("model, message, right", [
    ("claude-sonnet-4-5", "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > "
     "5242880 bytes", "image_too_large"),
    ("claude-sonnet-4-5", "Could not process image", "image_parse_error"),
    ("gemini-3.5-flash", "Unable to process input image.", "image_parse_error"),
])  # fmt: skip
def test_a_refused_picture_has_openais_code(here: w.World, family: str, model: str, message: str, right: str) -> None:
    here.script.answers = [w.Says(400, chunks=[_error(model, message)])]
    turn: dict[str, object] = {"input": "q"} if family == "responses" else {"messages": [wire.user()]}
    status, said, _ = asyncio.run(here.whole(family, {"model": model, **turn}))
    assert (status, said["error"]["code"]) == (400, right)


@pytest.mark.parametrize("model, status, answer", [
    ("gpt-4.1", 503, {"error": {"message": "The engine is currently overloaded", "type": "server_error"}}),
    ("gemini-3.5-flash", 503, {"error": {"code": 503, "status": "UNAVAILABLE", "message": "The model is overloaded."}}),
    ("grok-4.3", 503, {"error": "Service is at capacity", "code": "unavailable"}),
])  # fmt: skip
def test_an_overloaded_vendor_reads_as_anthropics_own(
    here: w.World, model: str, status: int, answer: dict[str, object]
) -> None:
    here.script.answers = [w.Says(status, chunks=[codec.dumps(answer)])] * 9
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()]}
    told, said, _ = asyncio.run(here.whole("messages", body))
    assert (told, said["error"]["type"]) == (529, "overloaded_error")


@pytest.mark.parametrize("family", ["chat", "responses"])
def test_claudes_overload_is_a_503_for_openais_clients(here: w.World, family: str) -> None:
    answer = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    here.script.answers = [w.Says(529, chunks=[codec.dumps(answer)])] * 9
    turn: dict[str, object] = {"input": "q"} if family == "responses" else {"messages": [wire.user()]}
    told, said, _ = asyncio.run(here.whole(family, {"model": "claude-sonnet-4-5", **turn}))
    assert (told, said["error"]["type"]) == (503, "server_error")
