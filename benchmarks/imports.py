"""Import CPU of each function with bytecode, beside a plain FastAPI + Mangum + boto3 + httpx application.

The figure is everything before the first event: modules, settings, services, the table's client. Each round measures
every program once, one after the other, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import botocore

from scripts import certificates

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
CONTRIBUTORS = 10
PLAIN = (
    "import boto3, fastapi, mangum, httpx2\n"
    "app = fastapi.FastAPI()\n"
    "client = boto3.client('dynamodb', region_name='us-east-1')\n"
    "http = httpx2.AsyncClient()\n"
    "handler = mangum.Mangum(app)\n"
)
AUTHORITIES = "certificates"
"""The layer's folder of them, which template.yaml names in SSL_CERT_DIR."""
STREAMING = frozenset({"audio", "chat", "images", "messages", "responses"})
"""Families whose entry is ours, so that Mangum is not loaded."""
TIMED = "import time; _s = time.process_time()\n{code}\nprint((time.process_time() - _s) * 1000)\n"


def measure() -> Iterator[tuple[str, str]]:
    programs = {path.parent.name: f"import functions.{path.parent.name}.app" for path in functions()}
    with tempfile.TemporaryDirectory() as cache:
        certificates.write(Path(botocore.__file__).parent / "cacert.pem", Path(cache, AUTHORITIES))
        best = _best({"": PLAIN, **programs}, cache)
        plain = best.pop("")
        yield "import CPU, plain FastAPI + Mangum + boto3 + httpx", f"{plain:.0f} ms"
        for family, cost in best.items():
            yield f"import CPU, {family}", f"{cost:.0f} ms, {cost / plain:.0%} of the plain one"
        for package, share in _contributors("chat", cache):
            yield f"share of chat's import, {package}", f"{share:.0%}"


def functions() -> list[Path]:
    return sorted((ROOT / "functions").glob("*/app.py"))


def _best(programs: Mapping[str, str], cache: str) -> dict[str, float]:
    """The least of several rounds, after one that wrote the bytecode."""
    runs: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS + 1):
        for name, code in programs.items():
            runs[name].append(float(_run(["-c", TIMED.format(code=code)], name, cache).stdout.splitlines()[-1]))
    return {name: min(found[1:]) for name, found in runs.items()}


def _contributors(family: str, cache: str) -> list[tuple[str, float]]:
    """The packages that take most, by the time of their own modules (`python -X importtime`)."""
    spent: Counter[str] = Counter()
    for line in _run(["-X", "importtime", "-c", f"import functions.{family}.app"], family, cache).stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|") if line.count("|") == 2 else ("", "", "")
        if own.strip().isdigit():
            spent[_package(name.strip())] += int(own)
    whole = sum(spent.values())
    return [(package, share / whole) for package, share in spent.most_common(CONTRIBUTORS)]


def _package(module: str) -> str:
    first, *rest = module.split(".")
    if first in sys.stdlib_module_names:
        return first if first in {"asyncio", "ssl", "email"} else "the rest of the standard library"
    return f"{first}.{rest[0]}" if first == "interchange" and rest else first


def _run(arguments: list[str], family: str, cache: str) -> subprocess.CompletedProcess[str]:
    """`family` is empty for the plain program, which has a function's variables but not what our build adds to them."""
    authorities = {"SSL_CERT_DIR": f"{cache}/{AUTHORITIES}", "SSL_CERT_FILE": "/dev/null"} if family else {}
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        **environment(family), **authorities, "PYTHONPYCACHEPREFIX": cache,
    }  # fmt: skip
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True)


def environment(family: str) -> dict[str, str]:
    """A deployed function's variables, as far as they decide what is loaded."""
    entry = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/streaming-entry"} if family in STREAMING else {}
    return {
        **entry, "AWS_LAMBDA_FUNCTION_NAME": family, "INTERCHANGE_TABLE": "t", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "OPENAI_API_KEY": "x", "ANTHROPIC_API_KEY": "x",
        "GEMINI_API_KEY": "x", "XAI_API_KEY": "x", "INTERCHANGE_BEDROCK_REGION": "us-east-1",
        "STRIPE_WEBHOOK_SECRET": "whsec_x", "INTERCHANGE_LOG_LEVEL": "ERROR",
    }  # fmt: skip
