"""POST /v1/embeddings, POST /v1/moderations"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media import embeddings as families
from interchange.exchange.media.family import serve_media
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.embeddings import Server as EmbeddingServer
from interchange.protocols.openai_media.server.moderations import Server as ModerationServer

services = wiring.services()
speaker = ErrorWriter(services.seal)
vectors = families.embeddings(EmbeddingServer(), speaker)
verdicts = families.moderations(ModerationServer(), speaker)


async def embed(inbound: Inbound) -> Answer:
    return await serve_media(services, vectors, inbound)


async def moderate(inbound: Inbound) -> Answer:
    return await serve_media(services, verdicts, inbound)


app, handler = family(
    "embeddings",
    [Endpoint("POST", "/v1/embeddings", embed), Endpoint("POST", "/v1/moderations", moderate)],
    speaker,
    services,
)
