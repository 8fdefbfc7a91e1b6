"""A conversation that a model has no room for: each vendor's own words of it, told to each protocol's callers as their
SDKs and agents know it. They shorten the history when they read it, and give up when they do not."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.exchange.conversation.in_stream import told_in_stream
from interchange.exchange.http import Answer, Inbound
from interchange.hub.full_context import is_full
from interchange.protocols.openai_responses.server.face import Server
from interchange.wire import codec
from tests.continuity.added import everyone
from tests.exchange.world import Says, World, messages_frame, world

Json = dict[str, Any]
CODE = "context_length_exceeded"


def _openai(message: str, code: str | None = CODE) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": "messages", "code": code}}


def _claude(message: str) -> Json:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


REQUESTED = (
    "This model's maximum context length is 128000 tokens. However, you requested 140000 tokens (120000 in the "
    "messages, 20000 in the completion). Please reduce the length of the messages or completion."
)
OPENAI_LATER = (
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens. Please reduce "
    "the length of the messages."
)
GOOGLE = "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576)."
NOVA = (
    "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length. "
    "Please update the input to try again."
)
DEEPSEEK = (
    "This model's maximum context length is 1048565 tokens. However, you requested 1250025 tokens (1250025 in the "
    "messages, 0 in the completion). Please reduce the length of the messages or completion."
)
OPENAI_SAYS = "Your input exceeds the context window of this model. Please adjust your input and try again."
GROQ_SAYS = "Please reduce the length of the messages or completion."
VENDORS: dict[str, tuple[str, Json]] = {
    "openai": ("gpt-4.1", _openai("This model's maximum context length is 1047576 tokens. However, your messages "
                                  "resulted in 1200000 tokens. Please reduce the length of the messages.")),
    "openai, with the answer": ("gpt-4.1", _openai(REQUESTED)),
    "openai, responses": ("gpt-5.4", _openai(OPENAI_SAYS)),
    "openai, later": ("gpt-4.1", _openai(OPENAI_LATER)),
    "claude": ("claude-sonnet-4-5", _claude("prompt is too long: 3333404 tokens > 200000 maximum")),
    "claude, with the answer": ("claude-sonnet-4-5", _claude(
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or "
        "`max_tokens` and try again")),
    "gemini": ("gemini-3-flash-preview", {"error": {"code": 400, "message": GOOGLE, "status": "INVALID_ARGUMENT"}}),
    "xai": ("grok-4.3", {"code": "Client specified an invalid argument", "error":
                         "This model's maximum prompt length is 131072 but the request contains 537812 tokens."}),
    "bedrock": ("claude-on-bedrock", {"message": "Input is too long for requested model."}),
    "bedrock, nova": ("claude-on-bedrock", {"message": NOVA}),
    "deepseek": ("thinker-1", _openai(DEEPSEEK, "invalid_request_error")),
    "groq": ("thinker-1", _openai(GROQ_SAYS)),
    "moonshot": ("thinker-1", _openai("Your request exceeded model token limit: 131072", None)),
    "minimax": ("claudelike-1", _claude("invalid params, context window exceeds limit (2013)")),
}  # fmt: skip
"""Recorded at the vendors (crmne/ruby_llm, `chat_real_error_scenarios_*_handles_context_length_exceeded_errors.yml`;
openai/openai-python#1423; coder/aibridge#94), and the forms that pydantic-ai and opencode list."""
BODIES: dict[str, Json] = {
    "chat": {"messages": [{"role": "user", "content": "hi"}], "max_completion_tokens": 99},
    "messages": {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 99},
    "responses": {"input": "hi", "max_output_tokens": 99},
}
LITELLM = (
    "exceed context limit", "this model's maximum context length is", "is longer than the model's context length",
    "input tokens exceed the configured limit", "exceeds the maximum number of tokens allowed", "prompt is too long",
)  # fmt: skip
"""litellm `exception_mapping_utils.py`: known_exception_substrings."""
OPENCODE = re.compile(
    r"prompt is too long|input is too long for requested model|exceeds the context window|"
    r"input token count.*exceeds the maximum|maximum prompt length is \d+|reduce the length of the messages|"
    r"maximum context length is \d+ tokens|context window exceeds limit|exceeded model token limit", re.IGNORECASE,
)  # fmt: skip
"""sst/opencode `packages/opencode/src/provider/error.ts`: OVERFLOW_PATTERNS."""
CLAUDE_CODE = re.compile(r"prompt is too long|input length and `max_tokens` exceed context limit: \d+ \+ \d+ > \d+")
"""The two messages of docs.anthropic.com/en/api/errors that it shortens its history at; langchain-anthropic
`AnthropicContextOverflowError` and Strands' `OVERFLOW_MESSAGES` have the same words."""


def refusing(here: World, body: Json) -> None:
    everyone(here)
    here.script.default = lambda _outgoing: Says(400, chunks=[codec.dumps(body)])


def recognised(family: str, error: Json) -> None:
    assert error["type"] == "invalid_request_error"
    if family == "messages":
        assert CLAUDE_CODE.search(error["message"]), error
        return
    assert error["code"] == CODE  # langchain-openai, pydantic-ai, Strands, CrewAI, Codex
    if error["message"] == OPENAI_LATER:
        return  # its own words, with the code that all of them look for first
    assert OPENCODE.search(error["message"]), error
    if error["message"] not in (OPENAI_SAYS, GROQ_SAYS):
        assert any(word in error["message"].lower() for word in LITELLM), error


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("family", BODIES)
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_full_context_is_told_as_the_callers_agents_know_it(vendor: str, family: str, stream: bool) -> None:
    model, refusal = VENDORS[vendor]

    async def run() -> None:
        with world() as here:
            refusing(here, refusal)
            status, told, headers = await here.whole(family, {"model": model, "stream": stream, **BODIES[family]})
            assert (status, headers["x-should-retry"]) == (400, "false")
            recognised(family, told["error"])
            assert len(here.script.sent) == 1 and here.balance().held_nano == 0

    asyncio.run(run())


def test_the_numbers_are_told_in_the_callers_form() -> None:
    async def run() -> None:
        with world() as here:
            for vendor, right in (
                ("claude", "context length is 200000 tokens. However, your messages resulted in 3333404 tokens."),
                ("gemini", "context length is 1048576 tokens. However, your messages resulted in 1250074 tokens."),
                ("claude, with the answer", "context length is 200000 tokens. However, you requested 210000 tokens "
                 "(190000 in the messages, 20000 in the completion)."),
            ):  # fmt: skip
                model, refusal = VENDORS[vendor]
                refusing(here, refusal)
                _, told, _ = await here.whole("chat", {"model": model, **BODIES["chat"]})
                assert right in told["error"]["message"]

    asyncio.run(run())


def _events(raw: bytes) -> list[Json]:
    return [codec.loads(line.removeprefix(b"data: ")) for line in raw.split(b"\n") if line.startswith(b"data: {")]


def _failing(begun: bool) -> list[bytes]:
    """A stream of OpenAI's that ends so. openai/codex `codex-rs/core/tests/suite`: `context_length_exceeded`."""
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "up",
        "output": [],
        "status": "in_progress",
    }
    error = {"code": CODE, "message": VENDORS["openai, responses"][1]["error"]["message"]}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    said: list[tuple[str, Json]] = [
        ("response.output_item.added", {"output_index": 0, "item": item}),
        ("response.content_part.added", {**place, "part": part}),
        ("response.output_text.delta", {**place, "delta": "I begin.", "logprobs": []}),
    ]
    events: list[tuple[str, Json]] = [
        ("response.created", {"response": response}), *(said if begun else ()),
        ("response.failed", {"response": {**response, "status": "failed", "error": error}}),
    ]  # fmt: skip
    return [messages_frame(kind, sequence_number=number, **fields) for number, (kind, fields) in enumerate(events)]


@pytest.mark.parametrize("vendor", ["openai", "claude", "gemini", "xai", "inside the vendor's stream"])
def test_codex_hears_of_it_in_the_stream_where_alone_it_looks(vendor: str) -> None:
    model, refusal = VENDORS.get(vendor, ("gpt-5.4", {}))

    async def run() -> None:
        with world() as here:
            refusing(here, refusal)
            if not refusal:
                here.script.default = lambda _: Says(chunks=_failing(begun=False))
            body = {"model": model, "stream": True, **BODIES["responses"]}
            answer, chunks = await here.streamed("responses", body, originator="codex_cli_rs")
            events = _events(b"".join(chunks))
            assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream"
            assert [event["type"] for event in events] == [
                "response.created",
                "response.in_progress",
                "response.failed",
            ]
            assert [event["sequence_number"] for event in events] == [0, 1, 2]
            assert events[-1]["response"]["error"]["code"] == CODE
            answer, _ = await here.streamed("responses", body)
            assert answer.status == 400, "the SDKs raise at a status"
            if refusal:
                answer, _ = await here.streamed("responses", {**body, "stream": False}, originator="codex_cli_rs")
                assert answer.status == 400
            assert here.balance().held_nano == 0

    asyncio.run(run())


@pytest.mark.parametrize("family", BODIES)
def test_a_context_that_fills_in_mid_answer_says_so_too(family: str) -> None:
    async def run() -> None:
        with world() as here:
            everyone(here)
            here.script.default = lambda _: Says(chunks=_failing(begun=True))
            effort: Json = {"chat": {"reasoning_effort": "high"}, "messages": {"thinking": {"type": "adaptive"}}}
            tool: Json = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}
            tools: Any = {
                "chat": [{"type": "function", "function": {name: tool[name] for name in ("name", "parameters")}}],
                "messages": [{"name": "look", "input_schema": tool["parameters"]}], "responses": [tool],
            }[family]  # fmt: skip
            body = {"model": "gpt-5.4", "stream": True, "tools": tools, **effort.get(family, {}), **BODIES[family]}
            answer, chunks = await here.streamed(family, body)
            said = b"".join(chunks)
            assert answer.status == 200 and b"I begin." in said
            assert (b"prompt is too long" if family == "messages" else CODE.encode()) in said

    asyncio.run(run())


@pytest.mark.parametrize("message", [
    "Rate limit reached: too many tokens per minute", "max_tokens is too large: 200000",
    "Too many tokens, please wait before trying again.", "image exceeds the maximum size", "Request too large",
])  # fmt: skip
def test_other_limits_are_no_full_context(message: str) -> None:
    assert not is_full(message)


@pytest.mark.parametrize("error", [{"message": CODE}, {"message": CODE, "code": "other"}, CODE, None])
def test_a_refusal_that_only_repeats_the_word_stays_a_status(error: object) -> None:
    inbound = Inbound("POST", "/v1/responses", {"originator": "codex_cli_rs"}, b'{"model": "m", "stream": true}', 9e9)
    answer = Answer(400, {}, codec.dumps({"error": error, "said": CODE}))
    assert told_in_stream(Server(Seal(b"sixteen bytes key")), inbound, answer) is answer
