"""The gateway's own table on a bad day, beside a vendor on a good or a bad one: what fails, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from interchange.tables.sqlite import SqliteTable
from tests.exchange import world as w

METHODS = ("insert", "put", "change", "transact", "get", "get_many", "query")
LATER_MS = 3_600_000
SLOW_SECONDS = 0.02
GOOD, REFUSES, BREAKS = "good", "500", "an error after text"
VENDORS = (GOOD, REFUSES, BREAKS)


@dataclass(frozen=True)
class Trouble:
    """Calls of the books from `first` on fail, `length` of them: before they are made, or (`lost`) after."""

    name: str
    first: int
    length: int = 1000
    lost: bool = False
    slow: bool = False


OF_THE_HOLD = 2
"""Calls of the books until the money is held: the account is read, then changed."""
TROUBLES = (
    Trouble("away when money is to be held", 1),
    Trouble("the answer to the hold is lost", OF_THE_HOLD, 1, lost=True),
    Trouble("away when the answer is to be charged", OF_THE_HOLD + 1),
    Trouble("away for the first two tries of the charge", OF_THE_HOLD + 1, 2),
    Trouble("the answer to the charge is lost", OF_THE_HOLD + 1, 1, lost=True),
    Trouble("each call takes 20 ms", 1, slow=True),
)


@dataclass(frozen=True)
class End:
    """`swept` is the charge in the end, when the sweep has been; `asked` counts calls of the vendors."""

    status: int
    text: str
    headers: dict[str, str]
    charge: int
    swept: int
    asked: int
    in_log: bool


def frames(vendor: str) -> list[bytes]:
    stream = w.chat_stream("hello")
    return stream if vendor == GOOD else [*stream[:2], b'data: {"error": {"message": "boom"}}\n\n']


def says(vendor: str, *, stream: bool) -> w.Says:
    if vendor == REFUSES:
        return w.Says(500, chunks=[b'{"error": {"message": "boom"}}'])
    if stream:
        return w.Says(chunks=frames(vendor))
    return w.Says(chunks=[w.chat_answer("hello") if vendor == GOOD else b'{"error": {"message": "boom"}}'])


def ask(trouble: Trouble, vendor: str, family: str, *, stream: bool, two: bool) -> End:
    with w.world() as here:
        chat = {name: replace(one, clients={"openai_chat": one.clients["openai_chat"]})
                for name, one in here.services.providers.items() if "openai_chat" in one.clients}  # fmt: skip
        here.services = replace(here.services, providers=chat)
        second = w.Says(chunks=w.chat_stream("hello") if stream else [w.chat_answer("hello")])
        here.script.default = lambda outgoing: second if "//xai" in outgoing.url else says(vendor, stream=stream)
        mended = spoil(here, trouble)
        body: dict[str, Any] = {"model": "twice" if two else "gpt", "stream": stream}
        body |= {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 50}
        answer, chunks = asyncio.run(asyncio.wait_for(_streamed(here, family, body), 20))
        mended()
        charge = here.balance().charged_nano
        here.now[0] += LATER_MS
        here.accounts.sweep(here.now[0])
        balance = here.balance()
        assert (balance.held_nano, balance.open_holds) == (0, 0)
        assert here.accounts.audit_of("acc").sound
        assert balance.charged_nano == sum(row.charge_nano for row in here.rows())
        assert not [event for event, _ in here.reports if event == "fault"], here.reports
        in_log = "row_unwritten" in [event for event, _ in here.reports]
        text = b"".join(chunks).decode()
        return End(
            answer.status, text, dict(answer.headers), charge, balance.charged_nano, len(here.script.sent), in_log
        )


async def _streamed(here: w.World, family: str, body: dict[str, Any]) -> Any:
    return await here.streamed(family, body)


def spoil(here: w.World, trouble: Trouble) -> Callable[[], None]:
    """Makes the books' table fail; returns what mends it."""
    books, calls = here.ledger._store, [0]
    assert isinstance(books, SqliteTable)

    def failing(name: str) -> Callable[..., Any]:
        made = getattr(SqliteTable, name)

        def act(*arguments: Any, **named: Any) -> Any:
            calls[0] += 1
            if trouble.slow:
                time.sleep(SLOW_SECONDS)
            fails = not trouble.slow and trouble.first <= calls[0] < trouble.first + trouble.length
            if fails and not trouble.lost:
                raise OSError("the table is away")
            done = made(books, *arguments, **named)
            if fails:
                raise OSError("the answer was lost on the way")
            return done

        return act

    for name in METHODS:
        setattr(books, name, failing(name))

    def mend() -> None:
        for name in METHODS:
            delattr(books, name)

    return mend


SECTION = """
## The gateway's own table has its bad day

The caller speaks chat completions, the vendor is well. *In the end*: when the sweep has been. A charge that the table
never took is a line in the log, from which the operator can still make it (docs/operator.md). With a bad vendor beside
it the ends are those of the table above; `tests/faults/test_table_faults.py` runs them through every protocol.

| what fails | whole | charge | in the end | streamed | charge | in the end | the vendor is asked |
|---|---|---|---|---|---|---|---|
"""


def section() -> str:
    """Of docs/faults.md."""
    lines = []
    for trouble in TROUBLES:
        ends = [ask(trouble, GOOD, "chat", stream=stream, two=False) for stream in (False, True)]
        told = [f"{one.status} | {one.charge} | {'by the log' if one.in_log else one.swept}" for one in ends]
        lines.append(f"| {trouble.name} | {' | '.join(told)} | {ends[0].asked} |\n")
    return SECTION + "".join(lines)
