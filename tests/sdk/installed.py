"""Clients with packages of their own: folders of Node programs, and Python environments. Locked, or the newest where
INTERCHANGE_NEWEST_CLIENTS asks for it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.turns import alone_in

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".tools" / "clients"
"""Where the newest versions are installed; `make clients` keeps them there."""
QUIETLY = ("--no-audit", "--no-fund", "--silent")


def installed(name: str, what: str) -> Path:
    """The folder `name` of this one, or its copy with the newest packages. Skips, and says what is not tried, where
    Node or a registry is absent."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"Node is absent: {what} are not tried against the gateway")
    with alone_in(HERE / name):
        return _newest(name, what) if wants_newest() else _locked(HERE / name, what)


def wants_newest() -> bool:
    return bool(os.environ.get("INTERCHANGE_NEWEST_CLIENTS"))


def python_with(page: str, packages: Sequence[str]) -> str:
    """The interpreter of an environment of the page's own, with the newest of what its install line names."""
    folder = CACHE / "python" / page
    interpreter = folder / "bin" / "python"
    with alone_in(folder):
        _fill(interpreter, page, packages)
    return str(interpreter)


def _fill(interpreter: Path, page: str, packages: Sequence[str]) -> None:
    folder = interpreter.parents[1]
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    if not interpreter.exists():
        _done([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], folder.parent, page)
    _done([uv, "pip", "install", "--quiet", "--upgrade", "--python", str(interpreter), *packages], folder, page)
    listed = subprocess.run(
        [uv, "pip", "list", "--python", str(interpreter)], capture_output=True, text=True, timeout=60, check=False
    ).stdout.splitlines()
    wanted = {package.partition("[")[0] for package in packages}
    print(f"newest {page}: " + ", ".join(" ".join(line.split()[:2]) for line in listed if line.split()[0] in wanted))


def programs_with(page: str, packages: Sequence[str]) -> Path:
    """The folder of the programs that the page's install line names."""
    if shutil.which("npm") is None:
        pytest.skip(f"npm is absent: the programs of {page} are not installed")
    folder = CACHE / "programs" / page
    with alone_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        _npm(folder, page, "install", *(f"{package}@latest" for package in packages))
    return folder / "node_modules" / ".bin"


def _done(command: list[str], folder: Path, what: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        pytest.skip(f"{what} cannot be installed, so it is not tried: {done.stderr.strip()[-200:]}")


def _locked(folder: Path, what: str) -> Path:
    done, wanted = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    if not done.exists() or done.stat().st_mtime < wanted.stat().st_mtime:
        _npm(folder, what, "ci")
    return folder


def _newest(name: str, what: str) -> Path:
    folder = CACHE / name
    shutil.copytree(HERE / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", "package*"))
    asked = json.loads((HERE / name / "package.json").read_text())
    packages = [*asked.get("dependencies", {}), *asked.get("devDependencies", {})]
    (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    _npm(folder, what, "install", *(f"{package}@latest" for package in packages))
    found = json.loads((folder / "package.json").read_text())["dependencies"]
    print(f"newest {what}: " + ", ".join(f"{package} {version}" for package, version in sorted(found.items())))
    return folder


def _npm(folder: Path, what: str, *command: str) -> None:
    done = subprocess.run(
        ["npm", *command, *QUIETLY], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        pytest.skip(f"npm {command[0]} failed, so {what} are not tried: {done.stderr.strip()[-200:]}")


def python_of(name: str, what: str) -> Path:
    """The Python of an environment that has what `requirements.txt` of the folder `name` asks for: such packages would
    pull this project's own to other versions. Skips, and says what is not tried, where they cannot be had."""
    newest = wants_newest()
    wanted = (HERE / name / "requirements.txt").read_text().split()
    if newest:
        wanted = [one.partition("==")[0] for one in wanted]
    folder = CACHE / f"{name}-{'newest' if newest else hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:12]}"
    with alone_in(folder):
        if newest or not (folder / "done").exists():
            _made(folder, wanted, what)
    return folder / "bin" / "python"


def _made(folder: Path, wanted: Sequence[str], what: str) -> None:
    venv.create(folder, with_pip=True, clear=True)
    python = str(folder / "bin" / "python")
    command = [python, *"-m pip install --quiet --disable-pip-version-check".split(), *wanted]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        pytest.skip(f"pip install failed, so {what} are not tried: {done.stderr.strip()[-200:]}")
    (folder / "done").touch()
