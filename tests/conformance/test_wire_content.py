"""Content is never a loss: read in whichever shape it comes, said in words, or refused by its place."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w

MODELS = ("claude-sonnet-4-5", "gemini-3.5-flash", "gpt-4.1", "gpt-5.4", "grok-4.3")
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40)).decode()
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
PDF = base64.b64encode(b"%PDF-1.7\n" + bytes(40)).decode()
OWN = {
    "chat": ("gpt-4.1", "gpt-5.4", "grok-4.3"),
    "responses": ("gpt-5.4", "gpt-4.1", "grok-4.3"),
    "messages": MODELS[:1],
}
"""Models that get a family's body as it is."""


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


def body(family: str, model: str, *parts: Any) -> dict[str, Any]:
    turn = {"role": "user", "content": list(parts)}
    if family == "responses":
        return {"model": model, "input": [turn]}
    return {"model": model, "max_tokens": 99, "messages": [turn]}


def translated(family: str) -> list[str]:
    return [model for model in MODELS if model not in OWN[family]]


IMAGES = [
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
    {"type": "image", "data": PNG, "mimeType": "image/png"},
]
FILES = [
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
    {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
    {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
]


@pytest.mark.parametrize("part", [*IMAGES, *FILES], ids=lambda part: f"{part['type']}-{sorted(part)[0]}")
@pytest.mark.parametrize("family, model", [(f, m) for f in OWN for m in translated(f)])
def test_a_part_is_read_in_any_protocols_shape(here: w.World, family: str, model: str, part: Any) -> None:
    text = {"type": "input_text" if family == "responses" else "text", "text": "what is this?"}
    if family == "messages" and "mimeType" in part:  # its own word, in another shape
        assert "source" in wire.refused(here, family, body(family, model, text, part))
        return
    if part in FILES and model.startswith("grok"):
        assert "document input" in wire.refused(here, family, body(family, model, text, part))
        return
    raw = codec.dumps_text(wire.sent(here, family, body(family, model, text, part)))
    assert "what is this?" in raw and (PNG in raw or PDF in raw)


@pytest.mark.parametrize("family, model", [(f, m) for f in OWN for m in translated(f)])
def test_a_part_of_no_known_shape_is_refused_by_its_place(here: w.World, family: str, model: str) -> None:
    text = {"type": "input_text" if family == "responses" else "text", "text": "q"}
    parts: list[Any] = [{"type": "hologram", "data": "x"}, {"type": "image", "source": {"type": "moon"}}]
    for part in parts:
        if family == "messages" and part["type"] == "image":
            continue  # the protocol's own, whose reader names the field
        told = wire.refused(here, family, body(family, model, text, part))
        assert part["type"] in told and "content" in told and "1" in told


@pytest.mark.parametrize("model", translated("messages"))
def test_a_summary_of_the_conversation_goes_as_its_text(here: w.World, model: str) -> None:
    history = [{"role": "assistant", "content": [{"type": "compaction", "content": "SUMMARY"}]}, wire.user("go on")]
    sent = wire.sent(here, "messages", {"model": model, "max_tokens": 99, "messages": history})
    assert "SUMMARY" in codec.dumps_text(sent)


@pytest.mark.parametrize("model", translated("messages"))
def test_references_to_tools_are_said_in_a_result(here: w.World, model: str) -> None:
    found = [{"type": "tool_reference", "tool_name": name} for name in ("f", "g")]
    use = {"type": "tool_use", "id": "t1", "name": "ToolSearch", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": found}
    history = [wire.user(), {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    raw = codec.dumps_text(wire.sent(here, "messages", {"model": model, "max_tokens": 99, "messages": history}))
    assert "tool available: f" in raw and "tool available: g" in raw


RAN: list[tuple[Any, str]] = [
    ({"type": "bash_code_execution_tool_result", "tool_use_id": "s1",
      "content": {"type": "bash_code_execution_result", "stdout": "OUT", "stderr": "", "return_code": 0,
                  "content": []}}, "OUT"),
    ({"type": "web_search_tool_result", "tool_use_id": "s1",
      "content": [{"type": "web_search_result", "title": "T", "url": "https://a.example", "encrypted_content": "E"}]},
     "https://a.example"),
    ({"type": "advisor_tool_result", "tool_use_id": "s1", "content": {"type": "advisor_result", "text": "ADVICE"}},
     "ADVICE"),
    ({"type": "tool_search_tool_result", "tool_use_id": "s1",
      "content": {"type": "tool_search_tool_search_result",
                  "tool_references": [{"type": "tool_reference", "tool_name": "found_it"}]}}, "found_it"),
]  # fmt: skip


@pytest.mark.parametrize("model", translated("messages"))
@pytest.mark.parametrize("result, text", RAN, ids=[result["type"] for result, _ in RAN])
def test_what_a_vendors_own_tool_gave_is_said_to_another(here: w.World, model: str, result: Any, text: str) -> None:
    use = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "ASKED"}}
    history = [wire.user(), {"role": "assistant", "content": [use, result]}, wire.user("and?")]
    raw = codec.dumps_text(wire.sent(here, "messages", {"model": model, "max_tokens": 99, "messages": history}))
    assert text in raw and "ASKED" in raw and "encrypted_content" not in raw


@pytest.mark.parametrize("model", translated("responses"))
def test_so_is_an_item_that_holds_a_call_and_its_outcome(here: w.World, model: str) -> None:
    item = {"type": "code_interpreter_call", "id": "ci_1", "code": "print(1)",
            "status": "completed", "outputs": [{"type": "logs", "logs": "LOGGED"}]}  # fmt: skip
    sent = wire.sent(here, "responses", {"model": model, "input": [wire.user(), item, wire.user("and?")]})
    raw = codec.dumps_text(sent)
    assert "LOGGED" in raw and "print(1)" in raw


@pytest.mark.parametrize("model", translated("messages"))
def test_a_file_of_a_vendors_container_is_refused(here: w.World, model: str) -> None:
    told = wire.refused(here, "messages", body("messages", model, {"type": "container_upload", "file_id": "file_1"}))
    assert told.startswith("messages[0].content[0]")


@pytest.mark.parametrize("model", translated("chat"))
@pytest.mark.parametrize("declared, data, right", [
    ("image/png", JPEG, "image/jpeg"), ("image/jpeg", PNG, "image/png"), ("image/png", PNG, "image/png"),
])  # fmt: skip
def test_an_image_is_what_its_bytes_say(here: w.World, model: str, declared: str, data: str, right: str) -> None:
    part = {"type": "image_url", "image_url": {"url": f"data:{declared};base64,{data}"}}
    raw = codec.dumps_text(wire.sent(here, "chat", body("chat", model, part)))
    assert right in raw and (declared == right or declared not in raw)


@pytest.mark.parametrize("model", translated("chat"))
def test_a_document_that_is_an_image_goes_as_one(here: w.World, model: str) -> None:
    part = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{JPEG}"}}
    raw = codec.dumps_text(wire.sent(here, "chat", body("chat", model, part)))
    assert "image/jpeg" in raw and "application/pdf" not in raw


@pytest.mark.parametrize("model", [model for model in translated("chat") if not model.startswith("gemini")])
def test_a_picture_of_a_past_answer_stands_in_the_users_next_turn(here: w.World, model: str) -> None:
    drawn = {"role": "assistant", "content": [{"type": "text", "text": "here"}, IMAGES[1]]}
    history = [wire.user("draw"), drawn, wire.user("brighter"), {"role": "assistant", "content": "ok"}, wire.user("go")]
    up = wire.sent(here, "chat", {"model": model, "messages": history})
    turns = up["messages"]
    assert PNG not in codec.dumps_text(turns[1]) and "see the user's next turn" in codec.dumps_text(turns[1])
    assert PNG in codec.dumps_text(turns[2]) and "brighter" in codec.dumps_text(turns[2])


@pytest.mark.parametrize("model", translated("messages"))
def test_so_it_does_when_it_is_the_last_thing_said(here: w.World, model: str) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    history = [wire.user("draw"), {"role": "assistant", "content": [image]}]
    raw = codec.dumps_text(wire.sent(here, "messages", {"model": model, "max_tokens": 9, "messages": history}))
    assert PNG in raw


def test_gemini_gets_it_where_it_stood(here: w.World) -> None:
    drawn = {"role": "assistant", "content": [IMAGES[1]]}
    up = wire.sent(here, "chat", {"model": "gemini-2.5-flash", "messages": [wire.user(), drawn, wire.user("more")]})
    assert PNG in codec.dumps_text(up["contents"][1]) and up["contents"][1]["role"] == "model"


@pytest.mark.parametrize("model", translated("chat"))
def test_sound_that_only_its_vendor_has_is_refused(here: w.World, model: str) -> None:
    spoken = {"role": "assistant", "content": None, "audio": {"id": "audio_1"}}
    told = wire.refused(here, "chat", {"model": model, "messages": [wire.user(), spoken, wire.user("again")]})
    assert told.startswith("messages[1]")


@pytest.mark.parametrize("inside", [False, True])
def test_a_breakpoint_of_a_chat_tool_is_kept_where_it_stands(here: w.World, inside: bool) -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    tool = wire.function("f", **mark) if inside else {**wire.function("f"), **mark}
    body = {"model": "claude-sonnet-4-5", "messages": [wire.user()], "tools": [tool]}
    status, said, lost = wire.ask(here, "chat", body)
    assert (status, lost) == (200, ""), said
    assert here.script.bodies[-1]["tools"][0]["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize("stream", [False, True])
def test_claudes_citation_spans_the_part_that_it_is_of(here: w.World, stream: bool) -> None:
    cited = {"type": "web_search_result_location", "url": "https://a.example", "title": "T", "cited_text": "c",
             "encrypted_index": "e"}  # fmt: skip
    quoted = {"type": "text", "text": "quoted.", "citations": [cited]}
    answer: Any = v.claude_whole({"type": "text", "text": "Before "}, quoted)
    if stream:
        start, *_ = w.messages_stream()
        answer = [
            start,
            w.messages_frame("content_block_start", index=0, content_block={**quoted, "text": "", "citations": []}),
            w.messages_frame("content_block_delta", index=0, delta={"type": "citations_delta", "citation": cited}),
            w.messages_frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "quoted."}),
            w.messages_frame("content_block_stop", index=0),
            w.messages_frame("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None},
                             usage={"output_tokens": 5}),
            w.messages_frame("message_stop"),
        ]  # fmt: skip
    _, said, _ = wire.ask(here, "responses", {"model": "claude-sonnet-4-5", "input": "q", "stream": stream}, answer)
    said = said[-1]["response"] if stream else said
    (found,) = said["output"][-1]["content"][-1]["annotations"]
    assert (found["start_index"], found["end_index"]) == (0, 7)
