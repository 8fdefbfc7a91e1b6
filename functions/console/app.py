"""GET /console/"""

from pathlib import Path

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.console import Console
from interchange.protocols.openai_chat.server import Server

services = wiring.services(calls=False)
console = Console(services, Server(services.seal), Path(__file__).resolve().parent / "static")

app, handler = family(
    "console",
    [
        Endpoint("GET", "/console", console.enter),
        Endpoint("GET", "/console/{file:path}", console.page),
    ],
    console.server,
    services,
    any_origin=False,
)
