"""Kinds of media, by the marks that their formats begin with."""

from __future__ import annotations

import base64
import binascii

HEAD = 24
"""Characters of base64 that the marks below lie in."""
MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mp3"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
)
"""(place, bytes, type) of the formats' own marks."""


def kind_of(data: str) -> str | None:
    """The media type by the first bytes, None where they say nothing."""
    try:
        head = base64.b64decode(data[:HEAD], validate=False)
    except (ValueError, binascii.Error):
        return None
    return next((kind for at, mark, kind in MARKS if head[at : at + len(mark)] == mark), None)
