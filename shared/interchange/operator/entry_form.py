"""An entry of the catalog's changes, as the API's document describes it; the catalog's own reader says what is wrong
with one."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import ConfigDict, Field

from interchange.catalog.schema import COUNTED, Kind, Model, Price, Rates, Route

from .dates import DATE
from .forms import named, written_as

_OTHERS: Any = [kind for kind in get_args(Kind) if kind not in COUNTED]
_PRICED: Any = {
    "anyOf": [
        {"not": {"required": ["price"]}},
        {"properties": {"price": {"required": ["input"], "properties": {"input": {"type": "string"}}}}},
        {"required": ["kind"], "properties": {"kind": {"enum": _OTHERS}, "price": named(*Rates.model_fields)}},
    ]
}


class EntryForm(Model):
    """A model to add, which has routes and a price; or the fields to change of one that the catalog has."""

    model_config = ConfigDict(json_schema_extra=_PRICED)

    routes: tuple[Route, ...] = Field(default_factory=tuple, min_length=1)
    price: Price = Field(default_factory=Price)
    deprecated: Annotated[str, Field(json_schema_extra=written_as(DATE))] | None = None
