"""The command line on a table's file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interchange.operator.main import main
from interchange.tables.sqlite import SqliteTable
from tests.operator.office import Office


def test_a_file_is_worked_on_and_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    SqliteTable(tmp_path / "books.db", create=True).close()
    monkeypatch.setenv("INTERCHANGE_TABLE", f"sqlite:{tmp_path}/books.db")
    assert main(["account", "create", "--name", "n", "--credit", "5", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert main(["table", "backup", f"{tmp_path}/copy.db", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] > 0
    monkeypatch.setenv("INTERCHANGE_TABLE", f"sqlite:{tmp_path}/copy.db")
    assert main(["account", "show", made["account"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["available_usd"] == "5"
    assert main(["table", "backup", f"{tmp_path}/copy.db"]) == 1
    assert "exists already" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INTERCHANGE_TABLE", f"sqlite:{tmp_path}/none.db")
    assert main(["account", "list"]) == 1
    assert capsys.readouterr().err == f"error: there is no table {tmp_path}/none.db\n"


def test_a_dynamodb_table_is_backed_up_by_aws(office: Office) -> None:
    assert "point-in-time recovery" in office.refused("table", "backup", "x")
