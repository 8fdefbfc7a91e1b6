"""What requests cost when they end in other ways than the plain one, by number (tests/conformance.md)."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from typing import Any

import pytest

from interchange.catalog.load import CatalogError, read
from interchange.exchange import listener
from interchange.exchange import serve as serve_module
from interchange.wire import codec
from tests.exchange import world as w

ROOT = Path(__file__).resolve().parents[2]
EXCHANGE = ROOT / "shared" / "interchange" / "exchange"
CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
ASKED: dict[str, Any] = {"model": "gpt", "max_output_tokens": 100, "input": "hi", "stream": True}


@pytest.mark.parametrize("amount", ["200000", "-1", "1e3", "nan", ""])
def test_I18_an_absurd_price_is_refused_where_it_is_entered(amount: str) -> None:
    entry = {"id": "m", "routes": [{"provider": "openai", "model": "m"}], "price": {"input": amount}}
    with pytest.raises(CatalogError, match=r"price\.input"):
        read([entry])


def test_J5_everything_sent_upstream_carries_a_hold_or_the_mark_of_a_free_call() -> None:
    """`Upstream.send` takes a ticket first; each call of it in the exchange shows which."""
    tickets = []
    for path in sorted(EXCHANGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("upstream.send"):
                tickets.append(ast.unparse(node.args[0]))
    assert tickets
    assert all(ticket == "self.admission.hold" or ticket.startswith("Unmetered(") for ticket in tickets), tickets


def test_J10_who_leaves_before_the_first_byte_pays_for_what_was_sent() -> None:
    with w.world() as here:

        async def leave() -> None:
            gate = asyncio.Event()
            here.script.answers = [w.Says(chunks=[gate, *w.chat_stream("one", "two", completion=50)])]
            asking = asyncio.create_task(here.ask("chat", {**CHAT, "stream": True}))
            await here.script.asked.wait()
            asking.cancel()
            gate.set()
            await asyncio.gather(*serve_module.RUNNING)

        asyncio.run(leave())
        (row,) = here.rows()
        assert row.charge_nano == 10 * 2000 + 50 * 10_000
        assert here.balance().held_nano == 0


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("response.incomplete", "ok"), ("response.failed", "truncated"), ("response.completed", "ok")],
)
def test_J12_usage_is_read_of_every_terminal_event(kind: str, outcome: str) -> None:
    status = kind.partition(".")[2]
    usage = {"input_tokens": 10, "output_tokens": 50, "total_tokens": 60}
    final: dict[str, Any] = {"id": "r", "object": "response", "model": "gpt-up", "status": status, "output": [],
             "usage": usage, "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
             "error": {"code": "server_error", "message": "broke"} if status == "failed" else None}  # fmt: skip
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**final, "status": "in_progress", "usage": None}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {
            "type": "response.output_text.delta",
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "delta": "hi",
        },
        {"type": kind, "response": final},
    ]
    with w.world() as here:
        frames = [f"event: {one['type']}\n".encode() + b"data: " + codec.dumps(one) + b"\n\n" for one in events]
        here.script.answers = [w.Says(chunks=frames)]
        answer, chunks = asyncio.run(here.streamed("responses", ASKED))
        assert answer.status == 200
        assert kind.encode() in b"".join(chunks)
        (row,) = here.rows()
        assert (row.outcome, row.usage.input, row.usage.output) == (outcome, 10, 50)
        assert row.charge_nano == 10 * 2000 + 50 * 10_000


def test_J13_what_happens_to_who_leaves_is_written_down() -> None:
    page = (ROOT / "docs" / "billing.md").read_text()
    assert "## When the caller leaves" in page
    assert "drained" in page


def test_J14_a_cut_answer_is_charged_once_and_its_repeat_is_the_same_request() -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=w.chat_stream("abcdefgh")[:2])]
        asked = {**CHAT, "stream": True}
        _, first = asyncio.run(here.streamed("chat", asked, idempotency_key="one"))
        assert b"error" in first[-1]
        charged = here.balance().charged_nano
        assert charged > 0
        answer, again = asyncio.run(here.streamed("chat", asked, idempotency_key="one"))
        assert b"".join(again) == b"".join(first)
        assert answer.headers["idempotent-replayed"] == "true"
        assert here.balance().charged_nano == charged
        assert len(here.rows()) == 1


def test_J15_a_leg_that_failed_is_in_the_row_and_not_in_the_charge() -> None:
    with w.world() as here:
        failed = w.Says(status=500, chunks=[b'{"error":{"message":"no"}}'])
        here.script.answers = [failed, failed, w.Says(chunks=[w.chat_answer(completion=50)])]
        status, _, _ = asyncio.run(here.whole("chat", {**CHAT, "model": "twice"}))
        assert status == 200
        (row,) = here.rows()
        assert row.provider == "xai"
        assert [leg.provider for leg in row.legs] == ["openai", "openai"]
        assert row.charge_nano == 10 * 2000 + 50 * 10_000


def test_L7_no_idle_timeout_is_met() -> None:
    """The shortest on the way is 29 s (API Gateway); a heartbeat comes well before, twice."""
    assert listener.HEARTBEAT_SECONDS * 2 < 29
