"""The media fetcher opens outwards only."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from interchange.hub.failure import RequestError
from interchange.upstream import fetch as module
from interchange.upstream.fetch import PublicResolver, fetch, public


class Says(AbstractResolver):
    """Every name leads to the addresses given."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> list[ResolveResult]:
        return [
            {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "fe80::1",
     "fd00:ec2::254", "::ffff:169.254.169.254", "2002:7f00:1::", "224.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_addresses_that_are_nobodys_business(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/a.png", "https://127.0.0.1/a", "https://[::1]/a", "https://169.254.169.254/latest/meta-data",
     "file:///etc/passwd", "https://user:pw@example.com/", "https:///x", "ftp://example.com/a"],
)  # fmt: skip
def test_a_url_is_refused_before_any_connection(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        asyncio.run(fetch(url, "messages[0].content[1]", resolver=Says("93.184.216.34")))
    assert caught.value.failure.param == "messages[0].content[1]"


def test_a_name_with_one_private_address_is_refused() -> None:
    with pytest.raises(RequestError, match="could not be fetched"):
        asyncio.run(fetch("https://rebind.example/a.png", "p", resolver=Says("93.184.216.34", "10.0.0.1")))


def served(monkeypatch: pytest.MonkeyPatch, handler: Any) -> Any:
    """`fetch` against a loopback server, with the guards against loopback and plain http lifted for the test only."""

    async def run() -> Any:
        app = web.Application()
        app.router.add_get("/{tail:.*}", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        monkeypatch.setattr(module, "_check", lambda _url, _param: None)
        monkeypatch.setattr(module, "public", lambda _address: True)
        try:
            return await fetch(f"http://media.example:{port}/a.png", "p", resolver=Says("127.0.0.1"))
        finally:
            await runner.cleanup()

    return asyncio.run(run())


def test_the_bytes_come_inline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"png", content_type="image/png")

    source = served(monkeypatch, handler)
    assert (source.media_type, source.data) == ("image/png", "cG5n")


def test_too_large_and_not_media(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 10)

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 11, content_type="image/png")

    async def page(_request: web.Request) -> web.Response:
        return web.Response(body=b"<html>", content_type="application/octet-stream")

    with pytest.raises(RequestError, match="larger than"):
        served(monkeypatch, large)
    with pytest.raises(RequestError, match="not media"):
        served(monkeypatch, page)


def test_redirects_are_checked_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def around(request: web.Request) -> web.Response:
        raise web.HTTPFound(str(request.url))

    with pytest.raises(RequestError, match="redirects"):
        served(monkeypatch, around)


def test_a_redirect_to_a_private_literal_is_refused() -> None:
    with pytest.raises(RequestError, match="not a public address"):
        module._check("https://10.0.0.1/x", "p")


def test_the_resolver_refuses_nothing_found() -> None:
    with pytest.raises(OSError, match="public address"):
        asyncio.run(PublicResolver(Says()).resolve("nowhere.example"))
