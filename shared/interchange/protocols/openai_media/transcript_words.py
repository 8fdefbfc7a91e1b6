"""Parts that the faces of transcription share: formats, usage, and whole answers.

Usage comes in tokens or in whole seconds (`{"type": "duration", "seconds": 6}` for 5.49 s of sound: recorded), and not
at all with the formats that are plain text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from interchange.hub.media import Segment, Transcript
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.openai.counts import is_count, read_count, read_object
from interchange.wire import codec

FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")
PLAIN = frozenset({"text", "srt", "vtt"})
TIMED = {"srt": "verbose_json", "vtt": "verbose_json", "text": "json"}
"""A plain format -> the one that says the same and tells usage too."""


def path(translate: bool) -> str:
    return "/audio/translations" if translate else "/audio/transcriptions"


def knows_events(profile: Profile) -> bool:
    """True for a model that answers `stream: true` with events; the others ignore it."""
    return bool(profile.traits.get("transcript_events"))


def read_usage(body: Mapping[str, Any]) -> Usage | None:
    usage = body.get("usage")
    if isinstance(usage, dict) and is_count(usage.get("input_tokens")):
        total = read_count(usage, "input_tokens")
        details = read_object(usage, "input_token_details")
        audio = min(read_count(details, "audio_tokens"), total) if "audio_tokens" in details else total
        return Usage(input=total - audio, input_audio=audio, output=read_count(usage, "output_tokens"))
    seconds = _seconds(usage.get("seconds") if isinstance(usage, dict) else body.get("duration"))
    return None if seconds is None else Usage(milliseconds=math.ceil(seconds) * 1000)


def _seconds(told: Any) -> float | None:
    """A time as it is told, in a text or a number; None for what is none."""
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def write_usage(usage: Usage | None) -> dict[str, Any]:
    """The member `usage`, absent where the provider told none."""
    if usage is None:
        return {}
    if not usage.total and usage.milliseconds:
        return {"usage": {"type": "duration", "seconds": usage.milliseconds // 1000}}
    text = usage.total_input - usage.input_audio
    return {
        "usage": {
            "type": "tokens",
            "total_tokens": usage.total,
            "input_tokens": usage.total_input,
            "input_token_details": {"text_tokens": text, "audio_tokens": usage.input_audio},
            "output_tokens": usage.total_output,
        }
    }


def read_document(raw: bytes) -> Transcript:
    """An answer in json, verbose_json or diarized_json. Raises ValueError for anything else."""
    body = codec.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise ValueError("the answer holds no text")
    return Transcript(
        text=body["text"],
        language=body.get("language"),
        seconds=body.get("duration"),
        segments=tuple(_segment(one) for one in body.get("segments") or ()),
        words=tuple(Segment(one["word"], one["start"], one["end"]) for one in body.get("words") or ()),
        usage=read_usage(body),
    )


def _segment(one: Mapping[str, Any]) -> Segment:
    return Segment(one["text"], one["start"], one["end"], one.get("speaker"))
