"""The kinds of models that the catalog has, each by one of its routes, and requests written for them as the exchange
writes them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from typing import Any

from interchange.aws.sigv4 import Credentials
from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.exchange.conversation.checks import refuse_values
from interchange.exchange.conversation.inline import pending, spelled
from interchange.exchange.conversation.routes import Routed, _client, profile
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.protocols.faces import Client, Profile, Server
from interchange.providers import Provider
from interchange.providers.bedrock import bedrock
from interchange.rewrites import named_where_they_stood, needed, rewrite
from interchange.wire import codec
from scripts import compatibility
from tests.rules.judge import refusals

Json = dict[str, Any]
PROVIDERS: dict[str, Provider] = {
    **compatibility.PROVIDERS,
    "bedrock": bedrock(lambda: Credentials("a", "s", None), "us-east-1"),
}


@dataclass(frozen=True)
class Way:
    """A model by one of its routes."""

    model: Model
    number: int

    @property
    def title(self) -> str:
        return f"{self.model.id} {self.model.routes[self.number].provider}"


def ways() -> list[Way]:
    """One model of each kind: what differs in nothing but its counting and its limits is of one kind."""
    found: dict[str, Way] = {}
    for model in load().models:
        for number, route in enumerate(model.routes if model.kind == "chat" else ()):
            traits = {name: value for name, value in {**model.traits, **route.traits}.items() if name != "counting"}
            known = (traits, sorted(model.input), re.sub(r"[\d.]+.*", "", route.model.partition(".")[2] or route.model))
            found.setdefault(codec.dumps_text([route.provider, *known]), Way(model, number))
    return list(found.values())


WAYS = ways()


def way_of(model: str, provider: str | None = None) -> Way:
    """A model by its name, by its first route or the provider's."""
    found = load().find(model)
    assert found is not None
    return Way(found, next(n for n, route in enumerate(found.routes) if provider in (None, route.provider)))


def limited(request: Request, profile: Profile) -> Request:
    """As the lane does it (docs/decisions/0021)."""
    most = profile.max_output
    over = request.max_tokens is not None and most is not None and request.max_tokens > most
    return replace(request, max_tokens=most) if over else request


@dataclass(frozen=True)
class Written:
    """An upstream body, and what it was written by."""

    client: Client
    profile: Profile
    body: Json
    provider: str

    def refusals(self, asked_in: str) -> list[str]:
        traits = {**self.profile.traits, "max_output": self.profile.max_output, "model": self.profile.model}
        return refusals(self.client.protocol, self.provider, self.body, traits, asked_in)


def written(server: Server, body: Json, way: Way) -> Written | None:
    """As the exchange does it; None for a request that goes through as it came, which its vendor judges."""
    provider, route = PROVIDERS[way.model.routes[way.number].provider], way.model.routes[way.number]
    request = server.read_request(copy.deepcopy(body))
    client = _client(provider, way.model, route, server.protocol, request)
    made = profile(Routed(provider, client, route), way.model)
    if server.protocol == client.protocol and not needed(request, client.rules(made)):
        return None
    refuse_values(request)
    request = limited(spelled(pending(request, provider.fetches).unseen()), made)
    losses = Losses()
    taken, inverse = rewrite(request, client.rules(made), losses)
    with named_where_they_stood(inverse.moved, losses):
        return Written(client, made, client.write_request(taken, made, losses), provider.name)
