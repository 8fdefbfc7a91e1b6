"""Data URLs (RFC 2397): `data:image/png;base64,iVBOR...`, the way OpenAI's formats carry inline media."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

_DATA_URL = re.compile(r"data:(?P<type>[^,;]*)(?P<parameters>(?:;[^,;]*)*),(?P<data>.*)", re.DOTALL | re.IGNORECASE)
DEFAULT_TYPE = "text/plain"
"""What RFC 2397 takes an absent media type for."""


ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
"""Names that were never registered and are written everywhere -> the one that every vendor knows."""


def read_data_url(url: str) -> tuple[str, str] | None:
    """(media type in lower case, base64 data), or None for a URL of another scheme. Parameters (charset) are left out,
    and so are line ends within base64; percent-encoded data without `;base64` comes back as base64."""
    found = _DATA_URL.fullmatch(url.strip())
    if found is None:
        return None
    media_type = found["type"].strip().lower() or DEFAULT_TYPE
    media_type = ALIASES.get(media_type, media_type)
    if found["parameters"].lower().endswith(";base64"):
        data = found["data"]
        return media_type, "".join(data.split()) if "\n" in data or " " in data else data
    return media_type, base64.b64encode(unquote_to_bytes(found["data"])).decode()


def write_data_url(media_type: str, data: str) -> str:
    """`data` is base64, and is copied as it is."""
    return f"data:{media_type};base64,{data}"
