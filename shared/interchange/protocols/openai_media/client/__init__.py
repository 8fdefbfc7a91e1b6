"""The client faces, each imported when a family first asks for it."""

from __future__ import annotations

from importlib import import_module

from interchange.protocols.media import MediaClient

FAMILIES = frozenset({"embeddings", "images", "moderations", "speech", "transcriptions"})


def find(family: str) -> MediaClient | None:
    """The face of a family; each is a module of this package with a class `Client`."""
    if family not in FAMILIES:
        return None
    face: MediaClient = import_module(f"{__package__}.{family}").Client()
    return face


def find_json(family: str) -> MediaClient | None:
    """The faces of a vendor that has pictures alone, and takes edits as JSON."""
    if family != "images":
        return None
    from .images import Client

    return Client(json=True)
