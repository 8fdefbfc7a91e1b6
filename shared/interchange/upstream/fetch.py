"""Media that a provider cannot download itself, downloaded by us; a door that only opens outwards.

https only, and no address that is private, loopback, link-local, reserved or a cloud's metadata service (`public`), on
every redirect anew; size, time and content type bounded, and bytes and downloads at a time over a whole request.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from interchange.hub.blocks import Base64Source
from interchange.hub.failure import RequestError, invalid

from .budget import Budget
from .public import Sockets, connector, refused

MAX_BYTES = 20 * 1024 * 1024
SECONDS = 20.0
MAX_REDIRECTS = 3
TYPES = ("image/", "audio/", "text/", "application/pdf")
MOVED = frozenset({301, 302, 303, 307, 308})


async def fetch(
    url: str, param: str, budget: Budget, *, resolver: AbstractResolver | None = None, tls: Any = True
) -> Base64Source:
    """The bytes behind `url`. Raises RequestError 400 naming `param`. `resolver` and `tls` are for tests."""
    try:
        async with budget.turn, asyncio.timeout(SECONDS):
            return await _fetch(_read_url(url), param, budget, Sockets(), resolver, tls)
    except TimeoutError as error:
        raise invalid(f"{param}: {_short(url)} did not answer within {SECONDS:.0f} s", param, "media_fetch") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise invalid(f"{param}: {_short(url)} could not be fetched", param, "media_fetch") from error


def _read_url(url: str) -> URL:
    """Reads a URL as the client will: what is judged is what is asked. Raises ValueError."""
    return URL(url)


async def _fetch(
    url: URL, param: str, budget: Budget, sockets: Sockets, resolver: AbstractResolver | None, tls: Any
) -> Base64Source:
    async with aiohttp.ClientSession(connector=connector(sockets, resolver, tls), trust_env=False) as session:
        for _ in range(MAX_REDIRECTS + 1):
            _check(url, param)
            async with session.get(url, allow_redirects=False) as answer:
                sockets.check_peers()
                if answer.status in MOVED:
                    url = url.join(URL(answer.headers.get("location", "")))
                    continue
                if answer.status != 200:
                    raise invalid(f"{param}: {_short(str(url))} answered {answer.status}", param, "media_fetch")
                return await _read(answer, param, budget)
    raise invalid(f"{param}: more than {MAX_REDIRECTS} redirects", param, "media_fetch")


def _check(url: URL, param: str) -> None:
    why = refused(url)
    if why is not None:
        raise invalid(f"{param}: {why}", param, "media_url")


async def _read(answer: aiohttp.ClientResponse, param: str, budget: Budget) -> Base64Source:
    media = answer.content_type
    if not media.startswith(TYPES):
        raise invalid(f"{param}: the URL serves {media}, which is not media", param, "media_type")
    parts: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(65_536):
        size += len(chunk)
        if size > MAX_BYTES:
            raise invalid(f"{param}: larger than {MAX_BYTES} bytes", param, "media_size")
        if not budget.take(len(chunk)):
            raise _spent(param)
        parts.append(chunk)
    return Base64Source(media, base64.b64encode(b"".join(parts)).decode())


def _spent(param: str) -> RequestError:
    return invalid(f"{param}: the request's media by URL are too large together", param, "media_size")


def _short(url: str) -> str:
    return url if len(url) <= 120 else url[:117] + "..."
