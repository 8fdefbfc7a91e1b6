"""Tells faces by what more they can do than all of their kind."""

from __future__ import annotations

from typing import TypeGuard

from interchange.protocols.faces import BetaClient, Ordering

_KNOWN: dict[tuple[type, type], bool] = {}


def _has(one: object, face: type) -> bool:
    """`isinstance`, found out once for each class: of a protocol it takes as long as reading a message."""
    kinds = (type(one), face)
    if kinds not in _KNOWN:
        _KNOWN[kinds] = isinstance(one, face)
    return _KNOWN[kinds]


def has_order(one: object) -> TypeGuard[Ordering]:
    return _has(one, Ordering)


def has_betas(one: object) -> TypeGuard[BetaClient]:
    return _has(one, BetaClient)
