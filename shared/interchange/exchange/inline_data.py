"""Inline media of a request that is to be translated: base64 in the one spelling that every vendor takes.

What is no base64 is refused here, by the caller's field: the vendors refuse it without naming any. A request that is
carried through is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.wire.base64_text import read_base64
from interchange.wire.data_url import read_data_url

T = TypeVar("T")


def spelled(request: Request) -> Request:
    """The request itself where all is well. Raises RequestError naming the hub's field ("….source.data")."""
    system = _each(request.system, "system", _block)
    messages = _each(request.messages, "messages", _message)
    if system is request.system and messages is request.messages:
        return request
    return replace(request, system=system, messages=messages)


def _each(items: tuple[T, ...], path: str, change: Callable[[T, str], T]) -> tuple[T, ...]:
    """The same tuple where nothing changed."""
    changed = {at: new for at, item in enumerate(items) if (new := change(item, f"{path}[{at}]")) is not item}
    return tuple(changed.get(at, item) for at, item in enumerate(items)) if changed else items


def _message(message: b.Message, path: str) -> b.Message:
    content = _each(message.content, f"{path}.content", _block)
    return message if content is message.content else replace(message, content=content)


def _block(block: b.Block, path: str) -> b.Block:
    match block:
        case b.Image(source=old) | b.Document(source=old) | b.Audio(source=old):
            source = _source(old, f"{path}.source")
            return block if source is old else replace(block, source=source)
        case b.ToolResult(content=content):
            inner = _each(content, f"{path}.content", _block)
            return block if inner is content else replace(block, content=inner)
        case _:
            return block


def _source(source: b.Source, path: str) -> b.Source:
    match source:
        case b.Base64Source(_, data):
            found = _data(data, f"{path}.data")
            return source if found is data else replace(source, data=found)
        case b.UrlSource(url) if (inline := read_data_url(url)) is not None:  # data, whatever field it came in
            media_type, data = inline
            return b.Base64Source(media_type, _data(data, f"{path}.url"))
        case b.BlocksSource(blocks):
            inner = _each(blocks, f"{path}.content", _block)
            return source if inner is blocks else b.BlocksSource(inner)
        case _:
            return source


def _data(text: str, path: str) -> str:
    found = read_base64(text)
    if found is None:
        raise invalid(f"{path}: expected the content in base64, but got {_told(text)}", path, "invalid_base64")
    return found


def _told(text: str) -> str:
    return f"{len(text)} characters that are none" if text.strip() else "nothing"
