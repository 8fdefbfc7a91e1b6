"""docs/compatibility.md is what the code does, and speaks of everything that the vendors' SDKs can say."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from anthropic.types import message_create_params
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params

from scripts import compatibility, compatibility_responses, compatibility_samples

SILENT = {
    ("Chat completions", "stream"), ("Chat completions", "stream_options"),
    ("Chat completions", "reasoning_effort: none"),
    ("Messages", "stream"), ("Messages", "thinking: disabled"), ("Messages", "thinking: adaptive"),
    ("Messages", "cache_control, top level"), ("Messages", "service_tier: standard_only"),
    ("Responses", "stream"), ("Responses", "stream_options"), ("Responses", "store: false"),
    ("Responses", "reasoning.effort: none"), ("Responses", "reasoning.summary"),
}  # fmt: skip
"""What may go without a word: it asks for what happens anyway."""
OF_THE_API = {"diagnostics", "user_profile_id", "workspace_id", "messages", "model"}
"""Fields that are the plain body itself, or settings of the vendor's own account."""
RESOLVED_BEFORE = {"previous_response_id"}
"""Replaced by what it leads to before a body is read: tests/exchange/conversation/test_stored.py."""


def test_the_page_is_current() -> None:
    written = compatibility.OUT.read_text()
    assert written == compatibility.page(), "run `python -m scripts.compatibility`"


@pytest.mark.parametrize("target", compatibility.TARGETS, ids=lambda target: target.title)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_nothing_is_dropped_in_silence(caller: compatibility.Caller, target: compatibility.Target) -> None:
    face = compatibility.face_of(target)
    if face.client.protocol == caller.server.protocol:
        return  # passed through as it came
    for sample in caller.samples:
        found = compatibility.outcome(caller, sample, face)
        if found.word == compatibility.IMPLIED:
            assert (caller.title, sample.name) in SILENT, f"{sample.name} -> {target.title} vanishes"


@pytest.mark.parametrize("hints, samples", [
    (get_type_hints(completion_create_params.CompletionCreateParamsBase), compatibility_samples.CHAT_SAMPLES),
    (get_type_hints(message_create_params.MessageCreateParamsBase), compatibility_samples.MESSAGES_SAMPLES),
    (get_type_hints(response_create_params.ResponseCreateParamsBase), compatibility_responses.SAMPLES),
], ids=["chat", "messages", "responses"])  # fmt: skip
def test_every_field_of_the_sdk_is_tried(
    hints: dict[str, object], samples: tuple[compatibility_samples.Sample, ...]
) -> None:
    tried = {name for sample in samples for name in sample.change}
    assert set(hints) - tried <= OF_THE_API | RESOLVED_BEFORE
