"""The payments' API: what payment providers send, authenticated by their signature."""

# Annotations are read as they stand: FastAPI looks for the names in them.
import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from . import api_refusals
from .payment_events import EVENT
from .webhook import Webhook

MAX_BODY_BYTES = 1024 * 1024
SCHEMAS = "#/components/schemas/{model}"
SIGNED = "t=<unix seconds>,v1=<hex of HMAC-SHA256 of `<t>.<body>`>; good for five minutes"
Signature = Annotated[str, Header(description=SIGNED)]


class StripeEvent(BaseModel):
    """An event as Stripe writes it (https://docs.stripe.com/api/events/object)."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(min_length=1)]
    type: str
    livemode: bool
    data: dict[str, Any]


class Booked(BaseModel):
    result: str = Field(description="what became of it: credited, taken back, kept, unassigned, noted, ignored, ...")


class Refused(BaseModel):
    error: str


REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": words}
    for status, words in (
        (400, "Not signed as it must be"),
        (404, "No secret is set for this endpoint"),
        (413, "The body is too large"),
        (422, "It cannot be booked: the line says why. Nothing was"),
        (503, "The table is away: send it again"),
    )
}


def webhook_api(webhook: Webhook) -> FastAPI:
    """The signature is over the body's bytes, so `webhook` reads them, and checks them against the models."""
    app = FastAPI(title="webhooks", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post(
        "/webhooks/stripe",
        summary="Take an event of Stripe's",
        responses={200: {"model": Booked}, **REFUSED},
        openapi_extra=_body(StripeEvent.model_json_schema(ref_template=SCHEMAS)),
    )
    async def stripe(request: Request, stripe_signature: Signature = "") -> Response:
        """Those that tell of a payment are booked, once each."""
        return await _told(request, webhook.stripe, stripe_signature)

    @app.post(
        "/webhooks/payments",
        summary="Take an event of any other payment provider",
        responses={200: {"model": Booked}, **REFUSED},
        openapi_extra=_body(EVENT.json_schema(ref_template=SCHEMAS)),
    )
    async def payments(request: Request, interchange_signature: Signature = "") -> Response:
        """Booked once each, whatever their order."""
        return await _told(request, webhook.signed, interchange_signature)

    api_refusals.install(app, api_refusals.AWAY)
    return app


async def _told(request: Request, receive: Callable[[bytes, str], tuple[int, bytes]], signature: str) -> Response:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        said = Refused(error=f"the body is larger than {MAX_BODY_BYTES} bytes")
        return Response(said.model_dump_json(), 413, media_type="application/json")
    status, answer = await asyncio.to_thread(receive, body, signature)
    return Response(answer, status, media_type="application/json")


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
