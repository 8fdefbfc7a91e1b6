"""The clients that `make clients` tries at their newest versions, each in an environment of its own, and the table of
the documentation that comes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).resolve().parent / "programs"
CACHE = ROOT / ".tools" / "clients"
PAGE = ROOT / "docs" / "client-versions.md"
MODELS = ("gpt-5.4", "claude-sonnet-4-5", "gemini-3-flash-preview", "grok-4.3")
SECONDS = int(os.environ.get("INTERCHANGE_CLIENT_SECONDS", "900"))
"""For the installation of a client, and for all its conversations: raise it on a machine that others use too."""


class Absent(Exception):
    """Why a client is not tried."""


@dataclass(frozen=True)
class Client:
    """`packages` are installed together, the first names the version; `program` is a file of `programs`; `does` says
    what it tries. `python` asks for another Python than the one that runs the tests."""

    name: str
    program: str
    packages: tuple[str, ...]
    does: str

    @property
    def stem(self) -> str:
        return self.program.partition(".")[0]


class Python(Client):
    """A library of PyPI, or a command of it."""

    @property
    def folder(self) -> Path:
        return CACHE / "python" / self.stem

    def command(self) -> list[str]:
        return [str(self.folder / "bin" / "python"), str(PROGRAMS / self.program)]

    def install(self) -> str:
        uv, python = str(ROOT / ".venv" / "bin" / "uv"), str(self.folder / "bin" / "python")
        if not Path(python).exists():
            _done([uv, "venv", "--quiet", "--python", sys.executable, str(self.folder)], ROOT)
        _done([uv, "pip", "install", "--quiet", "--upgrade", "--python", python, *self.packages], ROOT)
        package = self.packages[0].partition("[")[0]
        asked = f"from importlib.metadata import version; print(version({package!r}))"
        return _done([python, "-c", asked], ROOT).strip()


class Npm(Client):
    """A library of npm, whose program is a module beside it, or a command, whose program is in Python."""

    @property
    def folder(self) -> Path:
        return CACHE / "npm" / self.stem

    def command(self) -> list[str]:
        if not self.program.endswith(".mjs"):
            return [sys.executable, str(PROGRAMS / self.program)]
        for name in (self.program, "harness.mjs"):  # modules are looked for from where the program lies
            shutil.copy(PROGRAMS / name, self.folder / name)
        return ["node", str(self.folder / self.program)]

    def install(self) -> str:
        if shutil.which("npm") is None:
            raise Absent("npm is absent")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        quietly = ["--no-audit", "--no-fund", "--silent"]
        _done(["npm", "install", *quietly, *(f"{package}@latest" for package in self.packages)], self.folder)
        found = json.loads((self.folder / "node_modules" / self.packages[0] / "package.json").read_text())
        return str(found["version"])


LOOP = "two turns, parallel tools, whole and streamed, a change of model"
THINKING = f"{LOOP}, reasoning"
CLIENTS: tuple[Python | Npm, ...] = (
    Python("openai (Python)", "openai_sdk.py", ("openai",),
           f"{THINKING}; chat, Responses by items and by `previous_response_id`, pictures in results, free-form tools, "
           "`parse`"),
    Npm("openai (Node)", "openai_node.mjs", ("openai", "zod"),
        f"{THINKING}; chat, `runTools`, Responses, pictures in results, `parse`"),
    Python("anthropic (Python)", "anthropic_sdk.py", ("anthropic",),
           f"{THINKING}; Messages, pictures in results, tool runner, `thread()`, `parse`"),
    Npm("anthropic (Node)", "anthropic_node.mjs", ("@anthropic-ai/sdk", "zod"),
        f"{THINKING}; Messages, pictures in results, `toolRunner`, `parse`"),
    Python("LangChain (Python)", "langchain_py.py", ("langchain", "langchain-openai", "langchain-anthropic"),
           f"{THINKING}; chat, Responses, Messages"),
    Npm("LangChain (JS)", "langchain_js.mjs",
        ("langchain", "@langchain/core", "@langchain/openai", "@langchain/anthropic", "zod"),
        f"{THINKING}; chat, Responses, Messages"),
    Npm("Vercel AI SDK", "vercel_ai.mjs",
        ("ai", "@ai-sdk/openai", "@ai-sdk/anthropic", "@ai-sdk/openai-compatible", "zod"),
        f"{THINKING}; its default, chat, Messages, OpenAI-compatible"),
    Python("OpenAI Agents SDK", "openai_agents.py", ("openai-agents",), f"{THINKING}; Responses, chat"),
    Python("pydantic-ai", "pydantic_ai_py.py", ("pydantic-ai-slim[openai,anthropic]",),
           f"{THINKING}; chat, Responses, Messages"),
    Python("LiteLLM", "litellm_py.py", ("litellm",), f"{THINKING}; `openai/`, `anthropic/`"),
    Python("LlamaIndex OpenAILike", "llamaindex_py.py", ("llama-index-llms-openai-like",), LOOP),
    Python("Instructor", "instructor_py.py", ("instructor", "anthropic"),
           "objects in two turns, whole and in part; tools, schema, Messages"),
    Python("Haystack", "haystack_py.py", ("haystack-ai",), f"{THINKING}; chat, Responses"),
    Python("smolagents", "smolagents_py.py", ("smolagents[openai]",), LOOP),
    Python("CrewAI", "crewai_py.py", ("crewai",), "an agent with tools, whole and streamed, a change of model"),
    Python("DSPy", "dspy_py.py", ("dspy",), "tools by the vendor, a history, a change of model"),
    Python("AutoGen", "autogen_py.py", ("autogen-agentchat", "autogen-ext[openai]"), LOOP),
    Python("Strands", "strands_py.py", ("strands-agents[openai,anthropic]",), f"{LOOP} (streamed); chat, Messages"),
    Npm("Claude Code", "claude_code.py", ("@anthropic-ai/claude-code",),
        "two prompts of one session, its tools, streamed, a change of model, reasoning"),
    Npm("Codex", "codex.py", ("@openai/codex",),
        "two prompts of one session, its tools, streamed, a change of model, reasoning"),
    Npm("opencode", "opencode.py", ("opencode-ai",),
        "two prompts of one session, its tools, streamed, a change of model"),
    Python("aider", "aider.py", ("aider-chat",),
           "two prompts over one history, streamed, a change of model"),
    Python("llm", "llm_py.py", ("llm",), LOOP),
)  # fmt: skip


def _done(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Absent(f"not installed in {SECONDS} s") from error
    if done.returncode:
        raise Absent(f"not installed: {' '.join(done.stderr.split())[-200:]}")
    return done.stdout


def converse(client: Python | Npm, command: list[str], url: str, key: str, models: tuple[str, ...]) -> dict[str, str]:
    """Each case and what it came to, "ok" for what is right."""
    ours = ("OPENAI", "ANTHROPIC", "CLAUDE", "CODEX")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env = {**clean, "CLIENT_FOLDER": str(client.folder)}
    whole = [*command, url, key, *models]
    try:
        done = subprocess.run(whole, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"program": f"not done in {SECONDS} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"')]
    if not lines:
        return {"program": (done.stderr or done.stdout).strip()[-600:]}
    # a library may print its own words behind the line, and on it
    cases, _ = json.JSONDecoder().raw_decode(lines[-1])
    return {str(case): str(result) for case, result in cases.items()}


HEAD = """# Clients and their versions

Every client below had its conversations with this gateway, unchanged and at its newest version: with GPT, Claude,
Gemini and Grok in turn, against vendors that refuse what the real ones refuse of a history (`tests/clients/served.py`).
`make clients` installs them and writes this page; how a client is configured is said on its page in `docs/clients/`.

| client | version | what is tried | conversations |
|---|---|---|---|
"""


def page(rows: Mapping[str, tuple[str, Mapping[str, str]]]) -> str:
    """`rows`: client -> (version, cases); without cases the first says why."""
    lines = []
    for client in CLIENTS:
        version, cases = rows.get(client.name, ("absent", {}))
        right = sum(result == "ok" for result in cases.values())
        told = f"{right} of {len(cases)}" if cases else f"not tried: {version}"
        lines.append(f"| {client.name} | {version if cases else '-'} | {client.does} | {told} |")
    return HEAD + "\n".join(lines) + "\n"
