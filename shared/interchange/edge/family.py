"""A family in one call: its application, and the handler that Lambda names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from mangum import Mangum

from interchange.exchange.inbound import Answer
from interchange.exchange.serve import base_headers, refuse
from interchange.exchange.services import Services
from interchange.hub.failure import Failure
from interchange.protocols import Server

from .app import Endpoint, create_app

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def family(title: str, endpoints: Sequence[Endpoint], server: Server, services: Services) -> tuple[FastAPI, Handler]:
    """(`app`, `handler`). Errors that the application makes itself are written by `server`."""

    def refused(failure: Failure) -> Answer:
        return refuse(server, failure, base_headers(services.new_id()))

    app = create_app(title, endpoints, refused)
    handler: Handler = Mangum(app, lifespan="off")
    return app, handler
