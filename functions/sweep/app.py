"""Scheduled: resolves abandoned holds, takes back expired credit, closes days, checks the books, raises alarms"""

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from interchange import wiring
from interchange.operator.books import open_books
from interchange.operator.turns import turn
from interchange.wiring.reporting import NAMESPACE

METRICS = {
    "HoldsSettled": "settled",
    "HoldsReleased": "released",
    "AccountsUnbalanced": "unbalanced",
    "AccountsInDebt": "in_debt",
    "AccountsFailed": "failed",
    "AccountsLeft": "left",
    "FreeUsage": "free",
    "ChargesOverHold": "over",
    "UnassignedPayments": "unassigned",
    "DaysClosed": "closed",
    "NoticesGiven": "told",
}
"""A metric's name -> what it counts; 0 is sent too, so that an alarm can tell quiet from dead."""

MARGIN_SECONDS = 60.0
"""Kept back for the account that is being visited; a quarter of the time that there is, where that is less."""

books = open_books(wiring.settings())
log = Logger(service="sweep")
metrics = Metrics(namespace=os.environ.get(NAMESPACE, "Interchange"), service="sweep")


@metrics.log_metrics
def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    left = context.get_remaining_time_in_millis() / 1000 if context else None
    done = turn(books, left and left - min(MARGIN_SECONDS, left / 4))
    for name, field in METRICS.items():
        metrics.add_metric(name, MetricUnit.Count, getattr(done, field))
    shown = done.shown()
    log.info("sweep", extra=shown)
    return shown
