"""The dashboard in a real browser: a wrong key, the right one, the balance, the requests, the prices."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sdk.gateway import Gateway


@pytest.fixture
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("Chromium is absent: the dashboard is not opened in a browser")
    return found


def test_a_customer_opens_the_dashboard(gateway: Gateway, node: Path, chromium: str) -> None:
    made = gateway.operator("account", "create", "--name", "browser", "--credit", "2.5")
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "<b>hello</b>"}]}
    charge = gateway.post("/v1/chat/completions", body, authorization=f"Bearer {made['key']}").headers
    boss = gateway.operator("key", "create", "--account", made["account"], "--manage")
    other = gateway.operator("key", "create", "--account", made["account"], "--name", "page", "--spend-usd", "2")
    command = ["node", "page.mjs", chromium, gateway.url, boss["key"], other["key"]]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["title"] == "Interchange"
    assert "Enter your API key" in shown["greeting"]
    assert "API key" in shown["refusal"]
    left = gateway.operator("account", "show", made["account"])
    charged = charge["x-interchange-charge-usd"]
    assert "$2.50" in shown["figures"]
    assert shown["exact"] == [f"${left[name]}" for name in ("available_usd", "held_usd", "charged_usd")] + [
        f"${charged}"
    ]
    (request,) = shown["requests"]
    assert "gpt-4o-mini" in request
    assert (shown["sonnets"] > 3, shown["none"], shown["partly"]) == (True, True, True)
    assert shown["models"] > 40
    assert "per image default 0.02" in shown["filtered"][0]
    assert shown["kept"] == boss["key_id"]
    assert other["key_id"] in shown["own"] and "$2.00" in shown["own"] and "Available" not in shown["own"]
    assert shown["own_requests"] == 0
    assert (shown["forgotten"], shown["faults"]) == (0, [])
