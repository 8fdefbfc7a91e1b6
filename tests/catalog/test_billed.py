"""A price names every kind that the model's provider bills apart."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from interchange.catalog.billed import unpriced, without_fee
from interchange.catalog.load import load, read
from interchange.operator import main
from interchange.wire import codec

TEXT = {"input": "1", "output": "4", "cache_read": "0.1"}
CLAUDE = {**TEXT, "cache_write_5m": "1.25", "cache_write_1h": "2", "per_call": {"web_search": "0.01"}}
CASES: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    ({"price": {"input": "1"}}, "groq", ("output",)),
    ({"price": {"input": "1", "output": "4"}}, "groq", ()),
    ({"price": TEXT}, "anthropic", ("cache_write_5m", "cache_write_1h")),
    ({"price": CLAUDE}, "anthropic", ()),
    ({"price": TEXT, "input": ["text", "audio"]}, "gemini", ("input_audio",)),
    ({"price": {**TEXT, "input_audio": "3"}, "input": ["text", "audio"]}, "gemini", ("cache_read_audio",)),
    ({"price": {**TEXT, "input_audio": "1"}, "input": ["text", "audio"]}, "gemini", ()),
    ({"price": TEXT, "output": ["text", "audio"]}, "groq", ("output_audio",)),
    ({"price": TEXT, "output": ["text", "image"]}, "groq", ("output_image",)),
    ({"price": {"input": "1", "output": "4"}}, "openai", ()),
    ({"kind": "image", "price": {"per_image": {"default": "0.1"}}, "output": ["image"]}, "xai", ()),
    ({"kind": "image", "price": {"input": "5"}, "input": ["text", "image"], "output": ["image"]}, "openai",
     ("input_image", "output_image")),
    ({"kind": "transcription", "price": {"input": "1"}, "input": ["audio"]}, "openai", ("input_audio", "output")),
    ({"kind": "transcription", "price": {"per_minute": "0.006"}, "input": ["audio"]}, "openai", ()),
    ({"kind": "speech", "price": {"input": "1"}, "output": ["audio"]}, "openai", ("output_audio",)),
    ({"kind": "speech", "price": {"per_million_characters": "15"}, "output": ["audio"]}, "openai", ()),
    ({"kind": "embedding", "price": {"input": "1"}}, "openai", ()),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "provider", "missing"), CASES)
def test_a_kind_that_the_provider_bills_apart_needs_a_rate(
    entry: dict[str, Any], provider: str, missing: tuple[str, ...]
) -> None:
    catalog = read([{"id": "m", "routes": [{"provider": provider, "model": "m"}], **entry}])
    assert unpriced(catalog.models[0]) == missing


@pytest.mark.parametrize(
    ("fees", "provider", "free"),
    [
        ({}, "openai", ("web_search", "code_execution")),
        ({"web_search": "0.01"}, "anthropic", ()),
        ({"grounded_prompt": "0.035"}, "gemini", ()),
        ({}, "xai", ("web_search", "x_search", "code_execution")),
        ({}, "groq", ()),
    ],
)
def test_a_call_without_a_fee_is_told(fees: dict[str, str], provider: str, free: tuple[str, ...]) -> None:
    price = {**TEXT, "per_call": fees}
    assert (
        without_fee(read([{"id": "m", "routes": [{"provider": provider, "model": "m"}], "price": price}]).models[0])
        == free
    )


def test_every_model_of_the_built_in_catalog_is_wholly_priced() -> None:
    assert {model.id: unpriced(model) for model in load().models if unpriced(model)} == {}
    assert {model.id: without_fee(model) for model in load().models if without_fee(model)} == {}


def test_the_check_refuses_such_a_model_and_names_the_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"id": "mine", "routes": [{"provider": "gemini", "model": "g"}], "input": ["text", "audio"], "price": TEXT}
    file = tmp_path / "models.json"
    file.write_bytes(codec.dumps([entry]))
    assert main.main(["catalog", "check", str(file)]) != 0
    assert "mine: price.input_audio: " in capsys.readouterr().err
    file.write_bytes(codec.dumps([{**entry, "price": {**TEXT, "input_audio": "1"}}]))
    assert main.main(["catalog", "check", str(file)]) == 0
    assert "mine: web_search" in capsys.readouterr().out


LISTED = codec.loads((files("interchange.catalog") / "data" / "catalog.json").read_bytes())


@pytest.mark.parametrize("model", LISTED, ids=lambda one: one["id"])
def test_no_token_costs_less_beyond_a_mark(model: dict[str, Any]) -> None:
    """A cheaper tier is another model's: grok-4 once had those of grok-4.3."""
    price = model["price"]
    for tier in price.get("tiers", ()):
        for kind, rate in tier["rates"].items():
            assert Decimal(rate) >= Decimal(price.get(kind, "0"))
