"""What Gemini can answer with, part by part, streamed; the whole form reads through the same code."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.fold import fold
from interchange.hub.usage import Usage
from interchange.protocols.gemini.client import Client
from interchange.protocols.gemini.client.candidate import PartialArguments
from interchange.wire.sse import Frame
from tests.protocols.gemini.recorded import frames, joined, part_frame, read, sse


def answer(*parts_of_frames: list[dict[str, Any]], **candidate: Any) -> e.Response:
    """Folds a stream of these frames, and checks that the whole form says the same."""
    bodies = [part_frame(*parts) for parts in parts_of_frames]
    bodies[-1]["candidates"][0].update({"finishReason": "STOP", **candidate})
    found = fold(read(sse(*bodies)))
    assert found == Client().read_response(joined(bodies))
    return found


def test_text_and_thoughts_are_blocks_of_their_own() -> None:
    found = answer(
        [{"text": "I ", "thought": True}],
        [{"text": "think", "thought": True}],
        [{"text": "there"}],
        [{"text": "fore"}],
    )
    assert found.blocks == (b.Thinking("I think"), b.Text("therefore"))


def test_a_signature_in_an_empty_text_belongs_to_the_text_before_it() -> None:
    found = answer([{"text": "a"}], [{"text": "b"}], [{"text": "", "thoughtSignature": "c2ln"}])
    assert found.blocks == (b.Text("ab", state=b.Continuation("gemini", "c2ln")),)


def test_text_after_a_signature_is_another_block() -> None:
    found = answer([{"text": "a", "thoughtSignature": "c2ln"}], [{"text": "b"}])
    assert [block.text for block in found.blocks if isinstance(block, b.Text)] == ["a", "b"]


@pytest.mark.parametrize("part", [{"text": "", "thoughtSignature": "c2ln"}, {"thoughtSignature": "c2ln"}])
def test_a_signature_without_text_before_it_is_kept_on_an_empty_block(part: dict[str, Any]) -> None:
    found = answer([{"functionCall": {"name": "f", "args": {}}}], [part])
    assert found.blocks[1] == b.Text("", state=b.Continuation("gemini", "c2ln"))


def test_sound_comes_in_pieces_that_join_into_valid_base64() -> None:
    pieces = [b"a", b"bc", b"defgh", b"i"]
    kind = "audio/L16;codec=pcm;rate=24000"
    found = answer(*[[{"inlineData": {"mimeType": kind, "data": base64.b64encode(p).decode()}}] for p in pieces])
    (sound,) = found.blocks
    assert isinstance(sound, b.Audio)
    assert sound.format == "pcm16"
    assert isinstance(sound.source, b.Base64Source)
    assert base64.b64decode(sound.source.data, validate=True) == b"".join(pieces)


def test_pictures_stand_between_texts() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    found = answer([{"text": "see"}], [picture], [{"text": "done"}])
    assert found.blocks == (b.Text("see"), b.Image(b.Base64Source("image/png", "aGk=")), b.Text("done"))


def test_a_picture_of_the_thought_is_not_the_answer() -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thought": True}
    assert answer([part]).blocks == (b.Opaque("gemini", part),)


def test_code_that_the_vendor_runs() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1+1"}, "thoughtSignature": "c2ln"}
    done = {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}
    use, outcome, text = answer([code], [done], [{"text": "2"}]).blocks
    assert isinstance(use, b.ServerToolUse)
    assert (use.kind, use.raw, use.arguments) == ("code_execution", code, '{"code":"1+1","language":"PYTHON"}')
    assert outcome == b.ServerToolResult(use.id, "code_execution", "gemini", done)
    assert text == b.Text("2")


def test_searches_that_the_vendor_shows() -> None:
    call = {"toolCall": {"id": "s1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["q"]}}}
    done = {"toolResponse": {"id": "s1", "toolType": "GOOGLE_SEARCH_WEB", "response": {}}}
    use, outcome = answer([call], [done]).blocks
    assert use == b.ServerToolUse("s1", "web_search", '{"queries":["q"]}', "web_search", "gemini", call)
    assert outcome == b.ServerToolResult("s1", "web_search", "gemini", done)


def test_a_call_that_the_vendor_answers_itself_is_not_the_callers() -> None:
    calls: list[dict[str, Any]] = [{"functionCall": {"name": name, "args": {}}} for name in ("srv_a", "srv_b", "mine")]
    done = [{"functionResponse": {"name": name, "response": {"result": "1"}}} for name in ("srv_b", "srv_a")]
    found = answer(calls, done, [{"text": "so"}])
    kinds = [type(block).__name__ for block in found.blocks]
    assert kinds == ["ServerToolUse", "ServerToolResult", "ServerToolUse", "ServerToolResult", "ToolUse", "Text"]
    assert found.stop.reason is e.StopReason.TOOL_USE, "one call is the caller's"
    alone = answer(calls[:2], done, [{"text": "so"}])
    assert alone.stop.reason is e.StopReason.END


def test_arguments_in_pieces() -> None:
    found = answer(
        [{"functionCall": {"name": "f", "willContinue": True}, "thoughtSignature": "c2ln"}],
        [
            {
                "functionCall": {
                    "partialArgs": [{"jsonPath": "$.a.b[0]", "stringValue": "x", "willContinue": True}],
                    "willContinue": True,
                }
            }
        ],
        [{"functionCall": {"partialArgs": [{"jsonPath": "$.a.b[0]", "stringValue": "y"}], "willContinue": True}}],
        [{"functionCall": {"partialArgs": [{"jsonPath": "$.n", "numberValue": 2}], "willContinue": True}}],
        [{"functionCall": {}}],
        [{"functionCall": {"name": "g", "willContinue": True}}],
        [{"functionCall": {}}],
    )
    first, second = found.blocks
    assert isinstance(first, b.ToolUse)
    assert isinstance(second, b.ToolUse)
    assert first.arguments == '{"a":{"b":["xy"]},"n":2}'
    assert first.state == b.Continuation("gemini", "c2ln")
    assert (second.name, second.arguments) == ("g", "{}")
    assert found.stop.reason is e.StopReason.TOOL_USE


@pytest.mark.parametrize("path", ["", "$", "a", "$.a[*]", "$..a", "$.l[5]"])
def test_paths_that_cannot_be_followed(path: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialArguments({"l": []}).add({"jsonPath": path, "stringValue": "x"})


def test_paths_with_quoted_names_and_nulls() -> None:
    arguments = PartialArguments()
    arguments.add({"jsonPath": "$['a b']", "nullValue": "NULL_VALUE"})
    arguments.add({"jsonPath": '$["c"][0]', "boolValue": False})
    assert arguments.value == {"a b": None, "c": [False]}


def test_grounding_becomes_citations_with_offsets_in_characters() -> None:
    text = "Grüße. Sunny."
    start = len("Grüße. ".encode())
    grounding = {
        "webSearchQueries": ["weather"],
        "groundingChunks": [{"web": {"uri": "https://e.com", "title": "E"}}],
        "groundingSupports": [
            {
                "segment": {"startIndex": start, "endIndex": len(text.encode()), "text": "Sunny."},
                "groundingChunkIndices": [0, 7],
            }
        ],
    }
    found = answer([{"text": "Grüße. "}], [{"text": "Sunny."}], groundingMetadata=grounding)
    (block,) = found.blocks
    assert isinstance(block, b.Text)
    (citation,) = block.citations
    assert (citation.url, citation.title) == ("https://e.com", "E")
    assert text[citation.start : citation.end] == "Sunny."
    assert found.extra["gemini"]["candidates"][0]["groundingMetadata"] == grounding


def supports(*said: tuple[int, str]) -> dict[str, Any]:
    """Grounding of the segments that begin at these offsets."""
    return {
        "groundingChunks": [{"web": {"uri": "https://e.com", "title": "E"}}],
        "groundingSupports": [
            {"segment": {"startIndex": at, "endIndex": at + len(text), "text": text}, "groundingChunkIndices": [0]}
            for at, text in said
        ],
    }


@pytest.mark.parametrize("separate", [False, True], ids=["with-the-last-part", "in-a-frame-of-its-own"])
@pytest.mark.parametrize(
    "after",
    [
        {"functionCall": {"name": "f", "args": {}}},
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
    ],
    ids=["call", "picture"],
)
def test_a_citation_stands_on_the_text_before_a_call_or_a_picture(after: dict[str, Any], separate: bool) -> None:
    last: list[list[dict[str, Any]]] = [[]] if separate else []
    found = answer([{"text": "see this"}], [after], *last, groundingMetadata=supports((4, "this")))
    text, other = found.blocks
    assert isinstance(text, b.Text) and isinstance(other, b.ToolUse | b.Image)
    assert [(c.url, c.start, c.end) for c in text.citations] == [("https://e.com", 4, 8)]


def test_pictures_and_calls_after_a_text_keep_their_order() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    call = {"functionCall": {"name": "f", "args": {}}}
    found = answer([{"text": "see this"}], [picture], [call], [picture], [{"text": "more"}])
    assert [type(block) for block in found.blocks] == [b.Text, b.Image, b.ToolUse, b.Image, b.Text]


def test_a_call_that_the_vendor_answered_comes_after_the_picture_before_it() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    call = {"functionCall": {"id": "1", "name": "f", "args": {}}}
    result = {"functionResponse": {"id": "1", "name": "f", "response": {"a": 1}}}
    found = answer([{"text": "see"}], [picture], [call], [result], [{"text": "more"}])
    assert [type(block) for block in found.blocks] == [b.Text, b.Image, b.ServerToolUse, b.ServerToolResult, b.Text]


@pytest.mark.parametrize("at", [4, 16], ids=["from-the-part", "from-the-answer"])
def test_citations_behind_executed_code_count_from_the_answer(at: int) -> None:
    """The vendor counts from the part (google-genai `types.Segment`); the hub from the answer's text."""
    code = [
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
    ]
    grounding = supports((0, "first"), (at, "this"))
    found = answer([{"text": "first part. "}], *[[part] for part in code], [{"text": "see this"}],
                   groundingMetadata=grounding)  # fmt: skip
    text = found.blocks[-1]
    assert isinstance(text, b.Text)
    assert [(c.start, c.end) for c in text.citations] == [(0, 5), (16, 20)]


def test_quotations_become_citations() -> None:
    quoted = {"citations": [{"startIndex": 0, "endIndex": 2, "uri": "https://e.com"}, {}]}
    (block,) = answer([{"text": "abc"}], citationMetadata=quoted).blocks
    assert isinstance(block, b.Text)
    assert [(c.url, c.start, c.end) for c in block.citations] == [("https://e.com", 0, 2)]


def test_several_candidates() -> None:
    def both(one: str, two: str, **more: Any) -> dict[str, Any]:
        texts = [{"index": n, "content": {"parts": [{"text": t}]}, **more} for n, t in enumerate((one, two))]
        return {"candidates": texts}

    found = fold(read(sse(both("a", "x"), both("b", "y", finishReason="STOP"))))
    assert [choice.blocks for choice in found.choices] == [(b.Text("ab"),), (b.Text("xy"),)]
    assert [choice.stop.reason for choice in found.choices] == [e.StopReason.END, e.StopReason.END]


def test_log_probabilities() -> None:
    result = {
        "chosenCandidates": [{"token": "é", "logProbability": -0.5}],
        "topCandidates": [
            {"candidates": [{"token": "é", "logProbability": -0.5}, {"token": "e", "logProbability": -2}]}
        ],
    }
    found = answer([{"text": "é"}], logprobsResult=result)
    top = [{"token": "é", "logprob": -0.5, "bytes": [195, 169]}, {"token": "e", "logprob": -2, "bytes": [101]}]
    assert found.choices[0].logprobs == e.Logprobs(0, ({**top[0], "top_logprobs": top},))


def test_a_blocked_prompt_is_filtered() -> None:
    frame = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 4}}
    found = fold(read(sse(frame)))
    assert found.stop == e.Stop(e.StopReason.CONTENT_FILTER, detail="PROHIBITED_CONTENT")
    assert found.usage == Usage(input=4)
    assert found == Client().read_response(frame)


@pytest.mark.parametrize("word", ["SAFETY", "RECITATION", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR"])
def test_a_filtered_answer_names_the_filter(word: str) -> None:
    found = answer([{"text": "so far"}], finishReason=word, finishMessage="why")
    assert found.stop == e.Stop(e.StopReason.CONTENT_FILTER, detail=word)
    assert found.extra["gemini"]["candidates"][0]["finishMessage"] == "why"


def test_a_word_that_is_not_in_the_table() -> None:
    assert answer([{"text": "x"}], finishReason="NEW").stop == e.Stop(e.StopReason.OTHER, detail="NEW")


def test_the_start_names_the_answer() -> None:
    frame = part_frame({"text": "x"}, finishReason="STOP")
    frame |= {"modelVersion": "gemini-3", "createTime": "2026-05-04T20:01:02.264968Z"}
    start = read(sse(frame))[0]
    assert start == e.MessageStart("r1", "gemini-3", 1777924862)


def test_an_error_in_the_middle_ends_the_stream() -> None:
    error = {"error": {"code": 500, "message": "boom", "status": "INTERNAL"}}
    events = read(sse(part_frame({"text": "half"}), error, part_frame({"text": "never"}, finishReason="STOP")))
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.message == "boom"
    assert not [event for event in events if isinstance(event, e.TextDelta) and event.text == "never"]


@pytest.mark.parametrize("data", [b"data: {broken\n\n", b"data: 7\n\n", b'data: {"candidates": 7}\n\n'])
def test_a_frame_that_cannot_be_read_ends_the_stream(data: bytes) -> None:
    events = read(sse(part_frame({"text": "half"})) + data)
    assert isinstance(events[-1], e.StreamFailed)
    assert events[-1].failure.code == "bad_frame"


@pytest.mark.parametrize("body", [{}, {"error": {"code": 500}}, {"candidates": 7}, {"candidates": [{"content": 7}]}])
def test_what_is_no_answer_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="GenerateContentResponse"):
        Client().read_response(body)


def test_frames_that_say_something() -> None:
    client = Client()
    said = frames(
        sse(part_frame({"text": "x"}), {"usageMetadata": {}}, {"error": {}}, {"promptFeedback": {"blockReason": "X"}})
    )
    assert [client.is_content(frame) for frame in said] == [True, False, True, True]
    assert not client.is_content(Frame(b": ping\n\n", None, None))
    quoted = frames(sse({"usageMetadata": {}, "x": '"parts"'}))
    assert not client.is_content(quoted[0])


def test_modalities_are_counted_once_each() -> None:
    report = {
        "promptTokenCount": 473,
        "cachedContentTokenCount": 204,
        "candidatesTokenCount": 1300,
        "toolUsePromptTokenCount": 27,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 1820,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 115},
            {"modality": "IMAGE", "tokenCount": 258},
            {"modality": "AUDIO", "tokenCount": 100},
        ],
        "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 63}, {"modality": "IMAGE", "tokenCount": 141}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
        "serviceTier": "flex",
    }
    usage = Client().read_usage({**part_frame(), "usageMetadata": report})
    assert usage == Usage(
        input=79,
        input_audio=100,
        input_image=117,
        cache_read=63,
        cache_read_image=141,
        output=30,
        reasoning=20,
        output_image=1290,
        service_tier="flex",
    )
    assert usage.total == 1820
