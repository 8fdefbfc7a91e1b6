"""An event through the handler of its function, without AWS: `python -m local.replay EVENT [--built]`.

EVENT is one of `events/` (`chat/rest-stream`) or a file. What it needs is there: a table with the accounts whose keys
the events carry, and the simulator in the vendors' place. Prints status, headers, body, and what was charged.
`--record FILE` makes such a file of the next request to a port, or of a line of a log (local/recording.py).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interchange.metering.ledger import Ledger
from interchange.metering.money import usd
from interchange.tables.port import Table
from interchange.tables.sqlite import SqliteTable

from . import recorded, recording
from .laptop import ROOT, free_port, stop
from .simulated import HOST, SIMULATED, start, wait_for

BUILT = ROOT / ".aws-sam" / "host"
"""Where `make sam-build-host` builds for this machine."""


@dataclass(frozen=True)
class Replayed:
    """`charged_nano` is what the event's account paid; None for an event without one of ours."""

    answer: Any
    charged_nano: int | None


def replay(function: str, event: dict[str, Any], *, built: bool = False) -> Replayed:
    """Ends the program with one line where the function cannot be run."""
    with _table() as (table, address), _simulator() as vendors:
        recorded.seed(table)
        account = recorded.account_of(event)
        before = _charged(table, account)
        answer = _invoke(function, recorded.signed(event), {**vendors, "INTERCHANGE_TABLE": address}, built=built)
        after = _charged(table, account)
    return Replayed(answer, None if before is None or after is None else after - before)


@contextmanager
def _table() -> Iterator[tuple[Table, str]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "replay.db"
        table = SqliteTable(file, create=True)
        try:
            yield table, f"sqlite:{file}"
        finally:
            table.close()


@contextmanager
def _simulator() -> Iterator[Mapping[str, str]]:
    port = free_port()
    process = start(port)
    try:
        wait_for(f"http://{HOST}:{port}/healthz", process)
        keys = {f"{name}_API_KEY": "simulated" for name in SIMULATED}
        yield keys | {f"{name}_BASE_URL": f"http://{HOST}:{port}{path}" for name, path in SIMULATED.items()}
    finally:
        process.terminate()
        process.wait()


def _charged(table: Table, account: str | None) -> int | None:
    return None if account is None else Ledger(table).balance(account).charged_nano


def _invoke(function: str, event: dict[str, Any], env: Mapping[str, str], *, built: bool) -> Any:
    python, path, module = _built(function) if built else _checkout(function)
    with tempfile.TemporaryDirectory() as uploads:
        settings = {
            "INTERCHANGE_SEAL_KEY": "0" * 32, "INTERCHANGE_LOG_LEVEL": "INFO", "AWS_REGION": "us-east-1",
            "INTERCHANGE_UPLOADS_BUCKET": f"file:{uploads}?url=http://{HOST}/uploads",
            "STRIPE_WEBHOOK_SECRET": recorded.PAYMENTS_SECRET, **env,
            "PYTHONPATH": os.pathsep.join(map(str, path)), "PATH": os.environ.get("PATH", ""), "NO_PROXY": HOST,
        }  # fmt: skip
        command = [python, str(Path(__file__).with_name("invoke.py")), module]
        done = subprocess.run(
            command, input=json.dumps(event), env=settings, cwd=path[0], stdout=subprocess.PIPE, text=True, check=False
        )
    if done.returncode:
        stop(f"replay: the handler of {function} did not answer; its error is above")
    return json.loads(done.stdout)


def _checkout(function: str) -> tuple[str, tuple[Path, ...], str]:
    return sys.executable, (ROOT / "shared", ROOT), f"functions.{function}.app"


def _built(function: str) -> tuple[str, tuple[Path, ...], str]:
    from scripts.build import interpreter  # it finds the Python of the runtime's version

    folder = BUILT / f"{function.title()}Function"
    if not (folder / "app.py").is_file():
        stop(f"replay: {folder} is not there; `make sam-build-host` builds it")
    return interpreter(), (folder, BUILT / "SharedLayer" / "python"), "app"


def shown(done: Replayed) -> str:
    """Status, headers, body, charge; what a function returns that is not asked over HTTP, as JSON."""
    answer = done.answer
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return json.dumps(answer, indent=2)
    many = answer.get("multiValueHeaders") or {}
    headers = answer.get("headers") or {name: ", ".join(values) for name, values in many.items()}
    lines = [f"status {answer['statusCode']}", *(f"{name}: {value}" for name, value in headers.items()), ""]
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        raw = base64.b64decode(body)
        try:
            body = raw.decode()
        except UnicodeDecodeError:
            body = f"({len(raw)} bytes that are no text)"
    charge = "nobody is charged" if done.charged_nano is None else f"charged {usd(done.charged_nano)} USD"
    return "\n".join([*lines, body, "", charge])


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="make replay EVENT=...", description=__doc__)
    parser.add_argument("event", nargs="?", help="chat/rest-stream, or a file")
    parser.add_argument("--built", action="store_true", help="the built artefact in place of the checkout")
    parser.add_argument("--record", metavar="FILE", help="write an event there instead of replaying one")
    parser.add_argument("--log", metavar="FILE", help="what to record: a line of a log, from a file, or - for stdin")
    parser.add_argument("--port", type=int, default=0, help="where the request to be recorded is sent")
    parser.add_argument("--keep-text", action="store_true", help="record prompts as they are")
    given = parser.parse_args(arguments)
    try:
        if given.record:
            recording.record(Path(given.record), given.log, given.port, keep_text=given.keep_text)
            return
        if not given.event:
            stop("replay: say which event, as in `make replay EVENT=chat/rest-stream`, or a file")
        function, event = recorded.read(given.event)
    except (recorded.NoEvent, recording.NotRecorded) as error:
        stop(f"replay: {error}")
    print(shown(replay(function, event, built=given.built)))


if __name__ == "__main__":
    main(sys.argv[1:])
