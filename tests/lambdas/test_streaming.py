"""The stock SDKs against a function URL: our streaming entry behind an emulator of Lambda."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anthropic
import httpx2 as httpx
import openai
import pytest

from tests.lambdas.environment import Environment, World
from tests.patience import PATIENCE_S

Environments = Callable[[str], Environment]
HELLO: Any = [{"role": "user", "content": "hello there"}]


def gated(name: str) -> Any:
    return [{"role": "user", "content": f"one two three four [[gate {name}]]"}]


def open_gate(around: World, name: str) -> None:
    httpx.post(f"{around.simulator_url}/control/gate/{name}", timeout=PATIENCE_S)


@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-sonnet-4-5"])
def test_L4_chat_frames_arrive_before_the_provider_ends(
    model: str, shared_environments: Environments, around: World
) -> None:
    """The gate opens only after the first text has arrived: a buffered answer would wait for ever."""
    _, key = around.account()
    client = openai.OpenAI(
        api_key=key, base_url=f"{shared_environments('chat').url}/v1", max_retries=0, timeout=PATIENCE_S
    )
    said: list[str] = []
    gate = f"chat-{model}"
    for chunk in client.chat.completions.create(model=model, messages=gated(gate), stream=True, max_tokens=200):
        text = chunk.choices[0].delta.content if chunk.choices else None
        if text and not any(said):
            open_gate(around, gate)
        said.append(text or "")
    assert "one two three four" in "".join(said)


@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-sonnet-4-5"])
def test_message_frames_arrive_before_the_provider_ends(
    model: str, shared_environments: Environments, around: World
) -> None:
    _, key = around.account()
    client = anthropic.Anthropic(
        api_key=key, base_url=shared_environments("messages").url, max_retries=0, timeout=PATIENCE_S
    )
    gate = f"messages-{model}"
    with client.messages.stream(model=model, messages=gated(gate), max_tokens=200) as stream:
        texts = iter(stream.text_stream)
        first = next(texts)
        open_gate(around, gate)
        assert "one two three four" in first + "".join(texts)
        assert stream.get_final_message().stop_reason == "end_turn"


def test_whole_answers_go_the_same_way(shared_environments: Environments, around: World) -> None:
    account, key = around.account()
    chat = openai.OpenAI(api_key=key, base_url=f"{shared_environments('chat').url}/v1", max_retries=0)
    answer = chat.chat.completions.with_raw_response.create(model="gpt-4o-mini", messages=HELLO)
    assert answer.parse().choices[0].message.content
    messages = anthropic.Anthropic(api_key=key, base_url=shared_environments("messages").url, max_retries=0)
    assert messages.messages.create(model="claude-sonnet-4-5", messages=HELLO, max_tokens=64).content
    balance = around.balance(account)
    assert balance.held_nano == 0 and balance.charged_nano > 0
    assert "x-interchange-request-id" in answer.headers


def test_errors_have_their_status(shared_environments: Environments, around: World) -> None:
    url = shared_environments("chat").url
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="sk-wrong", base_url=f"{url}/v1", max_retries=0).chat.completions.create(
            model="gpt-4o-mini", messages=HELLO
        )
    _, key = around.account("0.0000001")
    with pytest.raises(openai.APIStatusError) as caught:
        openai.OpenAI(api_key=key, base_url=f"{url}/v1", max_retries=0).chat.completions.create(
            model="gpt-4o-mini", messages=HELLO
        )
    assert caught.value.status_code == 402


def test_a_stream_that_breaks_is_told_and_settled(shared_environments: Environments, around: World) -> None:
    account, key = around.account()
    client = openai.OpenAI(
        api_key=key, base_url=f"{shared_environments('chat').url}/v1", max_retries=0, timeout=PATIENCE_S
    )
    asked: Any = [{"role": "user", "content": "one two three four [[cut]]"}]
    with pytest.raises(openai.APIError):
        for _ in client.chat.completions.create(model="gpt-4o-mini", messages=asked, stream=True):
            pass
    shared_environments("chat").emulator.last()
    balance = around.balance(account)
    assert balance.held_nano == 0 and balance.charged_nano > 0


def test_a_client_that_leaves_pays_what_one_that_stays_pays(shared_environments: Environments, around: World) -> None:
    """Lambda tells nobody that a client has gone: the upstream is read to its end and the true usage charged."""
    charged = []
    for stays in (True, False):
        account, key = around.account()
        gate = f"leave-{int(stays)}"
        body = {"model": "gpt-4o-mini", "messages": gated(gate), "stream": True}
        headers = {"authorization": f"Bearer {key}"}
        url = f"{shared_environments('chat').url}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, headers=headers, timeout=PATIENCE_S) as answer:
            lines = answer.iter_lines()
            next(lines)
            if stays:
                open_gate(around, gate)
                assert "data: [DONE]" in list(lines)
        open_gate(around, gate)
        shared_environments("chat").emulator.last()
        balance = around.balance(account)
        assert balance.held_nano == 0
        charged.append(balance.charged_nano)
    assert charged[0] == charged[1] > 0


@pytest.mark.long
def test_L8_two_hundred_invocations_in_one_environment(shared_environments: Environments, around: World) -> None:
    """Frozen after each; the process stays the same one and no hold stays open."""
    account, key = around.account()
    environment = shared_environments("chat")
    charged = []
    with httpx.Client(headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE_S) as client:
        for number in range(200):
            body = {"model": "gpt-4o-mini", "messages": HELLO, "stream": number % 2 == 0}
            assert client.post(f"{environment.url}/v1/chat/completions", json=body).status_code == 200
            charged.append(around.balance(account).charged_nano)
    assert environment.process.poll() is None
    assert around.balance(account).held_nano == 0
    steps = {after - before for before, after in zip([0, *charged], charged, strict=False)}
    assert len(steps) == 1, "every one costs the same, and is settled when its last byte arrives"


def test_connections_that_died_while_frozen(shared_environments: Environments, around: World) -> None:
    """The provider goes away and comes back while the environment is frozen: the pooled connections are dead."""
    _, key = around.account()
    environment = shared_environments("chat")
    headers = {"authorization": f"Bearer {key}"}
    body = {"model": "gpt-4o-mini", "messages": HELLO}
    for _ in range(3):
        first = httpx.post(f"{environment.url}/v1/chat/completions", json=body, headers=headers, timeout=PATIENCE_S)
        assert first.status_code == 200
        around.stop_simulator()
        around.start_simulator()
    last = httpx.post(f"{environment.url}/v1/chat/completions", json=body, headers=headers, timeout=PATIENCE_S)
    assert last.status_code == 200 and json.loads(last.content)["choices"]
