"""POST /v1/embeddings and /v1/moderations: bodies and answers are carried to and from the vendor."""

# Annotations are read as they stand: FastAPI looks for the names in them.
from fastapi import APIRouter, Request, Response

from interchange.edge.app import send_answer
from interchange.exchange.lane import ErrorWriter
from interchange.exchange.media import embeddings as families
from interchange.exchange.media.family import serve_media
from interchange.exchange.services import Services
from interchange.protocols.media import MediaServer

from .application import Asked
from .described import checked, described
from .shapes import EmbeddingRequest, Embeddings, Moderation, ModerationRequest

PATHS = ("/v1/embeddings", "/v1/moderations")
HEADERS = ("tags", "idempotency")


def vectors(services: Services, face: MediaServer, speaker: ErrorWriter) -> APIRouter:
    router, family = APIRouter(tags=["embeddings"]), families.embeddings(face, speaker)

    @router.post("/v1/embeddings/", include_in_schema=False)
    @router.post(
        "/v1/embeddings",
        operation_id="createEmbedding",
        summary="Vectors of texts",
        responses={200: {"model": Embeddings, "description": "One vector for each text."}},
        openapi_extra=described(*HEADERS, body=EmbeddingRequest),
    )
    async def embed(asked: Asked, request: Request) -> Response:
        """Takes a text, texts, or lists of tokens."""
        return send_answer(await serve_media(services, family, asked), request)

    return router


def verdicts(services: Services, face: MediaServer, speaker: ErrorWriter) -> APIRouter:
    router = APIRouter(tags=["embeddings"])
    family = families.moderations(face, speaker, checked(ModerationRequest))

    @router.post("/v1/moderations/", include_in_schema=False)
    @router.post(
        "/v1/moderations",
        operation_id="createModeration",
        summary="Judge texts and images",
        responses={200: {"model": Moderation, "description": "One judgement for each input."}},
        openapi_extra=described(*HEADERS, body=ModerationRequest),
    )
    async def moderate(asked: Asked, request: Request) -> Response:
        """Free of charge where its vendor takes nothing for it."""
        return send_answer(await serve_media(services, family, asked), request)

    return router
