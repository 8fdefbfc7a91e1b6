"""Settlement: computes the charge from the usage, writes the row first, then settles the hold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from interchange.catalog import billed
from interchange.catalog.models import Model, Route
from interchange.dataclass import dataclass, replace
from interchange.hub.usage import Usage, sum_of
from interchange.metering.prices import Charge, charge, has_price, summed
from interchange.metering.rows import Round, UsageRow, write_row

from .growth import extend
from .pricing import Paid
from .produced import Made, credible, estimated, has_counts, uncounted
from .record import Outcome, Record, stored_paths
from .services import Services
from .shares import Share, shares
from .table_calls import ask

TRIES = 6
PAUSE_SECONDS = 0.05
"""Before the second try, and twice as long before each further one: a second and a half in all."""


@dataclass(frozen=True, slots=True)
class Charged:
    """Charge of a request: what the customer would pay without a bound, what the vendors charge, and the rounds that it
    was for. `paid` is for the model that served, which `upstream_model` is its vendor's name of."""

    nano: int
    cost_nano: int
    rounds: tuple[Round, ...]
    usage: Usage
    paid: Paid
    upstream_model: str


async def settled(services: Services, record: Record, outcome: Outcome) -> int | None:
    """`settle`. A fault of ours in the reckoning leaves the hold to the sweep, and must not keep the caller waiting."""
    try:
        return await settle(services, record, outcome)
    except Exception as error:  # noqa: BLE001 - see above
        services.report("fault", {"request_id": record.request_id, "error": repr(error)})
        return None


async def settle(services: Services, record: Record, outcome: Outcome) -> int | None:
    """Writes the row, then settles. Returns the charge in nano-dollars; None where the books could not be reached: then
    the hold stays, and the sweep resolves it from the row. Where not even the row could be written the log has it
    whole, so that the operator can still charge it (docs/operator.md)."""
    charged = _charged(services, record, await used(record, outcome))
    await extend(services, record, charged.nano - record.admission.nano)
    row = _row(record, outcome, charged, services.now_ms())
    for number in range(TRIES):
        try:
            await ask(services, _write, services, record, row)
        except Exception as error:  # noqa: BLE001 - whatever the store says, the answer must end and the alarm be raised
            services.report("settle_failed", {"request_id": row.request_id, "try": number, "error": repr(error)})
            if number + 1 < TRIES:
                await asyncio.sleep(PAUSE_SECONDS * 2**number)
        else:
            _log(services, row)
            _report_edges(services, row, delivered=record.first_byte_ms is not None)
            return row.charge_nano
    if not await ask(services, _recorded, services, row):
        services.report("row_unwritten", {"request_id": row.request_id, "row": write_row(row)})
    return None


async def used(record: Record, outcome: Outcome) -> Usage:
    """The provider's own numbers; where it gave none that can be true, or was cut off before the last of them, an
    estimate of what was produced. Nothing for a request that failed before the model produced anything."""
    if outcome.word == "upstream_error":
        return Usage()
    reported = record.usage if record.usage is not None and credible(record.usage) else None
    whole = outcome.word != "truncated"
    nothing = record.produced == 0 and not record.things
    if nothing or (whole and reported is not None and has_counts(reported)):
        told = reported or Usage()
        paints = record.admission.prices.data.get("output_image") is not None
        return told.merge(uncounted(record.things, told)) if whole and record.things and paints else told
    told = _as_asked(record, reported or Usage())
    made = Usage() if whole and told.total_output else Made(record.produced, sound=record.sound).tokens
    estimate = Usage(input=0 if told.total_input else await asyncio.to_thread(record.estimate))
    return told.merge(estimate).merge(made).merge(estimated(record.things, counted=told.total_output))


def _as_asked(record: Record, told: Usage) -> Usage:
    """Add the tier and the region that were asked for, where the vendor does not say what it served."""
    held, prices = record.admission.held, record.admission.prices.data
    tiers = held.service_tiers & set(prices.get("service_tiers") or ())
    regions = held.regions & set(prices.get("regions") or ())
    tier = next(iter(tiers)) if len(tiers) == 1 else None
    region = next(iter(regions)) if len(regions) == 1 else None
    return replace(told, service_tier=told.service_tier or tier, region=told.region or region)


def _charged(services: Services, record: Record, usage: Usage) -> Charged:
    """Each model or round at its own price, and at the price of the route that served it."""
    rounds, billed = _billed(record, usage)
    charges = [charge(one.usage, one.paid.prices) for one in billed]
    nano = summed((made, one.paid.markup) for made, one in zip(charges, billed, strict=True)).nano
    spent = sum(_cost(services, one, made) for made, one in zip(charges, billed, strict=True))
    last = billed[-1]
    upstream = last.route.model if record.admission.paid else record.attempt.route.model
    return Charged(nano, spent, rounds, sum_of(one.usage for one in billed), last.paid, upstream)


def _billed(record: Record, usage: Usage) -> tuple[tuple[Round, ...], Sequence[Share]]:
    """The rounds that the row has, and what each is charged and costs by: of the models that served, of the calls of
    one model, or of the one call."""
    served = shares(record, usage)
    if served:
        return tuple(one.round for one in served) if len(served) > 1 else (), served
    admission, attempt = record.admission, record.attempt
    paid = (*admission.paid, Paid(record.model, admission.prices, admission.markup, admission.listed))[0]
    rounds = _rounds(record, usage)
    routes = {(route.provider, route.model): route for route in record.model.routes}
    found = [Share(paid, routes.get((one.provider, one.model), attempt.route), one.usage) for one in rounds]
    return rounds, found or [Share(paid, attempt.route, usage)]


def _row(record: Record, outcome: Outcome, charged: Charged, now_ms: int) -> UsageRow:
    caller, attempt, paid = record.caller, record.attempt, charged.paid
    cost, rounds = charged.nano, charged.rounds
    most, holds = record.admission.nano, record.admission.holds
    return UsageRow(
        request_id=record.request_id,
        account_id=record.principal.account_id,
        key_id=record.principal.key_id,
        created_ms=record.started_ms,
        family=caller.family,
        protocol=caller.server.protocol,
        lane=attempt.lane.name,
        stream=caller.stream,
        model=paid.model.id,
        provider=attempt.provider.name,
        upstream_model=charged.upstream_model,
        usage=replace(charged.usage, shares=()) if charged.usage.shares else charged.usage,
        price_version=paid.prices.version,
        prices=paid.prices.data,
        markup=paid.markup,
        charge_nano=min(cost, most),
        absorbed_nano=max(0, cost - most),
        cost_nano=charged.cost_nano,
        hold_nano=most,
        shard=record.admission.hold.shard,
        outcome=outcome.word,
        status=(outcome.failure.status or 0) if outcome.failure else 200,
        first_byte_ms=record.first_byte_ms,
        total_ms=now_ms - record.started_ms,
        upstream_request_id=record.upstream_request_id,
        legs=tuple(record.tries),
        dropped=stored_paths(record.losses),
        user=record.labels.user,
        tags=record.labels.tags,
        metadata=record.labels.metadata or {},
        rounds=rounds,
        holds=tuple(hold.nano for hold in holds) if len(holds) > 1 else (),
    )


def _rounds(record: Record, usage: Usage) -> tuple[Round, ...]:
    """The rounds that ended, and the one that was running where it used anything."""
    if not record.rounds or usage == Usage():
        return tuple(record.rounds)
    attempt = record.attempt
    return (*record.rounds, Round(attempt.provider.name, attempt.route.model, usage, 0))


def _cost(services: Services, billed: Share, charged: Charge) -> int:
    """Cost to the operator: what the vendor charges for it."""
    own = vendors_prices(billed.paid.model, billed.route, listed=billed.paid.listed)
    return services.costs.served(billed.route.provider, billed.usage, charged, own)


def vendors_prices(model: Model, route: Route, *, listed: bool = True) -> dict[str, Any] | None:
    """The vendor's own price list, where it is not the customer's. `listed`: the customer's is the catalog's."""
    own = route.cost or model.cost or (None if listed else model.price)
    return None if own is None else own.data()


def _write(services: Services, record: Record, row: UsageRow) -> None:
    ledger = services.ledger
    with ledger.together():
        ledger.record(row)
        for number, hold in enumerate(record.admission.holds):
            tokens = 0 if number else row.usage.total
            ledger.settle(hold, row.share(hold.request_id), services.now_ms(), tokens)
        if record.states:
            _remember(services, record.states, row)
        if record.keeper is not None and record.final:
            _keep(services, record, row)


def _recorded(services: Services, row: UsageRow) -> bool:
    """True where the row is known to stand, though an answer of the table said or left open that it does not."""
    try:
        return services.ledger.row(row.request_id) is not None
    except Exception:  # noqa: BLE001 - a table that cannot be read either
        return False


def _remember(services: Services, states: Mapping[str, bytes], row: UsageRow) -> None:
    """The model thinks anew where this fails; the charge stands."""
    try:
        services.memory.put(row.account_id, states, services.now_ms())
    except Exception as error:  # noqa: BLE001 - see above
        services.report("memory_failed", {"request_id": row.request_id, "error": repr(error)})


def _keep(services: Services, record: Record, row: UsageRow) -> None:
    """The caller has the answer all the same where this fails; the charge stands."""
    try:
        stored = record.keeper.stored(record.final, record.caller.stream) if record.keeper is not None else None
        if stored is not None and services.responses is not None:
            kept = services.responses.put(row.account_id, stored, services.now_ms())
            if not kept:
                services.report("answer_not_kept", {"request_id": row.request_id, "error": "too large"})
    except Exception as error:  # noqa: BLE001 - see above
        services.report("answer_not_kept", {"request_id": row.request_id, "error": repr(error)})


def _report_edges(services: Services, row: UsageRow, *, delivered: bool) -> None:
    """Reports at the first request a cost that its hold did not cover, and a delivery for nothing, or of something that
    has no price."""
    fields = {"request_id": row.request_id, "account_id": row.account_id, "model": row.model, "provider": row.provider}
    if row.absorbed_nano:
        services.report("charge_absorbed", {**fields, "hold_nano": row.hold_nano, "absorbed_nano": row.absorbed_nano})
    free = delivered and row.charge_nano == 0 and row.outcome != "upstream_error" and has_price(row.prices)
    kinds = unpriced(row)
    if free or kinds:
        services.report("free_usage", {**fields, "unpriced": list(kinds)})


def unpriced(row: UsageRow) -> tuple[str, ...]:
    """Kinds that the vendor counted and the price has no rate for, not even a nearer one."""
    found: list[str] = []
    for usage, prices, _ in row.billed:
        fees = prices.get("per_call") or {}
        calls = (kind for kind in billed.CALLS.get(row.provider, ()) if usage.tool_calls.get(kind))
        found += [f"per_call.{kind}" for kind in calls if not billed.has_fee(fees, kind)]
        priced = {*(prices.get("service_tiers") or ()), *(prices.get("regions") or ())}
        found += [word for word in (usage.service_tier, usage.region) if word in billed.DEARER and word not in priced]
    return tuple(found)


def _log(services: Services, row: UsageRow) -> None:
    services.report(
        "request",
        {
            "request_id": row.request_id,
            "account_id": row.account_id,
            "model": row.model,
            "provider": row.provider,
            "lane": row.lane,
            "outcome": row.outcome,
            "charge_nano": row.charge_nano,
            "absorbed_nano": row.absorbed_nano,
            "first_byte_ms": row.first_byte_ms,
            "total_ms": row.total_ms,
            "dropped": list(row.dropped),
        },
    )
