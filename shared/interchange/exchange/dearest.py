"""Money for a request that several models may serve, because it names some that take over (decision 0046).

The dearest of them is held. Each may be tried in turn, so what the hold may grow to is the sum of all.
"""

from __future__ import annotations

from collections.abc import Sequence

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.identity.keys import Principal
from interchange.metering.bounds import bound

from .hold import Admission, Wanted, admit
from .pricing import Paid, paid_for
from .services import Services

Candidate = tuple[Model, Wanted]


async def admit_dearest(
    services: Services, principal: Principal, candidates: Sequence[Candidate], request_id: str, *, seconds: float
) -> Admission:
    """Like `hold.admit`, for the first of the candidates, the others being those that may take over."""
    if len(candidates) == 1:
        model, wanted = candidates[0]
        return await admit(services, principal, model, request_id, wanted, seconds=seconds)
    paid = [await paid_for(services, principal, model) for model, _ in candidates]
    prices = list(zip(paid, (wanted for _, wanted in candidates), strict=True))
    dearest, wanted = max(prices, key=lambda one: _expected(*one))
    made = await admit(services, principal, dearest.model, request_id, wanted, seconds=seconds)
    others = [one for one in prices if one[0] is not dearest]
    return replace(
        made,
        output=made.output + sum(other.most.output_tokens for _, other in others),
        most_nano=made.most_nano + sum(bound(one.prices, other.most, one.markup) for one, other in others),
        paid=tuple(paid),
    )


def _expected(paid: Paid, wanted: Wanted) -> int:
    return bound(paid.prices, wanted.first or wanted.most, paid.markup)
