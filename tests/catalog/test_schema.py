"""The entries that the code uses against the schema that files are held to."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from interchange.catalog import models, schema
from interchange.catalog.load import BUILT_IN, CatalogError, load, read

ENTRY: dict[str, Any] = {"id": "m", "routes": [{"provider": "openai", "model": "m"}], "price": {"input": "1"}}


@pytest.mark.parametrize("kind", ["Rates", "Tier", "ServiceTier", "Price", "Route", "Provider", "Model"])
def test_both_have_the_same_fields_and_defaults(kind: str) -> None:
    checked, used = getattr(schema, kind).model_fields, {item.name: item for item in fields(getattr(models, kind))}
    assert set(checked) == set(used)
    needed = {name for name, item in checked.items() if item.is_required()}
    given: dict[str, Any] = dict.fromkeys(needed)
    made = getattr(models, kind)(**given)
    for name in set(checked) - needed:
        assert getattr(made, name) == checked[name].get_default(call_default_factory=True), name


def test_the_built_in_catalog_keeps_to_the_schema() -> None:
    assert load() == load(BUILT_IN)


def test_prices_have_the_form_that_rows_keep() -> None:
    for entry in json.loads(BUILT_IN.read_text()):
        wanted = schema.Price.model_validate(entry["price"]).model_dump(exclude_none=True, mode="json")
        # What came later is there only where it says something: the rows' price versions stay what they were.
        wanted = {name: value for name, value in wanted.items() if name != "regions" or value}
        for rates in wanted["service_tiers"].values():
            if not rates["tiers"]:
                del rates["tiers"]
        assert models.read_price(entry["price"]).data() == wanted, entry["id"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"price": {"input": "-1"}}, "price.input"),
        ({"price": {"input": 1}}, "price.input"),
        ({"colour": 1}, "colour"),
        ({"routes": []}, "routes"),
        ({"context": 0}, "context"),
        ({"input": ["smell"]}, "input[0]"),
        ({"price": {"tiers": [{"above": 0, "rates": {}}]}}, "price.tiers[0].above"),
    ],
)
def test_what_is_wrong_is_said_with_its_path(change: dict[str, Any], place: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read([{**ENTRY, **change}])
    assert f"[0].{place}" in str(caught.value)


def test_a_file_is_always_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(json.dumps([{**ENTRY, "colour": 1}]))
    with pytest.raises(CatalogError):
        load(file)
