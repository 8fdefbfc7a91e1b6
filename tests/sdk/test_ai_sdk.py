"""The Vercel AI SDK against the running gateway: each of its vendor packages with each vendor's model."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.sdk.gateway import Gateway

MODELS = ("gpt-5.1", "claude-sonnet-4-5", "gemini-3-flash-preview", "grok-4")
FACES = ("chat", "messages", "compatible", "responses")


def test_loops_streams_and_objects(gateway: Gateway, node: Path) -> None:
    command = ["node", "ai_sdk.mjs", gateway.url, gateway.key, *MODELS]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    expected = {"loop": [2, "get_weather", True, True], "stream": [1, True, 2], "object": "string"}
    assert found == {f"{face} {model}": expected for face in FACES for model in MODELS}
