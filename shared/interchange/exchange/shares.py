"""The models that served one request, each with what it used and what the account pays for it (decision 0046)."""

from __future__ import annotations

from collections.abc import Sequence

from interchange.catalog.models import Route
from interchange.dataclass import dataclass
from interchange.hub.usage import Usage
from interchange.metering.prices import charge
from interchange.metering.rows import Round

from .pricing import Paid
from .record import Record


@dataclass(frozen=True, slots=True)
class Share:
    paid: Paid
    route: Route
    usage: Usage

    @property
    def round(self) -> Round:
        return Round(
            self.route.provider, self.route.model, self.usage, 0, (), self.paid.model.id, self.paid.prices.data,
            self.paid.markup,
        )  # fmt: skip


def shares(record: Record, usage: Usage) -> tuple[Share, ...]:
    """In the order in which they ran, the one that served last; none where no other model could take over."""
    paid, route = record.admission.paid, record.attempt.route
    if not paid or usage == Usage():
        return ()
    given = usage.shares or ((route.model, usage),)
    if len(given) == 1:  # of one model is all, an estimate of what it did not count too
        given = ((given[0][0], usage),)
    return tuple(_share(paid, route, name, used) for name, used in given)


def _share(paid: Sequence[Paid], route: Route, name: str, used: Usage) -> Share:
    """By a name that none of them has, the dearest: a vendor's word for a model must not make it cheap."""
    known = next((one for one in paid if name in one.model.names), None)
    found = known or max(paid, key=lambda one: charge(used, one.prices, one.markup).nano)
    own = next((one for one in found.model.routes if one.provider == route.provider), route)
    return Share(found, own, used)
