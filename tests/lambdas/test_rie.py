"""The functions under AWS's own emulator: its runtime client with `handler`, and our streaming entry in its place."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.lambdas.environment import ROOT, Place, World
from tests.lambdas.interface_emulator import Interface, emulated, find_rie
from tests.replay.outcomes import recorded

DELIMITER = b"\0" * 8


@pytest.fixture
def rie() -> Path:
    found = find_rie()
    if found is None:
        pytest.skip("the Runtime Interface Emulator is not here: `make aws-tools` installs it, or set INTERCHANGE_RIE")
    return found


@pytest.fixture(scope="session")
def client(place: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where AWS's runtime client is for the place's Python: its version is the one that the requirements pin."""
    if place.name == "checkout":
        return ""
    folder = tmp_path_factory.mktemp("awslambdaric")
    uv = shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    names = [f"{name}=={metadata.version(name)}" for name in ("awslambdaric", "snapshot-restore-py", "simplejson")]
    command = [uv, "pip", "install", "-q", "--only-binary", ":all:", "--no-deps", "--target", str(folder)]
    done = subprocess.run([*command, "--python", place.python, *names], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"awslambdaric could not be installed for {place.python}: {done.stderr.strip()[-200:]}")
    return str(folder)


def event(family: str, name: str, key: str) -> Any:
    """A recorded one, with a key of this table."""
    found = next(one for one in recorded() if (one.family, one.name) == (family, name))
    text = json.dumps(found.event).replace("sk-events-0123456789abcdefghijklmnop", key)
    return json.loads(text)


def streamed(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The emulator buffers, and gives back the prelude as we posted it."""
    prelude, delimiter, body = raw.partition(DELIMITER)
    assert delimiter, raw[:300]
    return json.loads(prelude), body


@pytest.mark.parametrize("family", ["chat", "messages"])
def test_our_entry_under_it(family: str, rie: Path, place: Place, around: World) -> None:
    _, key = around.account()
    command = [str(place.entry), place.python, "-m", "awslambdaric", "app.handler"]
    with emulated(rie, place, place.functions[family], around.env, command) as running:
        for name in ("url-whole", "rest-stream") if family == "chat" else ("rest-whole", "url-stream"):
            prelude, body = streamed(running.invoke(event(family, name, key)))
            assert prelude["statusCode"] == 200, body
            assert prelude["headers"]["x-interchange-request-id"]
            assert (b"data: " in body) == ("stream" in name)
        _another_event(running)


def _another_event(running: Interface) -> None:
    """One that is no request is the invocation's error, and the environment goes on."""
    assert "errorMessage" in json.loads(running.invoke({"source": "aws.events"}))


@pytest.mark.parametrize(("family", "name"), [("chat", "url-whole"), ("models", "url-page"), ("console", "rest-page")])
def test_awslambdaric_with_handler(family: str, name: str, rie: Path, place: Place, around: World, client: str) -> None:
    _, key = around.account()
    command = [place.python, "-m", "awslambdaric", "app.handler"]
    with emulated(rie, place, place.functions[family], around.env, command, client) as running:
        answer = json.loads(running.invoke(event(family, name, key)))
        assert answer["statusCode"] == 200, answer


def test_under_sam_local_our_entry_leaves_the_runtime_alone(
    rie: Path, place: Place, around: World, client: str
) -> None:
    _, key = around.account()
    command = [str(place.entry), place.python, "-m", "awslambdaric", "app.handler"]
    env = {**around.env, "AWS_SAM_LOCAL": "true"}
    with emulated(rie, place, place.functions["chat"], env, command, client) as running:
        assert json.loads(running.invoke(event("chat", "url-whole", key)))["statusCode"] == 200
