"""`python -m interchange`: runs a command and prints its answer; an error is one line."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from interchange import wiring
from interchange.catalog.load import CatalogError
from interchange.metering.codes import CodeRefused
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import LedgerError
from interchange.metering.tariffs import TariffChanged

from . import rendering
from .books import CommandError
from .stack import AWS_ERRORS

if TYPE_CHECKING:
    from .cli.result import Result

JSON = "--json"
"""May stand anywhere."""
LIBRARIES = ("cyclopts", "rich")
REFUSALS = (
    wiring.SettingError, TariffChanged, CatalogError, CommandError, LedgerError, CreditConflict, CodeRefused,
    ValueError,
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = JSON in words
    try:
        from .cli import app  # slow to import, and nothing of it is in what a function has
    except ModuleNotFoundError as error:
        if error.name not in LIBRARIES:
            raise
        return _fail(f"the command line needs {error.name}: `make setup`, or `pip install cyclopts rich`", as_json)
    asked = [word for word in words if word != JSON]
    try:
        result = app.run(asked)
    except app.Misused as error:
        return _fail(str(error), as_json, error.code)
    except REFUSALS as error:
        return _fail(str(error), as_json)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), as_json)
    except AWS_ERRORS as error:
        return _fail(f"the table {os.environ.get('INTERCHANGE_TABLE', '')!r} cannot be used: {error}", as_json)
    except RecursionError:
        return _fail("a file that was given is nested too deeply to be read", as_json)
    except KeyboardInterrupt:
        return _fail("interrupted", as_json, 130)
    if result is None:
        return 0
    _print(result, as_json)
    return result.code


def _print(result: Result, as_json: bool) -> None:
    try:
        _write(result, as_json)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(result: Result, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result.shown))
    elif result.text is not None:
        print(result.text)
    elif sys.stdout.isatty():
        from .cli import terminal

        terminal.show(result.shown)
    else:
        print(rendering.lines(result.shown))


def _fail(line: str, as_json: bool, code: int = 1) -> int:
    first = (line.splitlines() or ["it failed, and did not say why"])[0]
    if as_json:
        print(json.dumps({"error": first}))
    print(f"error: {first}", file=sys.stderr)
    return code
