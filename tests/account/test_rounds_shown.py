"""A request of several rounds, as its account shows it."""

from __future__ import annotations

from interchange.account.history import whole
from interchange.metering.rows import read_row, write_row
from tests.exchange.conversation import mcp_world as m
from tests.exchange.conversation.mcp_world import ADD, GATEWAY, messages
from tests.rounds.servers import server


def test_each_round_is_shown_with_its_usage_and_calls() -> None:
    with m.world() as here, server() as (url, _):
        here.script.answers = [m.answer("claude", "", [ADD]), m.answer("claude", "ok")]
        m.asked(here, "messages", messages("claude", url), **GATEWAY)
        (row,) = here.rows()
    shown = whole(read_row(write_row(row)))
    assert [one.calls for one in shown.rounds] == [["tests.add"], []]
    assert [one.usage["output"] for one in shown.rounds] == [5, 5]
    assert shown.usage["output"] == 10
