"""Writing multipart/form-data: https://www.rfc-editor.org/rfc/rfc7578. The boundary follows from the content, so that
the same request is the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from interchange.hub.failure import invalid
from interchange.hub.media import Upload
from interchange.wire import codec

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""As browsers do: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""


def write_form(fields: Mapping[str, Any], files: Iterable[tuple[str, Upload]]) -> tuple[bytes, str]:
    """(body, content type). A list becomes repeated `name[]` parts. Raises RequestError for half of a character pair,
    which JSON can say and UTF-8 cannot."""
    parts: list[tuple[bytes, bytes]] = []
    for name, value in fields.items():
        values = value if isinstance(value, list | tuple) else [value]
        key = f"{name}[]" if isinstance(value, list | tuple) else name
        head_bytes = _utf8(f'form-data; name="{key.translate(_ESCAPES)}"', name)
        parts += [(head_bytes, _utf8(one, name) if isinstance(one, str) else codec.dumps(one)) for one in values]
    for name, upload in files:
        title = upload.name.translate(_ESCAPES)
        head = f'form-data; name="{name}"; filename="{title}"\r\nContent-Type: {upload.media_type}'
        parts.append((_utf8(head, name), upload.data))
    digest = hashlib.sha256()
    for head_bytes, data in parts:
        digest.update(head_bytes)
        digest.update(data)
    boundary = f"interchange-{digest.hexdigest()}".encode()
    out = b"".join(
        b"--" + boundary + b"\r\nContent-Disposition: " + head_bytes + b"\r\n\r\n" + data + b"\r\n"
        for head_bytes, data in parts
    )
    return out + b"--" + boundary + b"--\r\n", f"multipart/form-data; boundary={boundary.decode()}"


def _utf8(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise invalid(f"{name}: not valid Unicode: half of a character pair", name, "invalid_value") from error
