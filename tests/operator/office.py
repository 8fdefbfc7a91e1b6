"""An operator's desk: the command line in this process, on a table in memory."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from interchange.identity.keys import Identity, Limits
from interchange.metering.ledger import AccountRef, Hold
from interchange.metering.store import Change
from interchange.operator.books import Books, open_books
from interchange.operator.main import main
from interchange.tables.dynamodb import DynamoTable, create_table

TABLE = "office"


@dataclass
class Office:
    """`run` answers (exit code, standard output, standard error)."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def __call__(self, *arguments: str) -> Any:
        """The JSON of a command that succeeds."""
        code, out, err = self.run(*arguments, "--json")
        assert code == 0, err
        assert err == ""
        assert len(out.splitlines()) == 1
        return json.loads(out)

    def refused(self, *arguments: str) -> str:
        """The one line of a command that fails."""
        code, out, err = self.run(*arguments)
        assert code != 0
        assert out == ""
        assert len(err.splitlines()) == 1
        assert err.startswith("error: ")
        return err.removeprefix("error: ").strip()

    def answer(self, line: str) -> None:
        """Sits at a terminal and types this."""

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        self.monkeypatch.setattr(sys, "stdin", Terminal(line))

    @property
    def books(self) -> Books:
        return open_books()

    def identity(self) -> Identity:
        return Identity(self.books.keys)

    def tamper(self, account_id: str) -> None:
        """A nano-dollar from nowhere."""
        change = Change("SET available = available + :n", "attribute_exists(pk)", {}, {":n": 1})
        store = DynamoTable(boto3.client("dynamodb", region_name="us-east-1"), TABLE)
        store.change(f"ACCOUNT#{account_id}", "BALANCE#0", change)

    def hold(self, account_id: str, request_id: str, nano: int, expires_ms: int) -> Hold:
        account = AccountRef(account_id, "k", Limits())
        return self.books.ledger.hold(account, request_id, nano, 0, expires_ms)


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    for name in [name for name in os.environ if name.startswith(("AWS_", "INTERCHANGE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INTERCHANGE_TABLE", TABLE)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with mock_aws():
        create_table(boto3.client("dynamodb", region_name="us-east-1"), TABLE)
        yield Office(monkeypatch, capsys)
