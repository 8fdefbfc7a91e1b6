"""POST /webhooks/stripe, /webhooks/payments: payments, authenticated by their signature"""

import asyncio
from collections.abc import Callable, Mapping

from aws_lambda_powertools import Logger
from fastapi import FastAPI, Request, Response
from mangum import Mangum

from interchange import wiring
from interchange.operator.books import open_books
from interchange.operator.payment_settings import read_settings
from interchange.operator.webhook import Webhook

MAX_BODY_BYTES = 1024 * 1024
LOUD = ("payment_refused", "payment_unassigned")
"""Lines that somebody must look at."""

env = wiring.settings()
log = Logger(service="webhooks")


def report(event: str, fields: Mapping[str, object]) -> None:
    (log.error if event in LOUD else log.info)(event, extra=dict(fields))


webhook = Webhook(wiring.open_table(env), read_settings(env), open_books(env).clock, report)
app = FastAPI(title="webhooks", docs_url=None, redoc_url=None, openapi_url=None)


async def answer(request: Request, receive: Callable[[bytes, str], tuple[int, bytes]], header: str) -> Response:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        return Response(status_code=413)
    status, said = await asyncio.to_thread(receive, body, request.headers.get(header, ""))
    return Response(said, status, media_type="application/json")


@app.post("/webhooks/stripe")
async def stripe(request: Request) -> Response:
    return await answer(request, webhook.stripe, "stripe-signature")


@app.post("/webhooks/payments")
async def payments(request: Request) -> Response:
    return await answer(request, webhook.signed, "interchange-signature")


handler = Mangum(app, lifespan="off")
