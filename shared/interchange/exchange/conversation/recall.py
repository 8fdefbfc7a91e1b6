"""Reasoning state that the caller could not carry, from the account's memory."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.continuity.memory import digest, restore, wanted
from interchange.continuity.order import sorted_turns
from interchange.exchange.services import Services
from interchange.exchange.table_calls import ask
from interchange.hub.request import Request

from .issuers import Provenance, restated, states
from .routes import Routed

SIGNS_TEXT = frozenset({"gemini"})
"""Protocols whose answers have states on texts: https://ai.google.dev/gemini-api/docs/thought-signatures."""

ORDERED = frozenset({"anthropic_messages"})
"""Protocols whose vendor wants a turn as it was said:
docs.anthropic.com/en/docs/build-with-claude/extended-thinking."""


async def recalled(
    services: Services, account_id: str, protocol: str, found: Sequence[Routed], request: Request
) -> tuple[Request, Provenance]:
    """Adds the state where a translation will need it, and the owner of what the caller carries in a vendor's own form.
    `protocol` is the caller's; "" where all is translated."""
    carried = all(one.client.protocol == protocol for one in found)
    calls = () if carried else wanted(request, texts=any(one.client.protocol in SIGNS_TEXT for one in found))
    turns = sorted_turns(request) if any(one.client.protocol == protocol in ORDERED for one in found) else ()
    unnamed = [digest(state.data) for state in states(request) if state.issuer in services.shared and state.data]
    if not calls and not unnamed and not turns:
        return request, Provenance()
    records = await ask(services, services.memory.get, account_id, (*unnamed, *calls, *turns), services.now_ms())
    provenance = Provenance(
        {name: records[name].decode() for name in unnamed if name in records},
        {name: records[name] for name in turns if name in records},
    )
    if provenance.owners:
        request = restated(request, provenance.labelled)
    return restore(request, {name: records[name] for name in calls if name in records}), provenance
