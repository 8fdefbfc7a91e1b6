"""The routes of a model as attempts at a conversation: client, address, headers, lane."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

from interchange.catalog.models import Model, Route
from interchange.dataclass import dataclass, replace
from interchange.exchange.lane import Lane
from interchange.exchange.services import Services
from interchange.hub.blocks import RedactedThinking, Thinking
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.request import HostedTool, Request, ThinkingMode
from interchange.protocols.faces import Client, LimitingClient, Profile
from interchange.providers import Provider
from interchange.upstream.call import Outgoing
from interchange.wire.sse import Frames

from . import lanes
from .caller import ConversationCaller
from .issuers import Issuer


@dataclass(frozen=True, slots=True)
class ConversationAttempt:
    """An attempt at a conversation."""

    provider: Provider
    client: Client
    route: Route
    lane: Lane

    @property
    def protocol(self) -> str:
        return self.client.protocol

    @property
    def auxiliary(self) -> bool:
        return False

    def outgoing(self, body: bytes, stream: bool, headers: Mapping[str, str], credential: int = 0) -> Outgoing:
        url = self.provider.base_url.rstrip("/") + self.client.path(self.route.model, stream)
        sent = {
            "content-type": "application/json",
            "accept": "text/event-stream" if stream else "application/json",
            "user-agent": "interchange",
            **self.provider.headers,
            **(_forwarded(self.provider, headers) if self.lane.name == "pass-through" else {}),
        }
        if self.lane.betas and self.provider.beta_header:
            sent[self.provider.beta_header] = ",".join(self.lane.betas)
        return Outgoing("POST", url, {**sent, **self.provider.authorized(credential, "POST", url, body)}, body)

    def under(self, provider: Provider) -> Self:
        return replace(self, provider=provider)

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return self.client.read_failure(status, headers, body)

    def framing(self) -> Frames:
        return self.provider.framing()


def _forwarded(provider: Provider, headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in provider.forward if name in headers}


@dataclass(frozen=True, slots=True)
class Routed:
    """A route whose provider is configured, and the client that the request goes by there."""

    provider: Provider
    client: Client
    route: Route


def routes(services: Services, model: Model, protocol: str, request: Request) -> list[Routed]:
    """In the catalog's order. `protocol` is the caller's. Raises RequestError where the catalog names a protocol that
    the provider does not speak."""
    configured = [(route, services.providers.get(route.provider)) for route in model.routes]
    return [
        Routed(provider, _client(provider, model, route, protocol, request), route)
        for route, provider in configured
        if provider is not None
    ]


def attempts(found: Sequence[Routed], model: Model, caller: ConversationCaller) -> list[ConversationAttempt]:
    return [ConversationAttempt(one.provider, one.client, one.route, _lane(one, model, caller)) for one in found]


def _lane(routed: Routed, model: Model, caller: ConversationCaller) -> Lane:
    of_model, provider = profile(routed, model), routed.provider
    if caller.takers:
        from .succession import SuccessionLane  # hardly a request names any

        issuer = lanes.issuer_of(routed.client, of_model, provider.state_owner)
        return SuccessionLane(caller, routed.client, of_model, issuer=issuer, provider=provider.name)
    return lanes.choose(caller, routed.client, of_model, provider.state_owner)


def profile(routed: Routed, model: Model) -> Profile:
    """The model as that route has it."""
    return Profile(
        model=routed.route.model,
        inputs=frozenset(model.input),
        max_output=model.max_output,
        traits={**_named_by(routed.client), **model.traits, **routed.route.traits},
    )


def _named_by(client: Client) -> dict[str, object]:
    if not _is_limiting(type(client)):
        return {}
    limiting = cast(LimitingClient, client)
    return {"max_tokens_field": limiting.limit_field, "replayed": limiting.replayed}


@functools.cache
def _is_limiting(kind: type[Client]) -> bool:
    """True for a class of LimitingClients; `isinstance` takes as long as reading a message."""
    return hasattr(kind, "limit_field") and hasattr(kind, "replayed")


def _client(provider: Provider, model: Model, route: Route, own: str, request: Request) -> Client:
    """The route's protocol; without one, the caller's where the provider speaks it, else the provider's first; or the
    richer one that the catalog names for what the request asks."""
    spoken = own in provider.clients
    wanted = route.protocol or (own if spoken else provider.default_protocol)
    if route.protocol is None:
        richer = _richer(model, route, provider.state_owner, request, "instead_for" if spoken else "for")
        if richer is not None and richer in provider.clients:
            wanted = richer
    client = provider.clients.get(wanted)
    if client is None:
        raise RequestError(Failure(ErrorKind.API, f"provider {provider.name} does not speak {wanted}", code="catalog"))
    return client


def _richer(model: Model, route: Route, owner: str, request: Request, why: str) -> str | None:
    """The trait `richer`: {"protocol": a second protocol of the provider, "for": the words of `NEEDS` that want it,
    "instead_for": those that want it even where the caller's own protocol is spoken, and would be refused}."""
    richer = route.traits.get("richer", model.traits.get("richer"))
    if richer is None:
        return None
    issuer = Issuer(richer["protocol"], owner)
    return issuer.protocol if any(NEEDS[need](request, issuer) for need in richer.get(why, ())) else None


def _reasons_with_tools(request: Request, _issuer: Issuer) -> bool:
    return request.reasoning is not None and _may_reason_with_tools(request, _issuer)


def _may_reason_with_tools(request: Request, _issuer: Issuer) -> bool:
    """True for models that reason unless they are told not to."""
    asked = request.reasoning
    if asked is not None and (asked.mode is ThinkingMode.DISABLED or asked.effort == "none"):
        return False
    return bool(request.tools)


def _reasons(request: Request, _issuer: Issuer) -> bool:
    asked = request.reasoning
    return asked is not None and asked.mode is not ThinkingMode.DISABLED and asked.effort != "none"


def _reasons_alone(request: Request, issuer: Issuer) -> bool:
    """True where nothing is asked beside it that another of the vendor's protocols may not know."""
    more = (request.n or 1) > 1 or request.seed is not None or request.logprobs or request.logit_bias or request.extra
    named = any(message.name is not None for message in request.messages)
    hidden = request.reasoning is not None and request.reasoning.display == "omitted"
    return _reasons(request, issuer) and not (more or named or hidden)


def _carries_state(request: Request, issuer: Issuer) -> bool:
    """True where the history holds reasoning that only that issuer can take back."""
    blocks = (block for message in request.messages for block in message.content)
    states = (block.state for block in blocks if isinstance(block, Thinking | RedactedThinking))
    return any(issuer.takes(state) for state in states)


def _hosted(request: Request, _issuer: Issuer) -> bool:
    """Declared by `type`, as tools are. Chat's `web_search_options`, which has none, is for its search models."""
    return any(isinstance(tool, HostedTool) and "type" in tool.raw for tool in request.tools)


NEEDS: Mapping[str, Callable[[Request, Issuer], bool]] = {
    "reasoning_with_tools": _reasons_with_tools,
    "tools_unless_told_not_to_reason": _may_reason_with_tools,
    "reasoning": _reasons,
    "reasoning_alone": _reasons_alone,
    "state": _carries_state,
    "hosted_tools": _hosted,
    "mcp": lambda request, _issuer: bool(request.mcp_servers),
}
"""What a request may need that a provider's first protocol cannot carry."""
