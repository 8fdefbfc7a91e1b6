"""Ids that a vendor's answers hand out: they go to the caller signed for the account, and come back to it alone.

A container or a spoken answer lies in the operator's account at the vendor, where every customer's request could open
it. A signed id is the vendor's, a full stop and a code that only this deployment can make for this account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.continuity.seal import Seal
from interchange.hub.failure import invalid
from interchange.hub.held import objects

_HANDED_OUT = re.compile(rb'"(?:id|container|container_id)"\s*:\s*"((?:container|cntr|audio)_[\w-]+)"')
"""Containers of Messages and of Responses, spoken answers of chat."""
_MARKS = (b'"container', b'"audio"')
AUTO = "auto"
"""A container of the request's own."""
PLACES: Mapping[str, frozenset[str]] = {
    "container": frozenset({"", "tools", "tool"}),
    "container_id": frozenset({"input", "annotations", "environment", "content"}),
    "id": frozenset({"container", "audio"}),
}
"""Fields that take such an id -> the fields that their objects stand in."""


def signed(data: bytes, seal: Seal) -> bytes:
    """An answer, or a frame of one, with the ids that it hands out signed. `seal` is the account's."""
    return _HANDED_OUT.sub(lambda found: _with_code(found, seal), data)


def _with_code(found: re.Match[bytes], seal: Seal) -> bytes:
    whole, identity = found.group(0), found.group(1)
    return whole[: -len(identity) - 1] + seal.sign(identity.decode()).encode() + b'"'


def opened(raw: bytes, body: Mapping[str, Any], seal: Seal) -> bytes:
    """A body's bytes with the vendor's own ids. Raises RequestError for an id that was not handed out to the account
    of `seal`."""
    if not any(raw.find(mark) >= 0 for mark in _MARKS):
        return raw
    for path, given in _given(body):
        plain = seal.signed(given)
        if plain is None:
            said = f"{path}: {given[:80]!r} was not handed out to this account"
            raise invalid(said, path, "not_found")
        raw = raw.replace(f'"{given}"'.encode(), f'"{plain}"'.encode())
    return raw


def _given(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, id) of each such field."""
    for holder, path, parent in objects(body):
        for name, places in PLACES.items():
            given = holder.get(name)
            if isinstance(given, str) and parent in places and given != AUTO:
                yield f"{path}.{name}".lstrip("."), given
