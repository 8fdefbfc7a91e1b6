"""Pages of a document and seconds of a sound, as far as their bytes tell without being read as a whole."""

from __future__ import annotations

import base64
import re

from interchange.hub.blocks import Audio, Base64Source, Document

TOKENS_A_SECOND = 10
"""Of sound: recorded answers of audio models report ten."""
BYTES_A_SECOND = 20_000
"""Of a compressed format."""
WAVE_HEAD = 32
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
BYTES_A_PAGE = 50_000
"""Of a PDF whose pages are listed inside compressed objects."""


def pages_of(document: Document) -> int:
    data = _bytes(document.source.data) if isinstance(document.source, Base64Source) else b""
    return len(PAGE.findall(data)) or len(data) // BYTES_A_PAGE + 1


def sound_tokens(audio: Audio) -> int:
    if not isinstance(audio.source, Base64Source):
        return 0
    data, rate = audio.source.data, BYTES_A_SECOND
    head = _bytes(data[: WAVE_HEAD * 4])
    if head.startswith(b"RIFF") and len(head) >= WAVE_HEAD:
        rate = int.from_bytes(head[28:32], "little") or BYTES_A_SECOND
    return len(data) * 3 // 4 * TOKENS_A_SECOND // rate + 1


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError:  # binascii.Error, or a character beyond ASCII
        return b""
