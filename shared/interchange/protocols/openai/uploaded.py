"""Sound that was uploaded, as OpenAI's formats take it inline."""

from __future__ import annotations

from typing import Any

from interchange.hub.uploaded import Content

FORMATS = {
    "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav", "audio/x-flac": "flac",
    "audio/mp4": "m4a", "audio/x-m4a": "m4a",
}  # fmt: skip
"""Media types whose format has another name than their second half."""


def sound(content: Content) -> dict[str, Any]:
    """The object of an `input_audio` part."""
    form = FORMATS.get(content.media_type, content.media_type.partition("/")[2])
    return {"data": content.data, "format": form}
