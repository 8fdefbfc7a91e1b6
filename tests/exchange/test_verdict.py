"""One judgement of what a vendor says, over refusals that vendors have sent; and what a caller may read of them."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from interchange.exchange import call
from interchange.exchange.verdict import judge, told
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.verdict import Blame, Cause, Verdict
from interchange.protocols.bedrock_converse.client import Client as Bedrock
from interchange.protocols.faces import Client
from interchange.providers.generic import PROTOCOLS
from tests.exchange import world as w

RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "recordings" / "refusals.jsonl").read_text(encoding="utf-8").splitlines()
]
FAMILIES = ("chat", "messages", "responses")
MODELS = {"openai": "gpt", "xai": "grok", "anthropic": "claude", "gemini": "gemini", "vertex": "gemini"}
NOBODYS_BUSINESS = re.compile(
    r"(?i)org-\w|proj_\w|[0-9a-f]{8}-[0-9a-f]{4}-|\bsk-|api key|billing|quota|credit balance|credits|console\.x\.ai"
    r"|\bteam\b|organi[sz]ation|123456789012|aiohttp|clienterror"
)
"""What no customer reads of an operator's account."""


def client(record: dict[str, Any]) -> Client:
    return Bedrock() if record["protocol"] == "bedrock_converse" else PROTOCOLS[record["protocol"]]({})


def failure(record: dict[str, Any]) -> Failure:
    return client(record).read_failure(record["status"], record["headers"], record["body"].encode())


def name(record: dict[str, Any]) -> str:
    return f"{record['provider']}-{record['status']}-{record['body'][:60]}"


@pytest.mark.parametrize("record", RECORDED, ids=name)
def test_a_recorded_refusal_has_its_cause(record: dict[str, Any]) -> None:
    assert judge(failure(record), record["protocol"]).cause == record["cause"]


@pytest.mark.parametrize("record", RECORDED, ids=name)
def test_nothing_of_the_operator_is_told(record: dict[str, Any]) -> None:
    found = failure(record)
    verdict = judge(found, record["protocol"])
    heard = told(found, verdict)
    if verdict.blame in (Blame.CALLER, Blame.CONTENT):
        assert heard.status is not None and 400 <= heard.status < 500
        assert not re.search(r"org-\w|proj_\w|[0-9a-f]{8}-[0-9a-f]{4}-", heard.message)
    else:
        assert not NOBODYS_BUSINESS.search(f"{heard.message} {heard.code} {heard.headers}")
    assert heard.code != "insufficient_quota"


def body(family: str, model: str, *, stream: bool) -> dict[str, Any]:
    if family == "responses":
        return {"model": model, "input": "hi", "stream": stream}
    return {"model": model, "messages": w.user(), "max_tokens": 10, "stream": stream}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_recorded_refusal_is_told_without_the_operator(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law over all refusals x protocols x stream and whole: statuses, bodies, headers, charge."""
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world() as here:
        for record in (one for one in RECORDED if one["provider"] in MODELS):
            for stream in (False, True):
                says = w.Says(record["status"], record["headers"], [record["body"].encode()])
                here.script.answers = [says, says]
                here.script.sent.clear()
                asked = body(family, MODELS[record["provider"]], stream=stream)
                answer, chunks = asyncio.run(here.streamed(family, asked))
                seen = b"".join(chunks).decode()
                verdict = Verdict(Cause(record["cause"]))
                if verdict.blame is Blame.OPERATOR:
                    assert answer.status == 503 and len(here.script.sent) == 1
                    assert "retry-after" in answer.headers
                elif verdict.cause is Cause.RATE:
                    assert answer.status == 429 and "retry-after" in answer.headers
                elif verdict.blame in (Blame.CALLER, Blame.CONTENT):
                    assert 400 <= answer.status < 500 and len(here.script.sent) == 1
                    assert answer.headers["x-should-retry"] == "false"
                if verdict.blame not in (Blame.CALLER, Blame.CONTENT):
                    assert not NOBODYS_BUSINESS.search(seen), seen
                    assert "x-should-retry" not in answer.headers
                told_error = json.loads(seen)["error"]
                assert isinstance(told_error, dict) and isinstance(told_error["message"], str)
                assert "insufficient_quota" not in seen
        balance = here.balance()
        assert (balance.charged_nano, balance.held_nano) == (0, 0)


@pytest.mark.parametrize(
    "status, said",
    [
        (401, {"message": "Incorrect API key provided"}),
        (402, {"message": "Insufficient Balance"}),
        (403, {"message": "no"}),
        (404, {"message": "The model `first` does not exist", "code": "model_not_found"}),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
        (400, {"message": "Your credit balance is too low"}),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_the_operators_trouble_goes_to_the_next_route_at_once(status: int, said: dict[str, str], stream: bool) -> None:
    with w.world() as here:
        frames = w.chat_stream("ok") if stream else [w.chat_answer("ok")]
        here.script.answers = [w.Says(status, chunks=[json.dumps({"error": said}).encode()]), w.Says(chunks=frames)]
        answer, chunks = asyncio.run(here.streamed("chat", body("chat", "twice", stream=stream)))
        assert answer.status == 200 and b"ok" in b"".join(chunks)
        assert [outgoing.url.split("/")[2] for outgoing in here.script.sent] == ["openai", "xai"]
        (line,) = [fields for event, fields in here.reports if event == "vendor_refused"]
        assert line["provider"] == "openai" and line["status"] == status and said["message"] in str(line["words"])


@pytest.mark.parametrize("status", [204, 206, 301, 302, 304, 999])
@pytest.mark.parametrize("stream", [False, True])
def test_a_status_that_is_none_is_a_502(status: int, stream: bool) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(status, {"location": "http://10.0.0.1/"}) for _ in range(2)]
        answer, _ = asyncio.run(here.streamed("chat", body("chat", "gpt", stream=stream)))
        assert answer.status == 502
        assert here.balance().charged_nano == 0


@pytest.mark.parametrize(
    "family, model, said",
    [
        ("chat", "gpt", {"error": {"message": "boom", "type": "server_error"}}),
        (
            "chat",
            "gpt",
            {"choices": [{"index": 0, "message": {"content": ""}, "error": {"code": 502, "message": "x"}}]},
        ),
        ("chat", "gpt", {"choices": [{"index": 2_000_000, "message": {"content": "x"}}]}),
        ("chat", "gpt", {"choices": []}),
        ("chat", "gpt", {"hello": "world"}),
        ("chat", "gpt", []),
        ("messages", "claude", {"type": "error", "error": {"type": "api_error", "message": "boom"}}),
        ("messages", "claude", {"type": "message"}),
        ("responses", "gpt", {"error": {"message": "boom", "code": "server_error"}}),
        ("responses", "gpt", {"object": "response", "status": "failed", "error": {"message": "boom"}, "output": []}),
        ("messages", "gpt", {"error": {"message": "boom"}}),
        ("messages", "gpt", {"choices": [{"index": 2_000_000, "message": {"content": "x"}}]}),
        ("chat", "gemini", {"error": {"code": 500, "message": "boom"}}),
        ("chat", "gemini", {"candidates": [{"index": 10**9, "content": {"parts": [{"text": "x"}]}}]}),
        ("chat", "claude", {"type": "error", "error": {"type": "api_error", "message": "boom"}}),
    ],
)
def test_an_error_in_the_place_of_an_answer_is_a_failed_try_and_free(family: str, model: str, said: Any) -> None:
    with w.world() as here:
        here.script.answers = [w.Says(chunks=[json.dumps(said).encode()]) for _ in range(2)]
        answer, _ = asyncio.run(here.streamed(family, body(family, model, stream=False)))
        assert answer.status in (500, 502, 503) and len(here.script.sent) == 2
        assert here.rows()[0].charge_nano == 0 and here.rows()[0].outcome == "upstream_error"
        assert not [event for event, _ in here.reports if event == "fault"]


def test_a_block_that_only_began_costs_nothing_and_is_tried_again() -> None:
    with w.world() as here:
        start, block = w.messages_stream("x")[:2]
        error = w.messages_frame("error", error={"type": "overloaded_error", "message": "busy"})
        here.script.answers = [w.Says(chunks=[start, block, error]), w.Says(chunks=w.messages_stream("yes"))]
        answer, chunks = asyncio.run(here.streamed("messages", body("messages", "claude", stream=True)))
        assert answer.status == 200 and b"yes" in b"".join(chunks)
        assert len(here.script.sent) == 2


def test_a_paused_vendors_quota_is_a_limit_where_it_says_how_long() -> None:
    said = Failure(ErrorKind.RATE_LIMIT, "You exceeded your current quota", status=429, retry_after=30.0, upstream=True)
    assert judge(said, "gemini").cause is Cause.RATE
    assert judge(said, "openai_chat").cause is Cause.CREDIT


def test_ten_requests_against_a_dead_route_make_a_handful_of_useless_calls() -> None:
    with w.world() as here:

        def answer(outgoing: Any) -> w.Says:
            if "openai" in outgoing.url:
                return w.Says(503, chunks=[b"{}"])
            return w.Says(chunks=[w.chat_answer("ok")])

        here.script.default = answer
        for _ in range(10):
            status, _, _ = asyncio.run(here.whole("chat", body("chat", "twice", stream=False)))
            assert status == 200
        assert len([one for one in here.script.sent if "openai" in one.url]) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_a_status_in_the_place_of_a_code_is_no_code(stream: bool) -> None:
    """OpenRouter's error inside a choice: {"code": 502}."""
    with w.world() as here:
        choice = {"index": 0, "message": {"content": ""}, "error": {"code": 502, "message": "Provider disconnected"}}
        said = json.dumps({"choices": [choice]}).encode()
        chunks = [b"data: " + said + b"\n\n"] if stream else [said]
        here.script.answers = [w.Says(chunks=chunks) for _ in range(2)]
        answer, seen = asyncio.run(here.streamed("chat", body("chat", "gpt", stream=stream)))
        error = json.loads(b"".join(seen))["error"]
        assert answer.status == 502 and not str(error["code"]).isdigit()


REVOKED = (
    (401, {"message": "this API key has been revoked"}),
    (401, {"message": "This API key has been revoked.", "code": "invalid_api_key"}),
    (403, {"message": "API key has been disabled", "type": "authentication_error"}),
    (400, {"message": "API key expired. Please renew the API key.", "status": "INVALID_ARGUMENT"}),
    (403, {"message": "The API key was revoked", "code": "permission_denied"}),
)


@pytest.mark.parametrize(("status", "said"), REVOKED)
@pytest.mark.parametrize("model", ["gpt", "claude", "gemini", "grok"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_revoked_key_of_the_operator_is_the_operators_trouble(
    family: str, model: str, status: int, said: dict[str, str]
) -> None:
    """The words are those of our own 401: the caller must not think that the key is theirs."""
    with w.world() as here:
        here.script.default = lambda _: w.Says(status, chunks=[json.dumps({"error": said}).encode()])
        answer, chunks = asyncio.run(here.streamed(family, body(family, model, stream=False)))
        seen = b"".join(chunks).decode()
        assert answer.status == 503 and "retry-after" in answer.headers and len(here.script.sent) == 1
        assert "revoked" not in seen and "key" not in seen.lower()
        (line,) = [fields for event, fields in here.reports if event == "vendor_refused"]
        assert line["cause"] in ("credential", "access") and said["message"] in str(line["words"])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_callers_revoked_key_says_so(family: str) -> None:
    with w.world() as here:
        here.keys.change("key_1", status="revoked")
        status, said, headers = asyncio.run(here.whole(family, body(family, "gpt", stream=False)))
        assert (status, said["error"]["message"]) == (401, "this API key has been revoked")
        assert headers["x-should-retry"] == "false"
        unknown = asyncio.run(here.whole(family, body(family, "gpt", stream=False), key="sk-" + "x" * 30))
        assert unknown[0] == 401 and "Incorrect API key" in unknown[1]["error"]["message"]
        assert not here.script.sent


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ["gpt", "claude", "gemini"])
def test_a_body_that_breaks_off_after_a_200_is_a_502_in_plain_words(family: str, model: str) -> None:
    with w.world() as here:
        here.script.default = lambda _: w.Says(headers={"content-length": "1000"}, chunks=[b'{"id": "x', w.fault()])
        answer, chunks = asyncio.run(here.streamed(family, {**body(family, model, stream=False), "max_tokens": 20}))
        error = json.loads(b"".join(chunks))["error"]
        assert (answer.status, len(here.script.sent)) == (502, 2)
        assert error["message"] == "the connection to the provider of this model failed"
        assert "reset" in str([fields["words"] for event, fields in here.reports if event == "vendor_refused"])
        assert here.balance().charged_nano == 0
