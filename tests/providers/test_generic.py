"""A provider that is only data: read from a catalog file, built, called, charged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interchange import wiring
from interchange.catalog.load import CatalogError, load, read
from interchange.providers.generic import PROTOCOLS
from tests.exchange.world import Says, World, chat_answer, chat_stream, user, world

FILE = Path(__file__).resolve().parent / "added.yaml"
KEYED = {"GROQ_API_KEY": "gsk-1"}
MODEL = {"id": "m", "routes": [{"provider": "here", "model": "x"}], "price": {"input": "1"}}


def use(w: World, env: dict[str, str]) -> tuple[str, ...]:
    listed = load(FILE)
    added, missing = wiring.added_providers(env, listed)
    w.services = replace(w.services, catalog=listed, providers={**w.services.providers, **added})
    return missing


@pytest.fixture
def w() -> Iterator[World]:
    with world() as made:
        yield made


def test_a_model_is_served_and_charged_through_a_provider_that_is_data(w: World) -> None:
    assert use(w, KEYED) == ()
    w.script.answers = [Says(chunks=[chat_answer("hi", prompt=100, completion=10)])]
    body = {"model": "llama", "max_completion_tokens": 50, "logprobs": True,
            "messages": [{"role": "developer", "content": "be brief"}, *user()]}  # fmt: skip
    status, answer, _ = asyncio.run(w.whole("chat", body))
    assert (status, answer["model"], answer["choices"][0]["message"]["content"]) == (200, "llama", "hi")
    sent = w.script.sent[0]
    assert sent.url == "https://api.groq.com/openai/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer gsk-1"
    assert w.script.bodies[0]["model"] == "llama-3.3-70b-versatile"
    row = w.rows()[0]
    assert (row.provider, row.upstream_model) == ("groq", "llama-3.3-70b-versatile")
    assert row.charge_nano == 100 * 590 + 10 * 790


def test_the_dialect_shapes_what_a_messages_caller_sends(w: World) -> None:
    use(w, KEYED)
    w.script.answers = [Says(chunks=chat_stream("a", "b"))]
    body = {"model": "llama", "max_tokens": 50, "stream": True, "system": "be brief", "messages": user()}
    answer, chunks = asyncio.run(w.streamed("messages", body))
    assert answer.status == 200
    assert b"message_stop" in b"".join(chunks)
    sent = w.script.bodies[0]
    assert sent["max_tokens"] == 50 and "max_completion_tokens" not in sent
    assert sent["messages"][0] == {"role": "system", "content": "be brief"}


def test_a_provider_without_a_key_of_its_own_is_called_without_one(w: World) -> None:
    use(w, KEYED)
    w.script.answers = [Says(chunks=[chat_answer()])]
    status, _, _ = asyncio.run(w.whole("chat", {"model": "house", "messages": user()}))
    assert status == 200
    assert w.script.sent[0].url == "http://127.0.0.1:11434/v1/chat/completions"
    assert "authorization" not in w.script.sent[0].headers


def test_a_missing_key_is_one_line_and_the_next_route_serves(w: World) -> None:
    (line,) = use(w, {})
    assert line.startswith("GROQ_API_KEY: not set; provider groq ")
    w.script.answers = [Says(chunks=[chat_answer()])]
    status, _, _ = asyncio.run(w.whole("chat", {"model": "either", "messages": user()}))
    assert (status, w.script.bodies[0]["model"]) == (200, "gpt-up")
    status, answer, _ = asyncio.run(w.whole("chat", {"model": "llama", "messages": user()}))
    assert status >= 400 and "llama" in answer["error"]["message"]


def test_a_variable_moves_the_address() -> None:
    env = {**KEYED, "GROQ_BASE_URL": "http://127.0.0.1:9/v1/"}
    added, _ = wiring.added_providers(env, load(FILE))
    assert added["groq"].base_url == "http://127.0.0.1:9/v1"
    with pytest.raises(wiring.SettingError, match="GROQ_BASE_URL"):
        wiring.added_providers({**KEYED, "GROQ_BASE_URL": "groq"}, load(FILE))


HEADERS = [
    ("openai_chat", "authorization"),
    ("openai_responses", "authorization"),
    ("anthropic_messages", "x-api-key"),
    ("gemini", "x-goog-api-key"),
]


@pytest.mark.parametrize("protocol, header", HEADERS)
def test_every_known_wire_format_can_be_named(protocol: str, header: str) -> None:
    entry = {"base_url": "https://a.example", "protocol": protocol, "key": "HERE_KEY", "key_header": header}
    added, _ = wiring.added_providers({"HERE_KEY": "k"}, read({"models": [MODEL], "providers": {"here": entry}}))
    assert added["here"].default_protocol == protocol
    assert added["here"].authorize("POST", "", b"")[header] in ("k", "Bearer k")


WRONG: list[tuple[Any, str]] = [
    ([], "providers: expected an object"),
    ({"Här": {"base_url": "https://a.example"}}, "'Här' is no name"),
    ({"here": {}}, "providers.here.base_url: Field required"),
    ({"here": {"base_url": "a.example"}}, "providers.here.base_url: "),
    ({"here": {"base_url": "https://a.example", "key": "sk-secret-itself"}}, "providers.here.key: "),
    ({"here": {"base_url": "https://a.example", "dialects": {}}}, "providers.here.dialects: "),
    ({"here": {"base_url": "https://a.example", "protocol": "soap"}}, "providers.here.protocol: 'soap' is unknown"),
    ({"here": {"base_url": "https://a.example", "dialect": {"strikt": True}}}, "here.dialect.strikt: unknown"),
    ({"here": {"base_url": "https://a.example", "dialect": {"strict": 1}}}, "providers.here.dialect.strict: must be"),
    ({"here": {"base_url": "https://a.example", "protocol": "gemini", "dialect": {"strict": True}}},
     "providers.here.dialect.strict: this protocol has no dialects"),
    ({"openai": {"base_url": "https://a.example"}}, "providers.openai: this name is a built-in provider's"),
    ({"there": {"base_url": "https://a.example"}}, "models[0].routes[0].provider: 'here' is not known"),
]  # fmt: skip


@pytest.mark.parametrize("providers, said", WRONG)
def test_what_is_wrong_is_said_with_its_path(providers: Any, said: str) -> None:
    with pytest.raises(CatalogError) as raised:
        listed = read({"models": [MODEL], "providers": providers})
        wiring.added_providers({}, listed)
        wiring.check_routes(listed)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_on_a_laptop_the_simulator_speaks_for_a_provider_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    from local import simulated

    monkeypatch.setenv("INTERCHANGE_CATALOG", str(FILE))
    assert simulated.added() == {"groq": ("GROQ_API_KEY", "GROQ_BASE_URL", "/openai/v1")}
    assert set(simulated.SPEAKS) == set(PROTOCOLS)


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({"max_completion_tokens": 50}, {"max_tokens": 50}),
        ({"max_tokens": 50}, {"max_tokens": 50}),
        ({"max_completion_tokens": 50, "max_tokens": 900}, {"max_tokens": 50}),
        ({}, {}),
    ],
)
def test_an_output_limit_goes_out_under_the_name_that_is_read(w: World, asked: dict[str, Any], sent: Any) -> None:
    """What the provider passed over would bound neither its answer nor what that costs."""
    use(w, KEYED)
    w.script.answers = [Says(chunks=[chat_answer()])]
    status, _, _ = asyncio.run(w.whole("chat", {"model": "llama", "messages": user(), **asked}))
    assert status == 200
    (body,) = w.script.bodies
    assert {name: body[name] for name in ("max_tokens", "max_completion_tokens") if name in body} == sent


@pytest.mark.parametrize("asked", [{}, {"max_tokens": 900}, {"max_completion_tokens": 900}])
def test_the_limit_of_a_small_balance_too(asked: dict[str, Any]) -> None:
    with world(credit="0.0005") as here:
        use(here, KEYED)
        here.script.answers = [Says(chunks=[chat_answer()])]
        status, _, headers = asyncio.run(here.whole("chat", {"model": "llama", "messages": user(), **asked}))
        assert status == 200
        limit = int(headers["x-interchange-max-tokens"])
        assert (here.script.bodies[0]["max_tokens"], here.script.bodies[0].get("max_completion_tokens")) == (
            limit,
            None,
        )
