"""POST /webhooks/stripe: payments, authenticated by their signature"""

import asyncio

from aws_lambda_powertools import Logger
from fastapi import FastAPI, Request, Response
from mangum import Mangum

from interchange import wiring
from interchange.operator.books import open_books
from interchange.operator.webhook import Webhook, read_secrets

MAX_BODY_BYTES = 1024 * 1024

env = wiring.settings()
books = open_books(env)
log = Logger(service="webhooks")
webhook = Webhook(
    books.accounts, read_secrets(env), books.clock, lambda event, fields: log.info(event, extra=dict(fields))
)

app = FastAPI(title="webhooks", docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/webhooks/stripe")
async def stripe(request: Request) -> Response:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        return Response(status_code=413)
    signature = request.headers.get("stripe-signature", "")
    status, answer = await asyncio.to_thread(webhook.receive, body, signature)
    return Response(answer, status, media_type="application/json")


handler = Mangum(app, lifespan="off")
