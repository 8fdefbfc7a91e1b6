"""Words that the audio endpoints share: formats, content types, and the events' own failures."""

from __future__ import annotations

from typing import Any

from interchange.hub.failure import Failure
from interchange.protocols.faces import Profile
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.sse import Frame

SPEECH_PATH = "/audio/speech"


def knows_events(profile: Profile) -> bool:
    """True for a model that takes `stream_format: "sse"`."""
    return bool(profile.traits.get("speech_events"))


SOUND_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""The formats of speech, and the content types that the vendor answers with (recorded)."""
DEFAULT_SOUND = "mp3"
EVENT_STREAM = "text/event-stream; charset=utf-8"
DONE = b"data: [DONE]\n\n"


def read_event(frame: Frame) -> dict[str, Any]:
    """The object of an event; empty for comments and for the closing `[DONE]`."""
    if frame.data is None or frame.data.strip() == b"[DONE]":
        return {}
    event = codec.loads(frame.data)
    if not isinstance(event, dict):
        raise ValueError("an event is not a JSON object")
    return event


def read_failure(event: dict[str, Any]) -> Failure | None:
    """The failure of an event that is one: `{"error": {...}}`, or `{"type": "error", ...}`."""
    if event.get("error"):
        return errors.read_error(event)
    return errors.read_error({"error": event}) if event.get("type") == "error" else None
