"""GET /v1/models: the catalog, in the shape that the caller's SDK reads.

The OpenAI list by default (https://platform.openai.com/docs/api-reference/models/list); the Anthropic page
(https://docs.anthropic.com/en/api/models-list) when the caller sends `anthropic-version`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from interchange.catalog.models import Model
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal
from interchange.metering.tariff import Tariff

from .access import identify, may_use, no_such_model, presented_key
from .http import Inbound
from .pricing import applied, tariff
from .retirement import refuse_gone, served
from .services import Services

ENDPOINTS: Mapping[str, tuple[str, ...]] = {
    "chat": ("/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/responses"),
    "embedding": ("/v1/embeddings",),
    "image": ("/v1/images/generations", "/v1/images/edits"),
    "transcription": ("/v1/audio/transcriptions", "/v1/audio/translations"),
    "speech": ("/v1/audio/speech",),
    "moderation": ("/v1/moderations",),
}
"""Which endpoints take a model of each kind."""
PAGE = 20
Paid = Callable[[Model], dict[str, Any]]
"""A model -> the prices that the caller pays for it."""
_VERSION = "anthropic-version"
LONGEST_PAGE = 1000
_WHOLE = re.compile(r"[0-9]{1,9}")


async def index(services: Services, inbound: Inbound) -> dict[str, Any]:
    """The list, of what the key may use. Raises RequestError."""
    principal, paid = await _asked(services, inbound)
    models = tuple(model for model in served(services) if may_use(principal, model))
    if _VERSION in inbound.headers:
        return _page(models, inbound.query, paid)
    return {"object": "list", "data": [_openai(model, paid) for model in models]}


async def show(services: Services, inbound: Inbound, name: str) -> dict[str, Any]:
    """One model. Raises RequestError."""
    principal, paid = await _asked(services, inbound)
    model = services.on_offer.find(name)
    if model is None or not may_use(principal, model):
        usable = [one for one in served(services) if may_use(principal, one)]
        raise no_such_model(name, services.on_offer.near(name, usable))
    refuse_gone(services, model, name)
    return _anthropic(model, paid) if _VERSION in inbound.headers else _openai(model, paid)


async def _asked(services: Services, inbound: Inbound) -> tuple[Principal, Paid]:
    """Whoever sends no key reads the public list, at its prices; a key that is sent has to be good."""
    public = services.public_models and not presented_key(inbound)
    principal = VISITOR if public else await identify(services, inbound)
    found = await tariff(services)
    return principal, lambda model: _paid(services, found, principal, model)


VISITOR = Principal(account_id="", key_id="")
"""Nobody: without limits, and without a markup of his own."""


def _paid(services: Services, found: Tariff, principal: Principal, model: Model) -> dict[str, Any]:
    told = applied(services, found, principal, model)
    price = model.price.data() if told.price is None else told.price
    return {name: _marked_up(value, Decimal(told.markup)) for name, value in price.items() if value}


def _openai(model: Model, paid: Paid) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created or 0,
        "owned_by": model.routes[0].provider,
        **_facts(model, paid),
    }


def _anthropic(model: Model, paid: Paid) -> dict[str, Any]:
    created = datetime.fromtimestamp(model.created or 0, UTC)
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name or model.id,
        "created_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "max_input_tokens": model.context,
        "max_tokens": model.max_output,
        "capabilities": None,
        **_facts(model, paid),
    }


def _facts(model: Model, paid: Paid) -> dict[str, Any]:
    """Fields that both shapes carry beyond the vendors' own; prices in USD per million tokens, or per unit, as this
    caller pays them."""
    price = paid(model)
    return {
        "aliases": list(model.aliases),
        "kind": model.kind,
        "context_window": model.context,
        "max_output_tokens": model.max_output,
        "input_modalities": list(model.input),
        "output_modalities": list(model.output),
        "pricing": price,
        "supports_prompt_caching": "cache_read" in price,
        "supports_reasoning": model.reasons,
        "endpoints": list(ENDPOINTS[model.kind]),
        **deprecation(model),
    }


def deprecation(model: Model) -> dict[str, Any]:
    """When a model goes, and which one is to be taken in its place."""
    if model.deprecated is None:
        return {}
    return {"deprecation": {"date": model.deprecated, "successor": model.successor}}


def _marked_up(price: Any, markup: Decimal) -> Any:
    match price:
        case str() if markup != 1:
            return f"{(Decimal(price) * markup).normalize():f}"
        case Mapping():
            return {name: _marked_up(value, markup) for name, value in price.items()}
        case list():
            return [_marked_up(one, markup) for one in price]
        case _:
            return price


def _page(models: tuple[Model, ...], query: Mapping[str, str], paid: Paid) -> dict[str, Any]:
    """Cursor pagination: `limit` 1 to 1000, from `after_id` on, up to `before_id`, or what lies between both."""
    limit = _limit(query.get("limit", str(PAGE)))
    ids = [model.id for model in models]
    start, end = 0, len(ids)
    backwards = "before_id" in query and "after_id" not in query
    if "after_id" in query:
        start = _place(ids, query["after_id"], "after_id") + 1
    if "before_id" in query:
        end = _place(ids, query["before_id"], "before_id")
        start = max(0, end - limit) if backwards else start
    page = models[start : max(start, end)][:limit]
    more = start > 0 if backwards else start + len(page) < end
    return {
        "data": [_anthropic(model, paid) for model in page],
        "has_more": more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def _limit(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= LONGEST_PAGE:
        raise invalid(f"limit: must be a whole number from 1 to {LONGEST_PAGE}", "limit")
    return int(text)


def _place(ids: list[str], cursor: str, name: str) -> int:
    if cursor not in ids:
        said = f"{name}: no such model: {cursor[:200]!r}"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param=name, code="model_not_found"))
    return ids.index(cursor)
