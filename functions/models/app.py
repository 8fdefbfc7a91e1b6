"""GET /v1/models, GET /v1/models/{id}; and what to ask instead of a path that nobody serves"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.models import Listing
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer

services = wiring.services(calls=False)
listing = Listing(services, ChatServer(services.seal), MessagesServer(services.seal))

app, handler = family(
    "models",
    [Endpoint("GET", "/v1/models", listing.index), Endpoint("GET", "/v1/models/{model:path}", listing.show)],
    listing.plain,
    services,
    by_version=listing.paged,
)
