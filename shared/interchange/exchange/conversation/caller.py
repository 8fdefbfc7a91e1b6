"""The caller of a conversation, as both ways through see it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub.request import Request
from interchange.protocols.faces import Envelope, PassThrough, Server

from .issuers import Provenance
from .takers import Taker


@dataclass(frozen=True, slots=True)
class ConversationCaller:
    """The caller's side of a conversation, read once."""

    server: Server
    passthrough: PassThrough
    envelope: Envelope
    raw: bytes
    body: dict[str, Any]
    request: Request
    stream: bool
    asked_usage: bool
    seal: Seal
    """The account's."""
    auto_cache: bool = False
    provenance: Provenance = Provenance()
    """Whose the states of the history are that name nobody themselves."""
    shared: AbstractSet[str] = frozenset()
    """Protocols of several vendors, whose states need their owner kept where they travel in their own form."""

    left_out: tuple[str, ...] = ()
    """Paths of the vendor-run tools that the balance did not carry."""
    takers: tuple[Taker, ...] = ()
    """The models that take over where the one that was asked for declines."""
    shown_names: Mapping[str, str] = field(default_factory=dict)
    """The caller's names of these models, by their vendors'."""

    @property
    def family(self) -> str:
        return self.server.protocol

    @property
    def choices(self) -> int:
        """The number of answers that were asked for."""
        return max(1, self.request.n or 1)
