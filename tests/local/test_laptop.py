"""`python -m local` as it is started on the first day and on the second, with what else is on such machines."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from benchmarks.peers.processes import tree
from local import sweeping
from local.simulated import MOST_STARTS
from tests import moto_server
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
OURS = ("OPENAI", "ANTHROPIC", "GEMINI", "XAI", "INTERCHANGE", "AWS_", "HOST", "PORT", "FRESH")


@dataclass
class Started:
    process: subprocess.Popen[str]
    lines: list[str]

    def word(self, first: str, place: int) -> str:
        return next(line.split()[place] for line in self.lines if line.startswith(f"{first} "))

    @property
    def url(self) -> str:
        return self.word("ready", 1)

    @property
    def key(self) -> str:
        return self.word("ready", 3)

    @cached_property
    def client(self) -> httpx.Client:
        return httpx.Client(timeout=PATIENCE_S, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def ask(self, path: str, **options: Any) -> httpx.Response:
        options.setdefault("headers", {"authorization": f"Bearer {self.key}"})
        return self.client.get(f"{self.url}{path}", **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(f"{self.url}{path}", headers={"authorization": f"Bearer {self.key}"}, **options)

    def chat(self) -> int:
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
        return self.post("/v1/chat/completions", json=body).status_code


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[Started]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "local", *arguments], cwd=ROOT, env={**clean, "PORT": port, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("ready "):
                break
        yield Started(process, lines)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


@pytest.fixture
def table(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path}/table.db"


def charged(table: str) -> str:
    command = [sys.executable, "-m", "interchange", "usage", "--json"]
    done = subprocess.run(command, env={**os.environ, "INTERCHANGE_TABLE": table}, capture_output=True, check=True)
    return str(json.loads(done.stdout)["charged_usd"])


def test_the_second_start_has_the_same_key_account_and_history(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as first:
        assert first.chat() == 200
    spent = charged(table)
    with started(INTERCHANGE_TABLE=table) as second:
        assert (second.key, second.word("account", 1)) == (first.key, first.word("account", 1))
        assert charged(table) == spent != "0"
        assert second.chat() == 200
    with started(INTERCHANGE_TABLE=table, FRESH="1") as third:
        assert third.key != first.key
        assert charged(table) == "0"


def test_what_it_prints_first_and_last(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        assert here.lines[0].startswith("interchange: starting")
        assert f"export INTERCHANGE_TABLE={table}" in here.lines
        assert here.lines[-1] == f"ready {here.url} key {here.key}"
        assert here.ask("/healthz").text.startswith("ok ")


def test_nobody_begins_anew_under_a_gateway_that_runs(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        with started(INTERCHANGE_TABLE=table, FRESH="1") as other:
            assert "FRESH: a gateway is running" in other.lines[-1]
        assert here.chat() == 200


def test_proxies_and_a_profile_that_is_not_there_are_in_nobodys_way(table: str) -> None:
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    with started(INTERCHANGE_TABLE=table, AWS_PROFILE="nope", **proxies) as here:
        assert here.chat() == 200


def test_the_simulator_ends_with_a_gateway_that_is_killed(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        simulator = here.word("simulator", 1)
        here.process.send_signal(signal.SIGKILL)
        here.process.wait(timeout=PATIENCE_S)
        for _ in range(100):
            try:
                httpx.get(f"{simulator}/healthz", trust_env=False, timeout=PATIENCE_S)
            except httpx.TransportError:
                return
            time.sleep(0.1)
        raise AssertionError("the simulator is still there")


def test_a_simulator_that_has_ended_is_started_again_and_then_keeps_nobody_waiting(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        assert here.process.stdout is not None
        for _ in range(MOST_STARTS):
            assert here.chat() == 200
            (simulator,) = set(tree(here.process.pid)) - {here.process.pid}
            os.kill(simulator, signal.SIGKILL)
            assert here.process.stdout.readline() == "simulator: it ended with code -9; it is started again\n"
        assert here.process.stdout.readline() == "simulator: it ended with code -9; start the gateway again\n"
        assert here.chat() == 502


def test_the_simulator_starts_with_its_first_caller_where_a_vendor_has_a_key(table: str) -> None:
    with started(INTERCHANGE_TABLE=table, ANTHROPIC_API_KEY="sk-of-nobody") as here:
        process = here.process.pid
        assert tree(process) == [process]
        assert here.chat() == 200
        assert len(tree(process)) == 2


def test_workers_share_one_table_and_end_together(table: str) -> None:
    with started("--workers", "2", INTERCHANGE_TABLE=table) as here:
        assert [here.chat() for _ in range(8)] == [200] * 8
    assert here.process.returncode == 0


def test_every_address_of_the_machine_can_be_asked_for(table: str) -> None:
    with started(INTERCHANGE_TABLE=table, HOST="0.0.0.0") as here:
        assert here.url.startswith("http://127.0.0.1:")
        assert here.chat() == 200


def test_the_operators_api_answers_this_machine_alone(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        assert here.ask("/admin/accounts").json()["accounts"][0]["account"] == here.word("account", 1)
        for header, value in (
            ("origin", "https://elsewhere.example"), ("host", "rebound.example"), ("x-forwarded-for", "203.0.113.9"),
        ):  # fmt: skip
            assert here.ask("/admin/accounts", headers={header: value}).status_code == 403
        assert httpx.post(f"{here.url}/webhooks/stripe", trust_env=False, timeout=PATIENCE_S).status_code == 404


def test_only_models_that_can_be_served_are_listed(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        names = [model["id"] for model in here.ask("/v1/models").json()["data"]]
        assert "gpt-4o-mini" in names
        assert not [name for name in names if name.startswith("nova-")]


def test_an_upload_is_a_file_beside_the_table(table: str) -> None:
    asked = {"filename": "a.mp3", "content_type": "audio/mpeg", "bytes": 5}
    with started(INTERCHANGE_TABLE=table) as here:
        made = here.post("/v1/uploads/presign", json=asked).json()
        for url, body, status in (
            (made["url"], b"hell", 403), (made["url"] + "0", b"hello", 403), (made["url"], b"hello", 200),
        ):  # fmt: skip
            sent = here.client.put(url, content=body, headers={"content-type": "audio/mpeg"})
            assert sent.status_code == status


def test_a_dynamodb_table_that_is_named_is_used() -> None:
    endpoint = moto_server.start("mine")
    with started(INTERCHANGE_TABLE="mine", AWS_ENDPOINT_URL_DYNAMODB=endpoint) as here:
        assert here.chat() == 200
        assert "export INTERCHANGE_TABLE=mine" in here.lines
    items = moto_server.client(endpoint).scan(TableName="mine")["Items"]
    assert any(item["pk"]["S"] == f"ACCOUNT#{here.word('account', 1)}" for item in items)


@pytest.mark.parametrize(
    ("name", "value"),
    [("INTERCHANGE_TABLE", "sqlite:"), ("INTERCHANGE_TABLE", "sqlite:x.db?durable=maybe"), ("PORT", "many"),
     ("HOST", "no.such.host.invalid"), ("INTERCHANGE_TABLE", "sqlite:/proc/none/x.db")],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_one_line(name: str, value: str) -> None:
    with started(**{name: value}) as here:
        assert here.process.wait(timeout=PATIENCE_S) != 0
        assert "Traceback" not in "\n".join(here.lines)
        assert not here.lines[-1].startswith("ready")


def test_one_process_sweeps_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from interchange.metering.accounts import Accounts
    from interchange.tables.sqlite import SqliteTable

    table = SqliteTable(tmp_path / "table.db", create=True)
    Accounts(table).create("a", "a", 0)
    table.put({"pk": "x", "sk": "x", "expires_at": 1})
    monkeypatch.setenv("INTERCHANGE_TABLE", f"sqlite:{tmp_path}/table.db")
    with (tmp_path / "sweep").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not sweeping.sweep_alone(tmp_path / "sweep")
        assert table.get("x", "x") is not None
    assert sweeping.sweep_alone(tmp_path / "sweep")
    assert table.get("x", "x") is None
