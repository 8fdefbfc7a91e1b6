"""How the simulator is started beside a gateway that is still being started itself."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import Any

import pytest

from local import simulated


class Ended:
    """A process that ends when it is told to."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def wait(self) -> int:
        self._over.wait()
        return 0

    def kill(self) -> None:
        self._over.set()


def test_it_has_the_variables_of_before_any_was_pointed_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is started with the variables themselves reads them while they change, and execve then fails with
    EFAULT ("Bad address") once in a few hundred starts."""
    given: list[dict[str, str]] = []
    begun, changed = threading.Event(), threading.Event()

    def start(*_: Any, env: dict[str, str], **more: Any) -> Ended:
        changed.wait()
        given.append(env)
        begun.set()
        return Ended()

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
    with simulated._listening(at_once=True) as address:
        os.environ["OPENAI_BASE_URL"] = f"{address}/openai/v1"
        changed.set()
        begun.wait()
    assert given[0]["OPENAI_BASE_URL"] == "https://elsewhere.example/v1"
    assert given[0]["PATH"] == os.environ["PATH"]
