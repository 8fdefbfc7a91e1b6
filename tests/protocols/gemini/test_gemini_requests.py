"""What the client face writes, for every field of the hub's request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.faces import CountingClient, Profile
from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini.dialect import Dialect
from tests.protocols.gemini.written import (
    GEMINI_3,
    GEMINI_25,
    ask,
    call,
    calls_match_results,
    check,
    model,
    result,
    user,
    write,
)


def generation(**fields: Any) -> Any:
    return write(ask(**fields))[0].get("generationConfig")


@pytest.mark.parametrize(
    ("client", "name", "stream", "path"),
    [
        (Client(), "gemini-3-pro", False, "/v1beta/models/gemini-3-pro:generateContent"),
        (Client(), "gemini-3-pro", True, "/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse"),
        (Client(), "tunedModels/mine", False, "/v1beta/tunedModels/mine:generateContent"),
        (Client(Dialect("/v1/projects/p/locations/l/publishers/google/")), "g", False,
         "/v1/projects/p/locations/l/publishers/google/models/g:generateContent"),
    ],
)  # fmt: skip
def test_paths(client: Client, name: str, stream: bool, path: str) -> None:
    assert client.path(name, stream) == path


def test_a_plain_request_has_nothing_that_the_caller_did_not_say() -> None:
    assert write(ask(user("hi"))) == ({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}, [])


def test_sampling_and_limits() -> None:
    config = generation(
        temperature=0.0,
        top_p=0.9,
        top_k=40,
        max_tokens=100,
        frequency_penalty=0.5,
        presence_penalty=-0.5,
        seed=7,
        stop=("a", "b"),
        n=2,
        logprobs=True,
        top_logprobs=3,
    )
    assert config == {
        "temperature": 0.0,
        "topP": 0.9,
        "topK": 40,
        "maxOutputTokens": 100,
        "frequencyPenalty": 0.5,
        "presencePenalty": -0.5,
        "seed": 7,
        "responseLogprobs": True,
        "logprobs": 3,
        "stopSequences": ["a", "b"],
        "candidateCount": 2,
    }


def test_numbers_that_a_model_does_not_take() -> None:
    profile = Profile("m", traits={"penalties": False})
    request = ask(frequency_penalty=0.0, presence_penalty=0.5, seed=2**40)
    assert write(request, profile) == (write(ask())[0], ["presence_penalty", "seed"])


def test_sampling_that_a_model_does_not_take() -> None:
    profile = Profile("m", traits={"sampling": False})
    assert write(ask(temperature=1.0, top_p=1), profile) == (write(ask())[0], [])
    request = ask(temperature=0.0, top_p=0.5, top_k=1)
    assert write(request, profile) == (write(ask())[0], ["temperature", "top_p", "top_k"])


def test_a_begun_answer_is_refused_where_the_model_does_not_go_on_with_it() -> None:
    profile = Profile("m", traits={"prefill": False})
    with pytest.raises(RequestError) as refused:
        write(ask(user("a"), model("b")), profile)
    assert refused.value.failure.param == "messages[1]"
    assert write(ask(user("a"), model("b"), user("c")), profile)[1] == []
    assert write(ask(user("a"), model("b")))[0]["contents"][-1]["role"] == "model"


def test_what_gemini_has_no_word_for_is_reported() -> None:
    _, losses = write(
        ask(
            min_p=0.1,
            logit_bias={"1": 2},
            verbosity="low",
            user="u",
            metadata={"a": "b"},
            prompt_cache_key="k",
            prompt_cache_retention="24h",
            safety_identifier="s",
            cache=b.CacheControl(),
            store=True,
            service_tier="scale",
            extra={"weird": 1},
        )
    )
    assert sorted(losses) == [
        "cache_control",
        "logit_bias",
        "metadata",
        "min_p",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
        "user",
        "verbosity",
        "weird",
    ]
    assert write(ask(store=False, service_tier="auto", n=1, include_usage=True))[1] == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"stop": tuple("abcdef")}, "stop"),
        ({"n": 9}, "n"),
        ({"tools": (r.CustomTool("c"),)}, "tools[0]"),
        ({"tools": (r.HostedTool("computer", "anthropic_messages", {"type": "computer_20250124"}),)}, "tools[0]"),
        ({"tool_choice": r.ToolChoice(r.ToolMode.REQUIRED)}, "tool_choice"),
        ({"tools": (r.FunctionTool("f"),), "tool_choice": r.ToolChoice(r.ToolMode.NAMED, ("g",))}, "tool_choice"),
        ({"mcp_servers": ({"type": "url", "url": "https://e.com", "name": "e"},)}, "mcp_servers"),
        ({"audio": {"voice": {"id": "v"}}}, "audio.voice"),
    ],
)
def test_what_would_change_the_answer_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        write(ask(**fields))
    assert caught.value.failure.param == param


def test_structured_output() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    form = r.OutputFormat(r.OutputKind.SCHEMA, schema, "answer", "the answer", True)
    assert generation(output_format=form) == {
        "responseMimeType": "application/json",
        "responseJsonSchema": {**schema, "description": "the answer"},
    }
    assert generation(output_format=r.OutputFormat(r.OutputKind.JSON)) == {"responseMimeType": "application/json"}
    assert generation(output_format=r.OutputFormat(r.OutputKind.TEXT)) is None
    with pytest.raises(RequestError):
        write(ask(output_format=form), Profile("m", traits={"structured_output": False}))


SPENT = ["thinking.budget_tokens"]
LEVEL = {"thinking": "level", "levels": ["low", "high"]}
BUDGET = {"thinking": "budget", "budget_range": [128, 32768]}
ON, OFF, FREE = r.ThinkingMode.ENABLED, r.ThinkingMode.DISABLED, r.ThinkingMode.ADAPTIVE


@pytest.mark.parametrize(
    ("traits", "asked", "config", "lost"),
    [
        (LEVEL, r.Reasoning(effort="high"), {"includeThoughts": True, "thinkingLevel": "HIGH"}, []),
        (LEVEL, r.Reasoning(effort="low"), {"includeThoughts": True, "thinkingLevel": "LOW"}, []),
        (LEVEL, r.Reasoning(effort="medium"), {"includeThoughts": True, "thinkingLevel": "HIGH"}, ["reasoning_effort"]),
        (LEVEL, r.Reasoning(effort="max"), {"includeThoughts": True, "thinkingLevel": "HIGH"}, ["reasoning_effort"]),
        (LEVEL, r.Reasoning(effort="none"), {"thinkingLevel": "LOW"}, ["reasoning_effort"]),
        (LEVEL, r.Reasoning(OFF), {"thinkingLevel": "LOW"}, ["thinking"]),
        (LEVEL, r.Reasoning(FREE), {"includeThoughts": True}, []),
        (LEVEL, r.Reasoning(), None, []),
        (LEVEL, r.Reasoning(FREE, display="full"), {"includeThoughts": True}, ["thinking.display"]),
        (LEVEL, r.Reasoning(ON, budget=20000), {"includeThoughts": True, "thinkingLevel": "HIGH"}, SPENT),
        (LEVEL, r.Reasoning(ON, budget=1024), {"includeThoughts": True, "thinkingLevel": "LOW"}, SPENT),
        (LEVEL, r.Reasoning(FREE, effort="high", display="omitted"), {"thinkingLevel": "HIGH"}, []),
        (BUDGET, r.Reasoning(ON, budget=2000), {"includeThoughts": True, "thinkingBudget": 2000}, []),
        (BUDGET, r.Reasoning(ON, budget=99999), {"includeThoughts": True, "thinkingBudget": 32768}, SPENT),
        (BUDGET, r.Reasoning(effort="medium"), {"includeThoughts": True, "thinkingBudget": 8192}, []),
        (BUDGET, r.Reasoning(effort="max"), {"includeThoughts": True, "thinkingBudget": 32768}, []),
        (BUDGET, r.Reasoning(FREE), {"includeThoughts": True, "thinkingBudget": -1}, []),
        (BUDGET, r.Reasoning(OFF), {"thinkingBudget": 128}, ["thinking"]),
        ({"thinking": "budget", "budget_range": [0, 24576]}, r.Reasoning(OFF), {"thinkingBudget": 0}, []),
        ({}, r.Reasoning(effort="high"), None, ["reasoning_effort"]),
        ({}, r.Reasoning(OFF), None, []),
    ],
)  # fmt: skip
def test_reasoning(traits: dict[str, Any], asked: r.Reasoning, config: dict[str, Any] | None, lost: list[str]) -> None:
    body, losses = write(ask(reasoning=asked), Profile("m", traits=traits))
    assert body.get("generationConfig", {}).get("thinkingConfig") == config
    assert losses == lost


def test_speech() -> None:
    body, losses = write(ask(modalities=("audio",), audio={"voice": "Kore", "format": "wav"}))
    assert body["generationConfig"] == {
        "responseModalities": ["AUDIO"],
        "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
    }
    assert losses == ["audio.format"]


def test_hosted_tools() -> None:
    tools = (
        r.HostedTool("web_search", "anthropic_messages", {"type": "web_search_20250305"}, max_uses=3),
        r.HostedTool("code_execution", "openai_responses", {"type": "code_interpreter"}),
        r.HostedTool("web_fetch", "anthropic_messages", {"type": "web_fetch_20250910"}),
        r.HostedTool("other", "gemini", {"googleMaps": {}}),
        r.FunctionTool("f", "does f"),
    )
    body, losses = write(ask(tools=tools), GEMINI_3)
    assert body["tools"] == [
        {"functionDeclarations": [{"name": "f", "description": "does f"}]},
        {"googleSearch": {}},
        {"codeExecution": {}},
        {"urlContext": {}},
        {"googleMaps": {}},
    ]
    assert body["toolConfig"] == {"includeServerSideToolInvocations": True}
    assert losses == ["tools[0].max_uses"]
    none, _ = write(ask(tools=tools, tool_choice=r.ToolChoice(r.ToolMode.NONE)))
    assert [list(tool) for tool in none["tools"]] == [["functionDeclarations"]]


def test_a_function_named_like_a_hosted_tool_stays_a_function() -> None:
    body, _ = write(ask(tools=(r.FunctionTool("web_search"),)))
    assert body["tools"] == [{"functionDeclarations": [{"name": "web_search"}]}]


def test_a_restricted_free_choice_declares_only_what_is_allowed() -> None:
    tools = (r.FunctionTool("f"), r.FunctionTool("g"))
    body, losses = write(ask(tools=tools, tool_choice=r.ToolChoice(r.ToolMode.AUTO, ("g",))))
    assert body["tools"] == [{"functionDeclarations": [{"name": "g"}]}]
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    assert losses == []


def test_mcp_servers_where_the_model_reaches_them() -> None:
    server = {"type": "url", "url": "https://e.com/mcp", "name": "e", "authorization_token": "t"}
    body, _ = write(ask(mcp_servers=(server,)), Profile("m", traits={"mcp": True}))
    transport = {"url": "https://e.com/mcp", "headers": {"Authorization": "Bearer t"}}
    assert body["tools"] == [{"mcpServers": [{"name": "e", "streamableHttpTransport": transport}]}]


def test_geminis_own_fields_pass_from_any_protocol() -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    google = {"thinking_config": {"thinking_budget": 5}, "cached_content": "cachedContents/1", "odd": 1}
    extra = {"safety_settings": settings, "extra_body": {"google": google}}
    body, losses = write(ask(extra=extra))
    assert body["safetySettings"] == settings
    assert body["cachedContent"] == "cachedContents/1"
    assert body["generationConfig"] == {"thinkingConfig": {"thinkingBudget": 5}}
    assert losses == ["extra_body.google.odd"]


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (b.Image(b.UrlSource("https://e.com/a.png?x=1")),
         [{"fileData": {"fileUri": "https://e.com/a.png?x=1", "mimeType": "image/png"}}]),
        (b.Image(b.UrlSource("https://e.com/a")), [{"fileData": {"fileUri": "https://e.com/a"}}]),
        (b.Image(b.UrlSource("data:image/gif;base64,R0lG")),
         [{"inlineData": {"mimeType": "image/gif", "data": "R0lG"}}]),
        (b.Image(b.FileSource("https://g/files/1", "gemini")), [{"fileData": {"fileUri": "https://g/files/1"}}]),
        (b.Document(b.TextSource("words"), title="T", context="C"), [{"text": "T\nC"}, {"text": "words"}]),
        (b.Document(b.BlocksSource((b.Text("x"),))), [{"text": "x"}]),
        (b.Document(b.Base64Source("video/mp4", "AAAA")), [{"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}]),
        (b.Audio(b.Base64Source("audio/mpeg", "AAAA"), "mp3"),
         [{"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}}]),
        (b.Refusal("no"), [{"text": "no"}]),
        (b.Opaque("gemini", {"text": "raw", "thought": True}), [{"text": "raw", "thought": True}]),
    ],
)  # fmt: skip
def test_blocks(block: b.Block, parts: list[dict[str, Any]]) -> None:
    assert write(ask(user(block)))[0]["contents"][0]["parts"] == parts


@pytest.mark.parametrize(
    "block",
    [
        b.Image(b.FileSource("file-1", "openai_chat")),
        b.Image(b.UrlSource("http://e.com/a.png")),
        b.Document(b.UrlSource("ftp://e.com/a.pdf")),
    ],
)
def test_media_that_cannot_be_reached(block: b.Block) -> None:
    with pytest.raises(RequestError):
        write(ask(user(block)))


def test_what_other_vendors_tools_left_is_reported() -> None:
    foreign = b.ServerToolUse("s", "web_search", "{}", "web_search", "anthropic_messages", {"type": "server_tool_use"})
    own = b.ServerToolUse("s", "web_search", "{}", "web_search", "gemini", {"toolCall": {"id": "s"}})
    body, losses = write(ask(user("go"), model(foreign, own, "found"), user("on")))
    assert body["contents"][1]["parts"] == [{"toolCall": {"id": "s"}}, {"text": "found"}]
    assert losses == ["messages[1].content[0]"]


def test_marks_and_names_are_reported() -> None:
    cited = b.Text("x", citations=(b.Citation("gemini", {}),), cache=b.CacheControl())
    message = b.Message(b.Role.USER, (cited,), name="ann", extra={"mood": 1})
    assert write(ask(message))[1] == [
        "messages[0].name",
        "messages[0].mood",
        "messages[0].content[0].citations",
        "messages[0].content[0].cache_control",
    ]


def test_instructions_alone_are_said_in_a_turn() -> None:
    body, losses = write(r.Request("m", (), system=(b.Text("be"),)))
    assert body == {"contents": [{"role": "user", "parts": [{"text": "<system>\nbe\n</system>"}]}]}
    assert losses == ["system"]


def test_counting_asks_for_the_whole_request() -> None:
    client = Client()
    assert isinstance(client, CountingClient)
    request = ask(user("hi"), system=(b.Text("be"),), tools=(r.FunctionTool("f"),), extra={"safety_settings": []})
    body = client.write_count_tokens(request, GEMINI_25, Losses())
    counted = body["generateContentRequest"]
    assert counted["model"] == "models/gemini-2.5-flash"
    assert counted.keys() == {"model", "contents", "systemInstruction", "tools"}
    assert client.count_path("gemini-2.5-flash") == "/v1beta/models/gemini-2.5-flash:countTokens"
    assert client.read_count({"totalTokens": 61, "promptTokensDetails": []}) == 61


TEXT = st.text(max_size=8)
PLAIN = st.one_of(
    TEXT.map(b.Text),
    st.just(b.Image(b.Base64Source("image/png", "aGk="))),
    st.just(b.Document(b.Base64Source("application/pdf", "aGk="), title="t")),
    st.builds(b.Thinking, TEXT, st.sampled_from([None, b.Continuation("gemini", "c2ln"), b.Continuation("x", "y")])),
    st.just(b.Opaque("openai_chat", {"type": "x"})),
)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[b.Message, ...]:
    """Turns as the servers hand them over: results at the front of the message after the calls."""
    messages: list[b.Message] = [user(draw(TEXT) or "start")]
    count = 0
    for _ in range(draw(st.integers(0, 4))):
        calls = [call(f"c{count + n}", draw(st.sampled_from("fgh"))) for n in range(draw(st.integers(0, 3)))]
        count += len(calls)
        said = draw(st.lists(PLAIN.filter(lambda x: isinstance(x, b.Text | b.Thinking | b.Opaque)), max_size=2))
        messages.append(b.Message(b.Role.ASSISTANT, (*said, *calls)))
        if draw(st.booleans()):
            messages.append(b.Message(b.Role.SYSTEM, (b.Text("note"),)))
        results = [result(item.id, *draw(st.lists(PLAIN, max_size=2))) for item in draw(st.permutations(calls))]
        rest = draw(st.lists(PLAIN, max_size=2))
        messages.append(b.Message(b.Role.USER, (*results, *rest)))
    return tuple(messages)


@given(conversations(), st.sampled_from([GEMINI_3, GEMINI_25]))
def test_any_conversation_is_one_that_the_api_takes(messages: tuple[b.Message, ...], profile: Profile) -> None:
    body, _ = write(ask(*messages), profile)
    check(body)
    assert calls_match_results(body["contents"])
    for content in body["contents"]:
        calls = [part for part in content["parts"] if "functionCall" in part]
        if calls and profile is GEMINI_3:
            assert "thoughtSignature" in calls[0]
