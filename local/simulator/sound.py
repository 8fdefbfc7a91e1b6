"""Speech and transcription, as OpenAI and Gemini speak of them: one tone of a length that follows from the text, and a
transcript that says who wrote it. WAV, PCM and MP3 (silent) can be played; the other formats carry a note alone."""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import wave
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from . import control
from .script import Prompt, Script, play

RATE = 24_000
NOTE = b"simulated: no model spoke this"
SECONDS_A_CHARACTER = 0.02
TOKENS_A_SECOND = 20
EVENTS = ("gpt-4o-mini-tts", "gpt-4o-mini-transcribe", "gpt-4o-transcribe", "gpt-4o-transcribe-diarize")
"""Models that speak in events."""
TYPES = {"mp3": "audio/mpeg", "opus": "audio/opus", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav",
         "pcm": "audio/pcm"}  # fmt: skip
MP3_FRAME = b"\xff\xfb\x10\xc0" + bytes(100)
"""A silent frame: 32 kbit/s, 44.1 kHz, mono."""
ID3_TITLE = b"TIT2" + struct.pack(">I", len(NOTE) + 1) + bytes(3) + NOTE
MAGIC = {"opus": b"OggS", "aac": b"\xff\xf1", "flac": b"fLaC"}
"""How a file of the format begins: what is words alone is no sound."""
ERRORS = {"400": 400, "429": 429, "500": 500}


def pcm(text: str) -> bytes:
    count = int(RATE * SECONDS_A_CHARACTER * max(5, len(text)))
    return b"".join(struct.pack("<h", int(4000 * math.sin(n * 2 * math.pi * 440 / RATE))) for n in range(count))


def sound(text: str, kind: str) -> bytes:
    match kind:
        case "pcm":
            return pcm(text)
        case "wav":
            return _wav(pcm(text))
        case "mp3":
            head = b"ID3\x03\x00\x00" + bytes([0, 0, 0, len(ID3_TITLE)])
            return head + ID3_TITLE + MP3_FRAME * max(5, len(text))
        case _:
            return MAGIC.get(kind, b"") + bytes(16) + NOTE * max(5, len(text))


def _wav(samples: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples)
    return out.getvalue()


def _pieces(data: bytes) -> list[bytes]:
    size = max(1, -(-len(data) // 8))
    return [data[start : start + size] for start in range(0, len(data), size)]


def _script(model: str, text: str) -> Script:
    return play(Prompt(model=model, text=text, everything=text))


def _refused(script: Script) -> Response | None:
    for marker, status in ERRORS.items():
        if marker in script.markers:
            error = {"message": f"simulated {marker}", "type": "simulated", "param": None, "code": None}
            return JSONResponse({"error": error}, status_code=status)
    return None


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\r\n\r\n"


def _count(vendor: str, given: int, made: int) -> None:
    control.STATE.served[f"{vendor}.requests"] += 1
    control.STATE.served[f"{vendor}.input_tokens"] += given
    control.STATE.served[f"{vendor}.output_tokens"] += made


async def _speak(request: Request) -> Response:
    body = await request.json()
    control.STATE.heard(request, body)
    script = _script(body["model"], body["input"])
    refused = _refused(script)
    if refused is not None:
        return refused
    kind = body.get("response_format") or "mp3"
    made = int(TOKENS_A_SECOND * SECONDS_A_CHARACTER * max(5, len(body["input"])))
    _count("openai", script.input_tokens, made)
    data = sound(body["input"], kind)
    if body.get("stream_format") != "sse" or body["model"] not in EVENTS:
        return StreamingResponse(control.paced(script, _pieces(data), b"", b""), media_type=TYPES[kind])
    usage = {"input_tokens": script.input_tokens, "output_tokens": made, "total_tokens": script.input_tokens + made}
    deltas = [{"type": "speech.audio.delta", "audio": base64.b64encode(part).decode()} for part in _pieces(data)]
    frames = [*map(_event, deltas), _event({"type": "speech.audio.done", "usage": usage}), b"data: [DONE]\r\n\r\n"]
    return control.stream(script, frames, b"data: {oops\r\n\r\n", _event({"error": {"message": "simulated"}}))


async def _transcribe(request: Request) -> Response:
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    file = form["file"]
    assert isinstance(file, UploadFile)
    data = await file.read()
    control.STATE.heard(request, {**fields, "file": [file.filename, file.content_type, len(data)]})
    script = _script(fields["model"], fields.get("prompt", ""))
    refused = _refused(script)
    if refused is not None:
        return refused
    text = f"This is the Interchange simulator, not a real model. It heard {len(data)} bytes of {file.filename}."
    if request.url.path.endswith("translations"):
        text += " In English."
    answer = _Heard(text, max(1, round(len(data) / (2 * RATE))), fields, form.getlist("timestamp_granularities[]"))
    _count("openai", answer.tokens["input_tokens"], answer.tokens["output_tokens"])
    if fields.get("stream") == "true" and fields["model"] in EVENTS:
        return control.stream(script, answer.events(), b"data: {oops\r\n\r\n", _event({"error": {"message": "no"}}))
    await control.wait(script)
    return answer.whole()


class _Heard:
    """A transcript in each of its forms."""

    def __init__(self, text: str, seconds: int, fields: dict[str, str], times: list[Any]) -> None:
        self.text, self.seconds, self.fields, self.times = text, seconds, fields, times
        given, made = 10 * seconds, max(1, len(text) // 4)
        self.tokens: dict[str, Any] = {
            "type": "tokens", "input_tokens": given, "output_tokens": made, "total_tokens": given + made,
            "input_token_details": {"text_tokens": 0, "audio_tokens": given},
        }  # fmt: skip
        timed = {"type": "duration", "seconds": seconds}
        self.usage = self.tokens if fields["model"] in EVENTS else timed

    def _words(self) -> list[dict[str, Any]]:
        said = self.text.split()
        step = self.seconds / len(said)
        return [{"word": one, "start": n * step, "end": (n + 1) * step} for n, one in enumerate(said)]

    def events(self) -> list[bytes]:
        done = {"type": "transcript.text.done", "text": self.text, "usage": self.usage}
        words = self.text.split(" ")
        deltas = [{"type": "transcript.text.delta", "delta": w if n == 0 else f" {w}"} for n, w in enumerate(words)]
        return [*map(_event, deltas), _event(done), b"data: [DONE]\r\n\r\n"]

    def whole(self) -> Response:
        segment: dict[str, Any] = {
            "id": 0, "start": 0.0, "end": float(self.seconds), "text": f" {self.text}", "tokens": [], "seek": 0,
            "temperature": 0.0, "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0,
        }  # fmt: skip
        plain = "text/plain; charset=utf-8"
        end = f"00:00:{self.seconds % 60:02}"
        match self.fields.get("response_format", "json"):
            case "text":
                return Response(f"{self.text}\n", media_type=plain)
            case "srt":
                return Response(f"1\n00:00:00,000 --> {end},000\n{self.text}\n\n\n", media_type=plain)
            case "vtt":
                return Response(f"WEBVTT\n\n00:00:00.000 --> {end}.000\n{self.text}\n\n", media_type=plain)
            case "verbose_json":
                body: dict[str, Any] = {"task": "transcribe", "language": "english"}
                body |= {"segments": [segment]} if "segment" in self.times or "word" not in self.times else {}
                body |= {"words": self._words()} if "word" in self.times else {}
            case "diarized_json":
                said = {"type": "transcript.text.segment", "id": "seg_0", "speaker": "A"}
                body = {"task": "transcribe", "segments": [said | {k: segment[k] for k in ("text", "start", "end")}]}
            case _:
                return JSONResponse({"text": self.text, "usage": self.usage})
        return JSONResponse({**body, "text": self.text, "duration": float(self.seconds), "usage": self.usage})


def gemini(body: dict[str, Any], model: str, *, stream: bool) -> Response:
    """generateContent, or streamGenerateContent, of a model that was asked for sound."""
    text = "".join(part.get("text", "") for part in body["contents"][-1]["parts"])
    script = _script(model, text)
    made = int(25 * SECONDS_A_CHARACTER * max(5, len(text)))
    _count("gemini", script.input_tokens, made)
    usage = {
        "promptTokenCount": script.input_tokens, "candidatesTokenCount": made,
        "totalTokenCount": script.input_tokens + made,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": script.input_tokens}],
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": made}],
    }  # fmt: skip
    said = pcm(text)
    if not stream:
        candidate = {"content": _content(said), "finishReason": "STOP", "index": 0}
        return JSONResponse({"candidates": [candidate], "usageMetadata": usage, "modelVersion": f"{model}-simulated"})
    frames: list[dict[str, Any]] = [{"candidates": [{"content": _content(part)}]} for part in _pieces(said)]
    frames.append({"candidates": [{"finishReason": "STOP", "index": 0}], "usageMetadata": usage})
    return control.stream(script, list(map(_event, frames)), b"data: {oops\r\n\r\n", _event({"error": {"code": 503}}))


def _content(part: bytes) -> dict[str, Any]:
    inline = {"mimeType": f"audio/L16;codec=pcm;rate={RATE}", "data": base64.b64encode(part).decode()}
    return {"role": "model", "parts": [{"inlineData": inline}]}


routes = [
    Route("/openai/v1/audio/speech", _speak, methods=["POST"]),
    Route("/openai/v1/audio/transcriptions", _transcribe, methods=["POST"]),
    Route("/openai/v1/audio/translations", _transcribe, methods=["POST"]),
]
