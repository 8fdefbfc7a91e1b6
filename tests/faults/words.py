"""How a vendor says a good answer and an error, by the format that it is asked in: what the faults are made of."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Frames = Callable[[str, Any], list[bytes]]
Whole = Callable[[str, Any], bytes]
SOUND = b"ID3\x04\x00\xff\xfb\x90\x64hello" + bytes(range(128, 256))
"""Bytes as of an MP3: not text, and no JSON."""


def event(body: Any, kind: str | None = None) -> bytes:
    named = b"" if kind is None else b"event: " + kind.encode() + b"\n"
    return named + b"data: " + json.dumps(body).encode() + b"\n\n"


def typed(body: Any) -> bytes:
    return event(body, str(body["type"]))


@dataclass(frozen=True)
class Words:
    """`frames` and `whole` take the text and a usage object of the format, None for a true one. `first` counts the
    frames up to the first text, `begun` those before it. `mark` is what a caller who was served reads. `output` is a
    usage whose output is the given number; None where the format reports none."""

    frames: Frames
    whole: Whole
    error: Callable[[str, str], Any]
    first: int
    begun: int = 1
    mark: bytes = b"hello"
    output: Callable[[Any], Any] | None = None
    error_event: str | None = None


def chat_frames(text: str, usage: Any) -> list[bytes]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "up"}
    return [
        event({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}),
        event({**head, "choices": [{"index": 0, "delta": {"content": text}}]}),
        event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        event({**head, "choices": [], "usage": usage or chat_output(3)}),
        b"data: [DONE]\n\n",
    ]


def chat_output(value: Any) -> Any:
    return {"prompt_tokens": 10, "completion_tokens": value, "total_tokens": 13 if value == 3 else value}


def chat_whole(text: str, usage: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    told = usage or chat_output(3)
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "up"}
    return json.dumps({**head, "choices": [choice], "usage": told}).encode()


def openai_error(message: str, kind: str) -> Any:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def messages_frames(text: str, usage: Any) -> list[bytes]:
    message = {"id": "m", "type": "message", "role": "assistant", "model": "up", "content": [],
               "usage": {"input_tokens": 10, "output_tokens": 1}}  # fmt: skip
    return [
        typed({"type": "message_start", "message": message}),
        typed({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        typed({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        typed({"type": "content_block_stop", "index": 0}),
        typed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage or {"output_tokens": 3}}),
        typed({"type": "message_stop"}),
    ]


def messages_output(value: Any) -> Any:
    return {"input_tokens": 10, "output_tokens": value}


def messages_whole(text: str, usage: Any) -> bytes:
    body = {"id": "m", "type": "message", "role": "assistant", "model": "up", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}], "usage": usage or messages_output(3)}  # fmt: skip
    return json.dumps(body).encode()


def messages_error(message: str, kind: str) -> Any:
    return {"type": "error", "error": {"type": "api_error" if kind == "server_error" else kind, "message": message}}


def response(text: str, usage: Any, status: str = "completed") -> Any:
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    return {"id": "r", "object": "response", "created_at": 1, "model": "up", "status": status, "error": None,
            "output": [item] if text else [], "usage": usage}  # fmt: skip


def responses_frames(text: str, usage: Any) -> list[bytes]:
    item = {"id": "msg_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    part = {"type": "output_text", "text": "", "annotations": []}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    done = response(text, usage or responses_output(3))
    return [
        typed({"type": "response.created", "response": response("", None, "in_progress")}),
        typed({"type": "response.output_item.added", "output_index": 0, "item": item}),
        typed({"type": "response.content_part.added", **place, "part": part}),
        typed({"type": "response.output_text.delta", **place, "delta": text}),
        typed({"type": "response.output_text.done", **place, "text": text}),
        typed({"type": "response.content_part.done", **place, "part": {**part, "text": text}}),
        typed({"type": "response.output_item.done", "output_index": 0, "item": done["output"][0]}),
        typed({"type": "response.completed", "response": done}),
    ]


def responses_output(value: Any) -> Any:
    return {"input_tokens": 10, "output_tokens": value, "total_tokens": 13}


def responses_whole(text: str, usage: Any) -> bytes:
    return json.dumps(response(text, usage or responses_output(3))).encode()


def responses_error(message: str, kind: str) -> Any:
    return {"type": "error", "error": {"type": kind, "message": message, "code": None, "param": None}}


def candidate(part: Any, finish: str | None = "STOP") -> Any:
    said = {"content": {"role": "model", "parts": [part]}, "index": 0}
    return said if finish is None else {**said, "finishReason": finish}


def gemini_output(value: Any) -> Any:
    return {"promptTokenCount": 10, "candidatesTokenCount": value, "totalTokenCount": 13 if value == 3 else value}


def gemini(make: Callable[[str], Any]) -> tuple[Frames, Whole]:
    """Of an answer whose text is said by the part that `make` gives."""

    def frames(text: str, usage: Any) -> list[bytes]:
        return [
            event({"candidates": [candidate(make(text), None)]}),
            event({"candidates": [candidate({"text": ""})], "usageMetadata": usage or gemini_output(3)}),
        ]

    def whole(text: str, usage: Any) -> bytes:
        told = {"candidates": [candidate(make(text))], "usageMetadata": usage or gemini_output(3)}
        return json.dumps(told).encode()

    return frames, whole


def gemini_error(message: str, kind: str) -> Any:
    return {"error": {"code": 500, "message": message, "status": "INTERNAL" if kind == "server_error" else kind}}


def inline(text: str) -> Any:
    return {"inlineData": {"mimeType": "image/png", "data": text}}


def spoken(text: str) -> Any:
    data = base64.b64encode(SOUND.replace(b"hello", text.encode())).decode()
    return {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": data}}


def whole_frame(whole: Whole) -> Frames:
    """Of a family that does not stream: what a vendor sends who streams nevertheless."""
    return lambda text, usage: [b"data: " + whole(text, usage) + b"\n\n"]


def joined(frames: Frames) -> Whole:
    """Of a family that always streams."""
    return lambda text, usage: b"".join(frames(text, usage))


def vectors(text: str, usage: Any) -> bytes:
    """Two of them, and the text where a caller of the pass-through lane reads it."""
    data = [{"object": "embedding", "index": at, "embedding": [0.5, at]} for at in range(2)]
    told = usage or {"prompt_tokens": 10, "total_tokens": 10}
    return json.dumps({"object": "list", "data": data, "model": "up", "usage": told, "x": text}).encode()


def batch(_text: str, usage: Any) -> bytes:
    told = usage or {"promptTokenCount": 10}
    return json.dumps({"embeddings": [{"values": [0.5, 0]}, {"values": [0.5, 1]}], "usageMetadata": told}).encode()


def pictures(text: str, usage: Any) -> bytes:
    return json.dumps({"created": 1, "data": [{"b64_json": text}], "usage": usage or picture_output(3)}).encode()


def picture_output(value: Any) -> Any:
    return {"input_tokens": 10, "output_tokens": value, "total_tokens": 13}


def picture_frames(text: str, usage: Any) -> list[bytes]:
    head = {"created_at": 1, "size": "1024x1024", "quality": "low", "background": "auto", "output_format": "png"}
    partial = {"type": "image_generation.partial_image", **head, "b64_json": text, "partial_image_index": 0}
    done = {"type": "image_generation.completed", **head, "b64_json": text, "usage": usage or picture_output(3)}
    return [typed(partial), typed(done)]


def sound_frames(text: str, _usage: Any) -> list[bytes]:
    return [SOUND.replace(b"hello", text.encode()), SOUND]


def told_sound(text: str, usage: Any) -> list[bytes]:
    data = base64.b64encode(SOUND.replace(b"hello", text.encode())).decode()
    told = usage or picture_output(3)
    return [event({"type": "speech.audio.delta", "audio": data}), event({"type": "speech.audio.done", "usage": told})]


def transcript(text: str, usage: Any) -> bytes:
    return json.dumps({"text": text, "usage": usage or heard_output(3)}).encode()


def heard_output(value: Any) -> Any:
    return {"type": "tokens", "input_tokens": 10, "output_tokens": value, "total_tokens": 13}


def transcript_frames(text: str, usage: Any) -> list[bytes]:
    done = {"type": "transcript.text.done", "text": text, "usage": usage or heard_output(3)}
    return [event({"type": "transcript.text.delta", "delta": text}), event(done)]


def said(text: str) -> Any:
    return {"text": text}


WORDS: dict[str, Words] = {
    "chat": Words(chat_frames, chat_whole, openai_error, 2, output=chat_output),
    "messages": Words(messages_frames, messages_whole, messages_error, 3, 2, output=messages_output,
                      error_event="error"),
    "responses": Words(responses_frames, responses_whole, responses_error, 4, 3, output=responses_output,
                       error_event="error"),
    "gemini": Words(*gemini(said), gemini_error, 1, 0, output=gemini_output),
    "embeddings": Words(whole_frame(vectors), vectors, openai_error, 0),
    "images": Words(picture_frames, pictures, openai_error, 1, 0, output=picture_output),
    "speech": Words(sound_frames, joined(sound_frames), openai_error, 1, 0),
    "speech_events": Words(told_sound, joined(told_sound), openai_error, 1, 0, output=picture_output),
    "transcriptions": Words(transcript_frames, transcript, openai_error, 1, 0, output=heard_output),
    "gemini_embeddings": Words(whole_frame(batch), batch, gemini_error, 0, mark=b"0.5"),
    "gemini_images": Words(*gemini(inline), gemini_error, 1, 0, output=gemini_output),
    "gemini_speech": Words(*gemini(spoken), gemini_error, 1, 0, output=gemini_output),
    "gemini_transcriptions": Words(*gemini(said), gemini_error, 1, 0, output=gemini_output),
}  # fmt: skip
CONVERSATIONS: Sequence[str] = ("chat", "messages", "responses", "gemini")
MEDIA: Sequence[str] = tuple(name for name in WORDS if name not in CONVERSATIONS)
STREAMED_ALONE = frozenset({"speech", "speech_events", "gemini_speech"})
"""Families whose answer is always a stream."""
WHOLE_ALONE = frozenset({"embeddings", "gemini_embeddings"})
ONE_DOCUMENT = frozenset({"gemini_images"})
"""Asked whole of the vendor, whatever the caller asked for."""
