"""CPU of one streamed chunk in both lanes: pure translation, no sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from interchange.continuity.seal import Seal
from interchange.exchange.conversation import lanes
from interchange.exchange.conversation.caller import ConversationCaller
from interchange.exchange.lane import Lane
from interchange.hub.request import Request
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.openai_chat.carry import PassThrough
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.server import Server
from interchange.wire import codec
from interchange.wire.sse import FrameReader, write_frame

CHUNKS = 5_000
ROUNDS = 5


def measure() -> Iterator[tuple[str, str]]:
    seal = Seal(b"0123456789abcdef")
    server = Server(seal)
    caller = ConversationCaller(
        server, PassThrough(), Envelope("0" * 32, 1, "model"), b"{}", {}, Request("model", ()), True, False, seal
    )
    profile = Profile("upstream")
    yield (
        "CPU a streamed chunk, pass-through (chat to chat)",
        _cost(lanes.PassThroughLane(caller, Chat(), profile), _chat()),
    )
    translate = lanes.TranslateLane(caller, Messages(), profile)
    yield "CPU a streamed chunk, translate (Messages to chat)", _cost(translate, _messages())


def _cost(lane: Lane, raw: bytes) -> str:
    best = min(_once(lane, raw) for _ in range(ROUNDS))
    return f"{best / CHUNKS * 1e6:.1f} µs"


def _once(lane: Lane, raw: bytes) -> float:
    stream, frames = lane.stream(), FrameReader()
    frames.run = stream.run
    started = time.process_time()
    for at in range(0, len(raw), 4096):
        for frame in frames.feed(raw[at : at + 4096]):
            stream.feed(frame)
    return time.process_time() - started


def _chat() -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "upstream"}
    choice = {"index": 0, "delta": {"content": " word"}, "logprobs": None, "finish_reason": None}
    chunk = {**head, "choices": [choice], "usage": None, "obfuscation": "Wf3a"}
    return write_frame(codec.dumps(chunk)) * CHUNKS


def _messages() -> bytes:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message: dict[str, Any] = {"id": "m", "type": "message", "role": "assistant", "model": "u", "content": [],
               "usage": usage, "stop_reason": None, "stop_sequence": None}  # fmt: skip
    start = codec.dumps({"type": "message_start", "message": message})
    block = codec.dumps({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    delta = codec.dumps({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": " word"}})
    return (
        write_frame(start, "message_start")
        + write_frame(block, "content_block_start")
        + write_frame(delta, "content_block_delta") * CHUNKS
    )
