"""DynamoDB Local for the tests: fetched once with Maven into .tools/, started on a free port, stopped at the end."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.turns import alone_in

HERE = Path(__file__).resolve().parent
JARS = HERE.parents[2] / ".tools" / "dynamodb-local"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
MAIN = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
JAVA = 17
ATTEMPTS = 3


class Unavailable(Exception):
    """Why there is no server: one line."""


@contextmanager
def running() -> Iterator[str]:
    """Yields the endpoint. Raises Unavailable."""
    process, port = _started(_java(), _jars())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def _started(java: str, jars: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A free port may be another worker's by the time that Java has begun: then the next is tried."""
    for _ in range(ATTEMPTS - 1):
        with suppress(Unavailable):
            return _start(java, jars)
    return _start(java, jars)


def _start(java: str, jars: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = _free_port()
    command = [
        java, "-Xmx512m", f"-Djava.library.path={jars}", "-cp", f"{jars}/*", MAIN,
        "-inMemory", "-port", str(port), "-disableTelemetry",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=jars, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
    except Unavailable:
        process.kill()
        process.wait(timeout=PATIENCE_S)
        raise
    return process, port


def _java() -> str:
    java = shutil.which("java")
    if java is None:
        raise Unavailable("java is not installed")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=PATIENCE_S, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or int(version[1]) < JAVA:
        raise Unavailable(f"java is too old: {JAVA} is needed, this is {told.splitlines()[0] if told else 'none'}")
    return java


def _jars() -> Path:
    with alone_in(JARS):
        return _fetched()


def _fetched() -> Path:
    if list(JARS.glob("DynamoDBLocal-*.jar")):
        return JARS
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("mvn is not installed, and .tools/dynamodb-local is empty")
    fresh = JARS.with_suffix(".fetching")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [
        maven, "-B", "-q", "-f", str(HERE / "pom.xml"), COPY, "-DincludeScope=runtime", f"-DoutputDirectory={fresh}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unavailable("mvn did not fetch DynamoDB Local within ten minutes") from error
    if done.returncode:
        told = [line for line in done.stdout.splitlines() if "ERROR" in line]
        raise Unavailable(f"mvn could not fetch DynamoDB Local: {told[0] if told else done.returncode}")
    fresh.rename(JARS)
    return JARS


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise Unavailable(f"DynamoDB Local stopped with code {process.returncode} as it started")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Unavailable("DynamoDB Local did not answer within a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
