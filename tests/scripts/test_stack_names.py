"""The stack that `sam deploy` makes is the one that the commands of README and of docs/ work on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"(?:--stack|--stack-name|STACK=|prune\.py)[ =]?([a-z][\w-]*)")
MADE: str = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["global"]["parameters"]["stack_name"]


@pytest.mark.parametrize("page", ["README.md", "docs/deploy.md", "docs/operator.md"])
def test_the_commands_name_the_stack_that_a_deployment_makes(page: str) -> None:
    found = set(NAMED.findall((ROOT / page).read_text()))
    assert found <= {MADE}, page


def test_readme_deploys_then_makes_the_first_account_of_that_stack() -> None:
    readme = (ROOT / "README.md").read_text()
    deployed, begun = readme.index("\nsam deploy "), readme.index(f"interchange bootstrap --stack {MADE} ")
    assert deployed < begun
    assert "--stack-name" not in readme[deployed:begun] and "--guided" not in readme[deployed:begun]
