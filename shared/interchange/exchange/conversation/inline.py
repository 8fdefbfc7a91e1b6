"""Media of a request that is to be translated: base64 in the one spelling that every vendor takes, and media by URL
brought inline where the route's provider cannot download it.

What is no base64 is refused here, by the caller's field: the vendors refuse it without naming any. A request that is
carried through is not looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeVar

from interchange.dataclass import dataclass, replace
from interchange.exchange.services import Fetch
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.upstream.budget import MOST_URLS, Budget
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


Sources = Callable[[b.Image | b.Document, str], b.Source]
"""(block, its URL) -> what stands in the URL's place."""
ALL = frozenset({"image", "document"})
"""Kinds of media that a provider may fetch itself."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request, and the `urls` in it that are still to be fetched, each with the place that it stands in first. `able`
    are the kinds that the provider fetches itself."""

    request: Request
    able: frozenset[str]
    urls: Mapping[str, str]

    def unseen(self) -> Request:
        """The request as it will be: something that every writer takes stands in each file's place."""
        return _with_sources(self.request, _standing, self.able) if self.urls else self.request

    async def fetched(self, fetch: Fetch) -> Request:
        """The request with the files' bytes. Raises RequestError."""
        budget = Budget()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = {url: group.create_task(fetch(url, path, budget)) for url, path in self.urls.items()}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        return _with_sources(self.request, lambda _, url: tasks[url].result(), self.able)


def pending(request: Request, able: frozenset[str]) -> Pending:
    """Raises RequestError where the URLs are too many."""
    sites = [
        (site.source.url, path)
        for number, message in enumerate(request.messages)
        for site, path in _sites(message.content, f"messages[{number}].content", able)
        if isinstance(site.source, b.UrlSource)
    ]
    found: dict[str, str] = {}
    for url, path in sites:
        found.setdefault(url, path)
    for path in list(found.values())[MOST_URLS:]:
        raise invalid(f"{path}: a request may have {MOST_URLS} URLs fetched at most", path, "media_count")
    return Pending(request, able, found)


def _standing(block: b.Image | b.Document, _url: str) -> b.Source:
    return b.Base64Source("image/png", "AA==") if isinstance(block, b.Image) else b.TextSource("-")


def _with_sources(request: Request, sources: Sources, able: frozenset[str]) -> Request:
    messages = tuple(
        replace(message, content=_replaced(message.content, sources, able)) for message in request.messages
    )
    return replace(request, messages=messages)


def _sites(blocks: tuple[b.Block, ...], path: str, able: frozenset[str]) -> list[tuple[b.Image | b.Document, str]]:
    found: list[tuple[b.Image | b.Document, str]] = []
    for number, block in enumerate(blocks):
        here = f"{path}[{number}]"
        if isinstance(block, b.ToolResult):
            found += _sites(block.content, f"{here}.content", able)
        elif _to_fetch(block, able):
            assert isinstance(block, b.Image | b.Document)
            found.append((block, here))
    return found


def _to_fetch(block: b.Block, able: frozenset[str]) -> bool:
    match block:
        case b.Image(source=b.UrlSource(url=url)):
            return "image" not in able and not url.startswith("data:")
        case b.Document(source=b.UrlSource(url=url)):
            return "document" not in able and not url.startswith("data:")
        case _:
            return False


def _replaced(blocks: tuple[b.Block, ...], sources: Sources, able: frozenset[str]) -> tuple[b.Block, ...]:
    out: list[b.Block] = []
    for block in blocks:
        match block:
            case b.ToolResult(content=content):
                out.append(replace(block, content=_replaced(content, sources, able)))
            case b.Image(source=b.UrlSource(url=url)) if _to_fetch(block, able):
                out.append(replace(block, source=sources(block, url)))
            case b.Document(source=b.UrlSource(url=url)) if _to_fetch(block, able):
                out.append(replace(block, source=sources(block, url)))
            case _:
                out.append(block)
    return tuple(out)
