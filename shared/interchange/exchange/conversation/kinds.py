"""Tells faces by what more they can do than all of their kind."""

from __future__ import annotations

from typing import TypeGuard

from interchange.protocols.faces import BetaClient, Ordering, Pairing, Storing, StreamRefusing, TextSigningClient

_KNOWN: dict[tuple[type, type], bool] = {}


def _has(one: object, face: type) -> bool:
    """`isinstance`, found out once for each class: of a protocol it takes as long as reading a message."""
    kinds = (type(one), face)
    if kinds not in _KNOWN:
        _KNOWN[kinds] = isinstance(one, face)
    return _KNOWN[kinds]


def has_order(one: object) -> TypeGuard[Ordering]:
    return _has(one, Ordering)


def has_pairs(one: object) -> TypeGuard[Pairing]:
    return _has(one, Pairing)


def has_betas(one: object) -> TypeGuard[BetaClient]:
    return _has(one, BetaClient)


def has_refusals_in_stream(one: object) -> TypeGuard[StreamRefusing]:
    return _has(one, StreamRefusing)


def has_stored_answers(one: object) -> TypeGuard[Storing]:
    return _has(one, Storing)


def has_signed_texts(one: object) -> TypeGuard[TextSigningClient]:
    return _has(one, TextSigningClient)
