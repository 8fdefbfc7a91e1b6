"""Every family's application while the table is away: 503 with `retry-after` in its protocol, and no fault counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OTHERS = frozenset({"admin", "sweep", "webhooks"})
"""Families that nobody asks with a customer's key."""
FAMILIES = sorted({path.parent.name for path in (ROOT / "functions").glob("*/app.py")} - OTHERS)
KEYED = ("/v1/",)
"""Paths that want a key; the others ask nothing of the table."""
ASK = """
import json, sys
from importlib import import_module
from starlette.testclient import TestClient

found = []
for family in sys.argv[1:]:
    client = TestClient(import_module(f"functions.{family}.app").app, follow_redirects=False)
    paths = client.app.openapi()["paths"] if hasattr(client.app, "openapi") else {}
    described = [(path, {method.upper() for method in methods}) for path, methods in paths.items()]
    routes = described or [(route.path, route.methods) for route in client.app.routes]
    for template, methods in routes:
        path = template.replace("{model:path}", "gpt-5").replace("{file:path}", "app.js").replace("{id}", "key_1")
        for method in sorted(methods - {"HEAD", "OPTIONS"}):
            asked = {"model": "gpt-5", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "input": "hi"}
            more = {"json": asked} if method == "POST" else {}
            answer = client.request(method, path, headers={"authorization": "Bearer sk-ic-0123456789abcdef"}, **more)
            found.append([family, path, answer.status_code, dict(answer.headers), answer.text])
json.dump(found, sys.stderr)
"""


def test_every_endpoint_says_so_and_when_to_come_again() -> None:
    env = {
        "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none",
        "INTERCHANGE_TABLE": "none", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "shared"), str(ROOT)]), "PATH": os.environ.get("PATH", ""),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK, *FAMILIES], cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked = [one for one in json.loads(done.stderr) if one[1].startswith(KEYED)]
    assert {one[0] for one in asked} >= set(FAMILIES) - {"console"}
    for _family, path, status, headers, text in asked:
        assert status == 503, (path, status, text)
        assert int(headers["retry-after"]) > 0 and "x-should-retry" not in headers
        error = json.loads(text)["error"]
        assert "books" in error["message"] and "127.0.0.1" not in text
    events = [json.loads(line)["message"] for line in done.stdout.splitlines() if line.startswith("{")]
    assert "table_failed" in events and "fault" not in events
