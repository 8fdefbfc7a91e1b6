"""Checks that a file is audio, and tells its length without decoding it.

The length is that of its frames (`sound_frames`). Of the few forms whose frames tell none, it is the header's word as
far as the bytes bear it out: a header can lie, and a vendor decodes what is there. A file that is not plain samples is
held for by its bytes too.
"""

from __future__ import annotations

import io
import math

from interchange.dataclass import dataclass
from interchange.exchange import sound_frames
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
MOST_KBPS, MOST_LOSSLESS_KBPS = 512, 9_216
"""No codec writes more a second: what a header tells beyond is not so."""
LOSSLESS = (b"RIFF", b"fLaC", b"FORM")
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
    """`known` is False where `milliseconds` is a guess from the size, `exact` True where the file is plain samples."""

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
    plain = file.data.startswith(b"RIFF")
    found = sound_frames.milliseconds(file.data)
    if found is not None and found <= bits:
        return Length(found, known=True, exact=plain)
    lossless = file.data.startswith(LOSSLESS)
    guess = Length(bits // (LOSSLESS_KBPS if file.data.startswith(b"fLaC") else TYPICAL_KBPS), known=False)
    told = _told(file)
    if told is None or not bits // (MOST_LOSSLESS_KBPS if lossless else MOST_KBPS) <= told <= bits // LOWEST_KBPS:
        return guess
    return Length(told, known=True)


def _told(file: Upload) -> int | None:
    """The header's word, in milliseconds."""
    if file.data.startswith(ADTS):
        return None
    # loaded with the first file whose frames tell no length
    from tinytag import TinyTag, TinyTagException

    try:
        seconds = TinyTag.get(file.name, _Brief(file.data), tags=False).duration
    except TinyTagException:
        return None
    return math.ceil(seconds * 1000) if seconds else None


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
    return bits // (LOSSLESS_KBPS if file.data.startswith(LOSSLESS) else TYPICAL_KBPS)
