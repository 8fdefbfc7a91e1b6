"""What CONTRIBUTING says of a new parameter, done: `tone`, which no vendor has, in a copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[2] / "shared" / "interchange"
EDITS = {
    "hub/request.py": ("    top_k: int | None = None\n", "    top_k: int | None = None\n    tone: str | None = None\n"),
    "protocols/openai_chat/words.py": ("ROWS = (\n", 'ROWS = (\n    Row("tone", Kind.TEXT, neutral=("plain",)),\n'),
    "protocols/openai_responses/words.py": ("ROWS = (\n", 'ROWS = (\n    Row("tone", Kind.TEXT, "voice_tone"),\n'),
    "protocols/gemini/client/request.py": ("] = (\n", '] = (\n    ("tone", "toneOfVoice"),\n'),
}
"""File -> (what stands there, what stands there then): one row each."""
SCRIPT = """
import json, sys
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.bedrock_converse.client import Client as Converse
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.protocols.openai_responses.server import Server as ResponsesServer
from interchange.continuity.seal import Seal

servers = {"chat": ChatServer(Seal(b"k" * 16)), "responses": ResponsesServer(Seal(b"k" * 16))}
clients = {"chat": Chat(), "responses": Responses(), "messages": Messages(), "gemini": Gemini(), "bedrock": Converse()}
out = {}
for line in json.load(sys.stdin):
    try:
        request = servers[line["server"]].read_request(line["body"])
    except RequestError as error:
        print(json.dumps({"param": error.failure.param}))
        continue
    for name, client in clients.items():
        losses = Losses()
        body = client.write_request(request, Profile("up", frozenset({"text"}), 1000), losses)
        out[name] = [body, [loss.path for loss in losses.items]]
    print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("copy") / "interchange"
    shutil.copytree(PACKAGE, place, ignore=shutil.ignore_patterns("__pycache__", "*.vocabulary"))
    for name, (here, then) in EDITS.items():
        text = (place / name).read_text()
        assert text.count(here) == 1, name
        (place / name).write_text(text.replace(here, then))
    return place.parent


def run(package: Path, server: str, body: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps([{"server": server, "body": {"model": "m", **body}}]),
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


HI: dict[str, Any] = {"messages": [{"role": "user", "content": "hi"}]}


def test_a_parameter_costs_few_files() -> None:
    assert len(EDITS) <= 6


def test_who_has_a_row_says_it_and_who_has_none_reports_it(package: Path) -> None:
    found = run(package, "chat", {**HI, "tone": "warm"})
    assert found["chat"][0]["tone"] == "warm"
    assert found["responses"][0]["voice_tone"] == "warm"
    assert found["gemini"][0]["generationConfig"]["toneOfVoice"] == "warm"
    assert {name: told for name, (_, told) in found.items()} == {
        "chat": [], "responses": [], "gemini": [], "messages": ["tone"], "bedrock": ["tone"],
    }  # fmt: skip


def test_a_row_is_read_by_its_own_name(package: Path) -> None:
    found = run(package, "responses", {"input": "hi", "voice_tone": "warm"})
    assert found["chat"][0]["tone"] == "warm"
    assert found["responses"][0]["voice_tone"] == "warm"


@pytest.mark.parametrize(
    ("server", "body", "param"),
    [("chat", {**HI, "tone": 1}, "tone"), ("responses", {"input": "hi", "voice_tone": []}, "voice_tone")],
)
def test_a_row_refuses_what_its_kind_is_not(package: Path, server: str, body: dict[str, Any], param: str) -> None:
    assert run(package, server, body) == {"param": param}
