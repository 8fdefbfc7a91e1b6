"""The operator's page in a browser, over a table of its own: every task, and axe on every view in every look."""

from __future__ import annotations

import time
from pathlib import Path

from interchange.operator.console_command import console_for
from interchange.operator.console_server import start
from interchange.tables.sqlite import SqliteTable
from tests.console.conftest import Drive


def test_an_operator_does_every_task(drive: Drive, tmp_path: Path) -> None:
    SqliteTable(tmp_path / "table.db", create=True)
    console = console_for({"INTERCHANGE_TABLE": f"sqlite:{tmp_path}/table.db"}, None, None, None)
    address, running = start(console)
    try:
        seen = drive("operator", address=address, month=time.strftime("%Y-%m", time.gmtime()))
    finally:
        running.shutdown()
        running.server_close()
    assert seen["faults"] == []
    assert seen["found"] == []
    assert "#" not in seen["address"]  # the token is in no address that is copied or kept
    assert seen["created"] == "Created Grace." and seen["secret"].startswith("sk-") and seen["forgotten"] == 0
    assert "suspended" in seen["suspended"] and "62.5 USD" in seen["credited"]
    assert "closing\n$62.50" in seen["statement"]
    assert "worth more than nothing" in seen["refused"]
    assert (seen["codes"], seen["revoked"]) == (3, "3 codes were revoked.")
    assert "'much' is not a number" in seen["wrong"]
    assert "taken out" in seen["preview"] and "deprecated" in seen["preview"]
    assert "in force within" in seen["applied"] and "gpt-5" in seen["left"] and "grok" not in seen["left"]
    assert "in force" in seen["restored"] and "This is no JSON" in seen["no_json"]
    assert seen["swept"] == 1 and "Grace" in seen["find"]
    assert "ends in a token" in seen["stranger"]
