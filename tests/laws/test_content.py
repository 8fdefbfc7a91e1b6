"""Content is never a loss: for every content type of the newest SDKs' request types and every kind of model, what it
says stands in the upstream body, or the request is refused by the caller's field."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from anthropic.types.beta import beta_content_block_param, beta_tool_result_block_param
from openai.types.chat import ChatCompletionContentPartParam
from openai.types.responses import ResponseInputItemParam
from openai.types.responses.response_input_content_param import ResponseInputContentParam
from typing_extensions import get_type_hints, is_typeddict

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.rewrites import named_where_they_stood, rewrite
from interchange.wire import codec
from scripts import compatibility
from tests.laws.every import every
from tests.laws.test_caller_paths import CLIENTS, stands

Json = dict[str, Any]
SAYS = ("text", "content", "output", "stdout", "stderr", "logs", "refusal", "code", "result", "title", "context",
        "summary", "query", "outputs", "arguments", "input", "commands", "command", "diff", "path")  # fmt: skip
"""Fields whose words are content. Ids, signatures and settings are not."""
SILENT = frozenset({
    "reasoning", "thinking", "redacted_thinking", "item_reference", "configuration_update", "compaction_trigger",
    "additional_tools", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_tool_listing",
    "tool_addition", "tool_removal", "fallback", "compaction", "tool_search_output", "browser_state",
})  # fmt: skip
"""Types that hold another model's reasoning (tests/continuity), or say how the request is run; and summaries that only
their vendor can read. Those must be refused or told, not found."""
UNSAID = re.compile(r"(citations|annotations|caller|environment|cache_control|\w+_safety_checks|error|toolset)\b")
"""Members that are about the content, or that stand for a setting."""


def _members(union: Any) -> Iterator[Any]:
    for kind in get_args(union):
        if is_typeddict(kind):
            yield kind
        elif get_args(kind):
            yield from _members(kind)


def _word(kind: Any) -> str:
    literal = get_type_hints(kind, include_extras=True).get("type")
    found = re.findall(r"'([a-z_]+)'", str(literal))
    return str(found[0]) if found else "message"


def _user(family: str, part: Json) -> Json:
    turn = {"role": "user", "content": [part]}
    return {"model": "m", "input": [turn]} if family == "responses" else {"model": "m", "max_tokens": 9,
                                                                          "messages": [turn]}  # fmt: skip


def _item(item: Json) -> Json:
    """In a conversation in which it may stand: a result has its call before it, a call its result behind it."""
    first, last = {"role": "user", "content": "before"}, {"role": "user", "content": "after"}
    return {"model": "m", "input": [first, *_paired(item), last]}


def _paired(item: Json) -> list[Json]:
    kind = str(item.get("type", "message"))
    if kind == "message":
        item = {**item, "role": item.get("role", "user")}
        return [item]
    for call, output, field in PAIRS:
        name = "id" if output == "local_shell_call_output" else "call_id"
        if kind == call:
            return [{**item, "call_id": "c1", **_client(kind)}, {"type": output, name: "c1", **field["output"]}]
        if kind == output:
            return [{"type": call, "call_id": "c1", **field["call"]}, {**item, name: "c1", **_client(kind)}]
    return [item]


def _client(kind: str) -> Json:
    return {"execution": "client"} if kind.startswith("tool_search") else {}


PAIRS: tuple[tuple[str, str, dict[str, Json]], ...] = (
    ("function_call", "function_call_output", {"call": {"name": "f", "arguments": "{}"}, "output": {"output": "o"}}),
    ("custom_tool_call", "custom_tool_call_output", {"call": {"name": "f", "input": "i"}, "output": {"output": "o"}}),
    ("shell_call", "shell_call_output", {"call": {"action": {"commands": ["c"]}}, "output": {"output": []}}),
    ("local_shell_call", "local_shell_call_output",
     {"call": {"action": {"type": "exec", "command": ["c"], "env": {}}}, "output": {"output": "o"}}),
    ("apply_patch_call", "apply_patch_call_output",
     {"call": {"operation": {"type": "delete_file", "path": "p"}}, "output": {"status": "completed"}}),
    ("computer_call", "computer_call_output",
     {"call": {"action": {"type": "wait"}},
      "output": {"output": {"type": "computer_screenshot", "image_url": "https://a.example/x.png"}}}),
    ("tool_search_call", "tool_search_output",
     {"call": {"execution": "client", "arguments": {}}, "output": {"execution": "client", "tools": []}}),
)  # fmt: skip


def _block(block: Json) -> Json:
    """In the turn in which the type may stand."""
    kind = str(block["type"])
    turns: list[Json] = [{"role": "user", "content": "before"}]
    if kind == "tool_result":
        use = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
        turns += [
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [{**block, "tool_use_id": "t1"}]},
        ]
    elif kind == "tool_use":
        result = {"type": "tool_result", "tool_use_id": "t1", "content": "o"}
        turns += [{"role": "assistant", "content": [{**block, "id": "t1"}]}, {"role": "user", "content": [result]}]
    elif kind in ("image", "document", "search_result", "container_upload", "text"):
        turns.append({"role": "user", "content": [block]})
    else:
        turns += [{"role": "assistant", "content": [block]}, {"role": "user", "content": "after"}]
    return {"model": "m", "max_tokens": 9, "messages": turns}


def _in_result(block: Json) -> Json:
    return _block({"type": "tool_result", "tool_use_id": "t1", "content": [block]})


def _past(family: str) -> Callable[[Json], Json]:
    """The part in a past answer, where clients put what a model drew."""

    def body(part: Json) -> Json:
        turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": [part]},
                 {"role": "user", "content": "again"}]  # fmt: skip
        return {"model": "m", "input": turns} if family == "responses" else {"model": "m", "max_tokens": 9,
                                                                             "messages": turns}  # fmt: skip

    return body


CHAT, MESSAGES, RESPONSES = compatibility.CALLERS
Place = tuple[str, compatibility.Caller, Any, Callable[[Json], Json]]
PLACES: list[Place] = [
    ("chat part", CHAT, ChatCompletionContentPartParam, lambda part: _user("chat", part)),
    ("chat part of an answer", CHAT, ChatCompletionContentPartParam, _past("chat")),
    ("block", MESSAGES, beta_content_block_param.BetaContentBlockParam, _block),
    ("block of a result", MESSAGES, beta_tool_result_block_param.Content, _in_result),
    ("item", RESPONSES, ResponseInputItemParam, _item),
    ("item's part", RESPONSES, ResponseInputContentParam, lambda part: _user("responses", part)),
    ("part of an answer's item", RESPONSES, ResponseInputContentParam, _past("responses")),
]
CASES = [
    (f"{name}: {_word(kind)}", caller, kind, body)
    for name, caller, union, body in PLACES
    for kind in dict.fromkeys(_members(union))
]


def words(value: Any, name: str = "", path: str = "") -> Iterator[str]:
    """Generated words (`w123w`) that are content."""
    if UNSAID.search(path):
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from words(inner, name if key not in SAYS and name == "input" else key, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner, name, path)
    elif isinstance(value, str) and name in SAYS:
        yield from re.findall(r"w\d+w", value)


def outcome(caller: compatibility.Caller, body: Json, target: str) -> str | None:
    """What is upstream, with the losses; None for a request that was refused by a field that stands in it."""
    client, profile = CLIENTS[target]
    losses, report = Losses(), LossReport(caller.server, body)
    try:
        with report.refusals():
            taken, inverse = rewrite(caller.server.read_request(copy.deepcopy(body)), client.rules(profile), losses)
            with named_where_they_stood(inverse.moved, losses):
                written = client.write_request(taken, profile, losses)
    except RequestError as error:
        assert error.failure.message
        param = error.failure.param
        # a field that is missing is named too
        assert param is None or stands(body, param) or stands(body, param.rpartition(".")[0]), param
        return None
    report.add(losses)
    return codec.dumps_text(written)


@pytest.mark.parametrize("name, caller, kind, body", CASES, ids=[case[0] for case in CASES])
def test_content_is_said_or_refused(
    name: str, caller: compatibility.Caller, kind: Any, body: Callable[[Json], Json]
) -> None:
    lost: list[str] = []
    for part in every(kind):
        for target in CLIENTS:
            raw = outcome(caller, body(part), target)
            if raw is not None and str(part.get("type")) not in SILENT:
                lost += [f"{target}: {word} of {part} vanishes" for word in words(part) if word not in raw]
    assert not lost, "\n".join(lost[:5])
