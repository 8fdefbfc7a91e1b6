"""`python -m interchange`: runs a command and prints its answer; an error is one line."""

from __future__ import annotations

import json
import os
import shutil
import sys

from interchange import wiring
from interchange.catalog.load import CatalogError
from interchange.metering.codes import CodeRefused
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import LedgerError
from interchange.metering.tariffs import TariffChanged

from . import rendering
from .books import CommandError
from .commands import Command
from .parser import parser
from .stack import AWS_ERRORS

JSON = "--json"
"""May stand anywhere."""
REFUSALS = (
    wiring.SettingError, TariffChanged, CatalogError, CommandError, LedgerError, CreditConflict, CodeRefused,
    ValueError,
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser().parse_args([*(word for word in words if word != JSON), *([JSON] if JSON in words else [])])
    run: Command = given.run
    try:
        result = run(given)
    except REFUSALS as error:
        return _fail(str(error), given.json)
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), given.json)
    except AWS_ERRORS as error:
        return _fail(f"the table {os.environ.get('INTERCHANGE_TABLE', '')!r} cannot be used: {error}", given.json)
    print(json.dumps(result.shown) if given.json else result.text or rendering.lines(result.shown, _width()))
    return result.code


def _width() -> int | None:
    """Width of the terminal; what is passed on to another program is a table whatever its width."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _fail(line: str, as_json: bool) -> int:
    first = (line.splitlines() or ["it failed, and did not say why"])[0]
    if as_json:
        print(json.dumps({"error": first}))
    print(f"error: {first}", file=sys.stderr)
    return 1
