"""Command-line agents against the running gateway: they read and run files of an empty folder, by tool loops."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_S
from tests.rounds.servers import server
from tests.sdk.gateway import Gateway, running
from tests.sdk.installed import installed

LONG = ("gemini-3-flash-preview", "grok-4")
MODELS = ("claude-sonnet-4-5", "gpt-5.1", *(pytest.param(one, marks=pytest.mark.long) for one in LONG))


@pytest.fixture(scope="session")
def agents() -> Path:
    """The folder of the agents' commands."""
    return installed("agents", "Claude Code and Codex") / "node_modules" / ".bin"


def environment(home: Path, **ours: str) -> dict[str, str]:
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "CLAUDE", "OPENAI"))
    }
    return {**clean, "HOME": str(home), **ours}


@pytest.mark.parametrize("model", MODELS)
def test_claude_code(gateway: Gateway, agents: Path, tmp_path: Path, model: str) -> None:
    told = claude_code(gateway, agents, tmp_path, model, "say hello")
    assert "simulator" in told["result"]
    assert told["usage"]["output_tokens"] > 0


def claude_code(gateway: Gateway, agents: Path, home: Path, model: str, *asked: str, **ours: str) -> dict[str, Any]:
    """What it prints of one prompt. It asks only when its servers of tools are there, however slow this machine is."""
    waits = {"MCP_CONNECTION_NONBLOCKING": "false"}
    waits |= dict.fromkeys(("MCP_CONNECT_TIMEOUT_MS", "MCP_TIMEOUT"), str(int(PATIENCE_S * 1000)))
    env = environment(
        home, ANTHROPIC_BASE_URL=gateway.url, ANTHROPIC_API_KEY=gateway.key, ANTHROPIC_MODEL=model,
        ANTHROPIC_SMALL_FAST_MODEL=model, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_TELEMETRY="1",
        **waits, **ours,
    )  # fmt: skip
    command = [str(agents / "claude"), "-p", *asked, "--output-format", "json"]
    done = subprocess.run(
        command, cwd=home, env=env, capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL
    )
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["is_error"] is False, done.stdout + "".join(gateway.later)[-3000:]
    return told


@pytest.fixture(scope="module")
def reaching() -> Iterator[Gateway]:
    with running(INTERCHANGE_MCP_ADDRESSES="127.0.0.1") as found:
        yield found


@pytest.mark.parametrize("model", MODELS)
def test_claude_code_with_a_server_that_the_gateway_calls(
    reaching: Gateway, agents: Path, tmp_path: Path, model: str
) -> None:
    """What it sends may be added to: the gateway calls the server's tool in the middle of its stream."""
    with server() as (url, seen):
        more = {"mcp_servers": [{"type": "url", "name": "sums", "url": url}]}
        told = claude_code(
            reaching, agents, tmp_path, model, "use add, please", CLAUDE_CODE_EXTRA_BODY=json.dumps(more),
            ANTHROPIC_CUSTOM_HEADERS="x-interchange-mcp: gateway",
        )  # fmt: skip
    assert "simulator" in told["result"]
    assert "add" in {name for name, _ in seen.calls}


@pytest.mark.parametrize("model", MODELS)
def test_claude_code_with_a_server_of_its_own(gateway: Gateway, agents: Path, tmp_path: Path, model: str) -> None:
    """It connects itself: the tools are functions of the request like any others."""
    with server() as (url, seen):
        config = tmp_path / "mcp.json"
        config.write_text(json.dumps({"mcpServers": {"sums": {"type": "http", "url": url}}}))
        asked = ("use mcp__sums__add, please", "--mcp-config", str(config), "--allowedTools", "mcp__sums__add")
        # else the model has to look for the tool first, which the simulator does not
        told = claude_code(gateway, agents, tmp_path, model, *asked, ENABLE_TOOL_SEARCH="false")
    assert "simulator" in told["result"]
    assert "add" in {name for name, _ in seen.calls}


@pytest.mark.parametrize("model", MODELS)
def test_codex(gateway: Gateway, agents: Path, tmp_path: Path, model: str) -> None:
    provider = f'{{name="i",base_url="{gateway.url}/v1",env_key="INTERCHANGE_KEY",wire_api="responses"}}'
    command = [
        str(agents / "codex"), "exec", "--skip-git-repo-check", "--sandbox", "read-only", "--json", "--model", model,
        "--config", 'model_provider="i"', "--config", f"model_providers.i={provider}", "say hello",
    ]  # fmt: skip
    env = environment(tmp_path, INTERCHANGE_KEY=gateway.key)
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    texts = [event["item"].get("text", "") for event in said if event.get("type") == "item.completed"]
    assert any("simulator" in text for text in texts), done.stdout[-2000:] + done.stderr[-2000:]
    assert any(event.get("type") == "turn.completed" for event in said)
