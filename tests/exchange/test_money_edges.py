"""A charge is bounded by its hold, a hold asks for no more than was asked, and waiting is told from want."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.conversation.bound import measure
from interchange.exchange.media.images import _delivered
from interchange.exchange.media.images import _measure as pictures_bound
from interchange.exchange.settle import unpriced
from interchange.hub.media import ImageRequest, Upload
from interchange.hub.request import HostedTool, Request
from interchange.hub.usage import Usage
from interchange.identity.keys import Limits
from interchange.metering.accounts import Accounts
from interchange.metering.ledger import AccountRef
from interchange.metering.money import nano
from interchange.wire import codec
from tests.exchange import world as w
from tests.metering.usage_rows import usage_row

CHAT: dict[str, Any] = {"model": "gpt", "max_tokens": 100, "messages": [{"role": "user", "content": "hi"}]}
LYING = {"prompt_tokens": 10, "completion_tokens": 900_000_000, "total_tokens": 900_000_010}


def lying_answer(stream: bool) -> list[bytes]:
    if stream:
        return [w.chat_chunk({"content": "eleven char"}), w.chat_chunk({}, "stop"), w.chat_chunk(None, usage=LYING),
                b"data: [DONE]\n\n"]  # fmt: skip
    return [codec.dumps({**codec.loads(w.chat_answer("eleven char")), "usage": LYING})]


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_vendor_that_reports_too_much_is_paid_by_the_operator(family: str, stream: bool) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=lying_answer(stream))]
        ask = here.streamed if stream else here.whole
        asyncio.run(ask(family, {**CHAT, "stream": stream}))
        (row,) = here.rows()
        assert row.charge_nano == row.hold_nano
        assert row.absorbed_nano > 0
        balance = here.balance()
        assert (balance.charged_nano, balance.held_nano, balance.gap_nano) == (row.hold_nano, 0, 0)
        assert balance.available_nano >= 0


PRICE = {"input": "2", "output": "10", "service_tiers": {"priority": {"input": "20"}, "fast": {"input": "30"}},
         "regions": {"us": "1.1"}}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "tiers", "regions"),
    [
        ({}, set(), set()),
        ({"service_tier": "auto"}, set(), set()),
        ({"service_tier": "priority"}, {"priority"}, set()),
        ({"service_tier": "never-heard-of"}, {"priority", "fast"}, set()),
        ({"extra": {"speed": "fast"}}, {"fast"}, set()),
        ({"extra": {"inference_geo": "us"}}, set(), {"us"}),
        ({"extra": {"inference_geo": "mars"}}, set(), {"us"}),
    ],
)
def test_a_hold_has_the_tiers_and_regions_that_are_asked_for(
    asked: dict[str, Any], tiers: set[str], regions: set[str]
) -> None:
    model = read([{"id": "m", "routes": [{"provider": "openai", "model": "up"}], "price": PRICE}]).models[0]
    extent = measure(Request("m", (), **asked), b"x" * 100, model).most
    assert (set(extent.service_tiers), set(extent.regions)) == (tiers, regions)


def test_a_project_that_has_a_tier_by_default_is_held_for_it() -> None:
    traits = {"default_tiers": ["priority"], "default_regions": ["us"]}
    entry = {"id": "m", "routes": [{"provider": "openai", "model": "up"}], "price": PRICE, "traits": traits}
    extent = measure(Request("m", ()), b"x" * 100, read([entry]).models[0]).most
    assert (set(extent.service_tiers), set(extent.regions)) == ({"priority"}, {"us"})


def test_max_tool_calls_bounds_the_tools_that_the_vendor_runs() -> None:
    model = read([{"id": "m", "routes": [{"provider": "openai", "model": "up"}], "price": PRICE}]).models[0]
    search = HostedTool("web_search", "openai_responses", {"type": "web_search"})
    asked = Request("m", (), tools=(search,), extra={"max_tool_calls": 1})
    calls = measure(asked, b"x" * 100, model).most.tool_calls
    assert calls["web_search"] == 1


@pytest.mark.parametrize(("family", "kind"), [("chat", "balance_in_use"), ("messages", "rate_limit_error")])
def test_running_requests_of_the_same_account_are_a_wait_and_no_empty_balance(family: str, kind: str) -> None:
    """Agents wait for a 429 and give up on a 402."""
    with w.world(credit="0.01") as here:
        here.services.ledger.hold(AccountRef("acc", "other", Limits()), "r1", nano("0.0099"), here.now[0], 10**14)
        status, error, headers = asyncio.run(here.whole(family, CHAT))
        assert (status, error["error"].get("code") or error["error"]["type"]) == (429, kind)
        assert "0.0099 USD is set aside for 1 running request" in error["error"]["message"]
        assert int(headers["retry-after"]) >= 1
        assert not here.script.sent


def test_a_debt_is_called_a_debt() -> None:
    with w.world(credit="0.01") as here:
        Accounts(here.services.ledger._store).credit("acc", -nano("4.49"), "refund", "back", here.now[0])
        status, error, _ = asyncio.run(here.whole("chat", CHAT))
        assert status == 402
        assert "the account is $4.48 in debt" in error["error"]["message"]


@pytest.mark.parametrize(
    "limits",
    [Limits(tokens_per_minute=5000), Limits(spend_per_day_nano=nano("0.009")), Limits(spend_nano=nano("0.009"))],
    ids=["tokens a minute", "spending a day", "spending in all"],
)
def test_the_output_limit_is_fitted_to_the_tightest_limit(limits: Limits) -> None:
    """A fresh key is served, whatever the model's own limit would allow."""
    with w.world(limits=limits) as here:
        if limits.spend_nano is not None:
            Accounts(here.services.ledger._store).allow("acc", "key_1", limits.spend_nano)
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        status, _, headers = asyncio.run(here.whole("chat", {**CHAT, "max_tokens": 100_000}))
        assert status == 200
        assert 256 <= int(headers["x-interchange-max-tokens"]) < 5000
        sent = codec.loads(here.script.sent[0].body or b"")
        assert int(headers["x-interchange-max-tokens"]) in sent.values()


def test_what_no_waiting_makes_fit_is_told_as_such() -> None:
    with w.world(limits=Limits(tokens_per_minute=10)) as here:
        status, error, headers = asyncio.run(here.whole("chat", CHAT))
        assert (status, error["error"]["code"]) == (429, "rate_limit_exceeded")
        assert ("retry-after" in headers, headers["x-should-retry"]) == (False, "false")
        assert "too large for this key's tokens per minute: limit 10, requested" in error["error"]["message"]
        assert not here.script.sent


@pytest.mark.parametrize("limits", [Limits(spend_per_day_nano=10), Limits(spend_nano=10)], ids=["a day", "in all"])
def test_a_cap_that_is_too_low_says_what_it_is(limits: Limits) -> None:
    with w.world(limits=limits) as here:
        status, error, _ = asyncio.run(here.whole("chat", CHAT))
        assert (status, error["error"]["code"]) == (402, "key_allowance_exceeded")
        assert "spending cap" in error["error"]["message"]
        assert not here.script.sent


@pytest.mark.parametrize(("quality", "tokens"), [("high", 6291), ("medium", 1596), ("low", 411)])
def test_a_picture_without_usage_is_charged_by_its_size_and_quality(quality: str, tokens: int) -> None:
    model = read([{"id": "m", "kind": "image", "routes": [{"provider": "openai", "model": "up"}],
                   "price": {"input": "5", "output_image": "40"}}]).models[0]  # fmt: skip
    request = ImageRequest(prompt="a cat", size="1024x1536", quality=quality)
    assert _delivered(request, model, 1).output_image == tokens


@pytest.mark.parametrize(
    ("asked", "frames"),
    [
        ({}, 1),
        ({"output_format": "png"}, 1),
        ({"output_format": "gif"}, 9),
        ({"output_format": "gif", "frames": 16}, 16),
    ],
)
def test_each_frame_of_a_moving_picture_is_held_and_charged_for(asked: dict[str, Any], frames: int) -> None:
    (model,) = read([{"id": "m", "kind": "image", "routes": [{"provider": "openai", "model": "up"}],
                      "price": {"input": "5", "output_image": "40"}}]).models  # fmt: skip
    still = ImageRequest(prompt="a cat", size="1024x1024", quality="low", n=2)
    moving = replace(still, **asked)
    assert _delivered(moving, model, 2).output_image == frames * _delivered(still, model, 2).output_image
    assert pictures_bound(moving, model).output_tokens == frames * pictures_bound(still, model).output_tokens


def test_a_faithful_edit_is_charged_for_what_it_reads() -> None:
    (model,) = read([{"id": "m", "kind": "image", "routes": [{"provider": "openai", "model": "up"}],
                      "price": {"input": "5", "input_image": "10", "output_image": "40"}}]).models  # fmt: skip
    given = ImageRequest(prompt="a cat", images=(Upload("a.png", "image/png", b"x"),), size="1024x1024")
    faithful = replace(given, extra={"input_fidelity": "high"})
    assert _delivered(given, model, 1).input_image == 323
    assert _delivered(faithful, model, 1).input_image == 323 + 6240 <= pictures_bound(faithful, model).input_tokens


MESSAGE = codec.dumps({
    "id": "msg_1", "type": "message", "role": "assistant", "model": "s", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "ok"}], "usage": {"input_tokens": 1, "output_tokens": 1},
})  # fmt: skip
TIERED: list[dict[str, Any]] = [
    {"id": "plain", "routes": [{"provider": "openai", "model": "p"}], "max_output": 1000, "price": {"input": "2"}},
    {"id": "tiered", "routes": [{"provider": "openai", "model": "t"}], "max_output": 1000, "price": PRICE},
    {"id": "sonnet", "routes": [{"provider": "anthropic", "model": "s"}], "max_output": 1000, "price": {"input": "2"}},
]


@pytest.mark.parametrize(
    ("family", "model", "asked", "status"),
    [
        ("chat", "plain", {"service_tier": "priority"}, 400),
        ("chat", "plain", {"service_tier": "fast"}, 400),
        ("chat", "plain", {"service_tier": "never-heard-of"}, 400),
        ("chat", "plain", {"service_tier": "flex"}, 200),
        ("chat", "plain", {"service_tier": "auto"}, 200),
        ("chat", "tiered", {"service_tier": "priority"}, 200),
        ("chat", "tiered", {"service_tier": "never-heard-of"}, 400),
        ("responses", "plain", {"service_tier": "priority"}, 400),
        ("messages", "sonnet", {"speed": "fast"}, 400),
        ("messages", "sonnet", {"speed": "standard"}, 200),
        ("messages", "sonnet", {"speed": 5}, 400),
        ("messages", "sonnet", {"inference_geo": "us"}, 400),
        ("messages", "sonnet", {"inference_geo": "global"}, 200),
    ],
)
def test_a_speed_or_a_place_without_a_price_is_refused(
    family: str, model: str, asked: dict[str, Any], status: int
) -> None:
    with w.world() as here:
        here.services = replace(here.services, catalog=read(TIERED))
        said = MESSAGE if family == "messages" else w.chat_answer()
        here.script.default = lambda _: w.Says(chunks=[said])
        body = {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 50}
        found, told, _ = asyncio.run(here.whole(family, {"model": model, **body, **asked}))
        assert found == status, told
        if status == 400:
            assert next(iter(asked)) in told["error"]["message"]
            assert here.script.sent == []


CUT = [w.chat_chunk({"content": "hello"})]


@pytest.mark.parametrize(
    ("family", "model", "asked", "tier", "region"),
    [
        ("chat", "tiered", {"service_tier": "priority"}, "priority", None),
        ("chat", "tiered", {}, None, None),
        ("messages", "claudius", {"speed": "fast"}, "fast", None),
        ("messages", "claudius", {"inference_geo": "us"}, None, "us"),
    ],
)
def test_an_answer_that_breaks_off_unsaid_is_charged_at_the_speed_that_was_asked_for(
    family: str, model: str, asked: dict[str, Any], tier: str | None, region: str | None
) -> None:
    claudius = {**TIERED[2], "id": "claudius", "price": PRICE}
    begun = w.messages_stream("hello")[:3]
    with w.world() as here:
        here.services = replace(here.services, catalog=read([*TIERED, claudius]))
        here.script.answers = [w.Says(chunks=CUT if family == "chat" else begun)]
        body = {"model": model, "max_tokens": 50, "messages": w.user(), "stream": True, **asked}
        asyncio.run(here.streamed(family, body))
        (row,) = here.rows()
        assert (row.outcome, row.usage.service_tier, row.usage.region) == ("truncated", tier, region)


UNPRICED: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("chat", "grok", {"search_parameters": {"mode": "on"}}, "search_parameters"),
    ("chat", "grok", {"search_parameters": {"mode": "off"}}, None),
    ("chat", "grok", {"deferred": True}, "deferred"),
    ("chat", "grok", {"deferred": False}, None),
    ("chat", "gpt", {"deferred": True}, None),
    ("responses", "gpt", {"tools": [{"type": "code_interpreter", "container": {"type": "auto",
                                                                               "memory_limit": "64g"}}]},
     "tools[0].container.memory_limit"),
    ("responses", "gpt", {"tools": [{"type": "shell", "environment": {"type": "container_auto",
                                                                      "memory_limit": "4g"}}]},
     "tools[0].environment.memory_limit"),
    ("responses", "gpt", {"tools": [{"type": "code_interpreter", "container": {"type": "auto",
                                                                               "memory_limit": "1g"}}]}, None),
]  # fmt: skip


@pytest.mark.parametrize(("family", "model", "extra", "path"), UNPRICED)
def test_what_a_provider_charges_for_apart_and_no_price_covers_is_refused(
    family: str, model: str, extra: dict[str, Any], path: str | None
) -> None:
    said = {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 50}
    with w.world() as here:
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer()])
        status, told, _ = asyncio.run(here.whole(family, {"model": model, **said, **extra}))
        assert bool(here.script.sent) is (path is None)
        if path is not None:
            assert (status, told["error"]["param"]) == (400, path)
            assert here.balance().held_nano == 0


@pytest.mark.parametrize(("context", "sent"), [(200_000, "other-1"), (1_000_000, "context-1m-2025-08-07, other-1")])
def test_a_longer_context_is_asked_for_only_where_it_has_a_price(context: int, sent: str) -> None:
    with w.world() as here:
        here.services = replace(here.services, catalog=read([{**TIERED[2], "context": context}]))
        here.script.answers = [w.Says(chunks=[MESSAGE])] * 2
        body = {"model": "sonnet", "max_tokens": 50, "messages": w.user()}
        asyncio.run(here.whole("messages", body, anthropic_beta="context-1m-2025-08-07, other-1"))
        assert here.script.sent[0].headers["anthropic-beta"] == sent
        asyncio.run(here.whole("messages", body, anthropic_beta="context-1m-2025-08-07"))
        assert ("anthropic-beta" in here.script.sent[1].headers) is (context == 1_000_000)


def test_a_prediction_that_is_rejected_is_in_the_bound() -> None:
    """It is charged as output, beside the limit."""
    (model,) = read([{"id": "m", "routes": [{"provider": "openai", "model": "m"}], "price": {"input": "2"}}]).models
    plain = measure(Request("m", (), max_tokens=10), b"{}", model).most.output_tokens
    predicted = {"prediction": {"type": "content", "content": "x" * 5_000}}
    assert measure(Request("m", (), max_tokens=10, extra=predicted), b"{}", model).most.output_tokens >= plain + 5_000


@pytest.mark.parametrize(
    ("usage", "kinds"),
    [
        ({"service_tier": "priority"}, ["priority"]),
        ({"service_tier": "default"}, None),
        ({"searches": 2}, ["per_call.web_search"]),
    ],
)
def test_what_a_vendor_serves_without_a_price_is_reported(usage: dict[str, Any], kinds: list[str] | None) -> None:
    calls = {"web_search": usage.get("searches", 0)}
    used = Usage(input=5, output=5, service_tier=usage.get("service_tier"), tool_calls=calls)
    assert list(unpriced(usage_row("r", 1, used, provider="openai"))) == (kinds or [])


COMPACTED = {
    "input_tokens": 60, "output_tokens": 20,
    "iterations": [{"type": "compaction", "input_tokens": 70, "output_tokens": 700},
                   {"type": "message", "input_tokens": 60, "output_tokens": 20}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "covered"),
    [
        ({}, False),
        ({"context_management": {"edits": [{"type": "compact_20260112"}]}}, True),
        ({"context_management": {"edits": [{"type": "clear_tool_uses_20250919"}]}}, False),
        ({"compaction": {"type": "summarize"}}, True),
    ],
)
def test_a_summary_that_the_vendor_makes_is_in_the_bound(asked: dict[str, Any], covered: bool) -> None:
    """The output limit is of the answer alone."""
    with w.world() as here:
        answer = {**codec.loads(MESSAGE), "usage": COMPACTED}
        here.script.answers = [w.Says(chunks=[codec.dumps(answer)])]
        body = {"model": "claude", "max_tokens": 50, "messages": w.user(), **asked}
        assert asyncio.run(here.whole("messages", body))[0] == 200
        (row,) = here.rows()
        assert (row.absorbed_nano == 0) is covered
        if covered:
            assert row.charge_nano == 130 * 2000 + 720 * 10_000


STATED = [(None, None, 20), (3, None, 3), (50, None, 50), (50, 5, 5), (None, 30, 30), (None, 3, 3), (10**9, None, 1000)]


@pytest.mark.parametrize(("uses", "calls", "bound"), STATED)
def test_the_calls_that_a_request_states_are_held_for(uses: int | None, calls: int | None, bound: int) -> None:
    (model,) = read([{"id": "m", "routes": [{"provider": "openai", "model": "m"}], "price": {"input": "2"}}]).models
    tool = HostedTool("web_search", "openai_responses", {"type": "web_search"}, max_uses=uses)
    request = Request("m", (), tools=(tool,), extra={} if calls is None else {"max_tool_calls": calls})
    assert measure(request, b"{}", model).most.tool_calls["web_search"] == bound


@pytest.mark.parametrize("provider", ["xai", "gemini", "elsewhere"])
@pytest.mark.parametrize(("uses", "calls", "bound"), [(None, None, 20), (3, None, 20), (None, 1, 20), (50, None, 50)])
def test_a_limit_that_the_vendor_is_not_held_to_lowers_no_bound(
    provider: str, uses: int | None, calls: int | None, bound: int
) -> None:
    """It would be a way to have searches for nothing."""
    (model,) = read([{"id": "m", "routes": [{"provider": provider, "model": "m"}], "price": {"input": "2"}}]).models
    tool = HostedTool("web_search", "openai_responses", {"type": "web_search"}, max_uses=uses)
    request = Request("m", (), tools=(tool,), extra={} if calls is None else {"max_tool_calls": calls})
    assert measure(request, b"{}", model).most.tool_calls["web_search"] == bound


def test_two_tools_of_a_kind_are_held_for_both() -> None:
    (model,) = read([{"id": "m", "routes": [{"provider": "openai", "model": "m"}], "price": {"input": "2"}}]).models
    tool = HostedTool("web_search", "openai_responses", {"type": "web_search"}, max_uses=3)
    assert measure(Request("m", (), tools=(tool, tool)), b"{}", model).most.tool_calls["web_search"] == 6
