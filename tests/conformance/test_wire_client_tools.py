"""Tools that the caller runs itself, by its protocol's own word: functions upstream, its own items in the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic.types.beta import BetaMessage
from openai.types.responses import Response

from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import callers

OTHERS = ("claude-sonnet-4-5", "gemini-3.5-flash", "grok-4.3")
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
SHOT = {"type": "computer_screenshot", "image_url": f"data:image/png;base64,{PNG}"}
CLICK = {"type": "click", "button": "left", "x": 3, "y": 4}
FIND = {"type": "object", "properties": {"goal": {"type": "string"}}, "required": ["goal"]}
RAN: dict[str, tuple[Any, str, Any, Any, Any, str]] = {
    "shell": (
        {"type": "shell", "environment": {"type": "local"}}, "shell", {"commands": ["ls -l", "pwd"], "timeout_ms": 9},
        {"type": "shell_call", "action": {"commands": ["ls -l", "pwd"], "timeout_ms": 9}},
        {"type": "shell_call_output",
         "output": [{"stdout": "SEEN", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]}, "SEEN",
    ),
    "local_shell": (
        {"type": "local_shell"}, "local_shell", {"command": ["ls"], "working_directory": "/w"},
        {"type": "local_shell_call",
         "action": {"type": "exec", "command": ["ls"], "env": {}, "working_directory": "/w"}},
        {"type": "local_shell_call_output", "output": "SEEN"}, "SEEN",
    ),
    "apply_patch": (
        {"type": "apply_patch"}, "apply_patch", {"type": "update_file", "path": "a.py", "diff": "@@\n-a\n+b\n"},
        {"type": "apply_patch_call", "operation": {"type": "update_file", "path": "a.py", "diff": "@@\n-a\n+b\n"}},
        {"type": "apply_patch_call_output", "status": "failed", "output": "SEEN"}, "SEEN",
    ),
    "computer": (
        {"type": "computer"}, "computer", {"actions": [CLICK, {"type": "screenshot"}]},
        {"type": "computer_call", "actions": [CLICK, {"type": "screenshot"}], "pending_safety_checks": []},
        {"type": "computer_call_output", "output": SHOT}, PNG,
    ),
    "computer_use_preview": (
        {"type": "computer_use_preview", "display_width": 1024, "display_height": 768, "environment": "browser"},
        "computer", {"action": CLICK}, {"type": "computer_call", "action": CLICK, "pending_safety_checks": []},
        {"type": "computer_call_output", "output": SHOT}, PNG,
    ),
    "tool_search": (
        {"type": "tool_search", "execution": "client", "description": "Looks tools up.", "parameters": FIND},
        "tool_search", {"goal": "mail"},
        {"type": "tool_search_call", "execution": "client", "arguments": {"goal": "mail"}},
        {"type": "tool_search_output", "execution": "client",
         "tools": [{"type": "function", "name": "send_mail", "parameters": FIND, "strict": False}]}, "send_mail",
    ),
}  # fmt: skip
"""(declaration, the function's name, what the model writes, the caller's item, its output, what of it must be seen)."""


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


def _declared(up: Any) -> dict[str, Any]:
    """The functions of an upstream body, by name, with their schemas."""
    tools = up["tools"]
    if "functionDeclarations" in tools[0]:
        return {tool["name"]: tool["parametersJsonSchema"] for tool in tools[0]["functionDeclarations"]}
    flat = [tool.get("function", tool) for tool in tools]
    return {tool["name"]: tool.get("input_schema") or tool.get("parameters") for tool in flat}


def _answer(model: str, name: str, arguments: Any, stream: bool) -> Any:
    text = codec.dumps_text(arguments)
    match model:
        case "claude-sonnet-4-5" if stream:
            return wire.claude_call(name, text)
        case "claude-sonnet-4-5":
            return v.claude_whole(
                {"type": "tool_use", "id": "toolu_1", "name": name, "input": arguments}, stop="tool_use"
            )
        case "gemini-3.5-flash":
            whole = v.gemini_whole({"functionCall": {"name": name, "args": arguments}})
            return [b"data: " + whole + b"\n\n"] if stream else whole
        case _:
            call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": name, "status": "completed",
                    "arguments": text}  # fmt: skip
            return wire.responses_stream(call) if stream else wire.responses_whole(call)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("word", RAN)
@pytest.mark.parametrize("model", OTHERS)
def test_a_tool_of_responses_is_a_function_upstream_and_its_own_item_in_the_answer(
    here: w.World, model: str, word: str, stream: bool
) -> None:
    tool, name, asked, item, output, seen = RAN[word]
    body = {"model": model, "input": "q", "tools": [tool], "stream": stream}
    status, said, lost = wire.ask(here, "responses", body, _answer(model, name, asked, stream))
    assert (status, lost) == (200, ""), said
    schema = _declared(here.script.bodies[-1])[name]
    assert set(asked) <= set(schema["properties"])
    if stream:
        raw = b"".join(b"event: " + one["type"].encode() + b"\ndata: " + codec.dumps(one) + b"\n\n" for one in said)
        callers.responses_stream(raw)
        said = said[-1]["response"]
    Response.model_validate_json(codec.dumps(said), strict=True)
    (made,) = [one for one in said["output"] if one["type"] != "reasoning"]
    assert made == {**made, **item, "status": "completed"}
    given = {**output, "id" if word == "local_shell" else "call_id": made["call_id"]}
    up = wire.sent(here, "responses", {"model": model, "input": [wire.user(), made, given], "tools": [tool]})
    raw_text = codec.dumps_text(up)
    assert (seen in raw_text and codec.dumps_text(codec.dumps_text(asked))[1:-1] in raw_text) or all(
        codec.dumps_text(value) in raw_text for value in asked.values()
    )
    if word == "tool_search":
        assert _declared(up)["send_mail"] == FIND


@pytest.mark.parametrize("word", RAN)
@pytest.mark.parametrize("model", OTHERS)
def test_a_history_with_such_calls_goes_to_a_model_without_the_tools(here: w.World, model: str, word: str) -> None:
    _, name, _, item, output, seen = RAN[word]
    call = {**item, "id": "x_1", "call_id": "c1", "status": "completed"}
    given = {**output, "id" if word == "local_shell" else "call_id": "c1"}
    up = wire.sent(here, "responses", {"model": model, "input": [wire.user(), call, given, wire.user("and?")]})
    raw = codec.dumps_text(up)
    assert seen in raw and f'"{name}"' in raw


@pytest.mark.parametrize("word", RAN)
def test_openai_gets_its_own_items_as_they_are(here: w.World, word: str) -> None:
    tool, _, _, item, output, _ = RAN[word]
    given = {**output, "id" if word == "local_shell" else "call_id": "c1"}
    body = {"model": "gpt-5.4", "input": [wire.user(), {**item, "call_id": "c1"}, given], "tools": [tool]}
    up = wire.sent(here, "responses", body)
    assert (up["tools"], up["input"]) == (body["tools"], body["input"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("arguments", ['{"commands":"ls"}', "{}", "ls -l"])
def test_arguments_that_such_an_item_cannot_hold_are_shown_as_the_function_was_called(
    here: w.World, arguments: str, stream: bool
) -> None:
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "shell", "status": "completed",
            "arguments": arguments}  # fmt: skip
    answer: Any = wire.responses_stream(call) if stream else wire.responses_whole(call)
    body = {"model": "grok-4.3", "input": "q", "tools": [{"type": "shell"}], "stream": stream}
    _, said, _ = wire.ask(here, "responses", body, answer)
    said = said[-1]["response"] if stream else said
    Response.model_validate_json(codec.dumps(said), strict=True)
    (made,) = [one for one in said["output"] if one["type"] != "reasoning"]
    assert (made["type"], made["name"], made["arguments"]) == ("function_call", "shell", arguments)


@pytest.mark.parametrize("model", OTHERS)
def test_a_choice_of_such_a_tool_is_one_of_the_function(here: w.World, model: str) -> None:
    body = {"model": model, "input": "q", "tools": [{"type": "shell"}], "tool_choice": {"type": "shell"}}
    raw = codec.dumps_text(
        wire.sent(here, "responses", body).get("tool_choice") or here.script.bodies[-1]["toolConfig"]
    )
    assert '"shell"' in raw


def test_a_function_of_the_callers_with_the_same_name_stays_apart(here: w.World) -> None:
    own = {"type": "function", "name": "shell", "parameters": FIND, "strict": False}
    body = {"model": "claude-sonnet-4-5", "input": "q", "tools": [own, {"type": "shell"}]}
    _, said, _ = wire.ask(here, "responses", body, _answer("claude-sonnet-4-5", "shell", {"goal": "g"}, False))
    assert set(_declared(here.script.bodies[-1])) == {"shell", "shell_"}
    assert said["output"][-1]["type"] == "function_call"
    _, said, _ = wire.ask(here, "responses", body, _answer("claude-sonnet-4-5", "shell_", {"commands": ["ls"]}, False))
    assert said["output"][-1]["type"] == "shell_call"


@pytest.mark.parametrize("model", OTHERS[:2])  # Grok's Responses takes the body as it is
def test_a_shell_that_the_vendor_runs_is_refused_elsewhere(here: w.World, model: str) -> None:
    body = {"model": model, "input": "q", "tools": [{"type": "shell", "environment": {"type": "container_auto"}}]}
    assert "shell" in wire.refused(here, "responses", body)


CLAUDES: list[tuple[Any, Any]] = [
    ({"type": "bash_20250124", "name": "bash"}, {"command": "ls"}),
    ({"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 900},
     {"command": "insert", "path": "a", "insert_line": 0, "insert_text": "x"}),
    ({"type": "text_editor_20250124", "name": "str_replace_editor"}, {"command": "undo_edit", "path": "a"}),
    ({"type": "memory_20250818", "name": "memory"}, {"command": "rename", "old_path": "/memories/a", "new_path": "b"}),
    ({"type": "computer_20250124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
     {"action": "left_click", "coordinate": [3, 4]}),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("tool, asked", CLAUDES, ids=[tool["type"] for tool, _ in CLAUDES])
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "gemini-3.5-flash", "grok-4.3"])
def test_a_tool_of_messages_is_a_function_upstream_and_a_tool_use_in_the_answer(
    here: w.World, model: str, tool: Any, asked: Any, stream: bool
) -> None:
    body = {"model": model, "max_tokens": 99, "messages": [wire.user()], "tools": [tool], "stream": stream,
            "tool_choice": {"type": "tool", "name": tool["name"]}}  # fmt: skip
    before = wire.sent(here, "messages", {**body, "stream": False})
    schema = _declared(before)[tool["name"]]
    assert set(asked) <= set(schema["properties"])
    answer: Any = _answer(model, tool["name"], asked, stream)
    if here.script.sent[-1].url.endswith("/chat/completions"):
        text = codec.dumps_text(asked)
        whole = v.chat_whole(None, [("call_1", tool["name"], text)], finish="tool_calls")
        answer = wire.chat_call(tool["name"], text) if stream else whole
    status, said, lost = wire.ask(here, "messages", body, answer)
    assert (status, lost) == (200, ""), said
    if stream:
        (block,) = [one["content_block"] for one in said if one["type"] == "content_block_start"]
        parts = [one["delta"].get("partial_json", "") for one in said if one["type"] == "content_block_delta"]
        block = {**block, "input": codec.loads("".join(parts))}
    else:
        BetaMessage.model_validate_json(codec.dumps(said), strict=True)
        (block,) = said["content"]
    assert (block["type"], block["name"], block["input"]) == ("tool_use", tool["name"], asked)


def test_claude_gets_its_own_tools_as_they_are(here: w.World) -> None:
    tools = [tool for tool, _ in CLAUDES]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 99, "messages": [wire.user()], "tools": tools}
    assert wire.sent(here, "messages", body)["tools"] == tools


@pytest.mark.parametrize("model", OTHERS)
def test_tools_that_the_conversation_brings_are_declared(here: w.World, model: str) -> None:
    brought = {"type": "additional_tools", "role": "developer",
               "tools": [{"type": "function", "name": "send_mail", "parameters": FIND, "strict": False}]}  # fmt: skip
    status, said, lost = wire.ask(here, "responses", {"model": model, "input": [wire.user(), brought, wire.user("go")]})
    assert (status, lost) == (200, ""), said
    assert _declared(here.script.bodies[-1])["send_mail"] == FIND


def calls(model: str, name: str, arguments: Any, stream: bool) -> Any:
    """What the vendor answers to a Messages caller."""
    if model.startswith("gemini"):
        return _answer(model, name, arguments, stream)
    text = codec.dumps_text(arguments)
    return wire.chat_call(name, text) if stream else v.chat_whole(None, [("call_1", name, text)], finish="tool_calls")


FAMILIES = [
    ("computer_toolset_20260801", "computer", "left_click", {"coordinate": [1, 2]}),
    ("browser_toolset_20260801", "browser", "navigate", {"url": "a.example"}),
]


@pytest.mark.parametrize("word, family, member, arguments", FAMILIES)
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "gemini-3.5-flash", "grok-4.3"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_family_of_tools_is_functions_upstream_and_its_members_in_the_answer(
    here: w.World, model: str, word: str, family: str, member: str, arguments: dict[str, Any], stream: bool
) -> None:
    body = {"model": model, "max_tokens": 999, "messages": [wire.user()],
            "tools": [{"type": word, "configs": {"screenshot": {"enabled": False}}}], "stream": stream}  # fmt: skip
    status, said, dropped = wire.ask(here, "messages", body, calls(model, f"{family}__{member}", arguments, stream))
    assert (status, dropped) == (200, "")
    up = codec.dumps_text(here.script.bodies[-1])
    assert f"{family}__{member}" in up and f"{family}__screenshot" not in up
    block = said["content"][0] if not stream else next(
        frame["content_block"] for frame in said if frame["type"] == "content_block_start"
    )  # fmt: skip
    assert (block["name"], block["toolset_name"]) == (member, family)


@pytest.mark.parametrize("model", ["gpt-4.1", "gemini-3.5-flash"])
def test_a_history_of_such_calls_goes_back_by_the_functions_names(here: w.World, model: str) -> None:
    call = {
        "type": "tool_use",
        "id": "t1",
        "name": "navigate",
        "toolset_name": "browser",
        "input": {"url": "a.example"},
    }
    state = {"type": "browser_state", "tabs": [{"tab_id": "t7", "title": "Home", "url": "a.example", "active": True}]}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "done"}, state]}
    turns = [wire.user(), {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    body = {"model": model, "max_tokens": 999, "tools": [{"type": "browser_toolset_20260801"}], "messages": turns}
    up = codec.dumps_text(wire.sent(here, "messages", body)).replace(" ", "")
    assert '"name":"browser__navigate"' in up and "tabt7(active):Homea.example" in up


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4", "gemini-3.5-flash", "gemini-2.5-pro", "grok-4.3"])
def test_a_search_for_tools_is_left_out_where_all_are_declared(here: w.World, model: str) -> None:
    search = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
    late = {"name": "late", "input_schema": {"type": "object"}, "defer_loading": True}
    body = {"model": model, "max_tokens": 999, "messages": [wire.user()], "tools": [search, late]}
    assert "late" in codec.dumps_text(wire.sent(here, "messages", body))


@pytest.mark.parametrize("model", OTHERS[:2])
def test_what_a_vendors_own_search_for_tools_found_is_said_and_declared(here: w.World, model: str) -> None:
    found = {"type": "function", "name": "send_mail", "parameters": FIND, "strict": False, "defer_loading": True}
    items = [wire.user(), {"type": "tool_search_call", "execution": "server", "call_id": None, "arguments": {"q": "x"}},
             {"type": "tool_search_output", "execution": "server", "call_id": None, "tools": [found]},
             wire.user("go on")]  # fmt: skip
    up = wire.sent(here, "responses", {"model": model, "input": items, "tools": [{"type": "tool_search"}, found]})
    assert "send_mail" in codec.dumps_text({**up, "tools": []})
    assert list(_declared(up)) == ["send_mail"]
