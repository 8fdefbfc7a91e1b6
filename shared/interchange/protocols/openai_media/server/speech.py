"""The server face of POST /v1/audio/speech. Speech always goes out as it comes: as bytes, or in events."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.media import Finished, Form, MediaEvent, Sound, SpeechRequest
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import Answered, MediaWriter, Posted
from interchange.wire import codec
from interchange.wire.sse import write_frame

from ..audio_words import DEFAULT_SOUND, DONE, EVENT_STREAM, SOUND_TYPES, SPEECH_PATH, knows_events
from ..carry import renamed
from .fields import missing, mistyped, needed_text, number, text, word

VOICES = "voices are not kept here; name one of the vendor's own"
_READ = frozenset("model input voice response_format speed instructions stream_format".split())


@dataclass(frozen=True, slots=True)
class Server:
    protocol: str = "openai_media"

    def read_request(self, form: Form) -> SpeechRequest:
        fields = form.fields
        return SpeechRequest(
            text=needed_text(fields, "input"),
            voice=_voice(fields.get("voice")),
            format=word(fields, "response_format", tuple(SOUND_TYPES)),
            speed=number(form, "speed", 0.25, 4.0),
            instructions=text(fields, "instructions"),
            events=word(fields, "stream_format", ("audio", "sse")) == "sse",
            extra={name: value for name, value in fields.items() if name not in _READ and value is not None},
        )

    def streams(self, _request: SpeechRequest) -> bool:
        return True

    def stream_type(self, request: SpeechRequest) -> str:
        return EVENT_STREAM if request.events else SOUND_TYPES[request.format or DEFAULT_SOUND]

    def passes(self, request: SpeechRequest, profile: Profile) -> bool:
        """True where the answer passes as it comes. Where the model knows events they are asked for, since they tell
        the usage; where it does not, the caller's own wish for them is answered here."""
        return request.events == knows_events(profile)

    def write_request(self, form: Form, _request: SpeechRequest, profile: Profile) -> Posted:
        return Posted(SPEECH_PATH, renamed(form, profile.model))

    def write_passed(self, raw: bytes, request: SpeechRequest, _model: str) -> Answered:
        return Answered(raw, self.stream_type(request))

    def write_response(self, answer: bytes, request: SpeechRequest, _envelope: Envelope) -> Answered:
        return Answered(answer, self.stream_type(request))

    def write_stream(self, request: SpeechRequest, _envelope: Envelope) -> MediaWriter:
        return _EventWriter() if request.events else _SoundWriter()


@dataclass(frozen=True, slots=True)
class _SoundWriter:
    """Raw sound says nothing but itself: its end is the end of the answer."""

    def write(self, event: MediaEvent) -> bytes:
        return event.data if isinstance(event, Sound) else b""


@dataclass(frozen=True, slots=True)
class _EventWriter:
    def write(self, event: MediaEvent) -> bytes:
        match event:
            case Sound(data=data):
                return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
            case Finished(usage=usage):
                return _event({"type": "speech.audio.done", **_usage(usage)}) + DONE
            case _:
                return b""


def _event(body: Mapping[str, Any]) -> bytes:
    return write_frame(codec.dumps(body))


def _usage(usage: Usage | None) -> dict[str, Any]:
    """Absent where the provider counts none."""
    if usage is None:
        return {}
    counts = {"input_tokens": usage.total_input, "output_tokens": usage.total_output, "total_tokens": usage.total}
    return {"usage": counts}


def _voice(value: Any) -> str:
    """A name. An id would open a voice that lies in the operator's account at the vendor, where every customer's do
    (openai-python 3.57.0, `types/audio/speech_create_params.py`)."""
    if value is None:
        raise missing("voice")
    if isinstance(value, dict):
        if not isinstance(value.get("id"), str) or not value["id"]:
            raise mistyped("voice.id", "a string")
        raise invalid(f"voice.id: {VOICES}", "voice.id", "unsupported_parameter")
    if not isinstance(value, str):
        raise mistyped("voice", "a string or an object with an id")
    if not value.strip():
        raise invalid("Invalid 'voice': empty string.", "voice", "empty_string")
    return value
