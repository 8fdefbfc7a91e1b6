"""How an environment starts: faults, snapshots, settings, and the wrapper under `sam local`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.lambdas.environment import Environment, Place
from tests.patience import PATIENCE_S

Started = Callable[..., Environment]


def ended(made: Environment) -> int:
    return made.process.wait(30)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("def (", "Runtime.UserCodeSyntaxError"),
        ("other = 1", "Runtime.HandlerNotFound"),
        ("raise RuntimeError('INTERCHANGE_TABLE: not set')", "Runtime.RuntimeError"),
        ("raise SystemExit(3)", "Runtime.SystemExit"),
    ],
)
def test_a_start_that_fails_is_told(text: str, kind: str, run: Started) -> None:
    made = run(text)
    assert ended(made) == 1
    (told,) = made.emulator.init_errors
    assert told["path"] == "/2018-06-01/runtime/init/error" and told["errorType"] == kind
    assert told["headers"]["lambda-runtime-function-error-type"] == kind


HOOKS = """
before, after = [], []
def get_before_snapshot(): return before
def get_after_restore(): return after
def register_before_snapshot(hook, *positional, **named): before.append((hook, positional, named))
def register_after_restore(hook, *positional, **named): after.append((hook, positional, named))
"""
SNAPPED = """
import os, sys
import snapshot_restore_py as hooks

made = getattr(sys, "made", 0) + 1
sys.made = made
said = sys.__dict__.setdefault("said", [])
if made == 1:
    hooks.register_before_snapshot(said.append, "first before")
    hooks.register_before_snapshot(said.append, "second before")
    hooks.register_after_restore(said.append, "after")
FAULT

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{made} {said}".encode()})
"""


def test_snapshots_run_their_hooks_and_make_everything_anew(run: Started, tmp_path: Path) -> None:
    (tmp_path / "snapshot_restore_py.py").write_text(HOOKS)
    made = run(SNAPPED.replace("FAULT", ""), AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    assert httpx.get(made.url, timeout=PATIENCE_S).text == "2 ['second before', 'first before', 'after']"
    assert made.emulator.restored.is_set()


@pytest.mark.parametrize(
    ("fault", "path", "kind", "status"),
    [
        ("hooks.register_before_snapshot(int, 'x')", "init/error", "Runtime.BeforeSnapshotError", 64),
        ("hooks.register_after_restore(int, 'x')", "restore/error", "Runtime.AfterRestoreError", 65),
    ],
)
def test_hooks_that_fail_are_told(fault: str, path: str, kind: str, status: int, run: Started, tmp_path: Path) -> None:
    (tmp_path / "snapshot_restore_py.py").write_text(HOOKS)
    made = run(SNAPPED.replace("FAULT", fault), AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    assert ended(made) == status
    (told,) = made.emulator.init_errors
    assert told["path"].endswith(path) and told["errorType"] == kind


def test_a_missing_setting_is_told_by_name(environment: Started, place: Place) -> None:
    made = environment(place, place.functions["chat"], INTERCHANGE_TABLE="")
    assert ended(made) == 1
    assert "INTERCHANGE_TABLE" in made.emulator.init_errors[0]["errorMessage"]


def test_the_family_itself_is_made_anew_after_a_snapshot(environment: Started, place: Place, tmp_path: Path) -> None:
    """The real services too: a second set of them, after the first one's registration was called."""
    (tmp_path / "snapshot_restore_py.py").write_text(HOOKS)
    path = f"{tmp_path}:{':'.join(map(str, place.path))}"
    made = environment(place, place.functions["chat"], AWS_LAMBDA_INITIALIZATION_TYPE="snap-start", PYTHONPATH=path)
    assert httpx.get(f"{made.url}/healthz", timeout=PATIENCE_S).text.startswith("ok ")


def test_sam_local_keeps_the_runtime_of_its_own(place: Place, tmp_path: Path) -> None:
    """The wrapper then runs what it was given."""
    command = [str(place.entry), "/bin/echo", "bootstrap"]
    done = subprocess.run(command, env={"AWS_SAM_LOCAL": "true"}, capture_output=True, text=True, check=True)
    assert done.stdout == "bootstrap\n"
