"""A field that no reader looks at is told when a request is translated; what real clients send is all read."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.hub.failure import RequestError
from tests.protocols.test_places import SERVERS, bodies

CALL = {"id": "a", "type": "function", "index": 0, "x": 1, "function": {"name": "f", "arguments": "{}", "y": 2}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "s", "a": 1},
        {"role": "user", "content": [{"type": "text", "text": "t", "b": 2, "c": None}], "known_to_the_reader": 1},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.example/b.png", "d": 3}}]},
        {"role": "user", "content": [{"type": "hologram", "whole": 1}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "a", "content": "r", "e": 4},
    ],
    "response_format": {"type": "json_schema", "f": 5, "json_schema": {"name": "n", "schema": {}, "g": 6}},
}
RESPONSES: dict[str, Any] = {
    "model": "m",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "t", "a": 1}], "b": 2},
        {
            "type": "function_call",
            "id": "i",
            "status": "completed",
            "call_id": "c",
            "name": "f",
            "arguments": "{}",
            "d": 3,
        },
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "t", "e": 4}]},
        {
            "role": "assistant",
            "phase": "final_answer",
            "content": [{"type": "output_text", "text": "t", "logprobs": []}],
        },
    ],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": {}, "f": 5}},
}
"""Of this, `phase`, ids and states say nothing to another vendor."""


def test_fields_of_chat_that_nobody_reads() -> None:
    assert SERVERS["openai_chat"].read_request(CHAT).messages[0].extra == {"known_to_the_reader": 1}
    assert list(SERVERS["openai_chat"].unread(CHAT)) == [
        "messages[0].a",
        "messages[1].content[0].b",
        "messages[2].content[0].image_url.d",
        "messages[4].tool_calls[0].x",
        "messages[4].tool_calls[0].function.y",
        "messages[5].e",
        "response_format.f",
        "response_format.json_schema.g",
    ]


def test_fields_of_responses_that_nobody_reads() -> None:
    SERVERS["openai_responses"].read_request(RESPONSES)
    assert list(SERVERS["openai_responses"].unread(RESPONSES)) == [
        "input[0].b",
        "input[0].content[0].a",
        "input[1].d",
        "input[2].output[0].e",
        "text.format.f",
    ]


VENDORS_OWN = {
    f"tools[0].{name}"
    for name in (
        "container",
        "container.file_ids",
        "external_web_access",
        "allowed_callers",
        "citations",
        "server_description",
    )
}
"""Settings in the recordings that no other vendor has a word for."""
PLACED = {"type": "approximate", "city": "Rome", "x": 1}
NESTED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("openai_chat", {"reasoning": {"effort": "low", "x": 1}}, ["reasoning.x"]),
    ("openai_chat", {"thinking": {"type": "adaptive", "x": 1}}, ["thinking.x"]),
    ("openai_chat", {"audio": {"voice": "v", "format": "wav", "x": 1}}, ["audio.x"]),
    ("openai_chat", {"web_search_options": {"x": 1}}, ["web_search_options.x"]),
    ("openai_chat", {"web_search_options": {"user_location": {"approximate": PLACED, "y": 2}}},
     ["web_search_options.user_location.y", "web_search_options.user_location.approximate.x"]),
    ("openai_responses", {"tools": [{"type": "web_search", "user_location": PLACED, "filters": {"y": 1}, "z": 2}]},
     ["tools[0].z", "tools[0].user_location.x", "tools[0].filters.y"]),
    ("openai_responses", {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["f"]}}]},
     ["tools[0].container.file_ids"]),
    ("openai_responses", {"tools": [{"type": "web_search", "external_web_access": True}]}, []),
    ("openai_responses", {"tools": [{"type": "web_search", "external_web_access": False}]},
     ["tools[0].external_web_access"]),
    ("openai_responses", {"tools": [{"type": "mcp", "server_label": "s", "server_url": "https://a.example",
                                     "require_approval": "never", "made_up": "d", "allowed_tools": ["a"]}]},
     ["tools[0].made_up"]),
    ("openai_chat", {"tool_choice": "none", "function_call": "auto"}, ["function_call"]),
    ("openai_responses", {"tools": [{"type": "code_interpreter", "container": "cntr_1"}]}, ["tools[0].container"]),
    ("openai_responses", {"stream_options": {"include_obfuscation": True}}, ["stream_options.include_obfuscation"]),
    ("openai_responses", {"stream_options": {"include_obfuscation": False}}, []),
    ("anthropic_messages", {"tools": [{"type": "web_search_20250305", "name": "w", "user_location": PLACED, "z": 2}]},
     ["tools[0].z", "tools[0].user_location.x"]),
    ("anthropic_messages", {"tools": [{"type": "web_fetch_20250910", "name": "w", "max_content_tokens": 2}]},
     ["tools[0].max_content_tokens"]),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "said", "paths"), NESTED)
def test_fields_of_settings_that_nobody_reads(protocol: str, said: dict[str, Any], paths: list[str]) -> None:
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "input": "hi", **said}
    SERVERS[protocol].read_request(body)
    assert list(SERVERS[protocol].unread(body)) == paths


@pytest.mark.parametrize("protocol", SERVERS)
def test_what_recorded_clients_send_is_read(protocol: str) -> None:
    server, seen = SERVERS[protocol], 0
    for body in bodies(protocol):
        try:
            server.read_request(body)
        except RequestError:
            continue
        assert set(server.unread(body)) <= VENDORS_OWN
        seen += 1
    assert seen > 50
