"""What goes wrong for customers, tried by hand's means: wrong keys, empty balances, huge bodies, leaving early."""

from __future__ import annotations

import json
import socket
import time
from decimal import Decimal
from typing import Any

import anthropic
import httpx2 as httpx
import openai
import pytest

from tests.patience import PATIENCE_S
from tests.sdk.gateway import Gateway, free_port, running

HELLO: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}


def until(holds: Any) -> None:
    """Waits for what another process is about to do; the suite's own time limit bounds it."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_it_says_where_everything_is(gateway: Gateway) -> None:
    assert gateway.lines[-1] == f"ready {gateway.url} key {gateway.key}"
    assert httpx.get(f"{gateway.url}/healthz", timeout=PATIENCE_S).status_code == 200
    assert any(line.startswith("export INTERCHANGE_TABLE=sqlite:/") for line in gateway.lines)


def test_it_describes_its_endpoints(gateway: Gateway) -> None:
    paths = httpx.get(f"{gateway.url}/openapi.json", timeout=PATIENCE_S).json()["paths"]
    assert {"/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings", "/v1/images/edits"} <= set(paths)
    assert set(paths["/v1/messages"]) == {"post"}


def test_wrong_keys(gateway: Gateway) -> None:
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="sk-wrong", base_url=f"{gateway.url}/v1", max_retries=0).models.list()
    with pytest.raises(anthropic.AuthenticationError):
        anthropic.Anthropic(api_key="sk-wrong", base_url=gateway.url, max_retries=0).models.list()
    assert gateway.post("/v1/chat/completions", HELLO, authorization="Basic x").status_code == 401


def test_both_key_headers_work_on_both_protocols(gateway: Gateway) -> None:
    asked = {**HELLO, "max_tokens": 50}
    for path in ("/v1/chat/completions", "/v1/messages"):
        for headers in ({"authorization": f"Bearer {gateway.key}"}, {"x-api-key": gateway.key}):
            assert (
                httpx.post(f"{gateway.url}{path}", json=asked, headers=headers, timeout=PATIENCE_S).status_code == 200
            )


def test_the_balance_goes_down_by_what_the_tokens_cost(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "one", "--credit", "1")
    answer = gateway.post("/v1/chat/completions", HELLO, authorization=f"Bearer {made['key']}")
    usage = answer.json()["usage"]
    price = Decimal(usage["prompt_tokens"]) * Decimal("0.15") + Decimal(usage["completion_tokens"]) * Decimal("0.6")
    shown = gateway.operator("account", "show", made["account"])
    assert Decimal(shown["charged_usd"]) == price / 1_000_000 == Decimal(answer.headers["x-interchange-charge-usd"])
    assert Decimal(shown["available_usd"]) == 1 - price / 1_000_000
    assert shown["held_usd"] == "0"
    assert gateway.operator("audit")["balanced"] is True


def test_an_empty_balance(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "poor", "--credit", "0")
    with pytest.raises(openai.APIStatusError) as caught:
        client = openai.OpenAI(api_key=made["key"], base_url=f"{gateway.url}/v1", max_retries=0)
        client.chat.completions.create(**HELLO)
    assert caught.value.status_code == 402
    with pytest.raises(anthropic.APIStatusError) as told:
        other = anthropic.Anthropic(api_key=made["key"], base_url=gateway.url, max_retries=0)
        other.messages.create(model="grok-4", max_tokens=10, messages=[{"role": "user", "content": "hi"}])
    assert told.value.status_code == 402


def test_a_revoked_key(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "gone", "--credit", "1")
    bearer = f"Bearer {made['key']}"
    assert gateway.post("/v1/chat/completions", HELLO, authorization=bearer).status_code == 200
    gateway.operator("key", "revoke", made["key_id"])
    assert gateway.post("/v1/chat/completions", HELLO, authorization=bearer).status_code == 401


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_huge_body(gateway: Gateway, path: str) -> None:
    answer = httpx.post(
        f"{gateway.url}{path}", content=b'{"model":"' + b"x" * 40_000_000 + b'"}', timeout=PATIENCE_S,
        headers={"authorization": f"Bearer {gateway.key}", "content-type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "33554432" in answer.text


def test_unknown_paths_and_methods(gateway: Gateway) -> None:
    assert httpx.get(f"{gateway.url}/v1/nothing", timeout=PATIENCE_S).status_code == 404
    assert httpx.get(f"{gateway.url}/v1/chat/completions", timeout=PATIENCE_S).status_code == 405
    assert "error" in httpx.get(f"{gateway.url}/v1/messages", timeout=PATIENCE_S).json()


@pytest.mark.parametrize("marker", ["429", "500", "529"])
@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash", "grok-4"])
def test_a_providers_bad_day(gateway: Gateway, model: str, marker: str) -> None:
    asked = {"model": model, "max_tokens": 50, "messages": [{"role": "user", "content": f"hello [[{marker}]]"}]}
    chat = gateway.post("/v1/chat/completions", asked)
    messages = gateway.post("/v1/messages", asked)
    expected = {"429": {429}, "500": {500}, "529": {503, 529}}[marker]
    assert chat.status_code in expected and messages.status_code in expected
    assert chat.json()["error"]["message"] and messages.json()["type"] == "error"
    assert chat.headers["x-interchange-charge-usd"] == "0"
    if marker == "429":
        assert chat.headers["retry-after"] == messages.headers["retry-after"] == "1"


@pytest.mark.parametrize("marker", ["cut", "malformed"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash"])
def test_a_broken_stream_is_told(gateway: Gateway, path: str, model: str, marker: str) -> None:
    asked = {"model": model, "max_tokens": 90, "stream": True,
             "messages": [{"role": "user", "content": f"say something longer than that [[{marker}]]"}]}  # fmt: skip
    answer = gateway.post(path, asked)
    assert answer.status_code == 200
    assert '"error"' in answer.text
    assert "[DONE]" not in answer.text and "message_stop" not in answer.text


def test_L1_frames_arrive_as_they_are_sent(gateway: Gateway) -> None:
    """The second half of the answer waits behind a gate that only the first half opens."""
    asked = {**HELLO, "stream": True, "messages": [{"role": "user", "content": "hello [[gate live]]"}]}
    headers = {"authorization": f"Bearer {gateway.key}"}
    with httpx.stream(
        "POST", f"{gateway.url}/v1/chat/completions", json=asked, headers=headers, timeout=PATIENCE_S
    ) as answer:
        lines = answer.iter_lines()
        assert any("simulator" in line or "This" in line for line in lines)
        httpx.post(f"{gateway.simulator}/control/gate/live", timeout=PATIENCE_S)
        assert any("[DONE]" in line for line in lines)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_J8_leaving_in_the_middle_is_charged_and_holds_nothing(gateway: Gateway, path: str) -> None:
    made = gateway.operator("account", "create", "--name", "leaver", "--credit", "1")
    gate = f"leave{path.count('s')}"
    asked = {**HELLO, "max_tokens": 90, "stream": True,
             "messages": [{"role": "user", "content": f"hello [[gate {gate}]]"}]}  # fmt: skip
    body = json.dumps(asked).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {made['key']}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode()
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head + body)
        assert b"200" in connection.recv(4096)
    httpx.post(f"{gateway.simulator}/control/gate/{gate}", timeout=PATIENCE_S)
    until(lambda: gateway.operator("account", "show", made["account"])["held_usd"] == "0")
    assert Decimal(gateway.operator("account", "show", made["account"])["charged_usd"]) > 0


def test_the_model_lists(gateway: Gateway) -> None:
    client = openai.OpenAI(api_key=gateway.key, base_url=f"{gateway.url}/v1", max_retries=0)
    ids = [model.id for model in client.models.list()]
    assert {"gpt-4o-mini", "claude-3-5-sonnet-20241022"} <= set(ids)
    assert client.models.retrieve("gpt-4o-mini").owned_by == "openai"
    other = anthropic.Anthropic(api_key=gateway.key, base_url=gateway.url, max_retries=0)
    paged = [model.id for model in other.models.list(limit=7)]
    assert paged == ids
    assert other.models.retrieve("claude-sonnet-4-5").display_name


def test_G1_counting_tokens_is_free_for_every_model(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "counter", "--credit", "0")
    client = anthropic.Anthropic(api_key=made["key"], base_url=gateway.url, max_retries=0)
    for model in ("gpt-4o-mini", "claude-sonnet-4-5", "gemini-2.5-flash", "grok-4"):
        asked: Any = {"model": model, "messages": [{"role": "user", "content": "hello there"}]}
        assert client.messages.count_tokens(**asked).input_tokens > 0
        assert client.beta.messages.count_tokens(**asked).input_tokens > 0


def test_the_dashboard(gateway: Gateway) -> None:
    page = httpx.get(f"{gateway.url}/console", follow_redirects=True, timeout=PATIENCE_S)
    assert page.status_code == 200 and "text/html" in page.headers["content-type"]
    assert httpx.get(f"{gateway.url}/console/site.css", timeout=PATIENCE_S).status_code == 200
    assert httpx.get(f"{gateway.url}/console/../app.py", timeout=PATIENCE_S).status_code == 404
    headers = {"authorization": f"Bearer {gateway.key}"}
    assert httpx.get(f"{gateway.url}/v1/key", headers=headers, timeout=PATIENCE_S).json()["kind"] == "ordinary"
    assert httpx.get(f"{gateway.url}/v1/key", timeout=PATIENCE_S).status_code == 401


def test_an_ordinary_key_sees_no_request_of_another_and_no_balance(gateway: Gateway) -> None:
    made = gateway.operator("account", "create", "--name", "two keys", "--credit", "1")
    other = gateway.operator("key", "create", "--account", made["account"], "--name", "page")
    for key in (made["key"], other["key"]):
        assert gateway.post("/v1/chat/completions", HELLO, authorization=f"Bearer {key}").status_code == 200

    def seen(path: str, key: str) -> httpx.Response:
        return httpx.get(f"{gateway.url}{path}", headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE_S)

    mine = seen("/v1/requests", other["key"]).json()["data"]
    assert {one["key"] for one in mine} == {other["key_id"]}
    assert seen("/v1/account", other["key"]).status_code == 403
    boss = gateway.operator("key", "create", "--account", made["account"], "--manage")["key"]
    assert {one["key"] for one in seen("/v1/requests", boss).json()["data"]} == {made["key_id"], other["key_id"]}
    assert seen("/v1/account", boss).json()["charged_usd"] != "0"


def test_settings_that_are_wrong_are_one_line_each() -> None:
    with pytest.raises(AssertionError, match="PORT: 'many' is not a port number"), running(PORT="many"):
        pass
    with (
        pytest.raises(AssertionError, match="OPENAI_BASE_URL: 'nowhere'"),
        running(OPENAI_API_KEY="k", OPENAI_BASE_URL="nowhere"),
    ):
        pass
    with (
        pytest.raises(AssertionError, match="INTERCHANGE_CATALOG: "),
        running(INTERCHANGE_CATALOG="/no/such.yaml"),
    ):
        pass
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(AssertionError, match=f"PORT: {port} is in use"), running(PORT=port):
            pass
    assert free_port()
