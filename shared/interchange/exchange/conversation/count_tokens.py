"""POST /v1/messages/count_tokens for every model, free of charge.

The routed model's own counter where its protocol has one; the estimator for the rest, and where the counter fails: a
client that counts on every turn must not break on it.
"""

from __future__ import annotations

import asyncio

from interchange.catalog.models import Model
from interchange.continuity.seal import MARK
from interchange.dataclass import replace
from interchange.estimate import estimate_tokens
from interchange.exchange import key_renewal
from interchange.exchange.access import authenticate, find_model
from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.body import read_head, too_deep
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.pricing import tariff
from interchange.exchange.produced import MOST_COUNTED
from interchange.exchange.services import Services
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.identity.keys import Principal
from interchange.protocols.faces import CountingClient, CountingServer, JsonObject, Profile
from interchange.providers import Provider
from interchange.rewrites import rewrite
from interchange.upstream.call import Outgoing, Unmetered
from interchange.wire import codec

from .ask import has_mcp
from .inline import spelled
from .losses import LossReport
from .owned import opened
from .uploaded import with_uploads

SECONDS = 10.0


async def count_tokens(services: Services, server: CountingServer, inbound: Inbound) -> Answer:
    headers = base_headers(services.new_id())
    key_renewal.refresh(services)
    try:
        principal = await authenticate(services, inbound)
        head = read_head(inbound)
        await tariff(services)
        model = find_model(services, principal, head.model)
        owned, body = server.owned_by(principal.account_id), head.body
        owned.refuse_held(body)
        head = await with_uploads(services, principal, owned, head)
        body = head.body
        raw = opened(head.raw, body, services.seal.bound(principal.account_id))
        body = body if raw is head.raw else codec.loads(raw)
        request = replace(owned.read_count_tokens(body), stream=False)
        carried = _carried(services, model, server)
        with LossReport(owned, body).refusals():
            if services.mcp is not None and has_mcp(request):
                found = await _with_tools(services, principal, model, request, inbound, headers, carried=carried)
                carried, request = carried and found is None, found or request
            if not carried:
                request = spelled(request)
        count = await _counted(services, model, request, body if carried else None, inbound)
        if count is None:
            # in a thread: the vocabulary is read once, and a long text takes a while
            count = await asyncio.to_thread(estimate_tokens, request, model.traits)
    except RequestError as error:
        return refuse(server, error.failure, headers)
    except RecursionError:
        return refuse(server, too_deep().failure, headers)
    return Answer(200, {**headers, "content-type": "application/json"}, codec.dumps(server.write_count(count)))


async def _with_tools(
    services: Services, principal: Principal, model: Model, request: Request, inbound: Inbound,
    headers: dict[str, str], *, carried: bool,
) -> Request | None:  # fmt: skip
    # loaded with the first request that names a server
    from .mcp_counted import with_tools

    assert services.mcp is not None
    identity = headers["x-interchange-request-id"]
    return await with_tools(services, principal, model, request, inbound, services.mcp, identity, carried=carried)


def _carried(services: Services, model: Model, server: CountingServer) -> bool:
    """True where some provider of the model takes the caller's bytes as they are."""
    named = [(services.providers.get(route.provider), route.protocol) for route in model.routes]
    clients = [provider.clients[word or provider.default_protocol] for provider, word in named if provider]
    return any(client.protocol == server.protocol for client in clients)


async def _counted(
    services: Services, model: Model, request: Request, body: JsonObject | None, inbound: Inbound
) -> int | None:
    """The vendor's own number, or None. `body` is the caller's, where a vendor of its protocol may have that."""
    for route in model.routes:
        provider = services.providers.get(route.provider)
        if provider is None:
            continue
        client = provider.clients[route.protocol or provider.default_protocol]
        if not isinstance(client, CountingClient):
            return None
        profile = Profile(route.model, frozenset(model.input), model.max_output, {**model.traits, **route.traits})
        try:
            if body is not None and request.protocol == client.protocol and MARK.encode() not in inbound.body:
                written = {**body, "model": route.model}
            else:
                taken, _ = rewrite(request, client.rules(profile), Losses())
                written = client.write_count_tokens(taken, profile, Losses())
            async with asyncio.timeout(SECONDS):
                return await _ask(services, provider, client, route.model, codec.dumps(written), inbound)
        except Exception as error:  # noqa: BLE001 - whatever a vendor answers, the gateway can count by itself
            services.report("count_tokens_failed", {"provider": provider.name, "error": repr(error)})
    return None


async def _ask(
    services: Services, provider: Provider, client: CountingClient, model: str, body: bytes, inbound: Inbound
) -> int | None:
    url = provider.base_url.rstrip("/") + client.count_path(model)
    forwarded = {name: inbound.headers[name] for name in provider.forward if name in inbound.headers}
    headers = {"content-type": "application/json", **provider.headers, **forwarded}
    credential = services.health.credential(provider.name, provider.credential_count, services.now_ms()) or 0
    outgoing = Outgoing("POST", url, {**headers, **provider.authorized(credential, "POST", url, body)}, body)
    incoming = await services.upstream.send(Unmetered(services.new_id()), outgoing)
    try:
        raw = await incoming.read()
        count = client.read_count(codec.loads(raw)) if incoming.status == 200 else 0
        return count if 0 < count <= MOST_COUNTED else None
    finally:
        incoming.close()
