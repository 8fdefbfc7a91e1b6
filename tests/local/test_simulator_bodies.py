"""The simulator takes any schema for an example, and refuses what is no request in its vendor's words."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.testclient import TestClient

from local.simulator import anthropic_messages, gemini, openai_chat, openai_responses
from local.simulator.misshapen import MISSHAPEN, refusal
from local.simulator.script import example

ROUTES = [*anthropic_messages.routes, *gemini.routes, *openai_chat.routes, *openai_responses.routes]
CLIENT = TestClient(Starlette(routes=ROUTES, exception_handlers=dict.fromkeys(MISSHAPEN, refusal)))


class Leaf(BaseModel):
    size: int


class Tree(BaseModel):
    leaf: Leaf
    below: list[Tree]
    beside: Tree | None = None


def test_an_example_follows_references_and_ends_where_a_schema_contains_itself() -> None:
    Tree.model_validate(example(Tree.model_json_schema()))


@pytest.mark.parametrize("schema", [True, {}, "x", None, {"properties": None, "type": "object"}, {"items": 1}])
def test_an_odd_schema_has_an_example(schema: Any) -> None:
    assert example(schema) in ("simulated", {})


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/openai/v1/chat/completions", {"model": "m", "messages": [1]}, "invalid_request_error"),
        ("/openai/v1/chat/completions", {"model": "m", "messages": [{"role": "user"}], "max_tokens": 1.5},
         "invalid_request_error"),
        ("/openai/v1/responses", {"model": "m", "input": [1]}, "invalid_request_error"),
        ("/anthropic/v1/messages", {"model": "m", "max_tokens": 1, "messages": [1]}, "invalid_request_error"),
        ("/gemini/v1beta/models/m:generateContent", {"contents": [1]}, "INVALID_ARGUMENT"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_a_400(path: str, body: Any, kind: str) -> None:
    answer = CLIENT.post(path, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("type") or error.get("status")) == (400, kind)


def test_sound_comes_whole_where_a_whole_answer_is_asked_for() -> None:
    asked = {"contents": [{"parts": [{"text": "Say hello"}]}], "generationConfig": {"responseModalities": ["AUDIO"]}}
    whole = CLIENT.post("/gemini/v1beta/models/m:generateContent", json=asked).json()
    (part,) = whole["candidates"][0]["content"]["parts"]
    streamed = CLIENT.post("/gemini/v1beta/models/m:streamGenerateContent?alt=sse", json=asked).text
    frames = [json.loads(line.removeprefix("data: ")) for line in streamed.splitlines() if line.startswith("data: ")]
    said = [frame["candidates"][0]["content"]["parts"][0]["inlineData"]["data"] for frame in frames[:-1]]
    assert base64.b64decode(part["inlineData"]["data"]) == b"".join(map(base64.b64decode, said)) != b""
    assert whole["usageMetadata"] == frames[-1]["usageMetadata"]
