"""Price of a model for a caller: the catalog's price and the account's markup, or what the operator's tariff says.

The tariff is read from the table once in a while (`tariffs.AGE_MS`), not for each request.
"""

from __future__ import annotations

from interchange.catalog.models import Model
from interchange.dataclass import dataclass
from interchange.identity.keys import Principal
from interchange.metering.prices import PriceList, listed
from interchange.metering.tariff import Applied, Tariff
from interchange.metering.tariffs import EMPTY

from .services import Services
from .table_calls import ask


@dataclass(frozen=True, slots=True)
class Paid:
    """Price of a model for one account. `listed`: the prices are the catalog's, which are the vendors' own."""

    model: Model
    prices: PriceList
    markup: str
    listed: bool


async def paid_for(services: Services, principal: Principal, model: Model) -> Paid:
    found = applied(services, await tariff(services), principal, model)
    prices = listed(model.price) if found.price is None else PriceList.read(found.price)
    return Paid(model, prices, found.markup, listed=found.price is None)


async def tariff(services: Services) -> Tariff:
    """The one in force, or one that was a moment ago; the models on offer are then its own."""
    if services.tariffs is None:
        return EMPTY
    known = services.tariffs.known(services.now_ms())
    if known is None:
        known = await ask(services, services.tariffs.load, services.now_ms())
    if services.offers is not None:
        services.offers.take(known.models)
    return known


def applied(services: Services, found: Tariff, principal: Principal, model: Model) -> Applied:
    return found.of(model.asked_for_as, principal.account_id, principal.group, principal.markup, services.now_ms())
