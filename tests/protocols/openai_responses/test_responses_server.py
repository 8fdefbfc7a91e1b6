"""The server face of Responses: what a caller sends, what it gets, and what goes through unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.responses import Response as SdkResponse

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub import request as r
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.fold import unfold
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_responses.carry import PassThrough
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.protocols.openai_responses.server import Server
from interchange.protocols.openai_responses.server.tools import joined
from interchange.wire import codec
from interchange.wire.sse import FrameReader
from tests.laws.callers import responses_stream, responses_whole

SEAL = Seal(b"0123456789abcdef")
SERVER = Server(SEAL)
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_760_000_000, "asked")


def asked(**body: Any) -> r.Request:
    return SERVER.read_request({"model": "m", "input": "hi", **body})


def answer(*blocks: b.Block, reason: e.StopReason = e.StopReason.END, envelope: Envelope = ENVELOPE) -> dict[str, Any]:
    """The whole answer; its stream comes to the same."""
    response = e.Response("x", "up", 5, (e.Choice(blocks, e.Stop(reason)),), Usage(input=3, output=2))
    body = SERVER.write_response(response, envelope)
    writer = SERVER.write_stream(envelope)
    raw = b"".join(writer.write(event) for event in unfold(response))
    assert responses_stream(raw) == responses_whole(codec.dumps(body))
    assert writer.final == body
    return body


# --- requests


@pytest.mark.parametrize("kind", ["custom_tool_call", "function_call"])
@pytest.mark.parametrize("name", [["x_keyword_search"], {}, 1, True])
def test_a_calls_name_that_is_no_text_is_refused_by_its_place(kind: str, name: Any) -> None:
    call = {"type": kind, "call_id": "c1", "name": name, "input": "{}", "arguments": "{}"}
    with pytest.raises(RequestError) as caught:
        asked(input=[{"role": "user", "content": "hi"}, call])
    assert caught.value.failure.param == "input[1].name"


def test_a_conversation_of_items_is_turns() -> None:
    items = [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": [{"type": "input_text", "text": "weather?"}]},
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "E",
        },
        {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": '{"a": 1}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "g", "input": "free"},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "ok"}]},
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "It is.", "annotations": []}],
        },
        {"role": "user", "content": "thanks"},
    ]
    request = asked(input=items, instructions="first")
    assert request.system == (b.Text("first"), b.Text("be brief"))
    roles = [message.role.value for message in request.messages]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    assert request.messages[1].content == (
        b.Thinking("hm", b.Continuation("openai_responses", "E", "rs_1")),
        b.ToolUse("c1", "f", '{"a": 1}', "function", b.Continuation("openai_responses", "", "fc_1")),
        b.ToolUse("c2", "g", "free", "custom"),
    )
    results = request.messages[2].content
    assert results == (b.ToolResult("c1", (b.Text("sunny"),)), b.ToolResult("c2", (b.Text("ok"),)))


def test_media_in_every_form() -> None:
    parts = [
        {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "high"},
        {"type": "input_image", "image_url": "https://a/b.png"},
        {"type": "input_image", "file_id": "file-1"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="},
        {"type": "input_file", "file_url": "https://a/b.pdf"},
        {"type": "input_file", "filename": "a.txt", "file_data": "aGk="},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "mp3"}},
    ]
    (message,) = asked(input=[{"role": "user", "content": parts}]).messages
    assert message.content == (
        b.Image(b.Base64Source("image/png", "aGk="), "high"),
        b.Image(b.UrlSource("https://a/b.png")),
        b.Image(b.FileSource("file-1", "openai_responses")),
        b.Document(b.Base64Source("application/pdf", "aGk="), "a.pdf"),
        b.Document(b.UrlSource("https://a/b.pdf")),
        b.Document(b.Base64Source("text/plain", "aGk="), "a.txt"),
        b.Audio(b.Base64Source("audio/mpeg", "aGk="), "mp3"),
    )


def test_parameters() -> None:
    request = asked(
        temperature=0.5, top_p=1, max_output_tokens=99, parallel_tool_calls=False, store=False, metadata={"a": "b"},
        reasoning={"effort": "low", "summary": "auto"}, service_tier="flex", user="u", stream=True,
        include=["reasoning.encrypted_content", "message.output_text.logprobs", "file_search_call.results"],
        text={"verbosity": "low", "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
        truncation="auto", top_logprobs=2, max_tool_calls=3, background=False,
    )  # fmt: skip
    assert (request.temperature, request.top_p, request.max_tokens, request.stream) == (0.5, 1, 99, True)
    assert request.reasoning == r.Reasoning(effort="low", display="summarized", summary="auto")
    assert request.output_format == r.OutputFormat(r.OutputKind.SCHEMA, {"type": "object"}, "n")
    assert (request.verbosity, request.logprobs, request.top_logprobs) == ("low", True, 2)
    assert request.extra == {"include": ["file_search_call.results"], "truncation": "auto", "max_tool_calls": 3}


def test_a_forced_search_is_named_as_other_vendors_name_it() -> None:
    request = asked(tools=[{"type": "web_search_preview"}], tool_choice={"type": "web_search_preview"})
    assert request.tool_choice is not None
    assert request.tool_choice.names == ("web_search",)
    body = Messages().write_request(request, Profile("m", max_output=100), Losses())
    assert body["tool_choice"] == {"type": "tool", "name": "web_search"}
    assert Responses().write_request(request, Profile("m"), Losses())["tool_choice"] == {"type": "web_search_preview"}


def test_tools_and_choices() -> None:
    tools = [
        {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True},
        {"type": "custom", "name": "g", "format": {"type": "text"}},
        {"type": "web_search", "filters": {"allowed_domains": ["a.org"]}},
        {"type": "mcp", "server_label": "s", "server_url": "https://s", "require_approval": "never",
         "allowed_tools": ["x"]},
        {"type": "mcp", "server_label": "t", "server_url": "https://t"},
        {"type": "namespace", "name": "crm", "description": "Customers.",
         "tools": [{"type": "function", "name": "find", "description": "Finds."}]},
    ]  # fmt: skip
    request = asked(tools=tools)
    function, custom, search, asking, grouped = request.tools
    assert function == r.FunctionTool("f", None, {"type": "object"}, True)
    assert custom == r.CustomTool("g", None, {"type": "text"})
    assert isinstance(search, r.HostedTool) and (search.kind, search.allowed_domains) == ("web_search", ("a.org",))
    assert isinstance(asking, r.HostedTool) and asking.kind == "mcp"
    assert grouped == r.FunctionTool("crm__find", "Customers. Finds.")
    assert request.mcp_servers == (
        {
            "type": "url",
            "name": "s",
            "url": "https://s",
            "tool_configuration": {"enabled": True, "allowed_tools": ["x"]},
        },
    )
    for given, found in (
        ("required", r.ToolChoice(r.ToolMode.REQUIRED)),
        ({"type": "function", "name": "f"}, r.ToolChoice(r.ToolMode.NAMED, ("f",))),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
         r.ToolChoice(r.ToolMode.AUTO, ("f",))),
    ):  # fmt: skip
        assert asked(tools=tools, tool_choice=given).tool_choice == found


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": ["x"]}, "input[0]"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        ({"input": [{"role": "user"}]}, "input[0].content"),
        ({"input": [{"role": "user", "content": [{"text": "x"}]}]}, "input[0].content[0].type"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "call_id": "c"}]}, "input[0].output"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"background": True}, "background"),
        ({"stream": "yes"}, "stream"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"truncation": {}}, "truncation"),
        ({"max_tool_calls": "x"}, "max_tool_calls"),
        ({"temperature": "hot"}, "temperature"),
        ({"tools": [{"name": "f"}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
        ({"instructions": 7}, "instructions"),
        ({"model": None}, "model"),
    ],
)
def test_bad_input_names_its_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError) as caught:
        asked(**body)
    assert caught.value.failure.param == field


# --- answers


def test_text_refusals_and_calls_are_items_in_their_order() -> None:
    cited = b.Text("See it.", (b.Citation("gemini", {}, url="https://a", title="A", start=0, end=3),))
    body = answer(
        b.Thinking("hm"), cited, b.Text(" More."), b.ToolUse("c1", "f", '{"a":1}'), b.ToolUse("", "g", "x", "custom")
    )
    kinds = [item["type"] for item in body["output"]]
    assert kinds == ["reasoning", "message", "function_call", "custom_tool_call"]
    first, second = body["output"][1]["content"]
    assert (first["text"], second["text"]) == ("See it.", " More.")
    assert first["annotations"] == [
        {"type": "url_citation", "url": "https://a", "title": "A", "start_index": 0, "end_index": 3}
    ]
    assert body["output"][2]["call_id"] == "c1"
    assert body["output"][3]["call_id"].startswith("call_")
    assert len({item["id"] for item in body["output"]}) == 4


@pytest.mark.parametrize(
    ("reason", "status", "detail"),
    [
        (e.StopReason.END, "completed", None),
        (e.StopReason.TOOL_USE, "completed", None),
        (e.StopReason.MAX_TOKENS, "incomplete", {"reason": "max_output_tokens"}),
        (e.StopReason.CONTENT_FILTER, "incomplete", {"reason": "content_filter"}),
    ],
)
def test_how_an_answer_ended(reason: e.StopReason, status: str, detail: Any) -> None:
    body = answer(b.Text("x"), reason=reason)
    assert (body["status"], body["incomplete_details"]) == (status, detail)


def test_the_answer_repeats_the_request_within_the_sdks_types() -> None:
    given = {
        "model": "m", "input": "hi", "instructions": "be brief", "temperature": 0.5, "metadata": {"a": "b"},
        "tools": [{"type": "function", "name": "f"}, {"type": "mcp", "server_label": "s", "server_url": "https://s",
                   "authorization": "secret", "require_approval": "never"}],
        "tool_choice": "required", "reasoning": {"effort": "low"}, "parallel_tool_calls": False,
        "max_output_tokens": 50,
    }  # fmt: skip
    body = answer(b.Text("x"), envelope=Envelope("ab" * 16, 7, "m", asked=given))
    whole = SdkResponse.model_validate(body, strict=True)
    assert (whole.instructions, whole.temperature, whole.tool_choice, whole.max_output_tokens) == (
        "be brief", 0.5, "required", 50,
    )  # fmt: skip
    assert "secret" not in json.dumps(body)


def test_grouped_tools_are_called_by_both_names() -> None:
    group = {"type": "namespace", "name": "crm", "description": "", "tools": [{"type": "function", "name": "find"}]}
    body = answer(b.ToolUse("c", "crm__find", "{}"), envelope=Envelope("ab" * 16, 7, "m", asked={"tools": [group]}))
    call = body["output"][0]
    assert (call["name"], call["namespace"]) == ("find", "crm")
    (message,) = asked(input=[call]).messages
    (block,) = message.content
    assert isinstance(block, b.ToolUse) and block.name == "crm__find"
    long = joined("n" * 40, "m" * 40)
    assert len(long) == 64 and long != joined("n" * 40, "m" * 41)


@pytest.mark.parametrize(
    "block",
    [
        b.Thinking("thought", b.Continuation("anthropic_messages", "SIG")),
        b.Thinking("", b.Continuation("anthropic_messages", "SIG")),
        b.RedactedThinking(b.Continuation("anthropic_messages", "SECRET")),
        b.Thinking("thought", b.Continuation("gemini", "TS")),
    ],
)
def test_another_vendors_reasoning_comes_back_as_it_was(block: Any) -> None:
    item = answer(block, b.Text("x"))["output"][0]
    assert item["type"] == "reasoning"
    (message,) = asked(input=[item]).messages
    assert message.content == (block,)
    tampered = {**item, "encrypted_content": item["encrypted_content"][:-2] + "xx"}
    found = [x for m in asked(input=[tampered, {"role": "user", "content": "hi"}]).messages for x in m.content]
    assert not any(getattr(x, "state", None) for x in found)


def test_a_failure_in_the_stream() -> None:
    writer = SERVER.write_stream(ENVELOPE)
    raw = (
        writer.write(e.MessageStart()) + writer.write(e.BlockStart(0, b.Text(""))) + writer.write(e.TextDelta(0, "par"))
    )
    raw += writer.write(e.StreamFailed(Failure(ErrorKind.OVERLOADED, "busy")))
    last = [json.loads(frame.data or b"{}") for frame in FrameReader().feed(raw)][-1]
    assert last["type"] == "response.failed"
    whole = SdkResponse.model_validate(last["response"], strict=True)
    assert whole.error is not None and (whole.error.code, whole.error.message) == ("server_error", "busy")
    assert whole.output_text == "par"
    (frame,) = FrameReader().feed(SERVER.write_stream_failure(Failure(ErrorKind.TIMEOUT, "late")))
    assert (frame.event, json.loads(frame.data or b"{}")["message"]) == ("error", "late")


# --- carried through


def test_a_body_goes_out_as_it_came_but_for_the_model() -> None:
    raw = b'{ "input":[{"role":"user","content":"\\u00e9"}],  "model":"asked", "new": null, "stream":true}'
    out = PassThrough().write_request(raw, codec.loads(raw), Profile("up"), None, True)
    assert out == raw.replace(b'"asked"', b'"up"')
    assert (
        codec.loads(PassThrough().write_request(raw, codec.loads(raw), Profile("up"), 7, True))["max_output_tokens"]
        == 7
    )


def carried(*items: Any) -> Any:
    """`input` as the vendor gets it."""
    body = {"model": "asked", "input": list(items)}
    raw = codec.dumps(body)
    sent = PassThrough().write_request(raw, body, Profile("up"), None, False)
    if codec.loads(sent)["input"] == body["input"]:
        assert sent == raw.replace(b'"asked"', b'"up"')
    return codec.loads(sent)["input"]


def test_reasoning_that_we_sealed_stays_behind() -> None:
    sealed = SEAL.seal(b.Continuation("anthropic_messages", "SIG"))
    foreign = {"type": "reasoning", "id": "rs_x", "summary": [], "encrypted_content": sealed}
    said = {"type": "message", "role": "assistant", "content": "hm"}
    vendors = [
        {"type": "reasoning", "id": "rs_own", "summary": [], "encrypted_content": "gAAA"},
        {"type": "reasoning", "id": "rs_stored", "summary": []},
    ]
    sent = carried(foreign, {**said, "id": "msg_x"}, *vendors, said)
    assert sent == [said, *vendors, said], "an id of a message asks for the reasoning before it"


@pytest.mark.parametrize(
    "thinking",
    [
        b.Thinking("hm"),
        b.Thinking("hm", b.Continuation("gemini", "TS")),
        b.RedactedThinking(b.Continuation("anthropic_messages", "SECRET")),
    ],
)
def test_what_another_vendor_answered_can_go_on_at_openai(thinking: Any) -> None:
    """No id of ours goes out, with state or without: the vendor would look it up, and answer 404."""
    items = answer(thinking, b.Text("x"), b.ToolUse("c1", "f", "{}"))["output"]
    sent = carried(*items, {"type": "function_call_output", "call_id": "c1", "output": "y"})
    assert [item["type"] for item in sent] == ["message", "function_call", "function_call_output"]
    assert not any("id" in item for item in sent)


def test_reasoning_with_the_vendors_own_state_goes_on_as_it_is() -> None:
    own = b.Thinking("hm", b.Continuation("openai_responses", "gAAA", "rs_1"))
    items = [*answer(own)["output"], {"type": "message", "role": "assistant", "content": "hm"}]
    assert carried(*items) == items


def test_words_that_look_like_our_marks_change_no_byte() -> None:
    said = {"role": "user", "content": "what is rs_ic_1, and ic1.?"}
    assert carried(said) == [said]


def test_an_answers_bytes_come_back_but_for_the_model() -> None:
    raw = b'{"id":"resp_1", "model":"up-2026", "output": [], "odd":1.0}'
    assert PassThrough().write_response(raw, json.loads(raw), "asked") == raw.replace(b"up-2026", b"asked")
    stream = (
        b'event: response.created\ndata: {"type":"response.created","response":{"id":"r","model":"up"},"x":"up"}\n\n'
    )
    (frame,) = FrameReader().feed(stream)
    assert PassThrough().write_frame(frame, "asked", False) == stream.replace(b'"model":"up"', b'"model":"asked"')
    (delta,) = FrameReader().feed(b'data: {"type":"response.output_text.delta","delta":"up"}\n\n')
    assert PassThrough().write_frame(delta, "asked", False) == delta.raw


def test_unknown_fields_of_nested_objects_are_kept_to_be_told() -> None:
    body = {"model": "m", "input": "x", "text": {"a": 1}, "stream_options": {"b": 2}, "reasoning": {"c": 3}}
    assert Server(SEAL).read_request(body).extra == {"text.a": 1, "stream_options.b": 2, "reasoning.c": 3}


def test_an_item_of_the_vendors_own_that_has_no_id_is_streamed_as_it_is() -> None:
    raw = {"type": "mcp_list_tools", "server_label": "s", "tools": []}
    writer = SERVER.write_stream(ENVELOPE)
    events: list[e.Event] = [e.MessageStart(), e.BlockStart(0, b.Opaque(SERVER.protocol, raw)), e.BlockStop(0),
              e.MessageStop((e.Stop(e.StopReason.END),))]  # fmt: skip
    frames = list(FrameReader().feed(b"".join([writer.write(event) for event in events])))
    added = [codec.loads(frame.data or b"")["item"] for frame in frames if frame.event == "response.output_item.added"]
    assert [item["type"] for item in added] == ["mcp_list_tools"]
