"""POST /v1/responses"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.conversation.ask import Face, serve
from interchange.exchange.http import Answer, Inbound
from interchange.protocols.openai_responses.carry import PassThrough
from interchange.protocols.openai_responses.server import Server

services = wiring.services()
face = Face(Server(services.seal), PassThrough())


async def responses(inbound: Inbound) -> Answer:
    return await serve(services, face, inbound)


app, handler = family("responses", [Endpoint("POST", "/v1/responses", responses)], face.server, services)
