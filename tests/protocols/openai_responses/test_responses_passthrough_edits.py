"""What the pass-through lane of Responses leaves out of a request."""

from __future__ import annotations

import json

from interchange.protocols.faces import Profile
from interchange.protocols.openai_responses.carry import PassThrough


def test_what_an_sdks_helper_added_to_its_answer_stays_behind() -> None:
    """`responses.stream` and `.parse` of openai-python, where a caller dumps the items by hand."""
    call = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}
    part = {"type": "output_text", "text": "Oak.", "annotations": []}
    said = {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]}
    items = [{**call, "parsed_arguments": None}, {**said, "content": [{**part, "parsed": {"tree": "oak"}}]}]
    body = {"model": "m", "input": items}
    sent = PassThrough().write_request(json.dumps(body).encode(), body, Profile("up"), None, False)
    assert json.loads(sent)["input"] == [call, said]
