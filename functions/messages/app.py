"""POST /v1/messages, POST /v1/messages/count_tokens"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.conversation.ask import Face, serve
from interchange.exchange.conversation.count_tokens import count_tokens
from interchange.exchange.http import Answer, Inbound
from interchange.hub.uploaded import LARGER
from interchange.protocols.anthropic_messages.carry import PassThrough
from interchange.protocols.anthropic_messages.server import Server

services = wiring.services()
server = Server(services.seal)
face = Face(server, PassThrough(), threads=lambda identity: PassThrough(identity=identity))


async def messages(inbound: Inbound) -> Answer:
    return await serve(services, face, inbound)


async def count(inbound: Inbound) -> Answer:
    return await count_tokens(services, server, inbound)


app, handler = family(
    "messages",
    [Endpoint("POST", "/v1/messages", messages, LARGER), Endpoint("POST", "/v1/messages/count_tokens", count)],
    face.server,
    services,
)
