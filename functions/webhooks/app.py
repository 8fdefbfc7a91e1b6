"""POST /webhooks/stripe, /webhooks/payments: payments, authenticated by their signature"""

from collections.abc import Mapping

from aws_lambda_powertools import Logger

from interchange import wiring
from interchange.edge.buffered import buffered
from interchange.operator.books import open_books
from interchange.operator.payment_settings import read_settings
from interchange.operator.webhook import Webhook
from interchange.operator.webhook_api import webhook_api

LOUD = ("payment_refused", "payment_unassigned")
"""Lines that somebody must look at."""

env = wiring.settings()
log = Logger(service="webhooks")


def report(event: str, fields: Mapping[str, object]) -> None:
    (log.error if event in LOUD else log.info)(event, extra=dict(fields))


app = webhook_api(Webhook(wiring.open_table(env), read_settings(env), open_books(env).clock, report))
handler = buffered(app)
