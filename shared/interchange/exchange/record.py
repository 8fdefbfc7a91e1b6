"""The record of a call: whose it is, what it may cost, and what it came to.

`Call` fills it; `settle` and `repeats` read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Protocol

from interchange.catalog.models import Model
from interchange.continuity.responses import Stored
from interchange.dataclass import dataclass
from interchange.hub.failure import Failure
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.identity.keys import Principal
from interchange.metering.rows import Round, Try
from interchange.upstream.call import Outgoing

from .attempt import Attempt
from .confidential import secrets_of
from .ending import Ending, Plain
from .hold import Admission
from .labels import Labels
from .lane import Caller

PATHS_KEPT = 8_000
"""Characters of lost fields' paths that are stored: an item holds 400 KB, and a row that does not fit is no charge."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`word` is "ok", "client_gone", "truncated" (charged for what was produced) or "upstream_error" (not charged).
    `failure` is the provider's, `told` the same as the caller reads it; `raw` is the provider's error body where it may
    be shown as it is."""

    word: str
    failure: Failure | None = None
    told: Failure | None = None
    whole: bytes | None = None
    raw: bytes | None = None
    content_type: str = "application/json"


class Keeper(Protocol):
    @property
    def whole(self) -> bool:
        """True for one that wants all of a stream; else its last event says enough."""

    def stored(self, final: bytes, stream: bool) -> Stored | None: ...


@dataclass(slots=True)
class Record:
    """`started_ms` is when the request came in; `estimate` counts its input in tokens, which may take a while, for when
    the vendor does not.
    `attempt` is the route tried last. `produced` counts characters of output; `states` are the reasoning states to be
    kept for the account, by id. `cut`: the stream broke off where no event could say so."""

    caller: Caller
    principal: Principal
    model: Model
    admission: Admission
    attempt: Attempt
    started_ms: int
    estimate: Callable[[], int]
    stream_type: str = "text/event-stream; charset=utf-8"
    labels: Labels = Labels()
    ending: Ending = field(default_factory=Plain)
    tries: list[Try] = field(default_factory=list)
    produced: int = 0
    things: tuple[str, ...] = ()
    sound: int = 0
    """Deliveries that are no characters, and base64 of sound, of the call that runs."""
    first_byte_ms: int | None = None
    upstream_request_id: str | None = None
    usage: Usage | None = None
    states: Mapping[str, bytes] = field(default_factory=dict)
    cut: bool = False
    shown: tuple[Outgoing, Mapping[str, str]] | None = None
    """What the last try showed to its vendor, and its headers that the operator chose."""
    keeper: Keeper | None = None
    """Where the answer is to be kept for its caller."""
    final: bytes = b""
    """The last bytes of the answer, or all of them, where it is to be kept."""
    rounds: list[Round] = field(default_factory=list)
    """Calls of the vendor that have ended, where a request takes several; `usage` and `produced` are of the one that
    runs."""

    @property
    def request_id(self) -> str:
        return self.caller.envelope.request_id

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything of the operator's that the last try showed to its vendor."""
        return () if self.shown is None else secrets_of(*self.shown)

    @property
    def losses(self) -> Losses:
        return self.attempt.lane.losses


def stored_paths(losses: Losses) -> tuple[str, ...]:
    """The paths of what was dropped, as far as they are to be stored; then how many there are."""
    kept: list[str] = []
    room = PATHS_KEPT
    for loss in losses.items:
        room -= len(loss.path) + 1
        if room < 0:
            return (*kept, f"({len(losses.items)} in all)")
        kept.append(loss.path)
    return tuple(kept)
