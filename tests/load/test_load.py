"""The load test of benchmarks/load.py, small: failures and disconnects on one account, and the books balance."""

from __future__ import annotations

import asyncio

from benchmarks.balance import check, rows_of
from benchmarks.load import gateway, more_keys, quiet, send, served


def test_the_books_balance_to_the_nano_dollar_after_failures_and_disconnects() -> None:
    with gateway() as found:
        figures = asyncio.run(send(found, more_keys(found), requests=200, clients=32, seed=7))
        audit, counts = asyncio.run(quiet(found)), asyncio.run(served(found))
        assert check(found, audit, counts) == []
        outcomes = {row.outcome for row in rows_of(found)}
    assert outcomes >= {"ok", "client_gone", "truncated", "upstream_error"}
    assert figures.statuses.total() == 200
    assert 402 in {status for _, status in figures.statuses}
