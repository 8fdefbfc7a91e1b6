"""Speech by streamGenerateContent. https://ai.google.dev/gemini-api/docs/speech-generation

The model makes PCM (16-bit little-endian, mono, 24 kHz), in pieces; a WAV is that behind a header.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, invalid
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, MediaEvent, Sound, SpeechRequest
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.usage import counts_tokens, read_usage
from interchange.protocols.media import MediaReader, Posted
from interchange.wire import codec
from interchange.wire.sse import Frame, FrameReader, Frames

from .wav import write_header

FORMATS = ("wav", "pcm")
RATE = 24_000
FASTEST = 192_000
"""Samples a second that sound can have; another number is a slip."""
NEAREST = {
    "alloy": "Kore",
    "ash": "Charon",
    "ballad": "Umbriel",
    "cedar": "Algieba",
    "coral": "Aoede",
    "echo": "Iapetus",
    "fable": "Puck",
    "marin": "Sulafat",
    "nova": "Leda",
    "onyx": "Orus",
    "sage": "Despina",
    "shimmer": "Callirrhoe",
    "verse": "Fenrir",
}
"""The voices of the caller's protocol -> a voice that is like it. Any other name goes out as it came."""


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "gemini_media"

    def write_request(self, request: SpeechRequest, profile: Profile, losses: Losses) -> Posted:
        if request.format not in FORMATS:
            raise invalid(
                f"Invalid value: '{request.format or 'mp3'}'. This model's formats are {', '.join(FORMATS)}.",
                "response_format",
                "unsupported_value",
            )
        if request.speed not in (None, 1.0):
            losses.drop("speed", "the provider has no such setting; say it in the instructions")
        for name in request.extra:
            losses.drop(name, "the provider has no such setting for speech")
        prompt = request.text if request.instructions is None else f"{request.instructions}\n\n{request.text}"
        config = {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": _voice(request, losses)}}},
        }
        body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}], "generationConfig": config}
        return Posted(f"/v1beta/models/{profile.model}:streamGenerateContent?alt=sse", codec.dumps(body))

    def read_response(self, raw: bytes, _request: SpeechRequest) -> bytes:
        raise ValueError("speech comes as a stream")

    def read_usage(self, _raw: bytes, _request: SpeechRequest) -> tuple[Usage | None, int]:
        return None, 1

    def read_stream(self, request: SpeechRequest) -> MediaReader:
        return _Reader(request.format == "wav")

    def framing(self, _request: SpeechRequest, _profile: Profile) -> Frames:
        return FrameReader()


def _voice(request: SpeechRequest, losses: Losses) -> str:
    if not isinstance(request.voice, str):
        raise invalid("voice: this model has voices by name only", "voice", "unsupported_value")
    nearest = NEAREST.get(request.voice)
    if nearest is None:
        return request.voice
    losses.drop("voice", f"the provider has no voice of that name; {nearest} speaks")
    return nearest


@dataclass(slots=True)
class _Reader:
    """`header` is True until the WAV's header has been written."""

    header: bool
    spoke: bool = False
    usage: Usage | None = None
    reason: str | None = None

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        body = codec.loads(frame.data) if frame.data is not None else {}
        if isinstance(body.get("error"), dict):
            self.reason = str(body["error"].get("message") or "error")
            yield Broken(Failure(ErrorKind.API, self.reason, code="upstream_error", upstream=True))
            return
        report = body.get("usageMetadata")
        if isinstance(report, dict) and counts_tokens(report):
            self.usage = read_usage(report)
        for candidate in body.get("candidates") or ():
            self.reason = candidate.get("finishReason") or self.reason
            for part in (candidate.get("content") or {}).get("parts") or ():
                if part.get("inlineData"):
                    yield self._sound(part["inlineData"])
        blocked = (body.get("promptFeedback") or {}).get("blockReason")
        self.reason = blocked or self.reason

    def _sound(self, inline: dict[str, Any]) -> Sound:
        data = base64.b64decode(inline["data"], validate=True)
        if self.header:
            data = write_header(_rate(str(inline.get("mimeType")))) + data
        self.header, self.spoke = False, True
        return Sound(data)

    def finish(self) -> Iterable[MediaEvent]:
        """A finish reason is what tells an end from a break."""
        if self.spoke and self.reason is not None:
            yield Finished(self.usage, 1)
        elif self.reason is None:
            yield Broken(Failure(ErrorKind.API, "the stream ended early", code="upstream_cut", upstream=True))
        else:
            said = f"the model spoke nothing ({self.reason})"
            yield Broken(Failure(ErrorKind.API, said, code="no_speech", upstream=True))


def _rate(media_type: str) -> int:
    """`audio/L16;codec=pcm;rate=24000`"""
    found = next((part for part in media_type.split(";") if part.strip().startswith("rate=")), "")
    digits = found.partition("=")[2].strip()
    rate = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else 0
    return rate if 0 < rate <= FASTEST else RATE
