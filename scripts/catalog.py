"""Generates the built-in catalog from price facts: `make catalog FACTS=FILE`.

The facts are LiteLLM's price table (MIT, `model_prices_and_context_window_backup.json`); `listing.json` beside this
file says which models are listed, by which name and route, and what the table does not know. Prices become decimal
strings per million tokens.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LISTING = Path(__file__).resolve().parent / "listing.json"
OUT = ROOT / "shared" / "interchange" / "catalog" / "data" / "catalog.json"

MILLION = Decimal(1_000_000)
RATES = {
    "input": ("input_cost_per_token",),
    "cache_read": ("cache_read_input_token_cost",),
    "cache_read_audio": ("cache_read_input_audio_token_cost",),
    "cache_read_image": ("cache_read_input_image_token_cost",),
    "cache_write_5m": ("cache_creation_input_token_cost",),
    "cache_write_1h": ("cache_creation_input_token_cost_above_1hr", "cache_creation_input_token_cost_above_12hr"),
    "output": ("output_cost_per_token",),
    "input_audio": ("input_cost_per_audio_token",),
    "output_audio": ("output_cost_per_audio_token",),
    "input_image": ("input_cost_per_image_token",),
    "output_image": ("output_cost_per_image_token",),
}
"""Our kind -> the fact's names. The longer of two cache writes is an hour's at one vendor, twelve hours' at another."""
SERVICE_TIERS = {"batch": "_batches", "flex": "_flex", "priority": "_priority", "ultrafast": "_ultrafast"}
INPUTS = {
    "supports_vision": "image",
    "supports_pdf_input": "document",
    "supports_audio_input": "audio",
    "supports_video_input": "video",
}

HOSTED = {
    "anthropic": {"web_search": "0.01"},
    "openai": {"web_search": "0.01", "code_execution": "0.03", "file_search": "0.0025"},
    "xai": {"web_search": "0.005", "x_search": "0.005", "code_execution": "0.005", "file_search": "0.0025",
            "document_search": "0.01"},
}  # fmt: skip
"""Prices a call of the tools that a provider runs itself, where the facts have none for the model.
Sources: https://developers.openai.com/api/docs/pricing (a container's session is a call of code execution),
https://docs.x.ai/developers/pricing (document search is what it calls attachment search),
https://platform.claude.com/docs/en/about-claude/pricing."""


def per_million(value: Any) -> str:
    amount = (Decimal(str(value)) * MILLION).normalize()
    return f"{amount:f}"


def rates(fact: dict[str, Any], suffix: str = "") -> dict[str, str]:
    return {
        kind: per_million(fact[name + suffix])
        for kind, names in RATES.items()
        for name in names
        if fact.get(name + suffix) is not None
    }


def times(rate: str, factor: float) -> str:
    return f"{(Decimal(rate) * Decimal(str(factor))).normalize():f}"


def in_tiers(fact: dict[str, Any], suffix: str = "") -> dict[str, Any]:
    """The rates of a service tier, or of none, with those of its long contexts."""
    out: dict[str, Any] = dict(rates(fact, suffix))
    marks = {int(mark[1]) for key in fact if (mark := re.search(r"_above_(\d+)k_tokens", key))}
    found = [{"above": mark * 1000, "rates": rates(fact, f"_above_{mark}k_tokens{suffix}")} for mark in sorted(marks)]
    tiers = [tier for tier in found if tier["rates"]]
    if tiers:
        out["tiers"] = tiers
    return out


def price(fact: dict[str, Any], listed: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = in_tiers(fact)
    services = {tier: found for tier, suffix in SERVICE_TIERS.items() if (found := in_tiers(fact, suffix))}
    factors = fact.get("provider_specific_entry") or {}
    if "fast" in factors:
        services["fast"] = {kind: times(rate, factors["fast"]) for kind, rate in rates(fact).items()}
    if services:
        out["service_tiers"] = services
    if "us" in factors:
        out["regions"] = {"us": str(factors["us"])}
    calls = dict(HOSTED.get(listed["routes"][0]["provider"], {})) if listed.get("kind", "chat") == "chat" else {}
    searches = [Decimal(str(value)) for value in (fact.get("search_context_cost_per_query") or {}).values()]
    if searches and "web_search" in calls:
        searches = [fee for fee in searches if fee != Decimal(calls["web_search"])]  # those of the older tool
        listed = {"search_unit": "web_search_preview", **listed}
    if searches:
        calls[listed.get("search_unit", "web_search")] = f"{max(searches).normalize():f}"
    if calls:
        out["per_call"] = calls
    return out


def priced(by_facts: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A listed price over that of the facts, which may be of a like model: null takes what is not this one's."""
    return {kind: rate for kind, rate in {**by_facts, **own}.items() if rate is not None}


def say_sound(rates: dict[str, Any]) -> None:
    """Writes the rates of sound of a model that hears it at the price of text: the facts have none then."""
    if "input" in rates:
        rates.setdefault("input_audio", rates["input"])
    for more in (*(tier["rates"] for tier in rates.get("tiers", ())), *rates.get("service_tiers", {}).values()):
        say_sound(more)


def entry(listed: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    fact = facts.get(listed.get("fact", listed["id"]), {})
    if not fact and "price" not in listed:
        raise SystemExit(f"{listed['id']}: no facts, and no price of its own")
    inputs = ["text", *(word for name, word in INPUTS.items() if fact.get(name))]
    out: dict[str, Any] = {
        "id": listed["id"],
        "routes": listed["routes"],
        "kind": listed.get("kind", "chat"),
        "context": fact.get("max_input_tokens"),
        "max_output": fact.get("max_output_tokens"),
        "input": inputs,
        "price": price(fact, listed),
    }
    for name in ("name", "aliases", "created", "context", "max_output", "input", "output", "traits", "price"):
        if name in listed:
            out[name] = priced(out["price"], listed["price"]) if name == "price" else listed[name]
    if out["kind"] == "chat" and "audio" in out["input"] and "input_audio" not in out["price"]:
        say_sound(out["price"])
    return {name: value for name, value in out.items() if value not in (None, 0)}


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        raise SystemExit("the file of price facts is needed: `make catalog FACTS=FILE`")
    facts = json.loads(Path(arguments[0]).read_text())
    listing = json.loads(LISTING.read_text())
    models = [entry({**listing["groups"].get(item.get("group", ""), {}), **item}, facts) for item in listing["models"]]
    text = json.dumps(models, indent=1)
    sys.path.insert(0, str(ROOT / "shared"))
    from interchange.catalog.load import read

    read(models, OUT.name)
    OUT.write_text(text + "\n")
    print(f"{len(models)} models")


if __name__ == "__main__":
    main(sys.argv[1:])
