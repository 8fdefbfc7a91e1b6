"""Tokens of a picture, from its size, which stands in the first bytes of its file.

Tiles and patches: https://platform.openai.com/docs/guides/images-vision#calculating-costs; pixels:
https://docs.anthropic.com/en/docs/build-with-claude/vision#calculate-image-costs
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Mapping
from typing import Any

from interchange.hub.blocks import Base64Source, Image

UNKNOWN_SIZE = (1024, 1024)
"""Of a picture that the vendor fetches itself, and of formats that are not read here."""
HEAD = 87_380
"""Characters of base64 that are looked at: JPEG may carry 64 KB of notes before its size."""
LONGEST, SHORTEST, TILE = 2048, 768, 512
PATCH, MOST_PATCHES = 32, 1536
MOST_BY_PIXELS = 1600
LOW_DETAIL = "low"


def picture_tokens(image: Image, rule: Mapping[str, Any]) -> int:
    """`rule` is {"base": tokens, "tile": tokens of each}, {"patch": factor} or {"pixels": of one token}."""
    if "pixels" in rule:
        width, height = size_of(image)
        return min(MOST_BY_PIXELS, math.ceil(width * height / float(rule["pixels"])))
    if "patch" in rule:
        return math.ceil(_patches(*size_of(image)) * float(rule["patch"]))
    base, tile = int(rule.get("base", 85)), int(rule.get("tile", 170))
    return base if image.detail == LOW_DETAIL else base + tile * _tiles(*size_of(image))


def _tiles(width: int, height: int) -> int:
    scale = min(1.0, LONGEST / max(width, height))
    width, height = round(width * scale), round(height * scale)
    scale = min(1.0, SHORTEST / min(width, height))
    return math.ceil(width * scale / TILE) * math.ceil(height * scale / TILE)


def _patches(width: int, height: int) -> int:
    return min(MOST_PATCHES, math.ceil(width / PATCH) * math.ceil(height / PATCH))


def size_of(image: Image) -> tuple[int, int]:
    """(width, height) in pixels."""
    if not isinstance(image.source, Base64Source):
        return UNKNOWN_SIZE
    text = image.source.data[:HEAD]
    try:
        head = base64.b64decode(text[: len(text) // 4 * 4])
        width, height = _read_size(head)
    except (binascii.Error, struct.error, ValueError):
        return UNKNOWN_SIZE
    return (width, height) if width > 0 and height > 0 else UNKNOWN_SIZE


def _read_size(head: bytes) -> tuple[int, int]:
    match head[:4]:
        case b"\x89PNG":
            width, height = struct.unpack(">II", head[16:24])
        case b"GIF8":
            width, height = struct.unpack("<HH", head[6:10])
        case b"RIFF":
            return _read_webp(head)
        case start if start[:2] == b"\xff\xd8":
            return _read_jpeg(head)
        case _:
            return UNKNOWN_SIZE
    return width, height


def _read_webp(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF


def _read_jpeg(head: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 <= len(head):
        marker, length = head[place + 1], int.from_bytes(head[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return UNKNOWN_SIZE
