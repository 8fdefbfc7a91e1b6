"""Media by URL, brought inline where the route's provider cannot download it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from interchange.hub import blocks as b
from interchange.hub.request import Request

Fetch = Callable[[str, str], Awaitable[b.Base64Source]]
"""(url, param) -> the bytes; raises RequestError naming `param`."""


async def inline(request: Request, fetched_by_provider: frozenset[str], fetch: Fetch) -> Request:
    """The request with every URL source that the provider cannot fetch replaced by its bytes. Kinds are "image" and
    "document"."""
    sites = [
        (site, path)
        for number, message in enumerate(request.messages)
        for site, path in _sites(message.content, f"messages[{number}].content", fetched_by_provider)
    ]
    if not sites:
        return request
    urls = dict.fromkeys(site.source.url for site, _ in sites if isinstance(site.source, b.UrlSource))
    paths = {site.source.url: path for site, path in reversed(sites) if isinstance(site.source, b.UrlSource)}
    found = dict(zip(urls, await asyncio.gather(*(fetch(url, paths[url]) for url in urls)), strict=True))
    messages = tuple(
        replace(message, content=_replaced(message.content, found, fetched_by_provider)) for message in request.messages
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


def _replaced(
    blocks: tuple[b.Block, ...], found: dict[str, b.Base64Source], able: frozenset[str]
) -> tuple[b.Block, ...]:
    out: list[b.Block] = []
    for block in blocks:
        match block:
            case b.ToolResult(content=content):
                out.append(replace(block, content=_replaced(content, found, able)))
            case b.Image(source=b.UrlSource(url=url)) if _to_fetch(block, able):
                out.append(replace(block, source=found[url]))
            case b.Document(source=b.UrlSource(url=url)) if _to_fetch(block, able):
                out.append(replace(block, source=found[url]))
            case _:
                out.append(block)
    return tuple(out)
