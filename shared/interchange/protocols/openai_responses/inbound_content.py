"""Content parts of a caller's items -> hub blocks. Source: openai-python `types/responses/response_input_*.py`."""

from __future__ import annotations

from typing import Any

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.protocols import JsonObject
from interchange.protocols import openai_fields as fields
from interchange.wire.data_url import read_data_url

from .message_reader import read_annotation
from .vocabulary import AUDIO_TYPES, DEFAULT_FILE_TYPE, FILE_TYPES, PROTOCOL


def read_content(value: Any, path: str) -> tuple[b.Block, ...]:
    """A string or an array of parts. An empty string is no block: it says nothing, and some vendors refuse it."""
    if isinstance(value, str):
        return (b.Text(value),) if value else ()
    if not isinstance(value, list):
        raise fields.mistyped(path, "one of a string or array of objects", value)
    return tuple(read_part(part, here) for here, part in fields.objects({"parts": value}, "parts", path))


def read_part(part: JsonObject, path: str) -> b.Block:
    match fields.needed_text(part, "type", f"{path}.type"):
        case "input_text" | "output_text" | "text":
            text = fields.needed_text(part, "text", f"{path}.text")
            annotations = fields.objects(part, "annotations", f"{path}.annotations")
            return b.Text(text, tuple(read_annotation(item) for _, item in annotations), read_cache(part, path))
        case "refusal":
            return b.Refusal(fields.needed_text(part, "refusal", f"{path}.refusal"))
        case "input_image":
            return _image(part, path)
        case "input_file":
            return _file(part, path)
        case "input_audio":
            return _audio(part, path)
        case _:
            return b.Opaque(PROTOCOL, part)


def read_cache(part: JsonObject, path: str) -> b.CacheControl | None:
    """`prompt_cache_breakpoint`: its lifetimes are minima, so the hub's nearest word is an hour."""
    mark = fields.mapping(part, "prompt_cache_breakpoint", f"{path}.prompt_cache_breakpoint")
    if mark is None:
        return None
    return b.CacheControl("1h" if mark.get("ttl") is not None else None)


def _image(part: JsonObject, path: str) -> b.Image:
    detail = fields.text(part, "detail", f"{path}.detail")
    cache = read_cache(part, path)
    file_id = fields.text(part, "file_id", f"{path}.file_id")
    if file_id is not None:
        return b.Image(b.FileSource(file_id, PROTOCOL), detail, cache)
    return b.Image(
        _source(fields.needed_text(part, "image_url", f"{path}.image_url"), f"{path}.image_url"), detail, cache
    )


def _source(url: str, path: str) -> b.Source:
    inline = read_data_url(url)
    if inline is not None:
        return b.Base64Source(*inline)
    url = url.strip()
    url = url[:8].lower() + url[8:]  # schemes and hosts are the same in any case
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid '{path}': expected an http(s) URL or a base64 data URL.", path, "invalid_image_url")
    return b.UrlSource(url)


def _file(part: JsonObject, path: str) -> b.Document:
    title = fields.text(part, "filename", f"{path}.filename")
    cache = read_cache(part, path)
    file_id = fields.text(part, "file_id", f"{path}.file_id")
    if file_id is not None:
        return b.Document(b.FileSource(file_id, PROTOCOL), title, cache=cache)
    url = fields.text(part, "file_url", f"{path}.file_url")
    if url is not None:
        return b.Document(_source(url, f"{path}.file_url"), title, cache=cache)
    data = fields.needed_text(part, "file_data", f"{path}.file_data")
    inline = read_data_url(data)
    if inline is not None:
        return b.Document(b.Base64Source(*inline), title, cache=cache)
    ending = (title or "").rpartition(".")[2].lower()
    return b.Document(b.Base64Source(FILE_TYPES.get(ending, DEFAULT_FILE_TYPE), data), title, cache=cache)


def _audio(part: JsonObject, path: str) -> b.Audio:
    inner = fields.needed_mapping(part, "input_audio", f"{path}.input_audio")
    data = fields.needed_text(inner, "data", f"{path}.input_audio.data")
    form = fields.needed_text(inner, "format", f"{path}.input_audio.format")
    inline = read_data_url(data)
    source = b.Base64Source(*inline) if inline else b.Base64Source(AUDIO_TYPES.get(form, f"audio/{form}"), data)
    return b.Audio(source, form)
