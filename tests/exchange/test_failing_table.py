"""A table that fails at every one of a request's calls, before or after it did what was asked.

Whatever happens: the caller gets an answer, the books balance, nothing is charged twice, and once the sweep has been
nothing is held any more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interchange.exchange import settle
from interchange.identity.keys import Limits
from interchange.metering.late_rows import Late
from interchange.metering.rows import read_row
from interchange.tables.dynamodb import DynamoTable
from tests.exchange import world as w

CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
CHARGE = 10 * 2000 + 5 * 10_000
CALLS = 12
"""More than a request makes of the books."""
LATER_MS = 3_600_000


class Failing:
    """Stands for the ledger's client: its calls `first` to `last` fail."""

    def __init__(self, client: Any, first: int, last: int, *, after: bool, kind: str) -> None:
        self._client, self._first, self._last, self._after, self._kind = client, first, last, after, kind
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def made(**arguments: Any) -> Any:
            self.calls += 1
            if not self._first <= self.calls <= self._last:
                return call(**arguments)
            if self._after:
                call(**arguments)
            if self._kind == "lost":
                raise OSError("the answer was lost on the way")
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "slow"}}, name)

        return made


def failing(here: w.World, first: int, last: int, *, after: bool, kind: str) -> Failing:
    books = table(here)
    made = Failing(books._client, first, last, after=after, kind=kind)
    books._client = made
    return made


def table(here: w.World) -> DynamoTable:
    found = here.ledger._store
    assert isinstance(found, DynamoTable)
    return found


async def status_of(here: w.World, body: dict[str, Any], **options: str) -> int:
    """What the table's errors become outside of the exchange is a 500."""
    try:
        answer, _ = await asyncio.wait_for(here.streamed("chat", body, **options), 20)
    except (OSError, ClientError):
        return 500
    return answer.status


@pytest.mark.parametrize(
    ("stream", "named", "limits"),
    [(False, True, Limits()), (True, False, Limits(spend_per_day_nano=10**9, concurrent=1)), (True, True, Limits())],
)
@pytest.mark.parametrize(("after", "kind"), [(False, "slow"), (True, "lost")])
@pytest.mark.parametrize("length", [1, 100])
def test_every_call_may_fail(
    monkeypatch: pytest.MonkeyPatch, stream: bool, limits: Limits, after: bool, kind: str, length: int, named: bool
) -> None:
    monkeypatch.setattr(settle, "PAUSE_SECONDS", 0.0)
    options: dict[str, str] = {"idempotency_key": "one"} if named else {}
    asked = {**CHAT, "stream": stream}
    for first in range(1, CALLS):
        with w.dynamo_world(limits=limits) as here:
            here.script.default = lambda _: w.Says(chunks=w.chat_stream("hello") if stream else [w.chat_answer()])
            broken = failing(here, first, first + length - 1, after=after, kind=kind)
            status = asyncio.run(status_of(here, asked, **options))
            table(here)._client = broken._client
            swept(here, charged=bool(here.script.sent and here.rows()))
            assert status == 200 or here.balance().charged_nano == 0
            if named:
                again = asyncio.run(status_of(here, asked, **options))
                swept(here, charged=bool(here.rows()))
                assert again in (200, 409)
            if broken.calls < first:
                assert (status, here.balance().charged_nano) == (200, CHARGE)
                break
    else:
        raise AssertionError("a request makes more calls than were tried")


def swept(here: w.World, *, charged: bool) -> None:
    here.now[0] += LATER_MS
    here.accounts.sweep(here.now[0])
    balance = here.balance()
    assert here.accounts.audit_of("acc").sound
    assert (balance.held_nano, balance.open_holds) == (0, 0)
    assert sum(row.charge_nano for row in here.rows()) == balance.charged_nano == (CHARGE if charged else 0)


def test_an_answer_that_the_table_does_not_take_is_charged_out_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSE_SECONDS", 0.0)
    with w.dynamo_world() as here:
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer()])
        broken = failing(here, 2, 100, after=False, kind="slow")  # all but the hold
        assert asyncio.run(status_of(here, {**CHAT, "stream": False})) == 200
        table(here)._client = broken._client
        (row,) = [fields["row"] for event, fields in here.reports if event == "row_unwritten"]
        assert isinstance(row, dict)
        here.now[0] += LATER_MS
        here.accounts.sweep(here.now[0])
        assert (here.balance().charged_nano, here.balance().held_nano) == (0, 0)
        Late(here.ledger._store).charge(read_row(json.loads(json.dumps(row))), here.now[0])
        swept(here, charged=True)


def test_a_row_that_stands_is_left_to_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settlement fails, or the answer to its writing is lost: nobody needs to enter it by hand."""
    monkeypatch.setattr(settle, "PAUSE_SECONDS", 0.0)
    with w.dynamo_world() as here:
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer()])
        broken = failing(here, 2, 2 * settle.TRIES, after=True, kind="lost")
        asyncio.run(status_of(here, {**CHAT, "stream": False}))
        table(here)._client = broken._client
        assert "row_unwritten" not in [event for event, _ in here.reports]
        swept(here, charged=True)
