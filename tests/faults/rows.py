"""A fault and what is to become of it. `stream` and `whole` are the ends of a request on one route: "served" (an
answer), "refused" (an error status, free), "cut" (an answer that breaks off with the failure's event). `final` faults
are the caller's: a second route is not asked."""

from __future__ import annotations

from dataclasses import dataclass

from .bytes import Fault


@dataclass(frozen=True)
class Row:
    name: str
    make: Fault
    stream: str
    whole: str
    final: bool = False


def row(name: str, make: Fault, end: str, whole_: str | None = None, *, final: bool = False) -> Row:
    return Row(name, make, end, whole_ or end, final)
