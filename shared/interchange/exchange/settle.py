"""From what was used to what is charged: the row first, then the settlement, for every outcome there is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from interchange.dataclass import dataclass
from interchange.hub.failure import Failure
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.metering.prices import charge
from interchange.metering.rows import UsageRow, write_row

from .produced import credible, tells

if TYPE_CHECKING:
    from .call import Call

CHARACTERS_A_TOKEN = 4
"""The estimate for output that the provider produced but never counted (a cut stream)."""
TRIES = 6
PAUSE_SECONDS = 0.05
"""Before the second try, and twice as long before each further one: a second and a half in all."""
PATHS_KEPT = 8_000
"""Characters of lost fields' paths that are stored: an item holds 400 KB, and a row that does not fit is no charge."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`word` is "ok", "client_gone", "truncated" (charged for what was produced) or "upstream_error" (not charged).
    `raw` is the provider's error body where it may be shown as it is."""

    word: str
    failure: Failure | None = None
    whole: bytes | None = None
    raw: bytes | None = None
    content_type: str = "application/json"


async def settle(call: Call, outcome: Outcome) -> int | None:
    """Writes the row, then settles. Returns the charge in nano-dollars; None where the books could not be reached: then
    the hold stays, and the sweep resolves it from the row. Where not even the row could be written the log has it
    whole, so that the operator can still charge it (docs/operator.md)."""
    row = _row(call, outcome, _used(call, outcome))
    for number in range(TRIES):
        try:
            await asyncio.to_thread(_write, call, row)
        except Exception as error:  # noqa: BLE001 - whatever the store says, the answer must end and the alarm be raised
            call.services.report("settle_failed", {"request_id": row.request_id, "try": number, "error": repr(error)})
            if number + 1 < TRIES:
                await asyncio.sleep(PAUSE_SECONDS * 2**number)
        else:
            _log(call, row)
            return row.charge_nano
    if not await asyncio.to_thread(_recorded, call, row):
        call.services.report("row_unwritten", {"request_id": row.request_id, "row": write_row(row)})
    return None


def _used(call: Call, outcome: Outcome) -> Usage:
    """The provider's own numbers; where it gave none that can be true, or was cut off before the last of them, an
    estimate of what was produced. Nothing for a request that failed before the model produced anything."""
    if outcome.word == "upstream_error":
        return Usage()
    reported = call.usage if call.usage is not None and credible(call.usage) else None
    whole = outcome.word != "truncated"
    if call.produced == 0 or (whole and reported is not None and tells(reported)):
        return reported or Usage()
    told = reported or Usage()
    estimate = Usage(
        input=0 if told.total_input else call.estimate,
        output=0 if whole and told.total_output else -(-call.produced // CHARACTERS_A_TOKEN),
    )
    return told.merge(estimate)


def _row(call: Call, outcome: Outcome, usage: Usage) -> UsageRow:
    services, asked, leg = call.services, call.asked, call.leg
    prices = call.admission.prices
    return UsageRow(
        request_id=asked.envelope.request_id,
        account_id=call.principal.account_id,
        key_id=call.principal.key_id,
        created_ms=call.started_ms,
        family=asked.family,
        protocol=asked.server.protocol,
        lane=leg.lane.name,
        stream=asked.stream,
        model=call.model.id,
        provider=leg.provider.name,
        upstream_model=leg.route.model,
        usage=usage,
        price_version=prices.version,
        prices=prices.data,
        markup=call.principal.markup,
        charge_nano=charge(usage, prices, call.principal.markup).nano,
        hold_nano=call.admission.hold.nano,
        outcome=outcome.word,
        status=(outcome.failure.status or 0) if outcome.failure else 200,
        first_byte_ms=call.first_byte_ms,
        total_ms=services.now_ms() - call.started_ms,
        upstream_request_id=call.upstream_request_id,
        legs=tuple(call.tries),
        dropped=told_paths(leg.lane.losses),
    )


def told_paths(losses: Losses) -> tuple[str, ...]:
    """The paths of what was dropped, as far as they are to be stored; then how many there are."""
    kept: list[str] = []
    room = PATHS_KEPT
    for loss in losses.items:
        room -= len(loss.path) + 1
        if room < 0:
            return (*kept, f"({len(losses.items)} in all)")
        kept.append(loss.path)
    return tuple(kept)


def _write(call: Call, row: UsageRow) -> None:
    ledger = call.services.ledger
    ledger.record(row)
    ledger.settle(call.admission.hold, row.charge_nano, call.services.now_ms(), row.usage.total)
    if call.records:
        _remember(call, row)


def _recorded(call: Call, row: UsageRow) -> bool:
    """True where the row is known to stand, though an answer of the table said or left open that it does not."""
    try:
        return call.services.ledger.row(row.request_id) is not None
    except Exception:  # noqa: BLE001 - a table that cannot be read either
        return False


def _remember(call: Call, row: UsageRow) -> None:
    """The model thinks anew where this fails; the charge stands."""
    try:
        call.services.memory.put(row.account_id, call.records, call.services.now_ms())
    except Exception as error:  # noqa: BLE001 - see above
        call.services.report("memory_failed", {"request_id": row.request_id, "error": repr(error)})


def _log(call: Call, row: UsageRow) -> None:
    call.services.report(
        "request",
        {
            "request_id": row.request_id,
            "account_id": row.account_id,
            "model": row.model,
            "provider": row.provider,
            "lane": row.lane,
            "outcome": row.outcome,
            "charge_nano": row.charge_nano,
            "over_hold": row.charge_nano > row.hold_nano,
            "first_byte_ms": row.first_byte_ms,
            "total_ms": row.total_ms,
            "dropped": list(row.dropped),
        },
    )
