"""The client faces, each imported when a family first asks for it."""

from __future__ import annotations

from importlib import import_module

from interchange.protocols.media import MediaClient

FAMILIES = frozenset({"embeddings", "images", "speech", "transcriptions"})


def find(family: str) -> MediaClient | None:
    """The face of a family; each is a module of this package with a class `Client`."""
    if family not in FAMILIES:
        return None
    face: MediaClient = import_module(f"{__package__}.{family}").Client()
    return face
