"""The routes that the applications have, asked of each in a process of its own, as Lambda imports it.

Without other spellings of the same path (a slash at its end): those are for function URLs, which pass on any path.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys

from tests.template.stack import ROOT

SHOW = """
import json, re, sys
from functions.{family}.app import app
routes = [route for route in app.routes if getattr(route, "include_in_schema", True)]
plain = [(method, route.path) for route in routes for method in getattr(route, "methods", None) or ()]
paths = app.openapi()["paths"] if hasattr(app, "openapi") else {}
named = {(method, re.sub(r":path\\}", "}", path)) for method, path in plain}
described = {(method.upper(), path) for path, methods in paths.items() for method in methods} - named
json.dump(sorted({*plain, *described}), sys.stdout)
"""
ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "INTERCHANGE_TABLE": "none",
    "STRIPE_WEBHOOK_SECRET": "whsec_none",
    "INTERCHANGE_LOG_LEVEL": "ERROR",
}
SCHEDULED = {"sweep"}
"""Families that nobody asks over HTTP."""


def families() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))


@functools.cache
def routes(family: str) -> frozenset[tuple[str, str]]:
    """(method, path), the path's parameters as API Gateway writes them."""
    if family in SCHEDULED:
        return frozenset()
    done = subprocess.run(
        [sys.executable, "-c", SHOW.replace("{family}", family)],
        env={**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([str(ROOT / "shared"), str(ROOT)])},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = [(method, re.sub(r"\{(\w+):path\}", r"{\1+}", path)) for method, path in json.loads(done.stdout)]
    return frozenset((method, path) for method, path in found if method not in {"HEAD", "OPTIONS"})
