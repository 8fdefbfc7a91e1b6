"""Several invocations at once in one environment, as on Managed Instances: one process, one event loop."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from interchange.tables.port import Table
from interchange.tables.sqlite import SqliteTable
from tests.lambdas.environment import Environment, Place, World
from tests.patience import PATIENCE_S

Started = Callable[..., Environment]

APP = """
import asyncio, json, os
from interchange.exchange.trace import TRACE_ID

here, everybody, gate = [], int(os.environ["EVERYBODY"]), asyncio.Event()

async def say(send, body, more=True):
    await send({"type": "http.response.body", "body": body, "more_body": more})

async def app(scope, receive, send):
    path, context = scope["path"], scope["aws.context"]
    if path == "/fault":
        raise ValueError("before the response")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    if path == "/task":
        asyncio.create_task(gate.wait())
        await say(send, b"said", False)
    elif path == "/open":
        gate.set()
        await say(send, b"opened", False)
    elif path == "/file":
        await say(send, b"begun ")
        while not os.path.exists(os.environ["GATE"]):
            await asyncio.sleep(0.02)
        await say(send, b"ended", False)
    else:
        here.append(path)
        await say(send, b"begun ")
        if len(here) == everybody:
            gate.set()
        await gate.wait()
        seen = {"id": context.aws_request_id, "left": context.get_remaining_time_in_millis(), "pid": os.getpid(),
                "trace": TRACE_ID.get(), "variable": os.environ.get("_X_AMZN_TRACE_ID")}
        await say(send, json.dumps(seen).encode(), False)
"""


async def all_of(urls: list[str], **options: Any) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=len(urls), max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=PATIENCE_S, limits=limits) as client:
        method = "POST" if options else "GET"
        return list(await asyncio.gather(*(client.request(method, url, **options) for url in urls)))


def test_two_hundred_streams_are_open_in_one_process(run: Started) -> None:
    """The last one lets them all go on: served one after another, the first would wait for ever."""
    made = run(APP, AWS_LAMBDA_MAX_CONCURRENCY="200", EVERYBODY="200")
    answers = asyncio.run(all_of([f"{made.url}/{number}" for number in range(200)]))
    seen = [json.loads(answer.text.removeprefix("begun ")) for answer in answers]
    assert len({one["pid"] for one in seen}) == 1
    assert {one["id"] for one in seen} == {one.id for one in made.emulator.invocations}
    for one in seen:
        assert one["trace"].startswith(f"Root=1-{one['id'][:8]}-"), "each has the trace of its own"
        assert 0 < one["left"] <= 60_000
        assert one["variable"] is None


def test_an_answer_waits_for_what_it_started_itself_and_for_nothing_else(run: Started) -> None:
    made = run(APP, AWS_LAMBDA_MAX_CONCURRENCY="3", EVERYBODY="2")
    with httpx.Client(timeout=PATIENCE_S) as client, client.stream("GET", f"{made.url}/task") as waiting:
        parts = waiting.iter_bytes()
        assert next(parts) == b"said"
        assert not made.emulator.invocations[0].done.is_set(), "the task that it started runs"
        assert httpx.get(f"{made.url}/open", timeout=PATIENCE_S).text == "opened"
        assert not list(parts)
    assert made.emulator.invocations[0].done.wait(30)


def test_a_fault_of_one_is_nothing_to_the_others(run: Started) -> None:
    made = run(APP, AWS_LAMBDA_MAX_CONCURRENCY="2", EVERYBODY="9")
    with httpx.Client(timeout=PATIENCE_S) as client, client.stream("GET", f"{made.url}/waits") as waiting:
        parts = waiting.iter_bytes()
        assert next(parts) == b"begun "
        assert httpx.get(f"{made.url}/fault", timeout=PATIENCE_S).status_code == 502
        assert made.emulator.invoke({"no": "request"}).error
        httpx.get(f"{made.url}/open", timeout=PATIENCE_S)
        assert b"trace" in b"".join(parts)


@pytest.mark.parametrize("at_once", ["1", "4"])
def test_the_end_of_an_environment_waits_for_what_it_serves(at_once: str, run: Started, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    made = run(APP, AWS_LAMBDA_MAX_CONCURRENCY=at_once, EVERYBODY="1", GATE=str(gate))
    with httpx.Client(timeout=PATIENCE_S) as client, client.stream("GET", f"{made.url}/file") as waiting:
        parts = waiting.iter_bytes()
        assert next(parts) == b"begun "
        made.process.send_signal(signal.SIGTERM)
        gate.touch()
        assert b"".join(parts) == b"ended"
    assert made.process.wait(30) == 0


def test_an_idle_environment_ends_when_it_is_told_to(run: Started) -> None:
    made = run(APP, AWS_LAMBDA_MAX_CONCURRENCY="4", EVERYBODY="1")
    assert httpx.get(f"{made.url}/alone", timeout=PATIENCE_S).status_code == 200
    made.process.send_signal(signal.SIGTERM)
    assert made.process.wait(30) == 0


@pytest.mark.parametrize(("kind", "streams"), [("sqlite", 200), ("dynamodb", 24)])
def test_paid_streams_at_once_are_settled_each(
    kind: str, streams: int, environment: Started, place: Place, around: World, tmp_path: Path
) -> None:
    """Through the family itself: money held, the vendor's first words passed on, and all open before any may end. The
    emulated DynamoDB, which serves one call at a time, is asked by fewer."""
    file = tmp_path / "table.db"
    table: Table = SqliteTable(file, create=True) if kind == "sqlite" else around.table
    named = {"INTERCHANGE_TABLE": f"sqlite:{file}"} if kind == "sqlite" else {}
    chat = environment(place, place.functions["chat"], AWS_LAMBDA_MAX_CONCURRENCY=str(streams), **named)
    account, key = around.account(table=table)
    gate = f"at-once-{kind}"
    said: Any = [{"role": "user", "content": f"one two three four [[gate {gate}]]"}]
    body = {"model": "gpt-4o-mini", "messages": said, "stream": True, "max_tokens": 50}
    asked = {"json": body, "headers": {"authorization": f"Bearer {key}"}}
    begun: list[int] = []

    async def one(client: httpx.AsyncClient) -> str:
        lines: list[str] = []
        async with client.stream("POST", f"{chat.url}/v1/chat/completions", **asked) as answer:  # type: ignore[arg-type]
            assert answer.status_code == 200, await answer.aread()
            async for line in answer.aiter_lines():
                if not lines:
                    begun.append(1)
                    if len(begun) == streams:
                        await client.post(f"{around.simulator_url}/control/gate/{gate}")
                lines.append(line)
        return "\n".join(lines)

    async def everybody() -> list[str]:
        async with httpx.AsyncClient(timeout=PATIENCE_S, limits=httpx.Limits(max_connections=streams + 1)) as client:
            return list(await asyncio.gather(*(one(client) for _ in range(streams))))

    assert all(text.rstrip().endswith("data: [DONE]") for text in asyncio.run(everybody()))
    assert all(made.done.wait(30) for made in chat.emulator.invocations)
    balance = around.balance(account, table)
    assert balance.held_nano == 0
    assert balance.charged_nano > 0 and balance.charged_nano % streams == 0
