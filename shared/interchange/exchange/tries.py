"""One try of a route: how long it may take, and what is noted of one that failed."""

from __future__ import annotations

from interchange.hub.failure import Failure
from interchange.metering.rows import Try
from interchange.upstream.call import Incoming, Patience

from .attempt import Attempt
from .attempt_failed import AttemptFailed
from .produced import credible
from .record import Outcome, Record
from .services import Services
from .settle import vendors_prices
from .vendors import note_failure, note_success
from .verdict import judge

REASONING = ("reasoning", "thinking")
"""Traits of models that think before they answer."""


def patience(services: Services, record: Record, attempt: Attempt) -> Patience:
    """Time for which its vendor may be silent, before the first byte and after it."""
    model = record.model
    seconds = model.first_byte if attempt.route.first_byte is None else attempt.route.first_byte
    tokens = record.admission.limit or model.max_output
    reasons = any(model.traits.get(name) for name in REASONING)
    return services.patience.patience(seconds, stream=record.caller.stream, tokens=tokens, reasons=reasons)


async def read_refusal(attempt: Attempt, incoming: Incoming) -> AttemptFailed:
    """The vendor's refusal, read."""
    raw = await incoming.read()
    failure = attempt.read_failure(incoming.status, incoming.headers, raw)
    return AttemptFailed(failure, raw if attempt.lane.name == "pass-through" else None)


def note_try(services: Services, record: Record, failure: Failure, started_ms: int) -> None:
    """Notes a try of the record's attempt. What the vendor counted before it failed is billed to the operator, and
    nobody else."""
    attempt, counted = record.attempt, record.usage
    name, billed = attempt.provider.name, 0
    if counted is not None and credible(counted):
        prices = vendors_prices(record.model, attempt.route) or record.model.price.data()
        billed = services.costs.tried(name, counted, prices)
    record.usage = None
    reason, spent = failure.code or failure.kind, services.now_ms() - started_ms
    record.tries.append(Try(name, attempt.route.model, failure.status, reason, spent, billed))


def note_end(services: Services, attempt: Attempt, credential: int, outcome: Outcome) -> None:
    """An answer that broke off in its middle is no success of its route."""
    if outcome.failure is None:
        note_success(services, attempt, credential)
    else:
        verdict = judge(outcome.failure, attempt.protocol, inside=True)
        note_failure(services, attempt, credential, outcome.failure, verdict)
