"""What the pass-through lane of Responses leaves out of a request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interchange.protocols.faces import Profile
from interchange.protocols.openai_responses.carry import PassThrough


def test_what_an_sdks_helper_added_to_its_answer_stays_behind() -> None:
    """`responses.stream` and `.parse` of openai-python, where a caller dumps the items by hand."""
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    part = {"type": "output_text", "text": "Oak.", "annotations": []}
    said = {"type": "message", "role": "assistant", "content": [part]}
    items = [{**call, "parsed_arguments": None}, {**said, "content": [{**part, "parsed": {"tree": "oak"}}]}]
    body = {"model": "m", "input": items}
    sent = PassThrough().write_request(json.dumps(body).encode(), body, Profile("up"), None, False)
    assert json.loads(sent)["input"] == [call, said]


CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c", "output": "oak"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
SAID = {"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "Oak."}]}
REASONS = Profile("up", traits={"reasoning": {"efforts": ["low"]}})


def sent(items: list[Any], profile: Profile = REASONS, **more: Any) -> dict[str, Any]:
    body = {"model": "m", "input": items, **more}
    found: dict[str, Any] = json.loads(
        PassThrough().write_request(json.dumps(body).encode(), body, profile, None, False)
    )
    return found


@pytest.mark.parametrize("given, taken", [
    ([{**THOUGHT, "content": None, "status": None}, {**CALL, "async_": None, "caller": None, "status": "completed"}],
     [THOUGHT, {**CALL, "status": "completed"}]),
    ([{**THOUGHT, "status": "completed"}, CALL], [THOUGHT, CALL]),
    ([{name: value for name, value in THOUGHT.items() if name != "summary"}, CALL], [THOUGHT, CALL]),
    ([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}, CALL], [{**CALL, "id": None}]),
    ([{**THOUGHT, "encrypted_content": "ic1.sealed.elsewhere"}, CALL], [{**CALL, "id": None}]),
    ([{**THOUGHT, "id": "rs_ic_0", "encrypted_content": None}, CALL], [{**CALL, "id": None}]),
    ([{**THOUGHT, "encrypted_content": None}, CALL], [{"type": "reasoning", "id": "rs_1", "summary": []}, CALL]),
    ([CALL, OUTPUT, THOUGHT, CALL, OUTPUT], [{**CALL, "id": None}, OUTPUT, THOUGHT, CALL, OUTPUT]),
    ([{**THOUGHT, "id": None}, CALL], [{**THOUGHT, "id": None}, {**CALL, "id": None}]),
    ([{**THOUGHT, "id": "thought_1"}, SAID, CALL],
     [{**THOUGHT, "id": None}, {"type": "message", "role": "assistant", "content": "Oak."}, {**CALL, "id": None}]),
    ([{**THOUGHT, "id": None}, CALL, OUTPUT, THOUGHT, CALL, OUTPUT],
     [{**THOUGHT, "id": None}, {**CALL, "id": None}, OUTPUT, THOUGHT, CALL, OUTPUT]),
    ([THOUGHT, {**CALL, "id": "call_1"}], [THOUGHT, {**CALL, "id": None}]),
    ([SAID], [{"type": "message", "role": "assistant", "content": "Oak."}]),
    ([THOUGHT, SAID], [THOUGHT, SAID]),
    ([{"type": "web_search_call", "id": "ws_ic_1", "status": "completed", "action": {}}, SAID],
     [{"type": "message", "role": "assistant", "content": "Oak."}]),
])  # fmt: skip
def test_items_of_past_answers_go_as_the_vendor_takes_them(given: list[Any], taken: list[Any]) -> None:
    without = [{name: value for name, value in item.items() if value is not None} for item in taken]
    assert sent(given)["input"] == without


@pytest.mark.parametrize("given, asked", [
    ({}, ["reasoning.encrypted_content"]),
    ({"include": None}, ["reasoning.encrypted_content"]),
    ({"include": ["file_search_call.results"]}, ["file_search_call.results", "reasoning.encrypted_content"]),
    ({"include": ["reasoning.encrypted_content"]}, ["reasoning.encrypted_content"]),
])  # fmt: skip
def test_a_model_that_reasons_is_asked_for_its_state(given: dict[str, Any], asked: list[str]) -> None:
    assert sent([OUTPUT], **given)["include"] == asked
    assert "include" not in sent([OUTPUT], Profile("up"))
