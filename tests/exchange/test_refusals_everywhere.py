"""The law over all recorded refusals: in every family, both lanes, streamed and whole, as a status and inside a 200, on
one route and two. What the caller reads is of its own protocol and tells nothing of the operator; nobody is charged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.aws.sigv4 import Credentials
from interchange.catalog.load import read
from interchange.exchange import call
from interchange.exchange.answers import FINAL
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.family import serve_media
from interchange.hub.verdict import Blame, Cause, Verdict
from interchange.providers import Provider
from interchange.providers.anthropic import anthropic
from interchange.providers.bedrock import bedrock
from interchange.providers.gemini import gemini
from interchange.providers.openai import openai
from interchange.upstream.health import Health
from tests.exchange import world as w
from tests.exchange.test_verdict import NOBODYS_BUSINESS, RECORDED, name
from tests.faults.place import FAMILIES, MODELS, body_of, listened

TALKS = ("chat", "messages", "responses")
MEDIA: dict[str, tuple[str, ...]] = {
    "openai": ("embeddings", "images", "speech", "transcriptions"),
    "gemini": ("gemini_embeddings", "gemini_images", "gemini_speech", "gemini_transcriptions"),
}
ROLE = Credentials("AKIDEXAMPLE", "secret", None)
MADE: dict[str, Provider] = {
    "openai_chat": openai("sk-operator"),
    "openai_responses": openai("sk-operator"),
    "anthropic_messages": anthropic("sk-ant-operator"),
    "gemini": gemini("AIzaOperator"),
    "bedrock_converse": bedrock(lambda: ROLE, "eu-west-1"),
}
ALLOWED = frozenset({
    "content-type", "retry-after", "x-should-retry", "x-interchange-request-id", "x-request-id", "request-id",
    "x-interchange-charge-usd", "x-interchange-dropped", "x-interchange-max-tokens", "x-interchange-model",
})  # fmt: skip
"""Headers that a refusal may have. Of the vendor's own none: limits and ids are the operator's."""
MESSAGES_TYPES = frozenset({
    "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error",
    "request_too_large", "rate_limit_error", "api_error", "overloaded_error", "timeout_error", "conflict_error",
})  # fmt: skip
"""anthropic SDK 0.80, `types/shared/error_object.py`."""


def provider(record: dict[str, Any]) -> Provider:
    made, spoken = MADE[record["protocol"]], record["protocol"]
    return replace(made, name="first", clients={spoken: made.clients[spoken]})


_GOOD = openai("sk-second", "http://second/v1")
SECOND = replace(_GOOD, name="second", clients={"openai_chat": _GOOD.clients["openai_chat"]})


def media_of(record: dict[str, Any]) -> tuple[str, ...]:
    return MEDIA.get("gemini" if record["protocol"] == "gemini" else record["protocol"].partition("_")[0], ())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[w.World]:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world() as found:
        yield found


def placed(here: w.World, model: dict[str, Any], *found: Provider) -> None:
    routes = [{"provider": one.name, "model": "up"} for one in found]
    here.services = replace(
        here.services, catalog=read([{"id": "m", "routes": routes, **model}]), health=Health(),
        providers={one.name: one for one in found},
    )  # fmt: skip
    here.script.sent.clear()
    here.script.answers.clear()
    here.reports.clear()


def says(record: dict[str, Any], status: int | None = None) -> w.Says:
    return w.Says(status or record["status"], record["headers"], [record["body"].encode()])


async def asked(here: w.World, family: str, *, stream: bool) -> tuple[Answer, str]:
    if family in TALKS:
        body: dict[str, Any] = {"model": "m", "stream": stream}
        body |= {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 20}
        answer = await here.ask(family, body)
    else:
        served = FAMILIES[family.removeprefix("gemini_").removesuffix("_events")]
        raw, content_type = body_of(family, stream)
        sent = {"authorization": f"Bearer {w.KEY}", "content-type": content_type}
        deadline = asyncio.get_running_loop().time() + 30
        answer = await serve_media(here.services, served, Inbound("POST", f"/v1/{served.name}", sent, raw, deadline))
    if isinstance(answer.body, bytes):
        return answer, answer.body.decode("utf-8", "replace")
    raw, _broke = await listened(answer)
    return answer, raw.decode("utf-8", "replace")


def in_the_callers_words(family: str, answer: Answer, text: str) -> dict[str, Any]:
    """The error of the answer, which is of the caller's protocol: what the SDKs read of it is there."""
    said = json.loads(text)
    error = said["error"]
    assert isinstance(error["message"], str) and error["message"]
    if family == "messages":
        assert said["type"] == "error" and error["type"] in MESSAGES_TYPES
    else:
        assert isinstance(error["type"], str) and {"param", "code"} <= set(error)
        assert error["code"] is None or isinstance(error["code"], str)
    assert 400 <= answer.status < 600
    assert {one.lower() for one in answer.headers} <= ALLOWED, answer.headers
    assert (answer.headers.get("x-should-retry") == "false") == (answer.status in FINAL)
    return dict(error)


def tells_nothing(text: str, verdict: Verdict) -> None:
    if verdict.blame not in (Blame.CALLER, Blame.CONTENT):
        assert not NOBODYS_BUSINESS.search(text), text
    assert "insufficient_quota" not in text and "sk-operator" not in text


def free(here: w.World) -> None:
    balance = here.balance()
    assert (balance.charged_nano, balance.held_nano) == (0, 0)
    assert not [fields for event, fields in here.reports if event == "fault"]


@pytest.mark.parametrize("record", RECORDED, ids=name)
def test_a_refusal_reads_the_same_in_every_family(here: w.World, record: dict[str, Any]) -> None:
    verdict = Verdict(Cause(record["cause"]))
    for family in (*TALKS, *media_of(record)):
        for stream in (False, True):
            placed(here, MODELS.get(family, {"max_output": 1000, "price": w.PRICE}), provider(record))
            here.script.default = lambda _: says(record)
            answer, text = asyncio.run(asked(here, family, stream=stream))
            error = in_the_callers_words(family, answer, text)
            tells_nothing(text, verdict)
            match verdict.blame:
                case Blame.OPERATOR:
                    assert (answer.status, len(here.script.sent)) == (503, 1)
                    assert "not available through this gateway right now" in error["message"]
                    assert "retry-after" in answer.headers
                case Blame.CALLER | Blame.CONTENT:
                    assert 400 <= answer.status < 500 and len(here.script.sent) == 1
                case _ if verdict.cause is Cause.RATE:
                    assert answer.status == 429 and "retry-after" in answer.headers
                case _:
                    assert answer.status >= 500
            lines = [fields for event, fields in here.reports if event == "vendor_refused"]
            assert bool(lines) == (verdict.blame not in (Blame.CALLER, Blame.CONTENT)), lines
            free(here)


@pytest.mark.parametrize("record", RECORDED, ids=name)
def test_a_refusal_inside_a_200_is_no_answer(here: w.World, record: dict[str, Any]) -> None:
    for family in (*TALKS, *media_of(record)):
        for stream in (False, True):
            placed(here, MODELS.get(family, {"max_output": 1000, "price": w.PRICE}), provider(record))
            body = record["body"].encode()
            framed = [b"data: " + body.replace(b"\n", b"\ndata: ") + b"\n\n"] if stream else [body]
            here.script.default = lambda _, framed=framed: w.Says(200, chunks=framed)
            answer, text = asyncio.run(asked(here, family, stream=stream))
            in_the_callers_words(family, answer, text)
            assert not NOBODYS_BUSINESS.search(text) or answer.status == 400, text
            free(here)


@pytest.mark.parametrize("record", RECORDED, ids=name)
@pytest.mark.parametrize("stream", [False, True])
def test_the_next_route_serves_what_is_no_fault_of_the_request(
    here: w.World, record: dict[str, Any], stream: bool
) -> None:
    blame = Verdict(Cause(record["cause"])).blame
    for family in TALKS:
        placed(here, {"max_output": 1000, "price": w.PRICE}, provider(record), SECOND)
        good = w.chat_stream("ok") if stream else [w.chat_answer("ok")]
        here.script.default = lambda outgoing, good=good: (
            w.Says(chunks=good) if outgoing.url.startswith(SECOND.base_url) else says(record)
        )
        before = here.balance().charged_nano
        answer, text = asyncio.run(asked(here, family, stream=stream))
        final = blame in (Blame.CALLER, Blame.CONTENT)
        assert (answer.status == 200) == (not final), text
        assert final or "ok" in text
        charged = here.balance().charged_nano - before
        assert charged == (0 if final else 10 * 2000 + 5 * 10_000), "the one that served, alone"
        if blame is Blame.OPERATOR:
            assert len(here.script.sent) == 2, "at once"
