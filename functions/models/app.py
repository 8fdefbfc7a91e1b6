"""GET /v1/models, GET /v1/models/{id}; and what to ask instead of a path that nobody serves"""

from interchange import wiring
from interchange.api.application import json_family
from interchange.api.listing import PATHS, listing
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.server import Server as ChatServer

KEPT_S = 60
"""How long a list without a key may be kept: so long a new price may be unknown."""
services = wiring.services(calls=False)
plain, paged = ChatServer(services.seal), MessagesServer(services.seal)

app, handler = json_family("models", [listing(services)], PATHS, plain, services, by_version=paged, kept_s=KEPT_S)
