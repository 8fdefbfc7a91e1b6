"""Frames told by their bytes are carried and counted as if each had been read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.exchange.conversation import lane_streams, lanes, likeness
from interchange.exchange.conversation.caller import ConversationCaller
from interchange.exchange.lane import Lane
from interchange.hub.request import Request
from interchange.protocols.anthropic_messages.carry import PassThrough as MessagesPassThrough
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.carry import PassThrough as ChatPassThrough
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.protocols.openai_responses.server import Server as ResponsesServer
from interchange.wire import codec
from interchange.wire.sse import FrameReader, write_frame
from tests.exchange.world import SEAL
from tests.recordings.read import every

TEXTS = ["Hello", " world", "é", "日本", "", 'a"b', "\\", "\n", "content", "null", "x" * 500, "\U0001f600", "end"]


def chunk(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None, **more.pop("choice", {})}
    return write_frame(
        codec.dumps(
            {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up", "choices": [choice], **more}
        )
    )


def chat(usage: bool = True, padding: bool = True) -> list[bytes]:
    """Text, with padding of random length and the null usage that OpenAI sends where it was asked for."""
    texts = [
        chunk({"content": text}, **({"usage": None} if usage else {}),
              **({"obfuscation": "abcdefghij"[: number % 10]} if padding else {}))
        for number, text in enumerate(TEXTS)
    ]  # fmt: skip
    thoughts = [chunk({"reasoning_content": text}) for text in ("so", "then")]
    counts = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    end = chunk({}, choice={"finish_reason": "stop"})
    told = write_frame(codec.dumps({"id": "c", "model": "up", "choices": [], "usage": counts}))
    return [chunk({"role": "assistant", "content": ""}), *thoughts, *texts, end, told, write_frame(b"[DONE]")]


def messages() -> list[bytes]:
    start = {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "up",
             "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}}  # fmt: skip
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": one}} for one in TEXTS
    ]
    done = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}}
    stop: list[dict[str, Any]] = [{"type": "content_block_stop", "index": 0}, done, {"type": "message_stop"}]
    events: list[dict[str, Any]] = [start, block, *deltas, *stop]
    return [write_frame(codec.dumps(one), one["type"]) for one in events]


def carried(
    lane: Lane, frames: Sequence[bytes], *, read_each: bool, cut: Sequence[int] | None = None
) -> tuple[bytes, int, Any, bool]:
    stream, reader = lane.stream(), FrameReader()
    assert isinstance(stream, lane_streams.Tapped | lane_streams.Translated)
    reader.run = None if read_each else stream.run
    sent, produced, last, data = b"", 0, False, b"".join(frames)
    cuts = [0, *([] if cut is None else cut), len(data)]
    for frame in (frame for a, b in pairwise(cuts) for frame in reader.feed(data[a:b])):
        if read_each:
            stream._like = None
        piece = stream.feed(frame)
        sent, produced, last = sent + piece.body, produced + piece.produced, piece.last
    return sent, produced, stream.usage, last


FACES: dict[str, tuple[Any, Any, Any]] = {
    "chat": (ChatServer(SEAL), ChatPassThrough(), Chat()),
    "messages": (MessagesServer(SEAL), MessagesPassThrough(), Messages()),
}


def caller_of(protocol: str, *, asked_usage: bool, choices: int = 1) -> ConversationCaller:
    server, carry, _ = FACES[protocol]
    envelope, request = Envelope("0" * 32, 1, "ours"), Request("ours", (), n=choices)
    return ConversationCaller(
        server, carry, envelope, b"{}", {}, request, stream=True, asked_usage=asked_usage, seal=SEAL
    )  # fmt: skip


def lane(protocol: str, *, asked_usage: bool) -> lanes.PassThroughLane:
    return lanes.PassThroughLane(caller_of(protocol, asked_usage=asked_usage), FACES[protocol][2], Profile("up"))


@pytest.mark.parametrize("asked_usage", [True, False])
@pytest.mark.parametrize(
    ("protocol", "frames"),
    [("chat", chat()), ("chat", chat(usage=False)), ("chat", chat(padding=False)), ("messages", messages())],
)
def test_every_frame_leaves_as_if_it_had_been_read(protocol: str, frames: list[bytes], asked_usage: bool) -> None:
    one = lane(protocol, asked_usage=asked_usage)
    quick, slow = carried(one, frames, read_each=False), carried(one, frames, read_each=True)
    assert quick == slow
    assert quick[3]
    assert b'"up"' not in quick[0]


TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from('"\\\n\t,}]'), max_size=9)
SAID = st.tuples(TEXT, st.sampled_from((0, 0, 0, 0, 1)), st.booleans())


@given(st.lists(SAID, max_size=40), st.booleans(), st.lists(st.integers(0, 9000), max_size=4))
def test_runs_of_frames_leave_as_if_each_had_been_read(
    said: list[tuple[str, int, bool]], padding: bool, cuts: list[int]
) -> None:
    """Texts of two choices, escaped by number here and there, in any cuts of the bytes."""
    frames = [chunk({"role": "assistant", "content": ""})]
    for number, (text, index, ascii_only) in enumerate(said):
        more = {"obfuscation": "abcdefghij"[: number % 10]} if padding else {}
        whole = chunk({"content": text}, choice={"index": index}, **more)
        frames.append(whole.replace(codec.dumps(text), json.dumps(text).encode()) if ascii_only else whole)
    frames += chat()[-3:]
    size = sum(map(len, frames))
    one = lanes.PassThroughLane(caller_of("chat", asked_usage=True, choices=2), FACES["chat"][2], Profile("up"))
    slow = carried(one, frames, read_each=True)
    assert carried(one, frames, read_each=False, cut=sorted(min(at, size) for at in cuts)) == slow
    other = translating("chat", choices=2)
    slow = carried(other, frames, read_each=True)
    assert carried(other, frames, read_each=False, cut=sorted(min(at, size) for at in cuts)) == slow


def test_a_run_of_frames_is_one_piece() -> None:
    stream, reader = lane("chat", asked_usage=True).stream(), FrameReader()
    reader.run = stream.run
    texts = [chunk({"content": f"word {number}"}) for number in range(100)]
    pieces = [stream.feed(frame) for frame in reader.feed(b"".join([*texts, *chat()[-3:]]))]
    assert len(pieces) < 10
    assert sum(piece.produced for piece in pieces) == sum(len(f"word {number}") for number in range(100))


def test_characters_by_number_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As json.dumps spells them; half a pair of surrogates is read, since its other half may come later."""
    read = noted(lane_streams.Tapped, monkeypatch)
    texts = [chunk({"content": "caf#"}).replace(b"#", rb"\u00e9") for _ in range(50)]
    halves = [chunk({"content": "#"}).replace(b"#", half) for half in (rb"\ud83d", rb"\ude00")]
    carried(lane("chat", asked_usage=True), [chat()[0], *texts, *halves, *chat()[-3:]], read_each=False)
    assert len(read) == 8  # the role, the first text, the one to learn from, two halves, three at the end


def test_many_short_runs_cost_no_more_than_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    usual = likeness._usual

    def counted(pattern: Any, parts: Sequence[bytes]) -> int:
        looked.append(len(parts))
        return usual(pattern, parts)

    monkeypatch.setattr(likeness, "_usual", counted)
    stream, reader = lane("chat", asked_usage=True).stream(), FrameReader()
    reader.run = stream.run
    frames = [chunk({"content": "same"}, choice={} if number % 6 else {"logprobs": {}}) for number in range(600)]
    for frame in reader.feed(b"".join(frames)):
        stream.feed(frame)
    assert sum(looked) <= 12 * len(frames)


OTHER = {"chat": "messages", "messages": "chat"}


def translating(protocol: str, choices: int = 1) -> lanes.TranslateLane:
    """The lane of a caller of the other protocol, or of Responses, whose events are numbered."""
    caller = caller_of(OTHER[protocol], asked_usage=True, choices=choices)
    return lanes.TranslateLane(caller, FACES[protocol][2], Profile("up"))


def call(arguments: str, **more: Any) -> bytes:
    return chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments}, **more}]})


def between_calls() -> list[bytes]:
    """The same text before a call and behind it: of two blocks."""
    begun = call("{}", id="call_1", type="function")
    texts = [chunk({"content": text}) for text in ("one", "two", "three")]
    return [*texts, begun, *texts, chunk({"reasoning_content": "hm"}), *texts, *chat()[-3:]]


def two_choices() -> list[bytes]:
    said = [chunk({"content": text}, choice={"index": at}) for text in ("one", "two", "three") for at in (0, 0, 1, 0)]
    return [*said, chunk({}, choice={"finish_reason": "stop"}), *chat()[-3:]]


@pytest.mark.parametrize("server", [None, ResponsesServer(SEAL)])
@pytest.mark.parametrize(
    ("protocol", "frames", "choices"),
    [
        ("chat", chat(), 1), ("chat", chat(usage=False), 1), ("chat", chat(padding=False), 1),
        ("messages", messages(), 1), ("chat", between_calls(), 1), ("chat", two_choices(), 2),
    ],
)  # fmt: skip
def test_every_frame_is_translated_as_if_it_had_been_read(
    protocol: str, frames: list[bytes], choices: int, server: Any
) -> None:
    one = translating(protocol, choices)
    if server is not None:
        one.caller = replace(one.caller, server=server)
    assert carried(one, frames, read_each=False) == carried(one, frames, read_each=True)


@pytest.mark.parametrize("protocol", ["chat", "messages"])
def test_every_recorded_stream_leaves_as_if_each_frame_had_been_read(protocol: str) -> None:
    kind = {"chat": "openai_chat", "messages": "anthropic_messages"}[protocol]
    streams = [line["response_sse"] for line in every(kind) if line.get("response_sse")]
    assert streams
    for text in streams:
        for one in (translating(protocol, choices=8), lane(protocol, asked_usage=True)):
            raw = [text.encode()]
            assert carried(one, raw, read_each=False) == carried(one, raw, read_each=True)


def noted(kind: Any, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The frames that are read from now on."""
    read: list[bytes] = []
    original = kind._read

    def counted(self: Any, frame: Any) -> Any:
        read.append(frame.raw)
        return original(self, frame)

    monkeypatch.setattr(kind, "_read", counted)
    return read


@pytest.mark.parametrize("protocol", ["chat", "messages"])
def test_most_frames_are_not_read_where_they_are_translated(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = noted(lane_streams.Translated, monkeypatch)
    words = [f"word {number}" for number in range(100)]
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in words
    ]
    frames = {
        "chat": [chunk({"content": word}) for word in words],
        "messages": [*messages()[:2], *[write_frame(codec.dumps(one), "content_block_delta") for one in deltas]],
    }
    carried(translating(protocol), frames[protocol], read_each=False)
    assert len(read) <= 4  # what begins the answer and its block, and the one to learn from


def test_most_frames_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = noted(lane_streams.Tapped, monkeypatch)
    texts = [chunk({"content": f"word {number}"}) for number in range(100)]
    frames = [chunk({"role": "assistant", "content": ""}), *texts, chunk({}, choice={"finish_reason": "stop"})]
    carried(lane("chat", asked_usage=True), frames, read_each=False)
    assert len(read) == 4  # the role, the first text that begins the block, the next to learn from, the end


@pytest.mark.parametrize(
    "odd",
    [
        chunk({"content": "x"}, error={"message": "broke", "code": 500}),
        chunk({"content": "x"}, choice={"finish_reason": "length"}),
        chunk({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 2}),
        chunk({"content": "x", "refusal": "no"}),
        chunk({"content": "ok"}).replace(b"ok", b"\xff"),
        chunk({"content": "ok"}).replace(b"}]}", b"}]"),
    ],
)
def test_a_frame_that_says_anything_else_is_read(odd: bytes) -> None:
    frames = [*chat()[:8], odd]
    one = lane("chat", asked_usage=True)
    quick, slow = carried(one, frames, read_each=False), carried(one, frames, read_each=True)
    assert quick == slow
