"""POST /v1/responses; GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.conversation.ask import Face, serve
from interchange.exchange.conversation.stored import Shelf
from interchange.exchange.http import Answer, Inbound
from interchange.hub.uploaded import LARGER
from interchange.protocols.openai_responses.carry import PassThrough
from interchange.protocols.openai_responses.server import Server

services = wiring.services()
face = Face(Server(services.seal), PassThrough(), stores=True)
shelf = Shelf(services, face.server)


async def responses(inbound: Inbound) -> Answer:
    return await serve(services, face, inbound)


app, handler = family(
    "responses",
    [
        Endpoint("POST", "/v1/responses", responses, LARGER),
        Endpoint("GET", "/v1/responses/{response}/input_items", shelf.items),
        Endpoint("GET", "/v1/responses/{response}", shelf.read),
        Endpoint("DELETE", "/v1/responses/{response}", shelf.delete),
    ],
    face.server,
    services,
)
