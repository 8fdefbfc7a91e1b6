"""The pass-through lane edits a chunk's own `model` and `usage`, wherever they stand, and nobody else's."""

from __future__ import annotations

import json

import pytest

from interchange.protocols.faces import Profile
from interchange.protocols.openai_chat.carry import PassThrough
from interchange.wire.sse import FrameReader


def edited(data: str, *, asked_usage: bool = False) -> str:
    (frame,) = FrameReader().feed(f"data: {data}\n\n".encode())
    return PassThrough().write_frame(frame, "asked", asked_usage).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"model":"up","choices":[{"delta":{"content":"x"}}],"usage":null}',
         '{"model":"asked","choices":[{"delta":{"content":"x"}}]}'),
        ('{"choices":[{"delta":{"model":"mine","usage":null}}],"model":"up"}',
         '{"choices":[{"delta":{"model":"mine","usage":null}}],"model":"asked"}'),
        ('{"choices":[{"delta":{"content":"\\"model\\":\\"x\\",\\"usage\\":null}"}}],"model":"up","usage":null,"o":"z"}',
         '{"choices":[{"delta":{"content":"\\"model\\":\\"x\\",\\"usage\\":null}"}}],"model":"asked","o":"z"}'),
        ('{"usage":null,"model" : "up","choices":[{}]}', '{"model" : "asked","choices":[{}]}'),
        ('{"x":{"usage":null},"model":"up","choices":[{}]}', '{"x":{"usage":null},"model":"asked","choices":[{}]}'),
        ('{"model":"up","choices":[{}],"usage":null,"later":{"a":1}}',
         '{"model":"asked","choices":[{}],"later":{"a":1}}'),
        ('{"model":"u\\u0070","choices":[{}],"usage":{"prompt_tokens":1}}',
         '{"model":"asked","choices":[{}],"usage":{"prompt_tokens":1}}'),
    ],
)  # fmt: skip
def test_its_own_members_and_no_others(before: str, after: str) -> None:
    json.loads(before)
    assert edited(before) == f"data: {after}\n\n"


def test_the_usage_chunk_that_only_we_wanted_stays_behind() -> None:
    chunk = '{"model":"up","choices":[],"usage":{"prompt_tokens":1}}'
    assert edited(chunk) == ""
    assert edited(chunk, asked_usage=True) == "data: " + chunk.replace('"up"', '"asked"') + "\n\n"


def test_what_an_sdks_helper_added_to_its_answer_stays_behind() -> None:
    """`client.chat.completions.stream` and `.parse` of openai-python, whose messages go back with `messages.append`."""
    function = {"name": "f", "arguments": "{}"}
    call = {"id": "c", "type": "function", "function": function}
    helped = {**call, "index": 0, "function": {**function, "parsed_arguments": {}}}
    said = {"role": "assistant", "content": "Oak.", "tool_calls": [call]}
    user = {"role": "user", "content": [{"type": "text", "text": "parsed", "parsed": 1}]}
    body = {"model": "m", "messages": [user, {**said, "parsed": None, "tool_calls": [helped]}]}
    sent = PassThrough().write_request(json.dumps(body).encode(), body, Profile("up"), None, False)
    assert json.loads(sent)["messages"] == [user, said]
