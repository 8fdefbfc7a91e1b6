"""A gateway that is stopped while it answers: by Ctrl-C, by whoever runs it, and once more by somebody impatient."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.patience import PATIENCE_S

from .test_laptop import Started, started

WAITS = [{"role": "user", "content": "[[gate never]] [[tokens 60]] go"}]
"""The simulator says the half of it, and then nothing."""
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}


def asked(protocol: str, *, stream: bool) -> dict[str, Any]:
    limit = "max_output_tokens" if protocol == "responses" else "max_tokens"
    words = "input" if protocol == "responses" else "messages"
    return {"model": "claude-sonnet-4-5", limit: 400, words: WAITS, "stream": stream}


class Asking(threading.Thread):
    """A caller who waits for the end of an answer."""

    def __init__(self, here: Started, protocol: str, *, stream: bool) -> None:
        super().__init__()
        self._here, self._protocol, self._stream = here, protocol, stream
        self.begun, self.status, self.text = threading.Event(), 0, ""
        self.start()

    def run(self) -> None:
        url, headers = f"{self._here.url}{PATHS[self._protocol]}", {"authorization": f"Bearer {self._here.key}"}
        body = asked(self._protocol, stream=self._stream)
        with httpx.stream("POST", url, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False) as answer:
            self.status = answer.status_code
            for piece in answer.iter_text():
                self.text += piece
                self.begun.set()

    def heard(self) -> str:
        self.join()
        return self.text


def books(table: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "interchange", "account", "list", "--json"]
    done = subprocess.run(command, env={**os.environ, "INTERCHANGE_TABLE": table}, capture_output=True, check=True)
    listed: dict[str, Any] = json.loads(done.stdout)["accounts"][0]
    return listed


def ended(here: Started) -> str:
    """What it still printed."""
    printed, _ = here.process.communicate(timeout=PATIENCE_S)
    return printed


@pytest.fixture
def table(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path}/table.db"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_streams_that_go_on_are_told_and_settled(table: str, workers: str) -> None:
    with started("--workers", workers, INTERCHANGE_TABLE=table) as here:
        asking = {protocol: Asking(here, protocol, stream=True) for protocol in PATHS}
        for one in asking.values():
            one.begun.wait()
        here.process.send_signal(signal.SIGINT if workers == "1" else signal.SIGTERM)
        printed = ended(here)
        last = {protocol: one.heard().strip().split("\n\n")[-1] for protocol, one in asking.items()}
    assert "Traceback" not in printed
    assert here.process.returncode == 0
    assert all("this gateway is being stopped" in one for one in last.values()), last
    assert last["messages"].startswith("event: error\n")
    assert last["responses"].startswith(("event: error\n", "event: response.failed\n"))
    found = books(table)
    assert (found["held_usd"], found["charged_usd"] > "0") == ("0", True)


def test_an_answer_that_is_not_there_yet_is_a_503_and_costs_nothing(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        asking = Asking(here, "chat", stream=False)
        while books(table)["held_usd"] == "0":
            pass
        here.process.send_signal(signal.SIGTERM)
        printed = ended(here)
        error = json.loads(asking.heard())["error"]
    assert (asking.status, error["code"]) == (503, "stopping")
    assert "Traceback" not in printed
    found = books(table)
    assert (found["held_usd"], found["charged_usd"]) == ("0", "0")


def test_a_second_signal_waits_for_nobody(table: str) -> None:
    with started(INTERCHANGE_TABLE=table) as here:
        asking = Asking(here, "messages", stream=True)
        asking.begun.wait()
        here.process.send_signal(signal.SIGINT)
        here.process.send_signal(signal.SIGINT)
        printed = ended(here)
        asking.join()
    assert "Traceback" not in printed
    assert books(table)["held_usd"] == "0"
