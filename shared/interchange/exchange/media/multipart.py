"""A body that may be JSON or multipart/form-data, read once. https://www.rfc-editor.org/rfc/rfc7578"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Any
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from interchange.dataclass import dataclass
from interchange.exchange.body import read_object, refuse_compressed
from interchange.exchange.http import Inbound
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.media import Form, Upload

MOST_PARTS = 1000
_EXTENDED = re.compile(rb";\s*filename\*=utf-8'[^']*'([^;\s]*)", re.IGNORECASE)


def read_form(inbound: Inbound, *, files: bool = False) -> Form:
    """JSON, and multipart where the endpoint takes `files`. Raises RequestError 400 or 415."""
    content_type = inbound.headers.get("content-type", "application/json")
    media = content_type.partition(";")[0].strip().lower()
    if files and media == "multipart/form-data":
        refuse_compressed(inbound)
        return _multipart(inbound.body, content_type.strip())
    if files and media != "application/json" and not media.endswith("+json"):
        raise RequestError(
            Failure(
                ErrorKind.UNSUPPORTED_MEDIA,
                f"content-type is {media!r}: this endpoint takes multipart/form-data or JSON",
            )
        )
    return Form(read_object(inbound), raw=inbound.body)


def reread(body: bytes, content_type: str) -> Form:
    """The form that a body of our own writing says."""
    return _multipart(body, content_type)


@dataclass(slots=True)
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    start: int = -1
    end: int = -1


def _multipart(raw: bytes, content_type: str) -> Form:
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise invalid("content-type: multipart/form-data without a boundary")
    fields: dict[str, Any] = {}
    files: dict[str, list[Upload]] = {}
    spans: dict[str, tuple[int, int]] = {}
    for part in _parts(raw, boundary):
        name, filename = _titles(part.headers.get("content-disposition", b""))
        if not name:
            raise invalid("a part of the form has no name")
        data = raw[part.start : part.end] if part.start >= 0 else b""
        if filename is not None:
            kind = part.headers.get("content-type", b"").decode("utf-8", "replace").strip()
            upload = Upload(filename, kind or "application/octet-stream", data)
            files.setdefault(name.removesuffix("[]"), []).append(upload)
        else:
            _put(fields, name, data)
            if part.start >= 0:
                spans[name] = (part.start, part.end)
    return Form(fields, {name: tuple(found) for name, found in files.items()}, raw, content_type, spans)


def _titles(disposition: bytes) -> tuple[str, str | None]:
    """(name, filename), None where the part is no file. A name is UTF-8 as it stands; some clients write what is not
    ASCII by the rules of mail alone (`filename*=UTF-8''...`), which RFC 7578 forbids."""
    options = parse_options_header(disposition)[1]
    name = options.get(b"name", b"").decode("utf-8", "replace")
    if b"filename" in options:
        return name, options[b"filename"].decode("utf-8", "replace")
    extended = _EXTENDED.search(disposition)
    return name, unquote(extended[1].decode("latin-1")) if extended else None


def _put(fields: dict[str, Any], name: str, data: bytes) -> None:
    """A repeated name, or one that ends in `[]`, is a list."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise invalid(f"{name}: not valid UTF-8", name) from error
    plain = name.removesuffix("[]")
    earlier = fields.get(plain, [])
    if name != plain or plain in fields:
        fields[plain] = [*(earlier if isinstance(earlier, list) else [earlier]), text]
    else:
        fields[plain] = text


def _parts(raw: bytes, boundary: bytes) -> list[_Part]:
    """The parts, by where they stand: the parser is fed all at once, so that its offsets are those of `raw`."""
    parts: list[_Part] = []
    name = bytearray()
    value = bytearray()

    def begin() -> None:
        if len(parts) >= MOST_PARTS:
            raise invalid(f"the form has more than {MOST_PARTS} parts")
        parts.append(_Part())

    def header_end() -> None:
        parts[-1].headers[name.decode("latin-1").lower()] = bytes(value)
        name.clear()
        value.clear()

    def data(_chunk: bytes, start: int, end: int) -> None:
        part = parts[-1]
        part.start = start if part.start < 0 else part.start
        part.end = end

    ended: list[bool] = []
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_header_field": lambda chunk, start, end: name.extend(chunk[start:end]),
                "on_header_value": lambda chunk, start, end: value.extend(chunk[start:end]),
                "on_header_end": header_end,
                "on_part_data": data,
                "on_end": lambda: ended.append(True),
            },
        )
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise invalid(f"the form cannot be read: {error}"[:300]) from error
    if not ended:
        raise invalid("the form is cut short: its closing boundary is missing")
    return parts
