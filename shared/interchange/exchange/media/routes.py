"""The routes of a model as attempts at one of the other families: client, address, headers, lane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from interchange.catalog.models import Model, Route
from interchange.dataclass import dataclass, replace
from interchange.exchange.services import Services
from interchange.hub.failure import Failure
from interchange.protocols.faces import Profile
from interchange.protocols.media import MediaClient, Posted
from interchange.providers import Provider
from interchange.upstream.call import Outgoing
from interchange.wire.sse import Frames

from .lanes import MediaCaller, MediaLane, Passed, Translated, streaming

AUXILIARY = frozenset({"moderations"})


@dataclass(frozen=True, slots=True)
class MediaAttempt:
    """An attempt at another family's request. The provider's first conversation protocol reads its errors: they are
    the same."""

    provider: Provider
    client: MediaClient
    route: Route
    lane: MediaLane
    request: Any

    @property
    def protocol(self) -> str:
        return self.provider.default_protocol

    @property
    def auxiliary(self) -> bool:
        return self.lane.caller.family in AUXILIARY

    def outgoing(self, body: bytes, stream: bool, headers: Mapping[str, str], credential: int = 0) -> Outgoing:
        posted = self.lane.posted or Posted("", body)
        url = self.provider.base_url.rstrip("/") + posted.path
        sent = {
            "content-type": posted.content_type,
            "accept": "*/*",
            "user-agent": "interchange",
            **self.provider.headers,
        }
        if self.lane.name == "pass-through":
            sent |= {name: headers[name] for name in self.provider.forward if name in headers}

        def post(part: bytes) -> Outgoing:
            return Outgoing("POST", url, {**sent, **self.provider.authorized(credential, "POST", url, part)}, part)

        return replace(post(body), more=tuple(post(part) for part in posted.more), join=posted.join)

    def under(self, provider: Provider) -> Self:
        return replace(self, provider=provider)

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return self.provider.clients[self.provider.default_protocol].read_failure(status, headers, body)

    def framing(self) -> Frames:
        return streaming(self.client).framing(self.request, self.lane.profile)


def attempts(services: Services, model: Model, caller: MediaCaller) -> list[MediaAttempt]:
    found: list[MediaAttempt] = []
    for route in model.routes:
        provider = services.providers.get(route.provider)
        client = provider.media(caller.family) if provider is not None else None
        if provider is None or client is None:
            continue
        traits: Mapping[str, Any] = {**model.traits, **route.traits}
        profile = Profile(route.model, frozenset(model.input), model.max_output, traits)
        same = client.protocol == caller.face.protocol and caller.face.passes(caller.request, profile)
        lane = Passed(caller, client, profile) if same else Translated(caller, client, profile)
        found.append(MediaAttempt(provider, client, route, lane, caller.request))
    return found
