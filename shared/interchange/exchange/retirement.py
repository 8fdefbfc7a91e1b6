"""Models whose last day is over: refused, and listed no more (docs/decisions/0113-the-day-that-a-model-goes.md)."""

from __future__ import annotations

from interchange.catalog.lookup import Catalog
from interchange.catalog.models import Model
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.metering.store import day_of

from .services import Services


def is_gone(model: Model, now_ms: int) -> bool:
    """True from midnight (UTC) of the day on that the catalog says."""
    return model.deprecated is not None and day_of(now_ms) >= model.deprecated


def served(services: Services) -> tuple[Model, ...]:
    """Models that are on offer today."""
    now_ms = services.now_ms()
    return tuple(model for model in services.on_offer.models if not is_gone(model, now_ms))


def refuse_gone(services: Services, model: Model, name: str, param: str = "model") -> None:
    """Raises RequestError: 404 for a model that is served no longer, with the one to be taken in its place. Vendors
    answer so themselves, with this code (https://platform.openai.com/docs/deprecations)."""
    now_ms = services.now_ms()
    if not is_gone(model, now_ms):
        return
    after = _after(services.on_offer, model, now_ms)
    instead = f": use `{after.id}` in its place" if after else ""
    said = f"The model `{name}` is no longer served, since {model.deprecated}{instead}."
    raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param=param, code="model_not_found"))


def _after(catalog: Catalog, model: Model, now_ms: int) -> Model | None:
    """The first of its successors that is served; a list that leads back to itself has none."""
    seen, found = {model.id}, model
    while found.successor is not None:
        following = catalog.find(found.successor)
        if following is None or following.id in seen:
            return None
        if not is_gone(following, now_ms):
            return following
        seen.add(following.id)
        found = following
    return None
