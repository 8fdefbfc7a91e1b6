"""Reasoning state that the caller could not carry, from the account's memory."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.continuity.memory import digest, restore, wanted
from interchange.continuity.order import sorted_turns
from interchange.continuity.pairs import owner_of, turn_of
from interchange.exchange.services import Services
from interchange.exchange.table_calls import ask
from interchange.hub.request import Request
from interchange.protocols.faces import PassThrough

from .issuers import Provenance, restated, states
from .kinds import has_order, has_signed_texts
from .routes import Routed


async def recalled(
    services: Services, account_id: str, passthrough: PassThrough | None, found: Sequence[Routed], request: Request
) -> tuple[Request, Provenance]:
    """Adds the state where a translation will need it, and the owner of what the caller carries in a vendor's own form.
    `passthrough` is of the caller's protocol; None where all is translated."""
    kin = [one for one in found if passthrough is not None and one.client.protocol == passthrough.protocol]
    signed = any(has_signed_texts(one.client) for one in found)
    calls = () if len(kin) == len(found) else wanted(request, texts=signed)
    turns = sorted_turns(request) if kin and has_order(passthrough) else ()
    unnamed = [digest(state.data) for state in states(request) if state.issuer in services.shared and state.data]
    if not calls and not unnamed and not turns:
        return request, Provenance()
    records = await ask(services, services.memory.get, account_id, (*unnamed, *calls, *turns), services.now_ms())
    provenance = Provenance(
        {name: owner_of(records[name]) for name in unnamed if name in records},
        {name: records[name] for name in turns if name in records},
        {name: turn for name in unnamed if name in records and (turn := turn_of(records[name]))},
    )
    if provenance.owners:
        request = restated(request, provenance.labelled)
    return restore(request, {name: records[name] for name in calls if name in records}), provenance
