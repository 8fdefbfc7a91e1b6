"""The command line as it is spoken: dates, units, and the place of `--json`."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from interchange.operator.cli import opened
from interchange.operator.cli import terminal as terminals
from interchange.operator.cli.terminal import show, watch
from interchange.operator.dates import PERIOD, moment, month_of, span_of
from interchange.operator.forms import ANY_MOMENT
from interchange.operator.key_limits import HELP, NAMES
from interchange.operator.rendering import lines
from tests.operator.office import Office

NOON = 1_795_867_200_000
"""2026-11-28 12:00 UTC."""


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-05", "2026-11-05", "2026-11-05"), ("2026-11", "2026-11-01", "2026-11-30"),
        ("2028-02", "2028-02-01", "2028-02-29"), ("yesterday", "2026-11-27", "2026-11-27"),
        ("today", "2026-11-28", "2026-11-28"),
        ("2026-W48", "2026-11-23", "2026-11-29"),
        ("this week", "2026-11-23", "2026-11-29"), ("last week", "2026-11-16", "2026-11-22"),
        ("this month", "2026-11-01", "2026-11-30"), ("last-month", "2026-10-01", "2026-10-31"),
        ("last year", "2025-01-01", "2025-12-31"), ("2024", "2024-01-01", "2024-12-31"),
        ("7 days", "2026-11-22", "2026-11-28"), ("last 7 days", "2026-11-22", "2026-11-28"),
        ("2 weeks", "2026-11-15", "2026-11-28"), ("-7d", "2026-11-22", "2026-11-28"),
        ("7d", "2026-11-22", "2026-11-28"), ("1d", "2026-11-28", "2026-11-28"),
    ],
)  # fmt: skip
def test_days_and_months_are_said_in_words(text: str, first: str, last: str) -> None:
    assert span_of("since", text, NOON) == (first, last)
    assert re.fullmatch(PERIOD, text), "the document says so too"


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026-13",
        "some day",
        "2026-W54",
        "11/28",
        "",
        "2026-02-30",
        "last day",
        "next month",
        "1970",
        "0 months",
        "12h",
        "--7d",
    ],
)
def test_what_is_no_day_names_the_option_and_what_would_be_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"^since: .*2026-11-28, 2026-11, yesterday or 7d$"):
        span_of("since", text, NOON)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("usage --day yesterday --since 2026-11", "day: takes the place of --since and --until"),
        ("usage --day 2026-11 --until today", "day: takes the place of --since and --until"),
        ("reprice r --reason r", "reason: goes with --book"),
        ("account statement a --csv --html", "html: --csv or --html, not both"),
        ("account change a --name n --top-up-below 5", "top-up-below: goes with --top-up USD"),
        ("account change a --top-up none --top-up-month 5", "top-up-month: goes with --top-up USD"),
        ("console --port 99999", "port: 99999 is not between 1 and 65535"),
        ("console --port -1", "port: -1 is not between 1 and 65535"),
        ("account create --name a\u202eb", "name: has control characters"),
        ("code revoke c --batch b --yes", "code: name either a code or a batch"),
        ("account limit a --each-user --models gpt-* --concurrent 1", "models: "),
    ],
)
def test_wrong_and_idle_options_are_named(office: Office, words: str, line: str) -> None:
    assert office.refused(*words.split()).startswith(line)


def test_a_port_that_is_taken_is_named(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert office.refused("console", "--port", str(port)) == f"port: {port} cannot be had: Address already in use"


def test_commands_that_are_left_out_of_a_line_are_said_to_be(office: Office) -> None:
    assert ", ... (see interchange --help)" in office.refused("frobnicate")


def test_tomorrow_is_a_moment() -> None:
    assert moment("tomorrow", NOON) - moment("today", NOON) == 86_400_000 == moment("1d", NOON) - NOON


@pytest.mark.parametrize(
    ("text", "short"), [("30 days", "30d"), ("1 hour", "1h"), ("15 minutes", "15m"), ("2 weeks", "14d")]
)
def test_a_span_from_now_may_be_said_in_words(text: str, short: str) -> None:
    assert moment(text, NOON) == moment(short, NOON) and re.fullmatch(ANY_MOMENT, text)


def test_a_month_may_be_said_in_words(office: Office) -> None:
    assert [month_of(text, NOON) for text in ("this month", "last month", "2026-07")] == [
        "2026-11",
        "2026-10",
        "2026-07",
    ]
    account = office("account", "create", "--name", "Ada")["account"]
    last = office("account", "statement", account, "last month")["month"]
    assert last == office("account", "statement", account)["month"]
    assert office("account", "statement", account, "this month")["month"] > last
    assert office.refused("account", "statement", account, "last week").startswith("month: 'last week' is no month")


def test_usage_takes_them(office: Office) -> None:
    for words in (
        ("--since", "yesterday"),
        ("--day", "2026-11"),
        ("--since", "7d", "--until", "today"),
        ("--day", "last week"),
        ("--since", "last month", "--until", "yesterday"),
        ("--day", "2026"),
    ):
        assert office("usage", *words)["requests"] == 0
    assert office.refused("usage", "--since", "2026-13-01").startswith("since: '2026-13-01' is no day")


def test_each_limit_has_a_unit_and_an_example(office: Office) -> None:
    assert set(HELP) == set(NAMES)
    assert all("such as" in said or "30d" in said for _, said in HELP.values())
    code, out, _ = office.run("key", "create", "--help")
    assert code == 0 and "LIMIT" not in out and "100000" in " ".join(out.split())


def test_json_may_stand_anywhere(office: Office) -> None:
    for words in (("--json", "account", "list"), ("account", "--json", "list"), ("account", "list", "--json")):
        assert json.loads(office.run(*words)[1]) == {"accounts": []}


def test_a_table_fits_the_terminal_or_becomes_blocks() -> None:
    rows = [{"account": "acct_1", "name": "Ada", "left_usd": "5"}, {"account": "acct_2", "name": "Grace"}]
    wide, narrow = (Console(width=width, file=io.StringIO(), highlight=False) for width in (60, 12))
    for console in (wide, narrow):
        show({"count": 2, "accounts": rows}, console)
    assert written(wide).split("\n")[2:] == [
        "account  name   left_usd",
        "acct_1   Ada           5",
        "acct_2   Grace",
        "",
    ]
    blocks = "account   acct_1\nname      Ada\nleft_usd  5\n\naccount   acct_2\nname      Grace\n"
    assert written(narrow).endswith(blocks)


def test_a_table_that_is_too_wide_goes_without_its_empty_columns() -> None:
    rows = [{"model": "m", "requests": 1, "failed": 0, "absorbed_usd": "0", "charged_usd": "0.5", "since": None}]
    console = Console(width=36, file=io.StringIO(), highlight=False)
    show({"usage": rows}, console)
    assert written(console) == "\nmodel  requests  charged_usd\nm             1          0.5\n"


@pytest.mark.parametrize(
    "words", [("prices", "set"), ("charge",), ("catalog", "check"), ("reconcile",), ("reprice", "r", "--catalog")]
)
def test_a_file_that_is_no_text_is_named(office: Office, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "noise"
    file.write_bytes(bytes(range(128, 256)))
    line = office.refused(*words, str(file))
    assert line.startswith((f"{file}: not text", "no request r", "the file has the columns of none"))
    assert office.refused(*words, f"{file}.absent").startswith((f"{file}.absent: ", "no request r"))


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def test_what_another_program_reads_is_a_table_whatever_the_width() -> None:
    assert len(lines({"rows": [{"name": "n" * 200, "usd": "1"}]}).splitlines()[2]) > 200


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("account create --credit 5", 'Command "account create" parameter --name requires an argument'),
        ("account create --name n --credit five", "credit: 'five' is not an amount in USD"),
        ("account create --name n --credit -5", "credit: must not be negative"),
        ("account create --name n --markup NaN", "markup: 'NaN' is not between 0 and 100"),
        ("account create --name n --markup \u0663", "markup: '\u0663' is not a number"),
        ("account create --name n --markup +1", "markup: '+1' is not written as 1.15 is"),
        ("account change a --email nobody", "email: 'nobody' is no e-mail address"),
        ("account change a --webhook http://example.com", "webhook: 'http://example.com' is no https:// address"),
        ("account change a --zone Mars", "zone: 'Mars' is no time zone"),
        (
            "account close a --rest burn --reason r",
            'Invalid value "burn" for --rest. Choose from: "refund", "write-off"',
        ),
        ("account statement a 2026-13", "month: '2026-13' is no day and no month"),
        ("account split a --shards many", 'Invalid value for --shards: unable to convert "many" into int'),
        ("key create --account a --limit-usd x", "spend_usd: 'x' is not an amount in USD"),
        ("key create --account a --expires 2020-01-01", "expires: '2020-01-01' is past"),
        ("key create --account a --allow-network zz", "allowed_networks: 'zz' is no address and no network"),
        ("key create --account a --concurrent -1", "concurrent: must be a whole number"),
        ("key create --account a --expires -1d", "expires: '-1d' is past"),
        ("credit a 5 --reason r --expires -12h", "expires: '-12h' is past"),
        ("usage --since -soon", "since: '-soon' is no day and no month"),
        ("key create --account a --spend-per-weak-usd 5", "Unknown option: --spend-per-weak-usd. Did you mean --spend"),
        ("key rotate k --old-until soon", "old-until: 'soon' is neither a date"),
        ("credit a five --reason r", "usd: 'five' is not an amount in USD"),
        ("credit a 5 --reason r --expires yesterday", "expires: 'yesterday' is past"),
        ("code create --credit 1 --batch b --until never", "until: 'never' is neither a date"),
        ("code create --credit 1 --batch b --until \u0663d", "until: '\u0663d' is neither a date"),
        ("usage --since 2026-13-01", "since: '2026-13-01' is no day and no month"),
        ("prices markup * dear", "factor: 'dear' is not a number"),
        ("reconcile f --tolerance much", "tolerance: 'much' is not an amount"),
        ("reconcile README.md --vendor x --tolerance much", "tolerance: 'much' is not an amount"),
        ("accounts", 'Unknown command "accounts". Did you mean "account"?'),
        ("key creat --account a", 'Unknown command "creat". Did you mean "create"?'),
    ],
)
def test_what_is_wrong_with_a_call_is_one_line_that_names_it(office: Office, words: str, line: str) -> None:
    assert office.refused(*words.split(" ")).startswith(line)
    code, out, _ = office.run(*words.split(" "), "--json")
    assert (code != 0, list(json.loads(out))) == (True, ["error"])
    assert office("account", "list") == {"accounts": []}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_options(office: Office, shell: str) -> None:
    script = office.run("completion", shell)[1]
    assert all(word in script for word in ("reconcile", "statement", "spend-per-week-usd", "write-off"))


def test_help_has_every_command_and_each_option_its_words(office: Office) -> None:
    code, out, _ = office.run("--help")
    for name in (
        "account",
        "key",
        "code",
        "request",
        "payments",
        "prices",
        "catalog",
        "table",
        "usage",
        "audit",
        "sweep",
    ):
        assert f" {name} " in out
    assert code == 0
    assert office.refused("account").startswith("which command? There are create, ")


def test_long_work_says_how_far_it_has_come_at_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    plain, terminal = io.StringIO(), Terminal()
    monkeypatch.setattr(terminals, "PATIENCE_S", 0)
    for err in (plain, terminal):
        monkeypatch.setattr(sys, "stderr", err)
        assert list(watch(range(3), "checking accounts")) == [0, 1, 2]
    assert (plain.getvalue(), "checking accounts" in terminal.getvalue()) == ("", True)


@pytest.mark.parametrize(
    ("words", "said"),
    [(("code", "create", "--credit", "1", "--batch", "b", "--count", "3"), "making codes"),
     (("code", "batches"), "counting codes"), (("code", "revoke", "--batch", "b", "--yes"), "revoking codes"),
     (("audit",), "checking accounts"), (("usage",), "summing accounts"), (("find", "nobody"), "looking through")],
)  # fmt: skip
def test_every_long_command_is_watched(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    office("code", "create", "--credit", "1", "--batch", "b", "--count", "2")
    seen: dict[str, int] = {}

    def watched(items: Iterable[Any], what: str) -> Iterable[Any]:
        known = list(items)
        seen[what] = len(known)
        return known

    monkeypatch.setattr(opened, "watch", watched)
    office(*words)
    assert [what for what in seen if what.startswith(said)]
    assert seen.get("making codes", 3) == 3


def test_what_was_not_found_is_said(office: Office) -> None:
    assert office.run("find", "nobody")[1].split() == ["found", "(none)"]
    assert office("find", "nobody") == {"found": []}


def test_without_its_libraries_the_command_line_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("interchange.operator.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("interchange.operator.cli", raising=False)
    monkeypatch.setitem(sys.modules, "cyclopts", None)
    assert office.refused("audit").startswith("the command line needs cyclopts")


def test_no_function_loads_the_command_line() -> None:
    asked = "import sys, interchange.operator.api, interchange.operator.turns, interchange.operator.catalog_file;"
    told = "print(sorted({'cyclopts', 'rich', 'interchange.operator.cli'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked + told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
