"""Pictures, pages and sound: what recorded requests of them were counted as."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest

from interchange.estimate.media import pages_of, sound_tokens
from interchange.estimate.pictures import UNKNOWN_SIZE, picture_tokens, size_of
from interchange.hub import blocks as b


def picture(data: bytes, detail: str | None = None) -> b.Image:
    return b.Image(b.Base64Source("image/x", base64.b64encode(data).decode()), detail)


def png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def jpeg(width: int, height: int) -> bytes:
    notes = b"\xff\xe1" + struct.pack(">H", 5000) + b"\0" * 4998
    return b"\xff\xd8" + notes + b"\xff\xc2" + struct.pack(">HBHH", 17, 8, height, width) + b"\0" * 12


def webp(kind: bytes, payload: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + kind + struct.pack("<I", len(payload)) + payload


@pytest.mark.parametrize("data, size", [
    (png(640, 480), (640, 480)),
    (jpeg(597, 566), (597, 566)),
    (b"GIF89a" + struct.pack("<HH", 30, 20) + b"\0" * 8, (30, 20)),
    (webp(b"VP8X", b"\0" * 4 + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")), (100, 50)),
    (webp(b"VP8L", b"\x2f" + (99 | 49 << 14).to_bytes(4, "little")), (100, 50)),
    (webp(b"VP8 ", b"\0" * 3 + b"\x9d\x01\x2a" + struct.pack("<HH", 100, 50)), (100, 50)),
    (b"", UNKNOWN_SIZE), (b"\x89PNG", UNKNOWN_SIZE), (b"\xff\xd8\xff", UNKNOWN_SIZE), (b"BM" * 40, UNKNOWN_SIZE),
    (png(0, 0), UNKNOWN_SIZE),
])  # fmt: skip
def test_the_size_stands_in_the_head_of_the_file(data: bytes, size: tuple[int, int]) -> None:
    assert size_of(picture(data)) == size


def test_a_picture_by_url_has_a_usual_size() -> None:
    assert size_of(b.Image(b.UrlSource("https://a.example/x.png"))) == UNKNOWN_SIZE


@pytest.mark.parametrize("size, rule, tokens", [
    ((640, 480), {"base": 85, "tile": 170}, 425),
    ((640, 480), {"base": 2833, "tile": 5667}, 14_167),
    ((50, 50), {"base": 70, "tile": 140}, 210),
    ((4096, 4096), {"base": 85, "tile": 170}, 765),
    ((640, 480), {"patch": 1.2}, 360),
    ((300, 346), {"patch": 1.62}, 179),
    ((10_000, 10_000), {"patch": 1.0}, 1536),
    ((1000, 750), {"pixels": 750}, 1000),
    ((10_000, 10_000), {"pixels": 750}, 1600),
])  # fmt: skip
def test_tiles_patches_and_areas(size: tuple[int, int], rule: dict[str, float], tokens: int) -> None:
    assert picture_tokens(picture(png(*size)), rule) == tokens


def test_low_detail_is_the_base_alone() -> None:
    assert picture_tokens(picture(png(640, 480), "low"), {"base": 85, "tile": 170}) == 85


def test_pages_are_counted_where_they_are_listed() -> None:
    listed = b"%PDF-1.4 << /Type /Pages /Kids [] >> << /Type /Page >> << /Type/Page >>"
    for data, pages in ((listed, 2), (b"%PDF-1.7 " + b"x" * 120_000, 3), (b"", 1)):
        source = b.Base64Source("application/pdf", base64.b64encode(data).decode())
        assert pages_of(b.Document(source)) == pages
    assert pages_of(b.Document(b.Base64Source("application/pdf", "not base64!"))) == 1


def test_sound_is_counted_by_its_seconds() -> None:
    head = b"RIFF" + struct.pack("<I", 0) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 24_000, 48_000, 2, 16)
    wave = head + b"data" + struct.pack("<I", 0) + b"\0" * 480_000
    assert sound_tokens(b.Audio(b.Base64Source("audio/wav", base64.b64encode(wave).decode()), "wav")) in (101, 102)
    compressed = base64.b64encode(b"\xff\xfb" * 10_000).decode()
    assert sound_tokens(b.Audio(b.Base64Source("audio/mpeg", compressed), "mp3")) == 11
