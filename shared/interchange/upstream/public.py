"""Addresses that a caller may have us connect to, and the one way that leads to no others.

A name is judged three times: as the HTTP client itself reads it out of the URL (which makes `127。0。0。1` and
`①②⑦.0.0.1` the same host), by the addresses that it resolves to, and by the address of each socket, before and after
it connects.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import field
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from interchange.dataclass import dataclass

_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
"""What the internet's IPv6 hosts have. NAT64 (64:ff9b::/96), IPv4-mapped and -compatible (::/96), site-local
(fec0::/10) and unique local addresses lie outside. https://www.iana.org/assignments/ipv6-address-space"""
_REFUSED_6 = tuple(ipaddress.IPv6Network(net) for net in ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20"))
"""Within it: Teredo and other protocols' own, 6to4, documentation. The first two carry an IPv4 address."""
_REFUSED_4 = tuple(ipaddress.IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24"))
"""IETF protocol assignments, and the relays of 6to4."""
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The third quarter of an address that holds an IPv4 address in its last one: RFC 5214."""


class Forbidden(OSError):
    """A name that leads to an address which is nobody's business outside."""


def public(address: str) -> bool:
    """True for an address of the open internet; False for every form of IPv6 that stands for an IPv4 address. Raises
    ValueError for what is no address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _REFUSED_4)
    inside = (int(ip) >> 32) & 0xFFFF_FFFF
    return ip in _UNICAST_6 and inside not in _ISATAP and not any(ip in net for net in _REFUSED_6)


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses that a request may go to. `named` are the addresses and networks beyond the public ones that the
    operator's setting allows; plain http goes to those alone."""

    named: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def allows(self, address: str) -> bool:
        return public(address) or self.names(address)

    def names(self, address: str) -> bool:
        if not self.named:
            return False
        ip = ipaddress.ip_address(address.partition("%")[0])
        return any(ip in net for net in self.named if net.version == ip.version)


INTERNET = Reach()


def read_reach(text: str) -> Reach:
    """Comma-separated addresses and networks ("127.0.0.1, 10.20.0.0/16"). Raises ValueError for what is neither."""
    return Reach(tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip()))


def refused(url: URL, reach: Reach = INTERNET) -> str | None:
    """Why this URL is not asked, as far as it shows by itself; None where its addresses decide. A literal address never
    reaches a resolver."""
    host = url.raw_host or ""
    plain = url.scheme == "http" and bool(reach.named)
    if not host or url.raw_user is not None or url.raw_password is not None or (url.scheme != "https" and not plain):
        return "only https URLs without credentials are fetched"
    try:
        allowed = reach.names(host) if plain else reach.allows(host)
    except ValueError:
        return None
    return None if allowed else f"{host} is not a public address"


class PublicResolver(AbstractResolver):
    """Resolves to allowed addresses only. aiohttp connects to what this returns and to nothing else."""

    def __init__(self, inner: AbstractResolver | None = None, reach: Reach = INTERNET) -> None:
        self._inner = inner or aiohttp.ThreadedResolver()
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(self._reach.allows(entry["host"]) for entry in found):
            raise Forbidden(f"{host} does not lead to a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


@dataclass(slots=True)
class Sockets:
    """Makes the sockets of one client, for allowed addresses alone. `plain`: for those alone that the setting names."""

    reach: Reach = INTERNET
    plain: bool = False
    made: list[socket.socket] = field(default_factory=list)

    def __call__(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        self._judge(str(address[0]))
        one = socket.socket(family=family, type=kind, proto=protocol)
        self.made = [*(known for known in self.made if known.fileno() >= 0), one]
        return one

    def check_peers(self) -> None:
        """Raises Forbidden where a connection stands to another address than was asked for."""
        for address in _peers(self.made):
            self._judge(address)

    def _judge(self, address: str) -> None:
        if not (self.reach.names(address) if self.plain else self.reach.allows(address)):
            raise Forbidden(f"{address} is not a public address")


def _peers(sockets: Iterable[socket.socket]) -> list[str]:
    found = []
    for one in sockets:
        try:
            found.append(str(one.getpeername()[0]))
        except OSError:
            continue  # closed, or not connected
    return found


def connector(sockets: Sockets, resolver: AbstractResolver | None, tls: Any) -> aiohttp.TCPConnector:
    """The connections of one client, by these rules."""
    guarded = PublicResolver(resolver, sockets.reach)
    return aiohttp.TCPConnector(resolver=guarded, ssl=tls, use_dns_cache=False, socket_factory=sockets)
