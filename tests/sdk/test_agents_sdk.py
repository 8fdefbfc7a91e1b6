"""OpenAI's Agents SDK against the running gateway: its hosted MCP tool on all four vendors. The SDK has a place of
its own, which is installed when it is first needed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rounds.servers import TOKEN, Seen, server
from tests.sdk.gateway import Gateway, running
from tests.sdk.installed import HERE, python_of

MODELS = ("claude-sonnet-4-5", "gpt-5.1", "gemini-3-flash-preview", "grok-4")
CALLED = ["mcp_list_tools", "mcp_call", "message"]


@pytest.fixture(scope="module")
def python() -> Path:
    return python_of("openai_agents", "OpenAI's Agents SDK and its hosted MCP tool")


@pytest.fixture(scope="module")
def reaching(python: Path) -> Iterator[Gateway]:
    with running(INTERCHANGE_MCP_ADDRESSES="127.0.0.1") as found:
        yield found


@pytest.fixture(scope="module")
def tools(python: Path) -> Iterator[tuple[str, Seen]]:
    with server(token=TOKEN) as made:
        yield made


@pytest.mark.parametrize("model", [MODELS[0], *(pytest.param(one, marks=pytest.mark.long) for one in MODELS[1:])])
def test_hosted_mcp(python: Path, reaching: Gateway, tools: tuple[str, Seen], model: str, tmp_path: Path) -> None:
    url, seen = tools
    before = len(seen.calls)
    command = [str(python), str(HERE / "openai_agents" / "hosted_mcp.py"), f"{reaching.url}/v1", reaching.key, model]
    done = subprocess.run(
        [*command, url, TOKEN], cwd=tmp_path, env={"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["whole"], told["streamed"]) == (CALLED, CALLED)
    assert "response.mcp_call.completed" in told["events"]
    assert told["asked"] == ["add"]
    assert told["approved"] == ["mcp_list_tools", "mcp_approval_request", "mcp_call", "message"]
    assert told["second"] == ["message"]
    assert "simulator" in told["text"]
    assert told["usage"] > 0
    assert [name for name, _ in seen.calls[before:]] == ["add"] * 3
