"""`bootstrap`, `console`, `table ...`"""

from __future__ import annotations

import os
from typing import Annotated

from cyclopts import App, Parameter

from interchange import wiring
from interchange.operator import bootstrap as first_steps
from interchange.operator import report_actions

from .result import Result
from .units import File, Flag, Name, Usd, Words, said

table = App(name="table", help="the table's file")
Region = Annotated[Words | None, said("where it is; the configured region unless given", metavar="REGION")]
Secrets = Annotated[list[str] | None, said("store this variable's value, too", metavar="VARIABLE", negative="")]
MOST_PORT = 65_535


def _port(_kind: object, number: object) -> None:
    if isinstance(number, int) and not 0 <= number <= MOST_PORT:
        raise ValueError(f"{number} is not between 1 and {MOST_PORT}, nor 0 for a free one")


Port = Annotated[int, Parameter(metavar="N", help="a free one unless given", show_default=False, validator=_port)]


def bootstrap(
    *,
    stack: Annotated[Name, said("of the deployed stack")],
    region: Region = None,
    account: Annotated[Name, said("the first account")] = "operator",
    credit: Annotated[Usd, said("what it starts with, such as 25")] = "0",
    secret: Secrets = None,
    ask: Annotated[Flag, said("ask for the keys that the environment does not have")] = False,
) -> Result:
    """first steps on a deployed stack: vendors' keys, account, key"""
    return Result(first_steps.bootstrap(stack, region, account, credit, secret or [], ask=ask))


def console(
    *,
    stack: Annotated[Name | None, said("of a deployed stack, with the ambient AWS credentials")] = None,
    url: Annotated[Words | None, said("likewise, by its AdminUrl", metavar="URL")] = None,
    region: Region = None,
    port: Port = 0,
) -> Result:
    """the operator's page, on this machine's loopback, until interrupted"""
    from interchange.operator import console_command  # it loads the whole API

    console_command.serve(stack, url, region, port)
    return Result({}, text="")


@table.command
def backup(file: Annotated[File, said("a file that is not there yet")], /) -> Result:
    """copy it as it stands, while requests go on"""
    return Result(report_actions.backup(wiring.open_table(os.environ), file))
