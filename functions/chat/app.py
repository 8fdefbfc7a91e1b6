"""POST /v1/chat/completions"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.conversation.ask import Face, serve
from interchange.exchange.http import Answer, Inbound
from interchange.hub.uploaded import LARGER
from interchange.protocols.openai_chat.carry import PassThrough
from interchange.protocols.openai_chat.server import Server

services = wiring.services()
face = Face(Server(services.seal), PassThrough())


async def completions(inbound: Inbound) -> Answer:
    return await serve(services, face, inbound)


app, handler = family("chat", [Endpoint("POST", "/v1/chat/completions", completions, LARGER)], face.server, services)
