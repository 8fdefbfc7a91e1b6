"""Items of Responses that one vendor answered with, where another vendor of the protocol goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.wire import codec
from tests.exchange import world as w

PRICE: dict[str, Any] = {**w.PRICE, "per_call": {"x_search": "0.01", "web_search": "0.01"}}
ITS: list[dict[str, Any]] = [
    {"id": name, "routes": [{"provider": provider, "model": f"{name}-up", "protocol": "openai_responses"}],
     "input": ["text", "image"], "price": PRICE}
    for name, provider in (("gpt", "openai"), ("grok", "xai"))
]  # fmt: skip
HEX = "0dcedf859a52c6ea006a5522bfbbc081a2b69c1d9ccc04015d"
UUID = "25de2f84-163c-6e9e-e42e-cd1dbd6f9ed0"
"""How the two vendors' ids look: tests/recordings."""
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
QUERY = '{"query":"wood"}'
XAIS: dict[str, Any] = {
    "search": {"type": "web_search_call", "id": f"fc_{UUID}_0", "call_id": "", "name": "web_search",
               "status": "completed", "arguments": QUERY},
    "search of posts": {"type": "custom_tool_call", "id": f"ctc_{UUID}_0", "call_id": "xs_1", "status": "completed",
                        "name": "x_keyword_search", "input": QUERY},
    "code": {"type": "code_interpreter_call", "id": f"fc_{UUID}_1", "call_id": "", "name": "code_execution",
             "status": "completed", "arguments": '{"code":"wood"}'},
    "picture": {"type": "image_generation_call", "id": f"ig_{UUID}_call-0", "status": "completed", "prompt": "wood",
                "result": PICTURE},
}  # fmt: skip
OPENAIS: dict[str, Any] = {
    "search": {"type": "web_search_call", "id": f"ws_{HEX}", "status": "completed",
               "action": {"type": "search", "query": "wood"}},
    "code": {"type": "code_interpreter_call", "id": f"ci_{HEX}", "status": "completed", "code": "1",
             "outputs": [{"type": "logs", "logs": "wood"}]},
    "files": {"type": "file_search_call", "id": f"fs_{HEX}", "status": "completed", "queries": ["q"],
              "results": [{"file_id": "f", "filename": "a.txt", "score": 1, "text": "wood"}]},
    "picture": {"type": "image_generation_call", "id": f"ig_{HEX}", "status": "completed", "prompt": "wood",
                "result": PICTURE, "output_format": "png"},
    "found tools": {"type": "tool_search_output", "id": f"tso_{HEX}", "execution": "server", "status": "completed",
                    "tools": [{"type": "function", "name": "wood", "strict": False,
                               "parameters": {"type": "object", "properties": {}}}]},
}  # fmt: skip
CASES = [("gpt", name, item) for name, item in XAIS.items()] + [("grok", name, item) for name, item in OPENAIS.items()]
ANSWER: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1, "model": "up", "status": "completed",
    "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": "Oak.", "annotations": []}]}],
    "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
}  # fmt: skip


def ask(family: str, body: dict[str, Any], *said: Any) -> tuple[list[Any], int, Any]:
    """The items that go up; what the caller is told."""

    async def run() -> tuple[list[Any], int, Any]:
        with w.world() as here:
            here.services = replace(here.services, catalog=read(ITS))
            here.script.answers += [w.Says(chunks=chunks) for chunks in said or ([codec.dumps(ANSWER)],)]
            if body.get("stream"):
                answer, chunks = await here.streamed(family, body)
                return here.script.bodies, answer.status, b"".join(chunks).decode()
            status, told, _ = await here.whole(family, body)
            return here.script.bodies, status, told

    return asyncio.run(run())


def turns(*items: Any) -> list[Any]:
    return [*w.user(), *items, {"role": "assistant", "content": "It is wood."}, {"role": "user", "content": "which"}]


@pytest.mark.parametrize(("model", "name", "item"), CASES, ids=[f"{model}: {name}" for model, name, _ in CASES])
def test_another_vendors_item_is_said_in_words(model: str, name: str, item: Any) -> None:
    (body,), status, told = ask("responses", {"model": model, "input": turns(item)})
    assert status == 200, told
    assert item["type"] not in [given.get("type") for given in body["input"]]
    said = [given for given in body["input"] if given.get("role") == "assistant"]
    assert "wood" in codec.dumps_text(said[0]).replace("It is wood.", "")
    shown = [given for given in body["input"] if PICTURE in codec.dumps_text(given)]
    assert [given["role"] for given in shown] == (["user"] if name == "picture" else [])


@pytest.mark.parametrize(("model", "items"), [("grok", XAIS), ("gpt", OPENAIS)])
def test_a_vendors_own_items_go_back_as_they_came(model: str, items: dict[str, Any]) -> None:
    asked = turns(*items.values())
    (body,), _, _ = ask("responses", {"model": model, "input": asked})
    # without its reasoning a call's id would be refused
    assert body["input"] == [
        {name: value for name, value in item.items() if (item.get("type"), name) != ("custom_tool_call", "id")}
        for item in asked
    ]


def test_free_form_calls_of_the_past_are_functions_for_a_model_without_them() -> None:
    """router-for-me/CLIProxyAPI#3704: "data did not match any variant of untagged enum ModelInput"."""
    call = {
        "type": "custom_tool_call",
        "id": f"ctc_{HEX}",
        "call_id": "c1",
        "name": "apply_patch",
        "input": "*** Begin",
    }
    result = {"type": "custom_tool_call_output", "call_id": "c1", "output": "done"}
    (body,), status, told = ask("responses", {"model": "grok", "input": turns(call, result)})
    assert status == 200, told
    assert body["input"][1:3] == [
        {"type": "function_call", "call_id": "c1", "name": "apply_patch", "arguments": '{"input":"*** Begin"}'},
        {"type": "function_call_output", "call_id": "c1", "output": "done"},
    ]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"type": "shell_call", "call_id": "c1", "action": {"commands": ["ls"]}}, "has no tool result"),
        ({"type": "apply_patch_call", "call_id": "c1", "operation": {"type": "delete_file", "path": "p"}},
         "has no tool result"),
        ({"type": "computer_call", "call_id": "c1", "action": {"type": "wait"}}, "has no tool result"),
        ({"type": "shell_call_output", "call_id": "c1", "output": []}, "no tool call before it"),
        ({"type": "compaction", "id": f"cmp_{HEX}", "encrypted_content": "abc"}, "a part of type 'compaction'"),
    ],
)  # fmt: skip
def test_what_the_model_cannot_be_told_is_refused_by_its_place(item: Any, why: str) -> None:
    bodies, status, told = ask("responses", {"model": "grok", "input": turns(item)})
    assert (bodies, status, told["error"]["param"]) == ([], 400, "input[1]")
    assert why in told["error"]["message"]


SEARCHED = {**ANSWER, "output": [XAIS["search of posts"], *ANSWER["output"]]}
BEGUN = {**XAIS["search of posts"], "status": "in_progress", "input": ""}
MESSAGE = ANSWER["output"][0]
STREAM = [
    {"type": "response.created", "response": {**ANSWER, "status": "in_progress", "output": [], "usage": None}},
    {"type": "response.output_item.added", "output_index": 0, "item": BEGUN},
    {"type": "response.custom_tool_call_input.delta", "output_index": 0, "item_id": BEGUN["id"], "delta": QUERY},
    {"type": "response.custom_tool_call_input.done", "output_index": 0, "item_id": BEGUN["id"], "input": QUERY},
    {"type": "response.output_item.done", "output_index": 0, "item": XAIS["search of posts"]},
    {"type": "response.output_item.added", "output_index": 1, "item": {**MESSAGE, "content": []}},
    {"type": "response.output_item.done", "output_index": 1, "item": MESSAGE},
    {"type": "response.completed", "response": SEARCHED},
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("family", "end"), [("chat", '"finish_reason":"stop"'), ("messages", '"stop_reason":"end_turn"')]
)
def test_a_search_that_the_vendor_runs_by_the_word_of_a_callers_tool_waits_for_nobody(
    family: str, end: str, stream: bool
) -> None:
    chunks = [b"data: " + codec.dumps(one) + b"\n\n" for one in STREAM] if stream else [codec.dumps(SEARCHED)]
    asked = {"model": "grok", "messages": w.user(), "max_tokens": 100, "stream": stream}
    _, status, told = ask(family, asked, chunks)
    said = told if stream else codec.dumps_text(told)
    assert status == 200, told
    assert end in said
    assert "Oak." in said
    assert "tool_calls" not in said
    assert '"type":"tool_use"' not in said
