"""The command line as a whole, and the one line that says what is wrong with a call of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter, ValidationError
from rich.console import Console

from . import accounts, credits, keys, prices, reports, stacks
from .result import Result
from .units import Flag, said

HELP = "The operator's command line. `--json` anywhere prints one JSON object; `COMMAND --help` has units and examples."
UNKNOWN, WRONG = 2, 1
"""Exit codes: of a call that the grammar does not have, and of a word that is not what its option takes."""

app = App(
    name="interchange",
    help=HELP,
    version_flags=[],
    result_action="return_value",
    default_parameter=Parameter(negative=()),
    help_format="plaintext",
)
GROUPS = (
    accounts.account, keys.key, credits.code, keys.request, credits.payments, prices.prices, prices.catalog,
    stacks.table,
)  # fmt: skip
COMMANDS = (
    keys.find, credits.credit, credits.credits, reports.usage, reports.reconcile, reports.audit, reports.holds,
    reports.sweep, reports.vendors, reports.charge, reports.reprice, stacks.bootstrap, stacks.console,
)  # fmt: skip


@app.command
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"] | None, said("this one unless given")] = None,
    /,
    *,
    install: Annotated[Flag, said("write it where the shell looks for it, and say where")] = False,
) -> Result:
    """print what makes the shell complete commands and options"""
    if install:
        return Result({"file": str(app.install_completion(shell=shell))})
    return Result({"shell": shell or "", "script": (text := app.generate_completion(shell=shell))}, text=text)


for group in GROUPS:
    app.command(group)
for command in COMMANDS:
    app.command(command)


class Misused(Exception):
    """One line that says what is wrong with the call."""

    def __init__(self, line: str, code: int) -> None:
        super().__init__(line)
        self.code = code


def run(words: Sequence[str]) -> Result | None:
    """None where help was printed. Raises Misused, and what the command raises."""
    _check_whole(words)
    try:
        answer = app(list(words), exit_on_error=False, print_error=False, console=Console(soft_wrap=False))
    except CycloptsError as error:
        raise _misused(error) from error
    return answer if isinstance(answer, Result) else None


def _check_whole(words: Sequence[str]) -> None:
    """Raises Misused where a command's group is named, and no command of it."""
    chain, found, rest = app.parse_commands(list(words))
    if not rest and found[-1].default_command is None:
        known = ", ".join(name for name in found[-1] if not name.startswith("-"))
        said = " ".join(("interchange", *chain))
        raise Misused(f"which command? There are {known} (see {said} --help)", UNKNOWN)


def _misused(error: CycloptsError) -> Misused:
    if isinstance(error, ValidationError) and error.argument is not None:
        name = error.argument.name.lstrip("-").lower()
        return Misused(_named(name, error.exception_message), WRONG)
    chain = " ".join(("interchange", *(error.command_chain or ())))
    said = " ".join(str(error).split())
    said = said if said.endswith("...") else said.rstrip(".")
    return Misused(f"{said} (see {chain} --help)", UNKNOWN)


def _named(option: str, said: str) -> str:
    """Begins with the option's name, once."""
    line = (said.splitlines() or ["is not valid"])[0].removeprefix(": ")
    start = line.partition(":")[0].replace("_", "-")
    return line if start == option else f"{option}: {line}"
