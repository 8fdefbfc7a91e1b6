"""Content parts of a caller's message -> hub blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.protocols import JsonObject
from interchange.protocols import openai_fields as fields
from interchange.wire.data_url import read_data_url

from .vocabulary import AUDIO_TYPES, DEFAULT_FILE_TYPE, FILE_TYPES, PROTOCOL


def read_content(value: Any, path: str) -> tuple[b.Block, ...]:
    """A string or an array of parts. An empty string is no block: it says nothing, and some vendors refuse it."""
    if isinstance(value, str):
        return (b.Text(value),) if value else ()
    if not isinstance(value, list):
        raise fields.mistyped(path, "one of a string or array of objects", value)
    return tuple(read_part(part, here) for here, part in fields.objects({"parts": value}, "parts", path))


def read_part(part: JsonObject, path: str) -> b.Block:
    kind = fields.needed_text(part, "type", f"{path}.type")
    cache = read_cache(part, path)
    match kind:
        case "text":
            return b.Text(fields.needed_text(part, "text", f"{path}.text"), cache=cache)
        case "refusal":
            return b.Refusal(fields.needed_text(part, "refusal", f"{path}.refusal"))
        case "image_url":
            return _image(part, path, cache)
        case "input_audio":
            return _audio(part, path, cache)
        case "file":
            return _file(fields.needed_mapping(part, "file", f"{path}.file"), f"{path}.file", cache)
        case "thinking" if isinstance(part.get("thinking"), list):  # Mistral's replay of its reasoning
            return b.Thinking("".join(str(item.get("text", "")) for _, item in fields.objects(part, "thinking", path)))
        case _:
            return b.Opaque(PROTOCOL, part)


def read_cache(raw: Mapping[str, Any], path: str | None = None) -> b.CacheControl | None:
    """`cache_control` (as OpenRouter takes it) or OpenAI's `prompt_cache_breakpoint`, whose lifetimes (30m, 12h) are
    minima: the hub's nearest word is an hour."""
    before = "" if path is None else f"{path}."
    control = fields.mapping(raw, "cache_control", f"{before}cache_control")
    if control is not None:
        return b.CacheControl(fields.text(control, "ttl", f"{before}cache_control.ttl"))
    mark = fields.mapping(raw, "prompt_cache_breakpoint", f"{before}prompt_cache_breakpoint")
    if mark is None:
        return None
    return b.CacheControl("1h" if mark.get("ttl") is not None else None)


def _image(part: JsonObject, path: str, cache: b.CacheControl | None) -> b.Image:
    raw = part.get("image_url")
    if isinstance(raw, str):  # Mistral takes the bare URL
        raw = {"url": raw}
    here = f"{path}.image_url"
    inner = fields.needed_mapping({"image_url": raw}, "image_url", here)
    url = fields.needed_text(inner, "url", f"{here}.url")
    detail = fields.text(inner, "detail", f"{here}.detail")
    return b.Image(_source(url, f"{here}.url"), detail, cache)


def _source(url: str, path: str) -> b.Source:
    inline = read_data_url(url)
    if inline is not None:
        return b.Base64Source(*inline)
    url = url.strip()
    url = url[:8].lower() + url[8:]  # schemes and hosts are the same in any case
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid '{path}': expected an http(s) URL or a base64 data URL.", path, "invalid_image_url")
    return b.UrlSource(url)


def _audio(part: JsonObject, path: str, cache: b.CacheControl | None) -> b.Audio:
    inner = fields.needed_mapping(part, "input_audio", f"{path}.input_audio")
    data = fields.needed_text(inner, "data", f"{path}.input_audio.data")
    form = fields.needed_text(inner, "format", f"{path}.input_audio.format")
    inline = read_data_url(data)
    if inline is not None:
        return b.Audio(b.Base64Source(*inline), form, cache=cache)
    return b.Audio(b.Base64Source(AUDIO_TYPES.get(form, f"audio/{form}"), data), form, cache=cache)


def _file(inner: JsonObject, path: str, cache: b.CacheControl | None) -> b.Document:
    title = fields.text(inner, "filename", f"{path}.filename")
    file_id = fields.text(inner, "file_id", f"{path}.file_id")
    data = fields.text(inner, "file_data", f"{path}.file_data")
    if file_id is not None:
        return b.Document(b.FileSource(file_id, PROTOCOL), title, cache=cache)
    if data is None:
        raise fields.missing(f"{path}.file_data")
    inline = read_data_url(data)
    if inline is not None:
        return b.Document(b.Base64Source(*inline), title, cache=cache)
    if data.startswith(("http://", "https://")):  # OpenRouter takes a URL here
        return b.Document(b.UrlSource(data), title, cache=cache)
    ending = (title or "").rpartition(".")[2].lower()
    return b.Document(b.Base64Source(FILE_TYPES.get(ending, DEFAULT_FILE_TYPE), data), title, cache=cache)
