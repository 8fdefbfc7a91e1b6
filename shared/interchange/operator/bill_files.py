"""A bill's file as text, however it was saved: packed (gzip, zip), or in the UTF-16 of spreadsheets."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib

from .books import CommandError

MOST_BYTES = 200_000_000
"""Of all that a packed file holds: more is no bill that anybody reads."""
DEEPEST = 2
"""A packed file within a packed one, as the parts of a report are."""
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def texts_of(data: bytes) -> list[str]:
    """The file's text, or those of the files that are packed in it, by their names. Raises CommandError for what is
    damaged, too large, or no text."""
    return [_text(one) for one in _unpacked(data)]


def _unpacked(data: bytes, deep: int = 0) -> list[bytes]:
    """A file may be made so that it unpacks into itself, for ever."""
    if not data.startswith((GZIP, ZIP)):
        return [data]
    if deep == DEEPEST:
        raise CommandError("the file is packed more than twice")
    found = _files(data) if data.startswith(ZIP) else [_ungzipped(data)]
    return [part for one in found for part in _unpacked(one, deep + 1)]


def _ungzipped(data: bytes) -> bytes:
    """A file may be several, one behind the other (RFC 1952, 2.2), as parts that were joined are."""
    found, rest = bytearray(), data
    try:
        while rest.startswith(GZIP):
            reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
            found += reader.decompress(rest, MOST_BYTES + 1 - len(found))
            _within(len(found))
            if not reader.eof:
                raise CommandError("the packed file is not whole: it breaks off")
            rest = reader.unused_data
    except zlib.error as error:
        raise CommandError("the packed file is damaged") from error
    return bytes(found)


def _files(data: bytes) -> list[bytes]:
    """CSV files of an archive; those of its other files that are none (a manifest, a readme) are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            named = [one for one in packed.infolist() if _is_csv(one.filename)]
            _within(sum(one.file_size for one in named))
            found = [packed.read(one) for one in sorted(named, key=lambda one: one.filename)]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise CommandError("the packed file is damaged") from error
    except (NotImplementedError, RuntimeError) as error:
        raise CommandError("the packed file has a password, or is packed in a way that is not read") from error
    if not found:
        raise CommandError("the packed file has no CSV file in it")
    return found


def _is_csv(name: str) -> bool:
    """False for what macOS puts beside each file of an archive."""
    place = name.lower()
    return place.endswith((".csv", ".csv.gz", ".tsv")) and not place.startswith("__macosx/")


def _within(size: int) -> None:
    if size > MOST_BYTES:
        raise CommandError(f"the packed file holds more than {MOST_BYTES // 1_000_000} MB")


def _text(data: bytes) -> str:
    """Spreadsheets mark what they write by its first bytes; some programs leave the mark out."""
    coding = next((name for mark, name in MARKS if data.startswith(mark)), "") or _unmarked(data[:200])
    text = data.decode(coding, "replace")
    if "\0" in text:
        raise CommandError("the file is no text: save it as CSV")
    return text


def _unmarked(head: bytes) -> str:
    """UTF-16 without its mark has every other byte of a header 0."""
    if head and head[1::2].count(0) > len(head) // 4 and 0 not in head[::2]:
        return "utf-16-le"
    if head and head[::2].count(0) > len(head) // 4 and 0 not in head[1::2]:
        return "utf-16-be"
    return "utf-8"
