"""Reads which build this is: INTERCHANGE_BUILD, or the file of that name that the build writes beside a function's
code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

VARIABLE = "INTERCHANGE_BUILD"
CHECKOUT = "checkout"
"""Where nothing was built."""


def build(env: Mapping[str, str]) -> str:
    if named := env.get(VARIABLE, "").strip():
        return named
    try:
        return (Path(env.get("LAMBDA_TASK_ROOT") or ".") / VARIABLE).read_text(encoding="utf-8").strip() or CHECKOUT
    except OSError:
        return CHECKOUT
