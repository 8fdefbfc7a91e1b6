"""What lies in the operator's account at a vendor stays there; what our answers hand out comes back to its owner."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any, get_args

import pytest
import typing_extensions
from anthropic.types.beta.message_create_params import MessageCreateParamsNonStreaming
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsNonStreaming
from openai.types.audio.translation_create_params import TranslationCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.image_edit_params import ImageEditParamsNonStreaming
from openai.types.image_generate_params import ImageGenerateParamsNonStreaming
from openai.types.moderation_create_params import ModerationCreateParams
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from interchange.identity.keys import digest
from interchange.wire import codec
from tests.exchange.world import Says, chat_answer, messages_stream, user, world

FILE = {"type": "file", "file_id": "file_011"}
HELD: list[tuple[str, dict[str, Any], str]] = [
    ("messages", {"fallbacks": "default"}, "fallbacks"),
    ("messages", {"fallback_credit_token": "t"}, "fallback_credit_token"),
    ("messages", {"billing_policy": {"type": "billing_policy", "bill_to": "user_profile"}}, "billing_policy"),
    ("messages", {"diagnostics": {"previous_message_id": "msg_1"}}, "diagnostics.previous_message_id"),
    ("messages", {"container": "container_011"}, "container"),
    ("messages", {"container": {"id": "container_011"}}, "container.id"),
    ("messages", {"container": {"skills": [{"type": "custom", "skill_id": "skill_1"}]}},
     "container.skills[0].skill_id"),
    ("messages", {"messages": [{"role": "user", "content": [{"type": "document", "source": FILE}]}]},
     "messages[0].content[0].source.file_id"),
    ("messages", {"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "file_011"}]}]},
     "messages[0].content[0].file_id"),
    ("messages", {"tools": [{"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-4-8"}]},
     "tools[0].model"),
    ("responses", {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]},
     "input[0].content[0].file_id"),
    ("responses", {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}]},
     "input[0].content[0].file_id"),
    ("responses", {"tools": [{"type": "code_interpreter", "container": "cntr_1"}]}, "tools[0].container"),
    ("responses", {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}}]},
     "tools[0].container.file_ids"),
    ("responses", {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}, "tools[0].vector_store_ids"),
    ("responses", {"tools": [{"type": "mcp", "server_label": "s", "tunnel_id": "t_1"}]}, "tools[0].tunnel_id"),
    ("responses", {"tools": [{"type": "image_generation", "input_image_mask": {"file_id": "file-1"}}]},
     "tools[0].input_image_mask.file_id"),
    ("responses", {"tools": [{"type": "shell", "environment": {
        "type": "container_auto", "skills": [{"type": "skill_reference", "skill_id": "skill_1"}]}}]},
     "tools[0].environment.skills[0].skill_id"),
    ("responses", {"tools": [{"type": "shell", "environment": {"type": "container_reference",
                                                               "container_id": "cntr_1"}}]},
     "tools[0].environment.container_id"),
    ("responses", {"input": [{"type": "code_interpreter_call", "id": "ci_1", "container_id": "cntr_1", "code": "1",
                              "outputs": [], "status": "completed"}]}, "input[0].container_id"),
    ("responses", {"prompt_cache_options": {"comparison_response_id": "resp_1"}},
     "prompt_cache_options.comparison_response_id"),
    ("responses", {"background_options": {"completion_window": "8h"}}, "background_options"),
    ("chat", {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]},
     "messages[0].content[0].file.file_id"),
    ("chat", {"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}, *user()]}, "messages[0].audio.id"),
    ("chat", {"audio": {"format": "wav", "voice": {"id": "voice_1"}}, "modalities": ["audio"]}, "audio.voice.id"),
]  # fmt: skip
MODELS = {"messages": ("claude", "gpt", "gemini", "grok"), "responses": ("gpt", "claude", "gemini", "grok"),
          "chat": ("gpt", "claude", "gemini", "grok")}  # fmt: skip


def _body(family: str, model: str, extra: dict[str, Any]) -> dict[str, Any]:
    least = {"input": "hi"} if family == "responses" else {"messages": user(), "max_tokens": 50}
    return {"model": model, **least, **extra}


@pytest.mark.parametrize(("family", "extra", "path"), HELD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_body_that_names_what_the_vendor_keeps_is_refused_for_every_model(
    family: str, extra: dict[str, Any], path: str
) -> None:
    async def run() -> None:
        with world() as made:
            for model in MODELS[family]:
                status, answer, _ = await made.whole(family, _body(family, model, extra))
                assert status == 400, (model, answer)
                told = answer["error"]
                assert path in (told.get("param"), told["message"].partition(":")[0]), told
            assert made.script.sent == []
            assert made.balance().held_nano == 0

    asyncio.run(run())


def test_a_thread_is_refused_in_the_words_that_the_sdk_recovers_from() -> None:
    async def run() -> None:
        with world() as made:
            made.services = replace(made.services, responses=None)  # where they are held: tests/continuity/test_threads
            for model in MODELS["messages"]:
                for stream in (False, True):
                    body = _body("messages", model, {"thread": {"type": "create"}, "stream": stream})
                    status, answer, _ = await made.whole("messages", body)
                    assert status == 400
                    assert answer["error"]["type"] == "invalid_request_error"
                    assert answer["error"]["details"] == {
                        "error_code": "thread_unsupported_request",
                        "unsupported": ["thread"],
                    }

    asyncio.run(run())


def test_names_of_the_callers_own_are_not_held_to_be_the_vendors() -> None:
    """Arguments, schemas and results are free; so is an advisor that is the model itself."""
    schema = {"type": "object", "properties": {"file_id": {"type": "string"}, "container": {"type": "string"}}}
    given = {"type": "file", "file_id": "file_1", "container": "container_1", "container_id": "cntr_1"}
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": given}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": '{"id":"audio_1"}'}
    body = {
        "model": "claude", "max_tokens": 50, "tools": [{"name": "f", "input_schema": schema}],
        "messages": [*user(), {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}],
        "billing_policy": {"type": "billing_policy", "bill_to": "self"}, "diagnostics": {"previous_message_id": None},
        "container": {"skills": [{"type": "anthropic", "skill_id": "xlsx", "version": "latest"}]},
    }  # fmt: skip

    async def run() -> None:
        with world() as made:
            made.script.answers.append(Says(chunks=messages_stream("ok")))
            answer, _ = await made.streamed("messages", {**body, "stream": True})
            assert answer.status == 200
            assert made.script.bodies[0]["container"] == body["container"]

    asyncio.run(run())


def _with_container(identity: str) -> bytes:
    return codec.dumps({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "ok"}], "usage": {"input_tokens": 1, "output_tokens": 1},
        "container": {"id": identity, "expires_at": "2026-01-01T00:00:00Z"},
    })  # fmt: skip


def test_a_container_comes_back_to_its_owner_alone() -> None:
    other = "sk-test-other-account-0123456789ab"

    async def run() -> None:
        with world() as made:
            made.accounts.create("other", "test", made.now[0])
            made.accounts.credit("other", 10**10, "test", "first", made.now[0])
            made.keys.add(
                digest(other),
                {"key_id": "key_2", "account_id": "other", "status": "active", "name": "k", "limits": {},
                 "markup": "1", "shards": 1, "created_ms": made.now[0]},
            )  # fmt: skip
            made.script.answers += [Says(chunks=[_with_container("container_011abc")])] * 2
            _, first, _ = await made.whole("messages", _body("messages", "claude", {}))
            signed = first["container"]["id"]
            assert signed.startswith("container_011abc.")
            status, _, _ = await made.whole("messages", _body("messages", "claude", {"container": signed}))
            assert status == 200
            assert made.script.bodies[-1]["container"] == "container_011abc"
            status, _, _ = await made.whole("messages", _body("messages", "claude", {"container": signed}), key=other)
            assert status == 400
            assert len(made.script.sent) == 2

    asyncio.run(run())


def test_a_spoken_answer_comes_back_to_its_owner_alone() -> None:
    audio = {"id": "audio_1a2b", "data": "AAAA", "transcript": "hi", "expires_at": 2_000_000_000}
    message = {"role": "assistant", "content": None, "audio": audio}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}

    async def run() -> None:
        with world() as made:
            made.script.answers += [Says(chunks=[chat_answer(choices=[choice])]), Says(chunks=[chat_answer()])]
            _, first, _ = await made.whole("chat", _body("chat", "gpt", {}))
            signed = first["choices"][0]["message"]["audio"]["id"]
            assert signed != "audio_1a2b"
            history = [*user(), {"role": "assistant", "audio": {"id": signed}}, *user("go on")]
            status, _, _ = await made.whole("chat", _body("chat", "gpt", {"messages": history}))
            assert status == 200
            assert made.script.bodies[-1]["messages"][1]["audio"]["id"] == "audio_1a2b"

    asyncio.run(run())


@pytest.mark.parametrize("body", [
    b'{"model":"claude","model":"gpt","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}',
    b'{"model":"claude","mod\\u0065l":"gpt","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}',
    b'{"model":"claude","max_tokens":5,"max_tokens":50000,"messages":[{"role":"user","content":"hi"}]}',
    b'{"model":"claude","Model":"gpt","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}',
    b'{"model":"claude","max_tokens":5,"MAX_TOKENS":50000,"messages":[{"role":"user","content":"hi"}]}',
])  # fmt: skip
def test_a_field_that_stands_twice_is_refused_whatever_its_case(body: bytes) -> None:
    async def run() -> None:
        with world() as made:
            for family in ("messages", "chat"):
                status, answer, _ = await made.whole(family, body)
                assert status == 400, answer
            assert made.script.sent == []

    asyncio.run(run())


NAMING = re.compile(
    r"(?:^|_)(?:ids?|models?|speed|tier|geo|container|conversation|prompt|thread|fallbacks?|skills?|billing_policy"
    r"|credit_token|background|background_options|file|files|store|voice|tunnel|connector|svg|count|complexity"
    r"|fidelity|references)$"
)
"""Names of fields that may name a model, an object of the vendor's, or a speed, or multiply what is made."""
KNOWN: dict[str, str] = {
    # handled elsewhere
    "model": "routed, refused in advisors, free in moderation, priced by metering in image generation",
    "service_tier": "priced", "speed": "priced", "inference_geo": "priced", "store": "the vendor's copy",
    "conversation": "refused in request.py", "prompt": "refused in request.py",
    "previous_response_id": "answered or refused by us", "background": "refused, or an image's ground",
    # refused or bound
    "thread": "the account's own", "fallbacks": "each a model of the catalog", "fallback_credit_token": "held",
    "billing_policy": "held",
    "file_id": "held where it is asked for; an answer's echo elsewhere", "file_ids": "held", "skill_id": "held",
    "vector_store_ids": "held", "previous_message_id": "held", "comparison_response_id": "held", "tunnel_id": "held",
    "background_options": "held", "container": "owned", "container_id": "owned",
    "id": "owned in containers, audio and voices; else the caller's own name of a call or an item",
    "revised_prompt": "an answer's echo", "svg": "refused", "frame_count": "in the bound of a picture",
    "complexity": "in the bound of a picture", "input_fidelity": "in the bound of a picture",
    "known_speaker_references": "sound itself, in data URLs", "tool_references": "the request's own tools",
    # no object of the vendor's
    "skills": "their ids are held", "voice": "a word, or an id that is held", "file": "content, or an id that is held",
    "tool_use_id": "the conversation's", "tool_call_id": "the conversation's", "call_id": "the conversation's",
    "tool_id": "the conversation's", "tab_id": "the caller's browser", "download_id": "the caller's browser",
    "approval_request_id": "the conversation's", "caller_id": "the conversation's",
    "continuation_id": "within background_options", "user_id": "the caller's word",
    "user_profile_id": "a header that is not sent on",
    "workspace_id": "a header that is not sent on", "connector_id": "the caller's own credential opens it",
}  # fmt: skip


@pytest.mark.parametrize(
    "params",
    [MessageCreateParamsNonStreaming, ResponseCreateParamsNonStreaming, CompletionCreateParamsNonStreaming,
     ImageGenerateParamsNonStreaming, ImageEditParamsNonStreaming, SpeechCreateParams,
     TranscriptionCreateParamsNonStreaming, TranslationCreateParams, EmbeddingCreateParams, ModerationCreateParams],
    ids=["messages", "responses", "chat", "pictures", "edits", "speech", "transcription", "translation", "vectors",
         "moderation"],
)  # fmt: skip
def test_every_field_of_the_sdks_that_names_a_model_an_object_or_a_speed_is_known(params: Any) -> None:
    names: set[str] = set()
    _collect(params, set(), names)
    assert sorted(name for name in names if NAMING.search(name) and name not in KNOWN) == []


def _collect(kind: Any, seen: set[Any], names: set[str]) -> None:
    if typing_extensions.is_typeddict(kind):
        if kind in seen:
            return
        seen.add(kind)
        for name, inner in typing_extensions.get_type_hints(kind).items():
            names.add(name)
            _collect(inner, seen, names)
    for inner in get_args(kind):
        _collect(inner, seen, names)
