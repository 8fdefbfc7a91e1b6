"""Every block of the pages for clients, run as it stands there: against this gateway, with a key of its own.

A block that needs a program or a library which is not here is skipped, and says in one line what it misses.
`make clients` installs what each page's own install line names, the newest, into an environment of the page's own.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import yaml
from markdown_it import MarkdownIt

from tests.patience import PATIENCE_S
from tests.sdk.conftest import NODE
from tests.sdk.gateway import ROOT, Gateway
from tests.sdk.installed import programs_with, python_with, wants_newest

PAGES = [ROOT / "docs" / "quickstart.md", *sorted((ROOT / "docs" / "clients").glob("*.md"))]
AGENTS = ROOT / "tests" / "sdk" / "agents" / "node_modules" / ".bin"
PROGRAMS = {"claude", "codex", "opencode", "curl"}
PARSED: dict[str, Callable[[str], Any]] = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}
IMPORTED = re.compile(r"^(?:import|from) ([\w.]+)", re.MULTILINE)
REQUIRED = re.compile(r'from "([^"]+)"')


@dataclass(frozen=True)
class Block:
    page: Path
    number: int
    language: str
    rest: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.number}-{self.rest.partition('=')[0] or self.language}"

    def filled(self, gateway: Gateway) -> str:
        return self.text.replace("http://127.0.0.1:8080", gateway.url).replace("sk-YOUR_KEY", gateway.key)


def blocks() -> Iterator[Block]:
    for page in PAGES:
        fences = [token for token in MarkdownIt().parse(page.read_text()) if token.type == "fence"]
        for number, fence in enumerate(fences, 1):
            language, _, rest = fence.info.partition(" ")
            yield Block(page, number, language, rest, fence.content)


BLOCKS = list(blocks())


def test_every_block_says_what_it_is() -> None:
    assert {block.language for block in BLOCKS} == {"sh", "python", "js", "json", "toml", "yaml", "text"}
    assert len(PAGES) == 18 and all(any(block.page == page for block in BLOCKS) for page in PAGES)


def packages_of(page: Path, manager: str) -> list[str]:
    """What the page's install lines name."""
    lines = [one.text.replace('"', "").split() for one in BLOCKS if one.page == page and one.rest == "install"]
    return [name for line in lines if line[0] == manager for name in line[2:] if not name.startswith("-")]


@functools.cache
def interpreter_of(page: Path) -> str:
    packages = packages_of(page, "pip") if wants_newest() else []
    return python_with(page.stem, packages) if packages else sys.executable


@functools.cache
def programs_of(page: Path) -> tuple[Path, ...]:
    packages = packages_of(page, "npm") if wants_newest() else []
    return (programs_with(page.stem, packages),) if packages else ()


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "python"], ids=str)
def test_python(gateway: Gateway, tmp_path: Path, block: Block) -> None:
    python = interpreter_of(block.page)
    for module in sorted({name.split(".")[0] for name in IMPORTED.findall(block.text)}):
        look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
        known = subprocess.run([python, "-c", look], capture_output=True, check=False, timeout=120)
        if known.returncode:
            pytest.skip(f"the Python package of {module!r} is absent: {block} is not run")
    ast.parse(block.text)
    run([python, "-c", block.filled(gateway)], tmp_path)


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "js"], ids=str)
def test_node(gateway: Gateway, node: Path, block: Block) -> None:
    for package in REQUIRED.findall(block.text):
        if not (node / "node_modules" / package).exists():
            pytest.skip(f"the npm package {package} is absent: {block} is not run")
    file = node / f".{block}-{os.getpid()}.mjs"
    file.write_text(block.filled(gateway))
    try:
        run(["node", str(file)], node)
    finally:
        file.unlink()


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "sh" and not one.rest], ids=str)
def test_shell(gateway: Gateway, tmp_path: Path, block: Block) -> None:
    """With the files that the page's blocks before it make."""
    path = os.pathsep.join([*map(str, programs_of(block.page)), str(AGENTS), os.environ["PATH"]])
    for program in sorted(PROGRAMS & set(re.findall(r"^[a-z]+", block.text, re.MULTILINE))):
        if shutil.which(program, path=path) is None:
            pytest.skip(f"{program} is absent: {block} is not run")
    for one in BLOCKS:
        if one.page == block.page and one.rest.startswith("file=") and one.number < block.number:
            file = tmp_path / one.rest.removeprefix("file=")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(one.filled(gateway))
    run(["bash", "-euc", block.filled(gateway)], tmp_path, PATH=path)


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.rest == "install"], ids=str)
def test_an_install_line_names_what_its_page_uses(block: Block) -> None:
    """Nothing is installed here: what is named is what the other blocks of the page import or start."""
    manager = block.text.split()[0]
    packages = [name.partition("[")[0] for name in packages_of(block.page, manager)]
    used = "\n".join(one.text for one in BLOCKS if one.page == block.page and one is not block)
    assert manager in ("pip", "npm") and packages
    for package in packages:
        stem = {"@anthropic-ai/claude-code": "claude", "@openai/codex": "codex", "opencode-ai": "opencode",
                "openai-agents": "agents", "pydantic-ai-slim": "pydantic_ai"}.get(package, package)  # fmt: skip
        spellings = {stem, stem.replace("-", "_"), stem.replace("-llms-", ".llms.").replace("-", "_")}
        assert any(re.search(rf"(^|[\"'\s]){re.escape(word)}", used) for word in spellings), package


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language in PARSED], ids=str)
def test_a_file_can_be_read(gateway: Gateway, block: Block) -> None:
    assert block.rest.startswith("file=")
    told = json.dumps(PARSED[block.language](block.filled(gateway)))
    assert gateway.url in told


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.rest == "settings"], ids=str)
def test_what_is_filled_in_by_hand_answers(gateway: Gateway, block: Block) -> None:
    """As the program sends it: Chat Completions below a base URL with /v1, Messages below one without."""
    lines = dict(line.partition(": ")[::2] for line in block.filled(gateway).splitlines())
    base, key, model = (
        next(value for value in lines.values() if value.startswith(start)) for start in ("http", "sk-", "claude")
    )
    asked = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": "Say hello."}]}
    if base.endswith("/v1"):
        headers = {"authorization": f"Bearer {key}"}
        assert model in [
            one["id"] for one in httpx.get(f"{base}/models", headers=headers, timeout=PATIENCE_S).json()["data"]
        ]
        answer = httpx.post(f"{base}/chat/completions", json=asked, headers=headers, timeout=PATIENCE_S)
    else:
        answer = httpx.post(f"{base}/v1/messages", json=asked, headers={"x-api-key": key}, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.rest == "container"], ids=str)
def test_what_a_container_is_told_leads_here(gateway: Gateway, block: Block) -> None:
    """Nothing is pulled: what the variables name is asked as the program in it does at first."""
    told = dict(re.findall(r"-e (\w+)=(\S+)", block.filled(gateway)))
    headers = {"authorization": f"Bearer {told['OPENAI_API_KEY']}"}
    assert httpx.get(f"{told['OPENAI_API_BASE_URL']}/models", headers=headers, timeout=PATIENCE_S).json()["data"]


def run(command: list[str], folder: Path, **more: str) -> None:
    """Ends well and prints something, and no error among it."""
    ours = ("ANTHROPIC", "CLAUDE", "OPENAI", "CODEX")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = {} if folder == NODE else {"HOME": str(folder)}
    env = {**clean, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1", **home, **more}
    # Else it asks for its list of prices at every import, and waits where there is no way out.
    env["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.strip() or "-o " in command[-1], done.stderr[-2000:]
    assert '"error":{' not in done.stdout.replace(" ", ""), done.stdout[-2000:]
