"""`make sam-local`: the built functions in Lambda's image, with a table and vendors of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import sam
from local.laptop import ROOT
from scripts.sam_env import VARIABLES
from tests.template.test_settings import read_by_code

BUILT = """Globals:
  Function:
    Architectures:
    - arm64
    Environment:
      Variables:
        INTERCHANGE_TABLE:
          Ref: Table
Resources:
  SharedLayer:
    Metadata:
      BuildArchitecture: arm64
  ChatFunction:
    Properties:
      Description: charm64s
"""


def test_the_template_is_of_this_machine_and_takes_every_address() -> None:
    made = sam.local_template(BUILT, "x86_64")
    assert made.count("x86_64") == 2 and "charm64s" in made
    for name in sam.DECLARED:
        assert f"\n        {name}: ''\n" in made
    assert sam.local_template(BUILT, "arm64").count("- arm64") == 1


def test_containers_find_the_table_and_the_simulator_on_this_machine() -> None:
    found = sam.variables(4000, 5000, {})
    assert found["AWS_ENDPOINT_URL_DYNAMODB"] == "http://host.docker.internal:4000"
    assert found["OPENAI_BASE_URL"] == "http://host.docker.internal:5000/openai/v1"
    assert found["GEMINI_API_KEY"] == "simulated"
    assert not [name for name, value in found.items() if name.endswith("_ARN") and value], "no secret of a stack"
    assert set(found) - set(sam.DECLARED) <= read_by_code()
    assert set(VARIABLES) <= {*sam.NOT_HERE, "INTERCHANGE_TABLE"}


def test_a_vendor_whose_key_is_set_is_called_for_real() -> None:
    found = sam.variables(1, 2, {"OPENAI_API_KEY": "sk-real", "XAI_BASE_URL": "http://x/v1"})
    assert (found["OPENAI_API_KEY"], found["OPENAI_BASE_URL"]) == ("sk-real", "")
    assert (found["XAI_API_KEY"], found["XAI_BASE_URL"]) == ("simulated", "http://x/v1")


@pytest.mark.parametrize("arguments", [[], ["--engine"]])
@pytest.mark.parametrize("engine", [None, "exit 1"])
def test_without_a_container_engine_it_says_so_in_one_line(
    engine: str | None, arguments: list[str], tmp_path: Path
) -> None:
    if engine:
        for name in ("docker", "podman"):
            (tmp_path / name).write_text(f"#!/bin/sh\n{engine}\n")
            (tmp_path / name).chmod(0o755)
    env = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "local.sam", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("sam-local: no container engine answers")
