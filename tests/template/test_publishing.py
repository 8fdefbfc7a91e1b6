"""A second deployment: whatever changed, every function that it concerns gets a new version, and nothing else does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from scripts import build
from tests.template.applications import families
from tests.template.stack import ROOT, Stack, stack


def versions(made: Stack) -> set[str]:
    return set(made.of_type("AWS::Lambda::Version"))


def declared(**given: str) -> set[str]:
    return versions(stack(PaymentsEnabled="true", **given))


def test_a_change_of_the_layer_alone_publishes_every_function() -> None:
    before, after = declared(layer="one"), declared(layer="two")
    assert len(before) == len(after) == len(families())
    assert not before & after


def test_the_same_packages_publish_nothing() -> None:
    assert declared(layer="one") == declared(layer="one", code="one")


def test_a_change_of_the_code_publishes_every_function() -> None:
    assert not declared() & declared(code="two")


def test_tags_come_from_the_deployment_which_the_template_never_sees() -> None:
    """A version for tags alone would be refused: Lambda publishes none where code and settings are the same."""
    assert not re.search(r"^\s+Tags:", (ROOT / "template.yaml").read_text(), re.MULTILINE)
    assert (ROOT / "samconfig.toml").read_text().count("tags =") == 3


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one function and a layer of one file."""
    for name, text in {
        "shared/interchange/ledger.py": "CHARGE = 1\n",
        "functions/chat/app.py": "app = None\n",
        "requirements/runtime.txt": "starlette==1\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "compile_all", lambda *_: None)
    return tmp_path


def built(place: Path) -> str:
    build.function("chat", place)
    assert (place / "app.py").exists()
    return (place / build.BUILD_FILE).read_text()


def test_one_line_of_the_layer_changes_each_functions_own_package(tree: Path, tmp_path: Path) -> None:
    first = built(tmp_path / "first")
    assert re.fullmatch(r"[0-9a-f]{12}", first)
    assert built(tmp_path / "again") == first
    (tree / "shared/interchange/ledger.py").write_text("CHARGE = 2\n")
    assert built(tmp_path / "second") != first


def test_what_is_not_deployed_changes_no_package(tree: Path, tmp_path: Path) -> None:
    first = built(tmp_path / "first")
    (tree / "README.md").write_text("more\n")
    (tree / "shared/__pycache__").mkdir()
    (tree / "shared/__pycache__/ledger.cpython-313.pyc").write_bytes(b"x")
    assert built(tmp_path / "second") == first
    shutil.move(tree / "functions/chat/app.py", tree / "functions/chat/main.py")
    assert build.build_id() != first


SAMCONFIG = """
[prod.deploy.parameters]
parameter_overrides = ["StreamingMemory=1024"]
tags = "project=interchange"
"""


def test_a_parameter_changes_each_package_and_a_tag_changes_none(tree: Path) -> None:
    """SAM hashes a parameter's name, not its value: without this, another memory or log level would reach no caller."""
    (tree / "samconfig.toml").write_text(SAMCONFIG)
    first = build.build_id()
    (tree / "samconfig.toml").write_text(SAMCONFIG.replace("project=interchange", "project=other"))
    assert build.build_id() == first
    (tree / "samconfig.toml").write_text(SAMCONFIG.replace("1024", "2048"))
    assert build.build_id() != first
