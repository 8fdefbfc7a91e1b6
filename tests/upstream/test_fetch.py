"""The media fetcher opens outwards only."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from interchange.hub.failure import RequestError
from interchange.upstream import fetch as module
from interchange.upstream import public as rules
from interchange.upstream.budget import Budget
from interchange.upstream.fetch import fetch
from interchange.upstream.public import Forbidden, PublicResolver, Sockets, public, read_reach, refused


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
     "fd00:ec2::254", "::ffff:169.254.169.254", "2002:7f00:1::",
     "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::808:808", "2002:808:808::", "2001:0:808:808::1",
     "2606:2800:0:0:0:5efe:808:808", "2606:2800::200:5efe:808:808", "fec0::1", "fc00::1", "ff02::1", "2001:db8::1",
     "192.0.0.8", "192.88.99.1", "240.0.0.1", "198.18.0.1", "fe80::1%eth0", "224.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_addresses_that_are_nobodys_business(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses(address: str) -> None:
    assert public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/a.png", "https://127.0.0.1/a", "https://[::1]/a", "https://169.254.169.254/latest/meta-data",
     "https://127\u30020\u30020\u30021/a", "https://\u2460\u2461\u2466.0.0.1/a", "https://127.0.0.1:8443/a",
     "https://\uff11\uff12\uff17.0.0.1/a", "https://[::ffff:127.0.0.1]/a", "https://[64:ff9b::7f00:1]/a",
     "https://\u2460\u2465\u2468.\u2461\u2464\u2463.\u2460\u2465\u2468.\u2461\u2464\u2463/latest", "https://[::1", "",
     "file:///etc/passwd", "https://user:pw@example.com/", "https:///x", "ftp://example.com/a"],
)  # fmt: skip
def test_a_url_is_refused_before_any_connection(url: str) -> None:
    with pytest.raises(RequestError) as caught:
        asyncio.run(fetch(url, "messages[0].content[1]", Budget(), resolver=Says("93.184.216.34")))
    assert caught.value.failure.param == "messages[0].content[1]"


def test_a_name_with_one_private_address_is_refused() -> None:
    with pytest.raises(RequestError, match="could not be fetched"):
        asyncio.run(fetch("https://rebind.example/a.png", "p", Budget(), resolver=Says("93.184.216.34", "10.0.0.1")))


def served(monkeypatch: pytest.MonkeyPatch, handler: Any, budget: Budget | None = None) -> Any:
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
        monkeypatch.setattr(rules, "public", lambda _address: True)
        url = f"http://media.example:{port}/a.png"
        try:
            return await fetch(url, "p", budget or Budget(), resolver=Says("127.0.0.1"))
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
        module._check(URL("https://10.0.0.1/x"), "p")


def test_the_resolver_refuses_nothing_found() -> None:
    with pytest.raises(OSError, match="public address"):
        asyncio.run(PublicResolver(Says()).resolve("nowhere.example"))


@pytest.mark.parametrize("host", ["0x7f.1", "2130706433", "127.1", "0177.0.0.1", "localhost", "127.0.0.1."])
def test_a_name_that_the_system_reads_as_loopback_is_refused(host: str) -> None:
    with pytest.raises(RequestError, match=r"could not be fetched|not a public"):
        asyncio.run(fetch(f"https://{host}/a.png", "p", Budget()))


def test_no_socket_is_made_for_a_private_address() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    with pytest.raises(Forbidden):
        Sockets()(info)


def test_a_connection_that_stands_to_another_address_is_refused() -> None:
    """Whatever lies between, a proxy or a rewritten route."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        sockets = Sockets()
        one = sockets((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443)))
        sockets.check_peers()
        with one:
            one.connect(server.getsockname())
            with pytest.raises(Forbidden):
                sockets.check_peers()


def test_a_redirect_is_judged_as_the_first_url_is(monkeypatch: pytest.MonkeyPatch) -> None:
    check = module._check

    async def away(_request: web.Request) -> web.Response:
        monkeypatch.setattr(module, "_check", check)
        raise web.HTTPFound("http://127\u30020\u30020\u30021/x")

    with pytest.raises(RequestError, match="only https"):
        served(monkeypatch, away)


def test_a_redirect_is_read_as_the_client_reads_it() -> None:
    location = URL("https://media.example/a").join(URL("//127\u30020\u30020\u30021/x"))
    with pytest.raises(RequestError, match=r"127\.0\.0\.1 is not a public address"):
        module._check(location, "p")


def test_a_requests_downloads_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 60, content_type="image/png")

    budget = Budget(left=100)
    served(monkeypatch, handler, budget)
    with pytest.raises(RequestError, match="too large together"):
        served(monkeypatch, handler, budget)


def test_the_operator_may_name_addresses_that_are_not_public() -> None:
    reach = read_reach("127.0.0.1, 10.20.0.0/16")
    assert refused(URL("http://127.0.0.1:9/mcp"), reach) is None
    assert refused(URL("https://10.20.3.4/mcp"), reach) is None
    assert refused(URL("https://10.21.3.4/mcp"), reach) is not None
    assert refused(URL("http://93.184.216.34/mcp"), reach) is not None
    assert refused(URL("http://127.0.0.1:9/mcp")) is not None
    with pytest.raises(ValueError, match="nonsense"):
        read_reach("nonsense")
