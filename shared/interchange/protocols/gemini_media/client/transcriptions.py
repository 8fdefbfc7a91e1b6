"""Transcription by generateContent: the sound is a part of the prompt. https://ai.google.dev/gemini-api/docs/audio

The model writes text alone: what needs times or speakers is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, MediaEvent, Spoken, Transcript, TranscriptionRequest, Upload
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.usage import counts_tokens, read_usage
from interchange.protocols.media import MediaReader, Posted
from interchange.wire import codec
from interchange.wire.sse import Frame, FrameReader, Frames

MOST_BYTES = 14 * 1024 * 1024
"""Of a file inside a request: base64 of it must stay below the API's 20 MB."""
TYPES = {
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mp3",
    "mp4": "audio/mp4",
    "mpeg": "audio/mp3",
    "mpga": "audio/mp3",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
TRANSCRIBE = (
    "Write down the speech in this recording word for word, in the language that is spoken. "
    "Answer with the transcript alone; where nobody speaks, answer with nothing."
)
TRANSLATE = (
    "Translate the speech in this recording into English. "
    "Answer with the translation alone; where nobody speaks, answer with nothing."
)
CUT = frozenset({"MAX_TOKENS", "SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "OTHER"})
"""Finish reasons after which the text is not all of it."""


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "gemini_media"

    def write_request(self, request: TranscriptionRequest, profile: Profile, losses: Losses) -> Posted:
        _refuse_unsayable(request)
        for name in request.extra:
            losses.drop(name, "the provider has no such setting for transcription")
        sound = base64.b64encode(request.file.data).decode()
        parts = [{"text": _prompt(request)}, {"inlineData": {"mimeType": _type(request.file), "data": sound}}]
        config: dict[str, Any] = {}
        if request.temperature is not None:
            config["temperature"] = request.temperature
        budget = profile.traits.get("thinking_budget")
        if budget is not None:
            config["thinkingConfig"] = {"thinkingBudget": budget}
        body = {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}
        way = "streamGenerateContent?alt=sse" if request.stream else "generateContent"
        return Posted(f"/v1beta/models/{profile.model}:{way}", codec.dumps(body))

    def read_response(self, raw: bytes, _request: TranscriptionRequest) -> Transcript:
        """Raises RequestError for a transcript that is not whole."""
        body = _object(raw)
        text, reason = _text(body), _reason(body)
        failure = _failure(reason)
        if failure is not None:
            raise RequestError(failure)
        return Transcript(text.strip(), usage=_usage(body))

    def read_usage(self, raw: bytes, _request: TranscriptionRequest) -> tuple[Usage | None, int]:
        body = _object(raw)
        return _usage(body), len(_text(body))

    def read_stream(self, _request: TranscriptionRequest) -> MediaReader:
        return _Reader([])

    def framing(self, _request: TranscriptionRequest, _profile: Profile) -> Frames:
        return FrameReader()


@dataclass(slots=True)
class _Reader:
    said: list[str]
    usage: Usage | None = None
    reason: str | None = None

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        if frame.data is None:
            return
        body = _object(frame.data)
        if isinstance(body.get("error"), dict):
            self.reason = str(body["error"].get("message") or "error")
            yield Broken(Failure(ErrorKind.API, self.reason, code="upstream_error", upstream=True))
            return
        self.usage = _usage(body) or self.usage
        self.reason = _reason(body) or self.reason
        text = _text(body)
        if text:
            self.said.append(text)
            yield Spoken(text)

    def finish(self) -> Iterable[MediaEvent]:
        failure = _failure(self.reason)
        if failure is not None:
            yield Broken(failure)
            return
        whole = "".join(self.said)
        yield Finished(self.usage, len(whole), Transcript(whole.strip(), usage=self.usage))


def _refuse_unsayable(request: TranscriptionRequest) -> None:
    if request.format not in (None, "json", "text"):
        raise invalid(
            f"Invalid value: '{request.format}'. This model's formats are json, text.",
            "response_format",
            "unsupported_value",
        )
    if request.timestamps:
        raise invalid(
            "timestamp_granularities: this model tells no times", "timestamp_granularities", "unsupported_parameter"
        )
    if len(request.file.data) > MOST_BYTES:
        said = f"file: {len(request.file.data)} bytes; this model takes at most {MOST_BYTES}"
        raise RequestError(Failure(ErrorKind.TOO_LARGE, said, param="file", code="file_too_large"))


def _prompt(request: TranscriptionRequest) -> str:
    lines = [TRANSLATE if request.translate else TRANSCRIBE]
    if request.language is not None:
        lines.append(f"The spoken language is {request.language} (ISO 639-1).")
    if request.prompt is not None:
        lines.append(f"Words and names to expect, or the text before it: {request.prompt}")
    return "\n".join(lines)


def _type(file: Upload) -> str:
    kind = file.media_type.partition(";")[0].strip().lower()
    if kind.startswith(("audio/", "video/")):
        return kind
    return TYPES.get(file.name.rpartition(".")[2].lower(), "audio/mp3")


def _object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("the answer is not a JSON object")
    return body


def _text(body: dict[str, Any]) -> str:
    parts = [part for one in body.get("candidates") or () for part in (one.get("content") or {}).get("parts") or ()]
    said = [part["text"] for part in parts if part.get("text") is not None and not part.get("thought")]
    if not all(isinstance(text, str) for text in said):
        raise ValueError("a part of the answer is no text")
    return "".join(said)


def _reason(body: dict[str, Any]) -> str | None:
    blocked = (body.get("promptFeedback") or {}).get("blockReason")
    reasons = [one.get("finishReason") for one in body.get("candidates") or () if one.get("finishReason")]
    return blocked or (reasons[0] if reasons else None)


def _failure(reason: str | None) -> Failure | None:
    if reason is None:
        return Failure(ErrorKind.API, "the answer ended early", code="upstream_cut", upstream=True)
    if reason == "STOP":
        return None
    said = f"the transcript is not whole ({reason})"
    code = "transcript_cut" if reason in CUT else "upstream_refused"
    return Failure(ErrorKind.API, said, code=code, upstream=True)


def _usage(body: dict[str, Any]) -> Usage | None:
    report = body.get("usageMetadata")
    return read_usage(report) if isinstance(report, dict) and counts_tokens(report) else None
