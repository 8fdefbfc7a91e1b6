"""Frames told by their bytes are carried and counted as if each had been read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from interchange.exchange.conversation import lanes
from interchange.hub.request import Request
from interchange.protocols.anthropic_messages.carry import PassThrough as MessagesPassThrough
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.carry import PassThrough as ChatPassThrough
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.wire import codec
from interchange.wire.sse import FrameReader, write_frame
from tests.exchange.world import SEAL

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


def carried(lane: lanes.PassThroughLane, frames: Sequence[bytes], *, read_each: bool) -> tuple[bytes, int, Any, bool]:
    stream, reader = lane.stream(), FrameReader()
    assert isinstance(stream, lanes._Tapped)
    sent, produced, last = b"", 0, False
    for frame in reader.feed(b"".join(frames)):
        if read_each:
            stream._like = None
        piece = stream.feed(frame)
        sent, produced, last = sent + piece.body, produced + piece.produced, piece.last
    return sent, produced, stream.usage, last


FACES: dict[str, tuple[Any, Any, Any]] = {
    "chat": (ChatServer(SEAL), ChatPassThrough(), Chat()),
    "messages": (MessagesServer(SEAL), MessagesPassThrough(), Messages()),
}


def lane(protocol: str, *, asked_usage: bool) -> lanes.PassThroughLane:
    server, carry, client = FACES[protocol]
    envelope, request = Envelope("0" * 32, 1, "ours"), Request("ours", ())
    caller = lanes.ConversationCaller(
        server, carry, envelope, b"{}", {}, request, stream=True, asked_usage=asked_usage, seal=SEAL
    )  # fmt: skip
    return lanes.PassThroughLane(caller, client, Profile("up"))


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


def test_most_frames_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    original = lanes._Tapped._read

    def counted(self: Any, frame: Any) -> Any:
        read.append(frame.raw)
        return original(self, frame)

    monkeypatch.setattr(lanes._Tapped, "_read", counted)
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
