"""Kinds of media, by the marks that their formats begin with."""

from __future__ import annotations

import base64
import binascii
import re

HEAD = 24
"""Characters of base64 that the marks below lie in."""
MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (6, b"\0\0\0\0", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (0, b"<svg", "image/svg+xml"),
    (0, b"%PDF-", "application/pdf"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mp3"),
    (0, b"\xff\xfb", "audio/mp3"),
    (0, b"\xff\xf3", "audio/mp3"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
)
"""(place, bytes, type) of the formats' own marks: https://www.rfc-editor.org/rfc/rfc9649 (WebP), ISO/IEC 23008-12
(HEIF), https://www.iana.org/assignments/media-types, each format's own."""
FIRST = {"image/bmp": b"BM"}
"""What must stand first besides: two letters alone begin many a text."""


def kind_of(data: str) -> str | None:
    """The media type by the first bytes, None where they say nothing."""
    try:
        head = base64.b64decode(data[:HEAD], validate=False)
    except (ValueError, binascii.Error):
        return None
    return next(
        (kind for at, mark, kind in MARKS if head.startswith(mark, at) and head.startswith(FIRST.get(kind, b""))), None
    )


def is_text(data: str) -> bool:
    """True where all of it is UTF-8 without control characters but for breaks and tabs."""
    try:
        raw = base64.b64decode(data, validate=False)
        raw.decode("utf-8")
    except ValueError:
        return False
    return bool(raw) and not _CONTROLS.search(raw)


_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
