"""The client face of POST /v1/embeddings. https://platform.openai.com/docs/api-reference/embeddings/create"""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.losses import Losses
from interchange.hub.media import EmbeddingRequest, Embeddings
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.media import Posted
from interchange.wire import codec

from ..embedding_words import read_floats, read_items, read_object, read_usage


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "openai_media"

    def write_request(self, request: EmbeddingRequest, profile: Profile, losses: Losses) -> Posted:
        body: dict[str, Any] = {"model": profile.model, "input": list(request.inputs)}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.user is not None:
            body["user"] = request.user
        return Posted("/embeddings", codec.dumps({**body, **request.extra}))

    def read_response(self, raw: bytes, request: EmbeddingRequest) -> Embeddings:
        body = read_object(raw)
        vectors = tuple(read_floats(item["embedding"]) for item in read_items(body, request))
        return Embeddings(vectors, read_usage(body))

    def read_usage(self, raw: bytes, _request: EmbeddingRequest) -> tuple[Usage | None, int]:
        body = read_object(raw)
        return read_usage(body), len(body["data"])
