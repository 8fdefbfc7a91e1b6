"""The models that a request names to take over where the one that it asks for declines.

Each is one of the catalog's, that the key may use, and served by the provider that serves the request (decision 0046).
"""

from __future__ import annotations

from collections.abc import Sequence

from interchange.catalog.models import Model
from interchange.dataclass import dataclass, replace
from interchange.exchange.access import find_model
from interchange.exchange.services import Services
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.identity.keys import Principal
from interchange.protocols.faces import JsonObject, PassThrough, Successor


@dataclass(frozen=True, slots=True)
class Taker:
    named: Successor
    model: Model

    def asked(self, request: Request) -> Request:
        """The request as it would be put to it, as far as that has a price."""
        limit = request.max_tokens if self.named.max_tokens is None else self.named.max_tokens
        speed = {} if self.named.speed is None else {"speed": self.named.speed}
        return replace(request, max_tokens=limit, extra={**request.extra, **speed})


def read_takers(
    services: Services, principal: Principal, passthrough: PassThrough, body: JsonObject
) -> tuple[Taker, ...]:
    """Raises RequestError naming the entry: 404 where the catalog has no such model, 403 where the key may not use
    it."""
    if passthrough.successors is None:
        return ()
    named = passthrough.successors.read(body)
    return tuple(Taker(one, find_model(services, principal, one.model, param=one.path)) for one in named)


def names_at(provider: str, takers: Sequence[Taker]) -> dict[str, str]:
    """The provider's names for them, by the caller's. Raises RequestError for one that it does not serve."""
    found: dict[str, str] = {}
    for one in takers:
        route = next((route for route in one.model.routes if route.provider == provider), None)
        if route is None:
            said = f"{one.named.path}: `{one.named.model}` is not served by the provider of the request's own model"
            raise invalid(said, one.named.path, "unsupported_value")
        found[one.named.model] = route.model
    return found


def shown_names(model: Model, asked: str, takers: Sequence[Taker]) -> dict[str, str]:
    """The caller's names of the models, by every name that a vendor may have for them; `model` was asked for as
    `asked`."""
    named = [*((one.model, one.named.model) for one in takers), (model, asked)]
    return {word: shown for one, shown in named for word in one.names}
