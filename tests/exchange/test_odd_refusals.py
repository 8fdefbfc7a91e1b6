"""What stands in a vendor's refusal beside its words: statuses of whatever is between us and it, waits that are none,
codes that are ours, bodies of any shape. Each is judged, told in the caller's protocol, and never our own fault."""

from __future__ import annotations

import asyncio
import json
import random
from email.utils import formatdate
from typing import Any

import pytest

from interchange.exchange import call
from interchange.exchange.verdict import judge, told
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.verdict import Blame, Cause
from interchange.hub.waits import retry_after, seconds
from interchange.protocols.bedrock_converse.client import Client as Bedrock
from interchange.protocols.faces import Client
from interchange.protocols.refusals import CODES
from interchange.providers.generic import PROTOCOLS
from tests.exchange import world as w
from tests.laws.fuzz import damaged, dumped

CLIENTS: dict[str, Client] = {name: make({}) for name, make in PROTOCOLS.items()} | {"bedrock_converse": Bedrock()}
MODELS = {"chat": "gpt", "messages": "claude", "responses": "gpt"}


def asked(family: str, model: str) -> dict[str, Any]:
    told = {"input": "hi"} if family == "responses" else {"messages": w.user(), "max_tokens": 10}
    return {"model": model, **told}


@pytest.mark.parametrize(
    ("status", "blame"),
    [
        *((status, Blame.CALLER) for status in (400, 413, 415, 418, 422)),
        *(
            (status, Blame.OPERATOR)
            for status in (401, 402, 403, 404, 405, 406, 407, 410, 411, 414, 417, 426, 431, 451)
        ),
        *((status, Blame.OPERATOR) for status in (495, 496, 497)),
        *((status, Blame.PASSING) for status in (408, 409, 412, 416, 419, 420, 421, 423, 424, 425, 428, 429, 430, 440)),
        *((status, Blame.PASSING) for status in (444, 449, 460, 463, 464, 494, 498, 499, *range(500, 600))),
        *((status, Blame.MALFORMED) for status in (0, 99, 101, 202, 203, 204, 206, 226, 300, 304, 308, 399, 600, 999)),
    ],
)
def test_each_status_has_somebody_to_blame(status: int, blame: Blame) -> None:
    for protocol in CLIENTS:
        found = Failure(ErrorKind.API, "boom", status=status, upstream=True)
        assert judge(found, protocol).blame is blame
        assert 400 <= (told(found, judge(found, protocol)).status or 0) < 600


@pytest.mark.parametrize("code", [code for code, cause in CODES.items() if cause in (Cause.CREDIT, Cause.CREDENTIAL)])
@pytest.mark.parametrize("status", [408, 409, 413, 422, 424, 500, 503, 529])
def test_a_code_of_the_operators_trouble_says_so_under_any_status(code: str, status: int) -> None:
    found = Failure(ErrorKind.API, "please wait", code=code, status=status, upstream=True)
    verdict = judge(found, "openai_chat")
    assert verdict.blame is Blame.OPERATOR and not verdict.again and verdict.elsewhere
    assert told(found, verdict).code == "provider_unavailable"


@pytest.mark.parametrize("text", ["-5", "nan", "inf", "1e9", "²", "٣", "9" * 400, "", " ", "soon", "1, 2", "0x10", "."])
def test_a_wait_that_is_no_number_is_none(text: str) -> None:
    assert seconds(text) is None
    assert retry_after({"retry-after": text, "retry-after-ms": text}) is None


def test_a_wait_is_read_in_seconds() -> None:
    assert (seconds("30"), seconds(" 0.25 "), retry_after({"retry-after-ms": "250", "retry-after": "1"})) == (
        30,
        0.25,
        0.25,
    )


@pytest.mark.parametrize("family", MODELS)
def test_a_date_is_waited_for_and_remembered(family: str) -> None:
    with w.world() as here:
        date = formatdate(here.now[0] / 1000 + 90, usegmt=True)
        here.script.default = lambda _: w.Says(429, {"retry-after": date}, [b'{"error":{"message":"slow"}}'])
        status, _, headers = asyncio.run(here.whole(family, asked(family, MODELS[family])))
        assert (status, len(here.script.sent), headers["retry-after"]) == (429, 1, date)
        (rest,) = here.services.health.routes.values()
        assert rest.until_ms - here.now[0] == 90_000


@pytest.mark.parametrize("value", ["0", "0.0", "Sun, 29 Nov 1998 16:35:12 GMT"])
def test_at_once_is_no_end_of_a_rest(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten requests against a vendor that is down, and asks to be tried again at once: a handful of useless calls."""
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world() as here:

        def answer(outgoing: Any) -> w.Says:
            if "openai" in outgoing.url:
                return w.Says(503, {"retry-after": value}, [b"{}"])
            return w.Says(chunks=[w.chat_answer("ok")])

        here.script.default = answer
        for _ in range(10):
            assert asyncio.run(here.whole("chat", asked("chat", "twice")))[0] == 200
        assert len([one for one in here.script.sent if "openai" in one.url]) == 2


ERRORS: dict[str, Any] = {
    "openai_chat": {"error": {"message": "boom", "type": "server_error", "code": "x", "metadata": {"raw": "y"}}},
    "openai_responses": {"error": {"message": "boom", "type": "server_error", "param": "input", "code": 429}},
    "anthropic_messages": {"type": "error", "error": {"type": "api_error", "message": "boom"}, "request_id": "req_1"},
    "gemini": {"error": {"code": 429, "message": "boom", "status": "RESOURCE_EXHAUSTED", "details": [
        {"@type": "x", "reason": "RATE"}, {"@type": "y", "retryDelay": "3s"}]}},
    "bedrock_converse": {"message": "boom"},
}  # fmt: skip


@pytest.mark.parametrize("protocol", CLIENTS)
def test_damaged_refusals_are_read_judged_and_told(protocol: str) -> None:
    rng, client = random.Random(13), CLIENTS[protocol]
    for _ in range(2_000):
        raw = dumped(damaged(ERRORS[protocol], rng))
        found = client.read_failure(rng.choice((400, 401, 404, 422, 429, 500, 503)), {}, raw)
        heard = told(found, judge(found, protocol))
        assert isinstance(heard.message, str) and (heard.retry_after is None or 0 <= heard.retry_after < 10**9)
        assert heard.code is None or isinstance(heard.code, str)


@pytest.mark.parametrize("family", MODELS)
def test_a_reader_that_stumbles_over_a_refusal_is_no_fault_of_ours(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world() as here:
        for client in (one for provider in here.services.providers.values() for one in provider.clients.values()):
            monkeypatch.setattr(type(client), "read_failure", lambda *_: json.loads("{"))
        here.script.default = lambda _: w.Says(503, chunks=[b"{}"])
        status, said, _ = asyncio.run(here.whole(family, asked(family, MODELS[family])))
        assert status in (503, 529) and "json" not in said["error"]["message"].lower()
        assert not [event for event, _ in here.reports if event == "fault"]


COUNTS = (
    b'{"input_tokens": 1e400}',
    b"[" * 100_000,
    b"[1]",
    b'"x"',
    b'{"input_tokens": -5}',
    b'{"input_tokens": [[]]}',
)


@pytest.mark.parametrize("said", COUNTS)
def test_a_count_that_is_none_is_made_here(said: bytes) -> None:
    from interchange.exchange.conversation.count_tokens import count_tokens
    from interchange.exchange.http import Inbound
    from interchange.protocols.anthropic_messages.server import Server

    with w.world() as here:
        here.script.default = lambda _: w.Says(chunks=[said])
        body = json.dumps({"model": "claude", "messages": w.user("hello there")}).encode()

        async def run() -> Any:
            headers = {"x-api-key": w.KEY, "content-type": "application/json"}
            deadline = asyncio.get_running_loop().time() + 30
            return await count_tokens(here.services, Server(w.SEAL), Inbound("POST", "/v1/messages/count_tokens",
                                                                           headers, body, deadline))  # fmt: skip

        answer = asyncio.run(run())
        assert answer.status == 200 and 0 < json.loads(answer.body)["input_tokens"] < 100
        assert not here.services.health.routes  # what is auxiliary rests nobody


@pytest.mark.parametrize(
    ("media_type", "rate"),
    [("audio/L16;codec=pcm;rate=16000", 16_000), ("audio/L16;rate=²", 24_000), ("audio/L16;rate=99999999999", 24_000),
     ("audio/L16;rate=0", 24_000), ("audio/L16;rate=-8000", 24_000), ("audio/L16", 24_000)],
)  # fmt: skip
def test_a_rate_of_sound_has_a_bound(media_type: str, rate: int) -> None:
    from interchange.protocols.gemini_media.client.speech import _rate

    assert _rate(media_type) == rate
