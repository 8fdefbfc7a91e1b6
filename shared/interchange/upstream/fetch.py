"""Media that a provider cannot download itself, downloaded by us; a door that only opens outwards.

https only; no address that is private, loopback, link-local, reserved or a cloud's metadata service, checked on the
addresses that the connection really uses (after resolution, on every redirect, so that a name cannot change its mind
between check and use); size, time and content type bounded.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from interchange.hub.blocks import Base64Source
from interchange.hub.failure import invalid

MAX_BYTES = 20 * 1024 * 1024
SECONDS = 20.0
MAX_REDIRECTS = 3
TYPES = ("image/", "audio/", "text/", "application/pdf")


class Forbidden(OSError):
    """A name that leads to an address which is nobody's business outside."""


def public(address: str) -> bool:
    """True for an address of the open internet. IPv4 in IPv6 clothes is judged as IPv4."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None:
        ip = inner
    return ip.is_global and not ip.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves to public addresses only. aiohttp connects to what this returns and to nothing else."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(public(entry["host"]) for entry in found):
            raise Forbidden(f"{host} does not lead to a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


async def fetch(url: str, param: str, *, resolver: AbstractResolver | None = None, tls: Any = True) -> Base64Source:
    """The bytes behind `url`. Raises RequestError 400 naming `param`. `resolver` and `tls` are for tests."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _fetch(url, param, PublicResolver(resolver), tls)
    except TimeoutError as error:
        raise invalid(f"{param}: {_short(url)} did not answer within {SECONDS:.0f} s", param, "media_fetch") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise invalid(f"{param}: {_short(url)} could not be fetched", param, "media_fetch") from error


async def _fetch(url: str, param: str, resolver: AbstractResolver, tls: Any) -> Base64Source:
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=tls, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        for _ in range(MAX_REDIRECTS + 1):
            _check(url, param)
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    url = urljoin(url, answer.headers.get("location", ""))
                    continue
                if answer.status != 200:
                    raise invalid(f"{param}: {_short(url)} answered {answer.status}", param, "media_fetch")
                return await _read(answer, param)
    raise invalid(f"{param}: more than {MAX_REDIRECTS} redirects", param, "media_fetch")


def _check(url: str, param: str) -> None:
    """A literal address never reaches the resolver, so it is judged here."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or parts.username is not None:
        raise invalid(f"{param}: only https URLs without credentials are fetched", param, "media_url")
    try:
        literal = public(host)
    except ValueError:
        return
    if not literal:
        raise invalid(f"{param}: {host} is not a public address", param, "media_url")


async def _read(answer: aiohttp.ClientResponse, param: str) -> Base64Source:
    media = answer.content_type
    if not media.startswith(TYPES):
        raise invalid(f"{param}: the URL serves {media}, which is not media", param, "media_type")
    parts: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_chunked(65_536):
        size += len(chunk)
        if size > MAX_BYTES:
            raise invalid(f"{param}: larger than {MAX_BYTES} bytes", param, "media_size")
        parts.append(chunk)
    return Base64Source(media, base64.b64encode(b"".join(parts)).decode())


def _short(url: str) -> str:
    return url if len(url) <= 120 else url[:117] + "..."
