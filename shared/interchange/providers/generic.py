"""A provider given as data: a known wire format at another address, with a dialect of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.faces import Client
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.gemini_media.client import find as find_gemini
from interchange.protocols.media import FindMedia, no_media
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.dialect import read_dialect
from interchange.protocols.openai_media.client import find
from interchange.protocols.openai_responses.client import Client as Responses

from . import Provider, fixed, read_keys, spread


def _plain(make: Callable[[], Client]) -> Callable[[Mapping[str, Any]], Client]:
    """Maker of clients for a protocol without dialects."""

    def read(dialect: Mapping[str, Any]) -> Client:
        for name in dialect:
            raise ValueError(f"dialect.{name}: this protocol has no dialects")
        return make()

    return read


PROTOCOLS: Mapping[str, Callable[[Mapping[str, Any]], Client]] = {
    "openai_chat": lambda dialect: Chat(read_dialect(dialect)),
    "openai_responses": _plain(Responses),
    "anthropic_messages": _plain(Messages),
    "gemini": _plain(Gemini),
}
MEDIA: Mapping[str, FindMedia] = {"openai_chat": find, "gemini": find_gemini}
"""A wire format's other families."""
REQUIRED_HEADERS: Mapping[str, Mapping[str, str]] = {"anthropic_messages": {"anthropic-version": "2023-06-01"}}


def generic(
    name: str,
    base_url: str,
    protocol: str,
    dialect: Mapping[str, Any],
    key: str | None = None,
    key_header: str = "authorization",
    headers: Mapping[str, str] | None = None,
    fetches: frozenset[str] = frozenset({"image"}),
    owner: str = "",
) -> Provider:
    """Raises ValueError naming what is wrong: `protocol: ...` or `dialect.NAME: ...`."""
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol: {protocol!r} is unknown; known are {', '.join(PROTOCOLS)}")
    return spread(
        [
            _keyed(name, base_url, protocol, dialect, one, key_header, headers, fetches, owner)
            for one in read_keys(key or "")
        ]
    )


def _keyed(
    name: str,
    base_url: str,
    protocol: str,
    dialect: Mapping[str, Any],
    key: str,
    key_header: str,
    headers: Mapping[str, str] | None,
    fetches: frozenset[str],
    owner: str,
) -> Provider:
    value = f"Bearer {key}" if key_header == "authorization" else key
    return Provider(
        name=name,
        base_url=base_url,
        clients={protocol: PROTOCOLS[protocol](dialect)},
        authorize=fixed({key_header: value} if key else {}),
        headers={**REQUIRED_HEADERS.get(protocol, {}), **(headers or {})},
        fetches=fetches,
        owner=owner,
        media=MEDIA.get(protocol, no_media),
    )
