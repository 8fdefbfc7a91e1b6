"""POST /v1/embeddings, POST /v1/moderations"""

from interchange import wiring
from interchange.api.application import json_family
from interchange.api.vectors import PATHS, vectors, verdicts
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.embeddings import Server as EmbeddingServer
from interchange.protocols.openai_media.server.moderations import Server as ModerationServer

services = wiring.services()
speaker = ErrorWriter(services.seal)
routers = [vectors(services, EmbeddingServer(), speaker), verdicts(services, ModerationServer(), speaker)]

app, handler = json_family("embeddings", routers, PATHS, speaker, services)
