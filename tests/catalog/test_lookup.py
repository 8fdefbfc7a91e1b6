"""The names by which callers find a model, and what a name that finds none is answered with."""

from __future__ import annotations

import re

import pytest

from interchange.catalog.load import load, read

CATALOG = load()


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("gpt-5.4-2026-03-05", "gpt-5.4"),
        ("o3-2025-04-16", "o3"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
        ("grok-4-0709", "grok-4"),
        ("grok-4-latest", "grok-4"),
        ("grok-code-fast", "grok-code-fast-1"),
        ("openai/gpt-4.1", "gpt-4.1"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o"),
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic/claude-opus-4.8", "claude-opus-4-8"),
        ("google/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini/gemini-2.5-flash", "gemini-2.5-flash"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("x-ai/grok-4", "grok-4"),
        ("xai/grok-4-0709", "grok-4"),
        ("amazon/nova-pro", "nova-pro"),
        ("bedrock/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("omni-moderation-2024-09-26", "omni-moderation-latest"),
        ("gpt-4o-audio-preview-2024-12-17", "gpt-4o-audio-preview"),
        ("text-embedding-ada-002-v2", "text-embedding-ada-002"),
        ("anthropic/claude-3.5-sonnet", "claude-3-5-sonnet-20241022"),
        ("gemini-2.5-flash-001", "gemini-2.5-flash"),
        ("models/gemini-2.5-pro-latest", "gemini-2.5-pro"),
        ("grok-4.7-latest", "grok-4.7"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("bedrock/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("amazon.nova-pro-v1:0", "nova-pro"),
        ("vertex_ai/gemini-3.1-flash-image-preview", "gemini-3.1-flash-image"),
    ],
)
def test_dated_ids_and_names_behind_a_vendor_are_aliases(name: str, model: str) -> None:
    found = CATALOG.find(name)
    assert found is not None
    assert found.id == model


def test_every_model_is_found_behind_the_name_of_its_provider() -> None:
    for one in CATALOG.models:
        for route in one.routes:
            assert CATALOG.find(f"{route.provider}/{one.id}") is one


SPELLED = {
    "gemini": ("google", "gemini", "models"),
    "xai": ("x-ai", "xai"),
    "bedrock": ("bedrock", "amazon", "meta"),
}
"""Other gateways' words for the providers whose name is not the only one."""


def test_every_name_of_every_model_is_found_in_every_spelling() -> None:
    """Ids, dated ids and the vendors' own, alone and behind each word for the vendor, with dots for the dashes of a
    version: none leads to another model."""
    missed = []
    for one in CATALOG.models:
        for route in one.routes:
            for name in (one.id, *one.aliases):
                spelled = {name, re.sub(r"(?<=\d)-(?=\d(?:-|$))", ".", name)}
                words = SPELLED.get(route.provider, (route.provider,))
                asked = [name, *(f"{word}/{bare}" for word in words for bare in spelled)]
                missed += [(asked_for, one.id) for asked_for in asked if CATALOG.find(asked_for) is not one]
    assert missed == []


def test_a_miss_by_case_dots_prefix_or_date_suggests_the_model_it_means() -> None:
    missed = []
    for one in CATALOG.models:
        plain = one.id.replace(".", "-")
        asked = [
            one.id.upper(),
            f"openrouter/any/{one.id}",
            f"{one.id}-2031-01-01",
            f"{one.id}-20310101",
            f"{one.id}:free",
        ]
        asked += [plain.title(), one.id.replace("-", "_"), f"azure/{plain}", f"{one.id}@20310101"]
        missed += [
            (name, CATALOG.near(name))
            for name in asked
            if not CATALOG.find(name) and CATALOG.near(name)[:1] != (one.id,)
        ]
    assert missed == []


@pytest.mark.parametrize(
    "name",
    [
        "openai/claude-sonnet-4-5", "anthropic/gpt-4.1", "gpt-4o-2024-05-13", "gpt-4o-2031-01-01", "GPT-4.1",
        "/gpt-4.1", "gpt-4.1/", "claude-sonnet-4.5", "", "/",
    ],
)  # fmt: skip
def test_another_vendors_name_and_unknown_dates_are_not_guessed(name: str) -> None:
    assert CATALOG.find(name) is None


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("GPT-4.1", "gpt-4.1"),
        ("Claude-Sonnet-4.5", "claude-sonnet-4-5"),
        ("claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5-latest", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("openai/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("gpt-4o-2024-05-13", "gpt-4o"),
        ("gpt-4o-2031-01-01", "gpt-4o"),
        ("gpt-4-1", "gpt-4.1"),
        ("gpt-5-4", "gpt-5.4"),
        ("gemini-2-5-flash", "gemini-2.5-flash"),
        ("gemini-3-flash", "gemini-3-flash-preview"),
        ("grok-4.3:free", "grok-4.3"),
        ("claude-sonet-4-5", "claude-sonnet-4-5"),
        ("gpt-4.1-mni", "gpt-4.1-mini"),
    ],
)
def test_a_miss_suggests_the_id_that_was_probably_meant_first(name: str, first: str) -> None:
    assert CATALOG.near(name)[:1] == (first,)


def test_a_miss_suggests_at_most_three_ids_and_none_where_nothing_is_near() -> None:
    assert 1 < len(CATALOG.near("gpt-5.3")) <= 3
    assert CATALOG.near("my-own-model") == ()


def test_only_the_given_models_are_suggested() -> None:
    claudes = [one for one in CATALOG.models if one.id.startswith("claude")]
    assert CATALOG.near("gpt-4.1", claudes) == ()


def test_a_provider_of_the_operators_own_is_a_vendor_too() -> None:
    price = {"input": "1", "output": "2"}
    catalog = read([{"id": "chat-9", "routes": [{"provider": "acme", "model": "c9"}], "price": price}], checked=True)
    assert catalog.find("acme/chat-9") is catalog.models[0]


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("gpt-5", True), ("o3", True), ("claude-sonnet-4-5", True), ("claude-opus-5", True), ("gemini-2.5-flash", True),
        ("grok-4", True), ("grok-4.3", True), ("gpt-4o", False), ("whisper-1", False),
    ],
)  # fmt: skip
def test_a_model_that_thinks_says_so(model: str, reasons: bool) -> None:
    found = CATALOG.find(model)
    assert found is not None and found.reasons is reasons
