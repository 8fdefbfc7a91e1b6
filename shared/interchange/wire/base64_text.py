"""Base64 (RFC 4648) as callers write it, and as every vendor takes it.

Gemini takes both alphabets, with padding or without (https://protobuf.dev/programming-guides/json/); mail libraries
wrap lines. The standard alphabet, padded, in one line is what all of them read.
"""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[A-Za-z0-9+/]+")
_STANDARD = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def read_base64(text: str) -> str | None:
    """In the standard spelling: the text itself where it has that already. None for what is no base64, or no bytes at
    all. Nothing is decoded: the text may be megabytes."""
    if len(text) % 4 == 0 and _STANDARD.fullmatch(text):
        return text
    digits = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    if len(digits) % 4 == 1 or not _DIGITS.fullmatch(digits):
        return None
    return digits + "=" * (-len(digits) % 4)
