"""Requests: what other protocols ask, said in Responses, and of the SDK's own types."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest
from pydantic import ValidationError

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.anthropic_messages.server import Server as Messages
from interchange.protocols.faces import Profile, Server
from interchange.protocols.openai_chat.server import Server as Chat
from interchange.protocols.openai_responses.client import Client
from interchange.protocols.openai_responses.dialect import Dialect
from interchange.providers.xai import RESPONSES_DIALECT
from interchange.wire import codec
from tests.protocols.openai_responses.responses_types import validate
from tests.recordings.read import carried

SEAL = Seal(b"sixteen bytes key")
SEED = int(os.environ.get("DAMAGE_SEED", random.randrange(1 << 30)))
WRONG: tuple[Any, ...] = (None, 1, -1, 1.5, True, "x", "", [], {}, [1], {"a": 1}, ["x"], [None], [[]], [{}])
SERVERS: dict[str, Server] = {"chat": Chat(SEAL), "messages": Messages(SEAL)}
EVERYTHING = frozenset({"text", "image", "document", "audio"})
THINKER = Profile("gpt-up", EVERYTHING, 128_000, {"reasoning": {"efforts": ["none", "low", "medium", "high"]}})
STATE = b.Continuation("openai_responses", "gAAAA", "rs_1")
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
RECORDED = [
    (family, line)
    for family, file in (("chat", "openai_chat"), ("messages", "anthropic_messages"))
    for line in carried(file)
    if line["status"] == 200 and {"messages", "model"} <= set(line.get("request_json") or {})
]


def say(request: r.Request, profile: Profile = THINKER, dialect: Dialect | None = None) -> tuple[Any, dict[str, str]]:
    losses = Losses()
    body = Client(dialect or Dialect()).write_request(request, profile, losses)
    validate(json.loads(codec.dumps(body)))
    return body, {loss.path: loss.reason for loss in losses.items}


def asked(*blocks: b.Block, **fields: Any) -> r.Request:
    return r.Request("m", (b.Message(b.Role.USER, blocks or (b.Text("hi"),)),), **fields)


def turns(*messages: tuple[b.Role, tuple[b.Block, ...]], **fields: Any) -> r.Request:
    return r.Request("m", tuple(b.Message(role, blocks) for role, blocks in messages), **fields)


def read(family: str, **body: Any) -> r.Request:
    limit = {"max_tokens": 100} if family == "messages" else {}
    return SERVERS[family].read_request(
        {"model": "m", "messages": [{"role": "user", "content": "hi"}], **limit, **body}
    )


def refused(request: r.Request, profile: Profile = THINKER, dialect: Dialect | None = None) -> str | None:
    with pytest.raises(RequestError) as caught:
        Client(dialect or Dialect()).write_request(request, profile, Losses())
    return caught.value.failure.param


# --- the SDK's types, over recorded requests


@pytest.mark.parametrize(
    ("family", "line"), RECORDED, ids=lambda value: value if isinstance(value, str) else value["id"]
)
def test_what_goes_to_openai_is_of_the_sdks_types(family: str, line: dict[str, Any]) -> None:
    request = SERVERS[family].read_request(line["request_json"])
    try:
        body, _ = say(request)
    except RequestError as error:
        assert error.failure.param, "a refusal names its field"
        return
    assert codec.dumps(body) == codec.dumps(say(request)[0]), "equal requests are equal bytes"
    assert None not in body.values()


@pytest.mark.parametrize("wrong", [
    {"input": 1}, {"input": [{"role": "user"}]}, {"temperature": "1"}, {"no_such_parameter": 1},
    {"tools": [{"type": "function", "name": "f", "parameters": None, "strict": None, "extra": 1}]},
])  # fmt: skip
def test_the_sdks_types_are_held_strictly(wrong: dict[str, Any]) -> None:
    good = {"model": "m", "input": "hi"}
    validate(good)
    with pytest.raises(ValidationError):
        validate({**good, **wrong})


# --- items


def test_D6_reasoning_goes_back_whole_and_nothing_is_stored() -> None:
    thought = b.Thinking("why", STATE)
    call = b.ToolUse("call_1", "f", '{"a": 1}')
    body, _ = say(turns((b.Role.USER, (b.Text("hi"),)), (b.Role.ASSISTANT, (thought, b.Text("so"), call)),
                        (b.Role.USER, (b.ToolResult("call_1", (b.Text("ok"),)),))))  # fmt: skip
    assert body["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "why"}],
         "encrypted_content": "gAAAA"},
        {"type": "message", "role": "assistant", "content": "so"},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "ok"},
    ]  # fmt: skip
    assert (body["store"], body["include"]) == (False, ["reasoning.encrypted_content"])


@pytest.mark.parametrize("state", [None, b.Continuation("anthropic_messages", "sig"), b.Continuation("gemini", "sig")])
def test_D15_another_vendors_reasoning_is_left_out_quietly(state: b.Continuation | None) -> None:
    body, losses = say(
        turns((b.Role.ASSISTANT, (b.Thinking("why", state), b.Text("so"))), (b.Role.USER, (b.Text("?"),)))
    )
    assert [item["type"] for item in body["input"]] == ["message", "message"] and not losses


def test_a_hidden_thought_goes_back_without_a_summary() -> None:
    body, _ = say(turns((b.Role.ASSISTANT, (b.RedactedThinking(STATE), b.Text("so")))))
    assert body["input"][0] == {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}


def test_a_model_that_does_not_reason_is_not_asked_for_its_state() -> None:
    assert "include" not in say(asked(), Profile("gpt-4.1"))[0]


def test_free_form_calls_keep_their_kind() -> None:
    call = b.ToolUse("call_1", "sh", "ls -la", "custom")
    tool = r.CustomTool("sh", "a shell", {"type": "grammar", "grammar": {"syntax": "regex", "definition": ".*"}})
    request = turns(
        (b.Role.ASSISTANT, (call,)), (b.Role.USER, (b.ToolResult("call_1", (b.Text("ok"),)),)), tools=(tool,)
    )
    body, _ = say(request)
    assert [item["type"] for item in body["input"]] == ["custom_tool_call", "custom_tool_call_output"]
    assert body["input"][0]["input"] == "ls -la"
    form = {"type": "grammar", "syntax": "regex", "definition": ".*"}
    assert body["tools"] == [{"type": "custom", "name": "sh", "description": "a shell", "format": form}]
    assert refused(request, dialect=Dialect(custom_tools=False)) == "tools[0]"


def test_E6_long_call_ids_become_one_short_one() -> None:
    long = "call_" + "x" * 80
    body, _ = say(turns((b.Role.ASSISTANT, (b.ToolUse(long, "f", ""),)), (b.Role.USER, (b.ToolResult(long, ()),))))
    first, second = body["input"]
    assert first["call_id"] == second["call_id"] and len(first["call_id"]) <= 64
    assert (first["arguments"], second["output"]) == ("{}", "")


def test_E8_a_call_without_its_result_is_named() -> None:
    assert refused(turns((b.Role.ASSISTANT, (b.ToolUse("c", "f", "{}"),)))) == "messages[0].content[0]"


def test_E15_a_failed_call_says_so_and_order_is_kept() -> None:
    image = b.Image(b.Base64Source("image/png", "aGk="))
    results = b.ToolResult("c", (b.Text("no"), image), is_error=True), b.ToolResult("d", (), is_error=True)
    calls = b.ToolUse("c", "f", "{}"), b.Text("and"), b.ToolUse("d", "f", "{}")
    body, _ = say(turns((b.Role.ASSISTANT, calls), (b.Role.USER, (*results, b.Text("go on")))))
    kinds = ["function_call", "message", "function_call", "function_call_output", "function_call_output", "message"]
    assert [item["type"] for item in body["input"]] == kinds
    picture = {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "auto"}
    assert body["input"][3]["output"] == [{"type": "input_text", "text": "Error: no"}, picture]
    assert body["input"][4]["output"] == "Error"


def test_system_text() -> None:
    assert say(asked(system=(b.Text("be brief"),)))[0]["instructions"] == "be brief"
    body, _ = say(asked(system=(b.Text("one"), b.Text("two"))))
    parts = [{"type": "input_text", "text": "one"}, {"type": "input_text", "text": "two"}]
    assert "instructions" not in body
    assert body["input"][0] == {"type": "message", "role": "system", "content": parts}


def test_E1_system_text_inside_keeps_its_place() -> None:
    body, _ = say(
        turns((b.Role.USER, (b.Text("a"),)), (b.Role.DEVELOPER, (b.Text("b"),)), (b.Role.USER, (b.Text("c"),)))
    )
    assert [item["role"] for item in body["input"]] == ["user", "developer", "user"]


def test_E19_documents() -> None:
    pdf = b.Document(b.Base64Source("application/pdf", "aGk="), title="a.pdf", context="mind this")
    link = b.Document(b.UrlSource("https://a.example/b.pdf"))
    text = b.Document(b.TextSource("words"), title="T")
    coded = b.Document(b.Base64Source("text/csv", "YSxi"))
    content = say(asked(pdf, link, text, coded))[0]["input"][0]["content"]
    assert content == [
        {"type": "input_text", "text": "mind this"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="},
        {"type": "input_file", "file_url": "https://a.example/b.pdf"},
        {"type": "input_text", "text": "T\n\nwords"},
        {"type": "input_text", "text": "a,b"},
    ]
    assert refused(asked(pdf), Profile("m")) == "messages[0].content[0]"


@pytest.mark.parametrize("block", [
    b.Audio(b.Base64Source("audio/wav", "aGk="), "wav"), b.Image(b.FileSource("file_1", "anthropic_messages")),
    b.Image(b.Base64Source("image/tiff", "aGk=")), b.Document(b.Base64Source("application/zip", "aGk=")),
    b.Document(b.FileSource("file_1", "anthropic_messages")),
])  # fmt: skip
def test_media_that_cannot_be_given_is_refused(block: b.Block) -> None:
    assert refused(asked(block)) == "messages[0].content[0]"


def test_images() -> None:
    blocks = (
        b.Image(b.UrlSource("https://a.example/b.png"), detail="low"),
        b.Image(b.FileSource("file_1", "openai_chat")),
    )
    assert say(asked(*blocks))[0]["input"][0]["content"] == [
        {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "low"},
        {"type": "input_image", "file_id": "file_1", "detail": "auto"},
    ]
    assert refused(asked(blocks[0]), Profile("m")) == "messages[0].content[0]"


# --- tools


def test_E16_strict_is_off_unless_it_was_asked_for() -> None:
    body, _ = say(asked(tools=(r.FunctionTool("f", schema=SCHEMA), r.FunctionTool("g", strict=True, schema=SCHEMA))))
    first, second = body["tools"]
    assert (first["strict"], second["strict"]) == (False, True)
    assert first["parameters"] == SCHEMA
    assert second["parameters"]["additionalProperties"] is False and second["parameters"]["required"] == ["a"]


def test_a_chat_callers_strict_schema_is_openais_own() -> None:
    function = {"name": "f", "strict": True, "parameters": SCHEMA}
    body, losses = say(read("chat", tools=[{"type": "function", "function": function}]))
    assert body["tools"][0]["parameters"] == SCHEMA and not losses


def test_E14_a_function_called_web_search_stays_a_function() -> None:
    body, _ = say(read("messages", tools=[{"name": "web_search", "input_schema": SCHEMA}]))
    assert body["tools"][0]["type"] == "function"


def test_vendor_run_tools_that_both_have() -> None:
    place = {"type": "approximate", "city": "Riga", "country": "LV"}
    search = {"type": "web_search_20250305", "name": "web_search", "allowed_domains": ["a.example"], "max_uses": 3,
              "user_location": place}  # fmt: skip
    code = {"type": "code_execution_20250825", "name": "code_execution"}
    body, losses = say(read("messages", tools=[search, code]))
    assert body["tools"] == [
        {"type": "web_search", "filters": {"allowed_domains": ["a.example"]}, "user_location": place},
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ]
    assert list(losses) == ["tools[0].max_uses"]


def test_domains_to_leave_out_where_the_provider_has_a_word() -> None:
    search = {"type": "web_search_20250305", "name": "web_search", "blocked_domains": ["a.example"]}
    assert list(say(read("messages", tools=[search]))[1]) == ["tools[0].blocked_domains"]
    body = Client(Dialect(blocked="excluded_domains")).write_request(
        read("messages", tools=[search]), THINKER, Losses()
    )
    assert body["tools"][0]["filters"] == {"excluded_domains": ["a.example"]}


def test_a_chat_caller_declares_them_in_the_same_words() -> None:
    tools = [{"type": "mcp", "server_label": "d", "server_url": "https://x.example", "require_approval": "never"}]
    assert say(read("chat", tools=tools))[0]["tools"] == tools
    options = {"search_context_size": "low", "user_location": {"type": "approximate", "approximate": {"city": "Riga"}}}
    place = {"type": "approximate", "city": "Riga"}
    assert say(read("chat", web_search_options=options))[0]["tools"] == [
        {"type": "web_search", "user_location": place, "search_context_size": "low"}
    ]


def test_mcp_servers_are_tools() -> None:
    servers = [{"type": "url", "name": "my docs", "url": "https://mcp.example", "authorization_token": "t"},
               {"type": "url", "name": "old", "url": "https://old.example",
                "tool_configuration": {"allowed_tools": ["x"]}}]  # fmt: skip
    toolset = {"type": "mcp_toolset", "mcp_server_name": "my docs", "default_config": {"enabled": False},
               "configs": {"read": {"enabled": True}, "write": {}}}  # fmt: skip
    body, _ = say(read("messages", mcp_servers=servers, tools=[toolset]))
    assert body["tools"] == [
        {"type": "mcp", "require_approval": "never", "server_label": "my_docs", "server_url": "https://mcp.example",
         "authorization": "t", "allowed_tools": ["read"]},
        {"type": "mcp", "require_approval": "never", "server_label": "old", "server_url": "https://old.example",
         "allowed_tools": ["x"]},
    ]  # fmt: skip
    off = {**toolset, "default_config": {}, "configs": {"write": {"enabled": False}}}
    assert refused(read("messages", mcp_servers=servers, tools=[off])) == "mcp_servers[0]"
    assert refused(read("messages", tools=[toolset])) == "mcp_servers"
    assert refused(read("messages", mcp_servers=[{"type": "url", "name": "x"}])) == "mcp_servers[0].url"


@pytest.mark.parametrize("kind", ["web_fetch_20250910", "computer_20250124", "bash_20250124", "memory_20250818"])
def test_tools_that_only_another_vendor_runs_are_refused(kind: str) -> None:
    assert refused(read("messages", tools=[{"type": kind, "name": "x"}])) == "tools[0]"


@pytest.mark.parametrize(("choice", "said"), [
    (r.ToolChoice(r.ToolMode.AUTO), "auto"), (r.ToolChoice(r.ToolMode.NONE), "none"),
    (r.ToolChoice(r.ToolMode.REQUIRED), "required"),
    (r.ToolChoice(r.ToolMode.NAMED, ("f",)), {"type": "function", "name": "f"}),
    (r.ToolChoice(r.ToolMode.NAMED, ("sh",)), {"type": "custom", "name": "sh"}),
    (r.ToolChoice(r.ToolMode.NAMED, ("code_execution",)), {"type": "code_interpreter"}),
    (r.ToolChoice(r.ToolMode.REQUIRED, ("f", "sh")),
     {"type": "allowed_tools", "mode": "required",
      "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "sh"}]}),
])  # fmt: skip
def test_E10_every_choice_of_tools(choice: r.ToolChoice, said: Any) -> None:
    code = r.HostedTool("code_execution", "anthropic_messages", {"type": "code_execution_20250825"}, "code_execution")
    tools = (r.FunctionTool("f"), r.CustomTool("sh"), code)
    assert say(asked(tools=tools, tool_choice=choice))[0]["tool_choice"] == said


def test_E12_parallel_calls() -> None:
    body, _ = say(asked(tools=(r.FunctionTool("f"),), parallel_tool_calls=False))
    assert body["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in say(asked(parallel_tool_calls=False))[0]


def test_a_demanded_tool_must_be_declared() -> None:
    assert refused(asked(tool_choice=r.ToolChoice(r.ToolMode.REQUIRED))) == "tool_choice"
    assert "tool_choice" not in say(asked(tool_choice=r.ToolChoice(r.ToolMode.AUTO)))[0]


# --- parameters


@pytest.mark.parametrize(("reasoning", "said", "lost"), [
    (r.Reasoning(effort="low"), {"effort": "low"}, []),
    (r.Reasoning(effort="minimal"), {"effort": "low"}, ["reasoning_effort"]),
    (r.Reasoning(effort="max"), {"effort": "high"}, ["reasoning_effort"]),
    (r.Reasoning(r.ThinkingMode.ENABLED, budget=8000), {"effort": "medium", "summary": "auto"},
     ["thinking.budget_tokens"]),
    (r.Reasoning(r.ThinkingMode.ADAPTIVE, effort="high"), {"effort": "high", "summary": "auto"}, []),
    (r.Reasoning(r.ThinkingMode.ADAPTIVE, display="omitted"), {"effort": "medium"}, []),
    (r.Reasoning(r.ThinkingMode.ADAPTIVE, display="full"), {"effort": "medium", "summary": "auto"},
     ["thinking.display"]),
    (r.Reasoning(effort="high", shown=True), {"effort": "high", "summary": "auto"}, []),
    (r.Reasoning(r.ThinkingMode.DISABLED), {"effort": "none"}, []),
    (r.Reasoning(effort="high", summary="detailed"), {"effort": "high", "summary": "detailed"}, []),
])  # fmt: skip
def test_thinking(reasoning: r.Reasoning, said: Any, lost: list[str]) -> None:
    body, losses = say(asked(reasoning=reasoning))
    assert body.get("reasoning") == said
    assert list(losses) == lost


def test_thinking_asked_of_a_model_that_has_none() -> None:
    plain = Profile("gpt-4.1")
    assert list(say(asked(reasoning=r.Reasoning(effort="low")), plain)[1]) == ["reasoning_effort"]
    assert not say(asked(reasoning=r.Reasoning(r.ThinkingMode.DISABLED)), plain)[1]
    always = Profile("o3", traits={"reasoning": {"efforts": ["low", "high"]}})
    body, losses = say(asked(reasoning=r.Reasoning(r.ThinkingMode.DISABLED)), always)
    assert body["reasoning"] == {"effort": "low"} and list(losses) == ["thinking"]


def test_thinking_that_the_provider_does_not_show() -> None:
    shy = Profile("o3", traits={"reasoning": {"summary": False}})
    body, losses = say(asked(reasoning=r.Reasoning(r.ThinkingMode.ADAPTIVE, effort="high")), shy)
    assert body["reasoning"] == {"effort": "high"} and list(losses) == ["thinking.display"]


def test_structured_output() -> None:
    wanted = r.OutputFormat(r.OutputKind.SCHEMA, SCHEMA)
    form = say(asked(output_format=wanted))[0]["text"]["format"]
    assert (form["type"], form["name"], form["strict"]) == ("json_schema", "answer", True)
    chat = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
    body, _ = say(read("chat", response_format=chat, verbosity="low"))
    assert body["text"] == {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": False},
                            "verbosity": "low"}  # fmt: skip
    assert say(read("chat", response_format={"type": "json_object"}))[0]["text"] == {"format": {"type": "json_object"}}
    assert refused(asked(output_format=wanted), Profile("m", traits={"structured_output": False})) == "response_format"


def test_what_is_carried_as_it_is() -> None:
    fields = {"temperature": 0.5, "top_p": 0.9, "user": "u", "metadata": {"a": "b"}, "prompt_cache_key": "k",
              "prompt_cache_retention": "24h", "safety_identifier": "s", "max_completion_tokens": 50,
              "service_tier": "flex", "store": True}  # fmt: skip
    body, losses = say(read("chat", **fields))
    assert {name: body[name] for name in fields if name in body} | {"max_completion_tokens": 50} == fields
    assert body["max_output_tokens"] == 50 and not losses


def test_log_probabilities() -> None:
    body, _ = say(read("chat", logprobs=True, top_logprobs=3), Profile("m"))
    assert (body["top_logprobs"], body["include"]) == (3, ["message.output_text.logprobs"])
    body, losses = say(read("chat", logprobs=True, temperature=0.2), Profile("m", traits={"sampling": False}))
    assert "include" not in body and sorted(losses) == ["temperature", "top_logprobs"]


@pytest.mark.parametrize(("fields", "param"), [
    ({"stop": ("x",)}, "stop"), ({"n": 2}, "n"), ({"modalities": ("text", "audio")}, "modalities"),
    ({"max_tokens": 5}, "max_tokens"),
])  # fmt: skip
def test_what_would_change_the_answer_is_refused(fields: dict[str, Any], param: str) -> None:
    assert refused(asked(**fields)) == param


def test_what_an_answer_can_do_without_is_told() -> None:
    fields = {"seed": 1, "top_k": 5, "min_p": 0.1, "frequency_penalty": 0.5, "presence_penalty": 0.0, "n": 1,
              "logit_bias": {"1": 1}, "audio": {"voice": "x"}, "extra": {"container": "c"}}  # fmt: skip
    _, losses = say(asked(**fields))
    assert sorted(losses) == ["audio", "container", "frequency_penalty", "logit_bias", "min_p", "seed", "top_k"]


def test_cache_marks() -> None:
    mark = b.CacheControl("1h")
    text = b.Text("hi", cache=mark)
    assert list(say(asked(text, cache=mark))[1]) == ["messages[0].content[0].cache_control", "cache_control.ttl"]
    explicit = Profile("m", traits={"cache": "prompt_cache_breakpoint"})
    body, _ = say(asked(text), explicit)
    assert body["input"][0]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit"}


def test_F3_only_what_the_provider_takes() -> None:
    request = read("chat", prompt_cache_key="k", prompt_cache_retention="24h", metadata={"a": "b"}, service_tier="flex",
                   verbosity="low", max_completion_tokens=5)  # fmt: skip
    body, losses = say(request, dialect=RESPONSES_DIALECT)
    assert sorted(losses) == ["metadata", "prompt_cache_retention", "service_tier", "text.verbosity"]
    assert (body["prompt_cache_key"], body["max_output_tokens"]) == ("k", 5)


def test_what_an_mcp_server_said_goes_back_as_one_item() -> None:
    use = {"type": "mcp_tool_use", "id": "mcp_1", "name": "roll", "server_name": "my dice", "input": {"n": 2}}
    result = {"type": "mcp_tool_result", "tool_use_id": "mcp_1", "is_error": False,
              "content": [{"type": "text", "text": "4"}]}  # fmt: skip
    foreign = [{**use, "id": "mcptoolu_9"}, {**result, "tool_use_id": "mcptoolu_9", "is_error": True}]
    history = [{"role": "user", "content": "roll"}, {"role": "assistant", "content": [use, result, *foreign]},
               {"role": "user", "content": "again"}]  # fmt: skip
    body, losses = say(read("messages", messages=history))
    first, second = body["input"][1:3]
    assert first == {"type": "mcp_call", "id": "mcp_1", "server_label": "my_dice", "name": "roll",
                     "arguments": '{"n":2}', "output": "4"}  # fmt: skip
    assert second["id"].startswith("mcp_") and "output" not in second
    assert second["error"] == {"type": "mcp_tool_execution_error", "content": [{"type": "text", "text": "4"}]}
    assert not losses


# --- damage


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((value, key), *places(value[key]))]


def test_a_damaged_body_is_served_or_refused_by_name() -> None:
    print(f"DAMAGE_SEED={SEED}")
    chance = random.Random(SEED)
    small = [
        (family, line["request_json"]) for family, line in RECORDED if len(json.dumps(line["request_json"])) < 8_000
    ]
    for _ in range(1_500):
        family, body = copy.deepcopy(chance.choice(small))
        container, key = chance.choice(places(body))
        container[key] = copy.deepcopy(chance.choice(WRONG))
        try:
            Client().write_request(SERVERS[family].read_request(body), THINKER, Losses())
        except RequestError as error:
            assert error.failure.param, error.failure.message
