"""The end of an answer, which leaves after its charge is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from interchange.dataclass import dataclass


class Ending(Protocol):
    """The parts of an answer that wait for the settlement beside its terminal bytes."""

    def passed(self, pieces: list[bytes]) -> list[bytes]:
        """Those of a stream's next pieces that may leave now; the rest is kept."""

    def last(self, terminal: bytes, charge_nano: int | None) -> bytes:
        """The kept bytes, then the terminal ones. None is a charge that is not known yet."""

    def whole(self, body: bytes, charge_nano: int | None) -> bytes: ...


class Plain:
    """Nothing waits: bytes are as they came."""

    def passed(self, pieces: list[bytes]) -> list[bytes]:
        return pieces

    def last(self, terminal: bytes, charge_nano: int | None) -> bytes:
        return terminal

    def whole(self, body: bytes, charge_nano: int | None) -> bytes:
        return body


@dataclass(slots=True)
class Priced:
    """Keeps a stream back from its last usage on, to put the charge there. `has_usage` recognises that piece; `put`
    writes a charge in nano-dollars into the bytes of a stream's end, `put_whole` into a whole answer."""

    has_usage: Callable[[bytes], bool]
    put: Callable[[bytes, int], bytes]
    put_whole: Callable[[bytes, int], bytes]
    kept: list[bytes] = field(default_factory=list)

    def passed(self, pieces: list[bytes]) -> list[bytes]:
        free: list[bytes] = []
        for piece in pieces:
            waits = self.kept or self.has_usage(piece)
            (self.kept if waits else free).append(piece)
        return free

    def last(self, terminal: bytes, charge_nano: int | None) -> bytes:
        data = b"".join([*self.kept, terminal])
        return data if charge_nano is None else self.put(data, charge_nano)

    def whole(self, body: bytes, charge_nano: int | None) -> bytes:
        return body if charge_nano is None else self.put_whole(body, charge_nano)
