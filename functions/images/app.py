"""POST /v1/images/generations, POST /v1/images/edits"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.images import images
from interchange.hub.uploaded import LARGER
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.images import Server

services = wiring.services()
speaker = ErrorWriter(services.seal)
made = images(Server(), speaker)
edited = images(Server(edit=True), speaker)


async def generate(inbound: Inbound) -> Answer:
    return await serve_media(services, made, inbound)


async def edit(inbound: Inbound) -> Answer:
    return await serve_media(services, edited, inbound)


app, handler = family(
    "images",
    [Endpoint("POST", "/v1/images/generations", generate), Endpoint("POST", "/v1/images/edits", edit, LARGER)],
    speaker,
    services,
)
