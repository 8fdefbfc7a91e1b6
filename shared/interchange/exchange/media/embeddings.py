"""Embeddings and moderations: upper bound and charged usage."""

from __future__ import annotations

from interchange.catalog.models import Model
from interchange.estimate.tokens import count_tokens, utf8_size
from interchange.exchange.lane import ErrorWriter
from interchange.hub.media import EmbeddingRequest, ModerationRequest
from interchange.hub.usage import Usage
from interchange.metering.bounds import Extent
from interchange.protocols.media import MediaServer

from .family import Check, Family


def embeddings(face: MediaServer, speaker: ErrorWriter) -> Family:
    return Family("embeddings", "embedding", face, speaker, _measure, _used)


def moderations(face: MediaServer, speaker: ErrorWriter, check: Check | None = None) -> Family:
    """Free of charge at its vendor: the price is zero, and so is the hold. The SDK's calls need not name a model."""
    return Family("moderations", "moderation", face, speaker, _nothing, _unused, chooses=True, check=check)


def _measure(request: EmbeddingRequest, model: Model) -> Extent:
    """Every byte of a text could be a token, and no text holds fewer than one."""
    tokens = sum(utf8_size(given) + 2 if isinstance(given, str) else len(given) for given in request.inputs)
    return Extent(input_tokens=tokens)


def _used(request: EmbeddingRequest, reported: Usage | None, _items: int) -> Usage:
    if reported is not None and reported.total_input:
        return reported
    return Usage(input=sum(count_tokens(given) if isinstance(given, str) else len(given) for given in request.inputs))


def _nothing(_request: ModerationRequest, _model: Model) -> Extent:
    return Extent()


def _unused(_request: ModerationRequest, _reported: Usage | None, _items: int) -> Usage:
    return Usage()
