"""Checks that a file is audio and estimates its length without decoding it.

The length is the header's word. A header can lie, and a vendor decodes what is there: so a file that is not plain
samples is held for by its bytes too, and charged by what the vendor reports.
"""

from __future__ import annotations

import io
import math

from tinytag import TinyTag, TinyTagException

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.media import Upload

EXTENSIONS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm", "opus", "aac", "aiff")
"""https://platform.openai.com/docs/guides/speech-to-text, and what other providers take beside it."""
WRONG = ("image/", "text/", "application/pdf", "application/json", "application/zip")
MAGIC = (
    b"RIFF",
    b"ID3",
    b"fLaC",
    b"OggS",
    b"FORM",
    b"\x1aE\xdf\xa3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"\xff\xf1",
)
LOWEST_KBPS = 8
"""Of the lossy codecs; a kilobit a second is a bit a millisecond."""
TYPICAL_KBPS = 32
"""Of speech. What says that it lasts less than its bytes do at this rate is held for as if it did not say so."""
LOSSLESS_KBPS = 256
"""Of speech in a file that keeps every sample."""
ADTS = (b"\xff\xf0", b"\xff\xf1", b"\xff\xf8", b"\xff\xf9")
"""Bare AAC has no header to tell a length, and looks enough like MP3 to be taken for it."""


MOST_READS = 200_000
"""Of the library in one file: it goes through garbage four bytes at a time, and no file may take it seconds."""


class _Brief(io.BytesIO):
    """Raises OSError, which the library reports as its own error, where it is read too often."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MOST_READS:
            raise OSError("no header in reach")
        return super().read(size)


@dataclass(frozen=True, slots=True)
class Length:
    """`known` is False where `milliseconds` is a guess from the size, `exact` True where it follows from the samples
    and is not a header's word alone."""

    milliseconds: int
    known: bool
    exact: bool = False


def check(file: Upload) -> None:
    """Raises RequestError naming `file` for what cannot be sound."""
    if not file.data:
        raise invalid("Invalid 'file': the file is empty.", "file", "empty_file")
    media = file.media_type.partition(";")[0].strip().lower()
    known = file.name.rpartition(".")[2].lower() in EXTENSIONS
    sounds = known or media.startswith(("audio/", "video/")) or file.data.startswith(MAGIC) or file.data[4:8] == b"ftyp"
    if media.startswith(WRONG) or not sounds:
        raise invalid(
            f"Invalid file format: {media or 'unknown'}. Supported formats: {', '.join(EXTENSIONS)}.",
            "file",
            "invalid_file_format",
        )


def measure(file: Upload) -> Length:
    bits = len(file.data) * 8
    guess = Length(bits // (LOSSLESS_KBPS if file.data.startswith(b"fLaC") else TYPICAL_KBPS), known=False)
    if file.data.startswith(ADTS):
        return guess
    try:
        tag = TinyTag.get(file.name, _Brief(file.data), tags=False)
    except TinyTagException:
        return guess
    seconds = tag.duration or 0.0
    if file.data.startswith(b"RIFF") and tag.is_lossless and tag.bitrate:
        # what is written while it is made has no true length in its header
        longest = bits / tag.bitrate
        return Length(math.ceil(seconds * 1000 if 0 < seconds * 1000 <= longest else longest), known=True, exact=True)
    if not 0 < seconds * 1000 <= bits:
        return guess
    return Length(math.ceil(seconds * 1000), known=True)


def bound(file: Upload, length: Length) -> int:
    """Milliseconds that no vendor's count exceeds: they count whole seconds, up or down."""
    bits = len(file.data) * 8
    least = bits // LOWEST_KBPS if not length.known else max(length.milliseconds, _floor(file, length, bits))
    return whole_seconds(least) + 1000


def whole_seconds(milliseconds: int) -> int:
    """Rounded up, in milliseconds: how vendors charge."""
    return -(-milliseconds // 1000) * 1000


def _floor(file: Upload, length: Length, bits: int) -> int:
    if length.exact:
        return 0
    return bits // (LOSSLESS_KBPS if file.data.startswith((b"RIFF", b"fLaC", b"FORM")) else TYPICAL_KBPS)
