"""Endpoints on this machine for the operator, a payment provider and an upload."""

from __future__ import annotations

import importlib
import os
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from interchange import wiring
from interchange.exchange.uploads_folder import Folder
from interchange.operator.books import open_books, user_here
from interchange.operator.payment_settings import SIGNED_SECRET, STRIPE_SECRET

from .laptop import LOOPBACK


def admin_api() -> ASGIApp:
    """The admin API for whoever sits at this machine: there is no IAM here."""
    from fastapi import HTTPException

    from interchange.operator.api import admin

    def authorise(request: Request) -> str:
        if not from_this_machine(request):
            raise HTTPException(403, "this API answers callers on this machine only, at its loopback address")
        return user_here()

    return admin(open_books(wiring.settings()), authorise)


def from_this_machine(request: Request) -> bool:
    """No page of the internet that a browser here shows, and no caller behind a proxy: both come by loopback, too."""
    headers = request.headers
    origin = headers.get("origin")
    return (
        request.client is not None
        and request.client.host in LOOPBACK
        and (urlsplit(f"//{headers.get('host', '')}").hostname or "") in LOOPBACK
        and (origin is None or (urlsplit(origin).hostname or "") in LOOPBACK)
        and "x-forwarded-for" not in headers
        and "forwarded" not in headers
    )


def payments() -> ASGIApp:
    if any(os.environ.get(name, "").strip() for name in (STRIPE_SECRET, SIGNED_SECRET)):
        app: ASGIApp = importlib.import_module("functions.webhooks.app").app
        return app

    async def refuse(_request: Request) -> Response:
        return JSONResponse({"error": f"{STRIPE_SECRET}: not set; it holds the webhook endpoint's signing secret"}, 404)

    return Starlette(routes=[Route("/webhooks/{rest:path}", refuse, methods=["POST"])])


def upload_folder() -> ASGIApp:
    store = wiring.uploads(wiring.settings())

    async def put(request: Request) -> Response:
        if not isinstance(store, Folder):
            return JSONResponse({"error": "uploads go to a bucket here"}, 404)
        try:
            file = store.open(request.url.path.removeprefix("/uploads/"), request.query_params, request.headers)
        except PermissionError as error:
            return JSONResponse({"error": str(error)}, 403)
        async for piece in request.stream():
            file.write(piece)
        if not file.finish():
            return JSONResponse({"error": "the length is not the signed one"}, 400)
        return Response(status_code=200)

    return Starlette(routes=[Route("/uploads/{key:path}", put, methods=["PUT"])])
