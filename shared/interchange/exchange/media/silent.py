"""Writer for raw audio streams, which cannot carry an error event or a heartbeat.

A stream that breaks must break off (see `inbound.StreamCut`)."""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.exchange.lane import ErrorWriter
from interchange.hub.failure import Failure
from interchange.hub.rates import Rates


@dataclass(frozen=True, slots=True)
class SilentWriter:
    """Errors before the first byte are `speaker`'s."""

    speaker: ErrorWriter

    @property
    def protocol(self) -> str:
        return self.speaker.protocol

    def write_failure(self, failure: Failure) -> tuple[int, dict[str, Any]]:
        return self.speaker.write_failure(failure)

    def write_stream_failure(self, _failure: Failure) -> bytes:
        return b""

    def follow(self, ending: bytes, _sent: bytes) -> bytes:
        return ending

    def write_rates(self, rates: Rates) -> dict[str, str]:
        return self.speaker.write_rates(rates)

    def heartbeat(self) -> bytes:
        return b""
