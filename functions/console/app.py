"""GET /, /console/, /docs/, /llms.txt, /openapi.json"""

from pathlib import Path

from starlette.applications import Starlette

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.base_path import AsText, EndsWithSlash
from interchange.edge.buffered import Handler
from interchange.edge.family import family
from interchange.exchange.console import Console
from interchange.protocols.openai_chat.server import Server

HERE = Path(__file__).resolve().parent
FILES = ("llms.txt", "llms-full.txt", "openapi.json", "openapi-admin.json")
"""Those at the root that are made when a deployment is built."""


def made(built: Path) -> tuple[Starlette, Handler]:
    """`built` is the folder of `python -m scripts.pages`."""
    services = wiring.services(calls=False)
    console = Console(services, Server(services.seal), HERE / "static", built)
    endpoints = [
        Endpoint("GET", "/", console.home),
        Endpoint("GET", "/console", console.enter),
        Endpoint("GET", "/console/{file:path}", console.page),
        Endpoint("GET", "/docs", console.start),
        Endpoint("GET", "/docs/{page:path}", console.guide),
        *(Endpoint("GET", f"/{name}", console.text) for name in FILES),
    ]
    served, handler = family("console", endpoints, console.server, services, any_origin=False)
    served.add_middleware(EndsWithSlash)
    served.add_middleware(AsText)
    return served, handler


app, handler = made(HERE / "pages")
