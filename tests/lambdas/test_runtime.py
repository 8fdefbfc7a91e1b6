"""The contract of the Runtime API, with applications of a few lines in place of a family's."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import pytest

from tests.lambdas.environment import Environment
from tests.patience import PATIENCE_S
from tests.replay.outcomes import recorded

Started = Callable[..., Environment]

ECHO = """
import asyncio, json, os

async def app(scope, receive, send):
    body = (await receive())["body"]
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    seen = {"method": scope["method"], "path": scope["path"], "query": scope["query_string"].decode(),
            "headers": headers, "body": body.decode("latin-1"),
            "client": scope["client"][0], "trace": os.environ["_X_AMZN_TRACE_ID"], "pid": os.getpid(),
            "left": scope["aws.context"].get_remaining_time_in_millis()}
    headers = [(b"content-type", b"application/json"), (b"content-length", b"5"), (b"set-cookie", b"a=1"),
               (b"set-cookie", b"b=2; Path=/"), (b"x-many", b"1"), (b"x-many", b"2")]
    await send({"type": "http.response.start", "status": 203, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})
"""
FAULTS = """
import asyncio

late = []

async def app(scope, receive, send):
    path = scope["path"]
    if path == "/before":
        raise ValueError("before the response")
    if path == "/silent":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    if path == "/empty":
        await send({"type": "http.response.body"})
        return
    if path == "/late":
        async def work():
            await asyncio.sleep(0.05)
            late.append("done")
        asyncio.create_task(work())
        await send({"type": "http.response.body", "body": b"said"})
        return
    if path == "/was-late":
        await send({"type": "http.response.body", "body": ",".join(late).encode()})
        return
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    if path == "/unfinished":
        return
    if path == "/inside":
        raise ValueError("inside the response \\u2026")
    await send({"type": "http.response.body", "body": b" and whole"})
    raise ValueError("after the response")
"""


def test_a_request_arrives_as_it_was(run: Started) -> None:
    made = run(ECHO)
    answer = httpx.post(
        f"{made.url}/v1/a%20b?x=1&x=%2B",
        content='{"é": 1}'.encode(),
        headers={"content-type": "application/json", "cookie": "s=1; t=2", "x-one": "yes"},
        timeout=PATIENCE_S,
    )
    seen = answer.json()
    assert answer.status_code == 203
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/v1/a b", "x=1&x=%2B")
    assert seen["headers"]["cookie"] == "s=1; t=2" and seen["headers"]["x-one"] == "yes"
    assert seen["body"].encode("latin-1").decode() == '{"é": 1}'
    assert seen["client"] == "203.0.113.9"
    assert 0 < seen["left"] <= 60_000
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2; Path=/"]
    assert answer.headers["x-many"] == "1, 2" and "content-length" not in answer.headers
    request = made.emulator.last()
    assert seen["trace"].startswith(f"Root=1-{request.id[:8]}")
    assert request.headers["lambda-runtime-function-response-mode"] == "streaming"
    assert request.headers["content-type"] == "application/vnd.awslambda.http-integration-response"


def test_bytes_that_are_no_text_arrive_as_they_were(run: Started) -> None:
    body = bytes(range(256))
    answer = httpx.post(run(ECHO).url, content=body, headers={"content-type": "audio/wav"}, timeout=PATIENCE_S)
    assert answer.json()["body"].encode("latin-1") == body


HTTP = [e for e in recorded() if "requestContext" in e.event]
BALANCED = [e for e in HTTP if "elb" in e.event["requestContext"]]


@pytest.mark.parametrize("one", [e for e in HTTP if e not in BALANCED], ids=lambda e: e.name)
def test_every_recorded_event_is_read(one: Any) -> None:
    from interchange.edge.event_scope import Context, read_event

    scope, body = read_event(one.event, Context("id", "arn", 0))
    context = one.event["requestContext"]
    assert scope["method"] == (one.event.get("httpMethod") or context["http"]["method"])
    assert scope["path"].startswith("/") and scope["client"][0]
    wanted = one.event.get("body") or ""
    assert body == (base64.b64decode(wanted) if one.event["isBase64Encoded"] else wanted.encode())
    names = {name for name, _ in scope["headers"]}
    assert all(name == name.lower() for name in names)
    assert (b"cookie" in names) >= bool(one.event.get("cookies"))


@pytest.mark.parametrize("one", BALANCED, ids=lambda e: e.name)
def test_a_load_balancers_event_is_refused_by_name(one: Any, run: Started) -> None:
    error = run(ECHO).emulator.invoke(one.event).error
    assert error and "Application Load Balancer" in error["errorMessage"] and "BaseUrl" in error["errorMessage"]


def test_the_id_of_the_invocation_is_given_back(run: Started) -> None:
    made = run(FAULTS)
    made.emulator.extra = {"Lambda-Runtime-Invocation-Id": "inv-1"}
    for path in ("/whole", "/before"):
        httpx.get(f"{made.url}{path}", timeout=PATIENCE_S)
        assert made.emulator.last().headers["lambda-runtime-invocation-id"] == "inv-1"


def test_a_fault_before_the_response_is_the_invocations(run: Started) -> None:
    made = run(FAULTS)
    for path, kind in (("/before", "Function.ValueError"), ("/silent", "Function.Unfinished")):
        assert httpx.get(f"{made.url}{path}", timeout=PATIENCE_S).status_code == 502
        error = made.emulator.last()
        assert error.error and error.error["errorType"] == kind and error.error["errorMessage"]
        assert error.headers["lambda-runtime-function-error-type"] == kind
    assert httpx.get(f"{made.url}/whole", timeout=PATIENCE_S).text == "half and whole"


def test_a_fault_inside_the_response_is_in_the_trailers(run: Started) -> None:
    made = run(FAULTS)
    for path, kind in (("/inside", "Function.ValueError"), ("/unfinished", "Function.Unfinished")):
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{made.url}{path}", timeout=PATIENCE_S)
        request = made.emulator.last()
        assert request.chunks == [b"half"]
        assert request.trailers["lambda-runtime-function-error-type"] == kind
        told = json.loads(base64.b64decode(request.trailers["lambda-runtime-function-error-body"]))
        assert told["errorType"] == kind and told["stackTrace"]


def test_a_fault_after_the_last_byte_changes_nothing(run: Started) -> None:
    made = run(FAULTS)
    assert httpx.get(f"{made.url}/whole", timeout=PATIENCE_S).text == "half and whole"
    assert made.emulator.last().trailers == {}


def test_an_empty_answer_has_a_byte(run: Started) -> None:
    assert httpx.get(f"{run(FAULTS).url}/empty", timeout=PATIENCE_S).content == b"\n"


def test_what_the_application_started_ends_before_the_answer_does(run: Started) -> None:
    made = run(FAULTS)
    made.emulator.pause, made.emulator.resume = made.freeze, made.thaw
    assert httpx.get(f"{made.url}/late", timeout=PATIENCE_S).text == "said"
    assert httpx.get(f"{made.url}/was-late", timeout=PATIENCE_S).text == "done"


@pytest.mark.parametrize(
    "event", [{}, [], {"source": "aws.events"}, {"version": "2.0"}, b"{", {"httpMethod": "GET"}, {"path": "/"}], ids=str
)
def test_an_event_that_is_no_request_is_an_error_and_no_more(event: Any, run: Started) -> None:
    made = run(ECHO)
    error = made.emulator.invoke(event).error
    assert error and error["errorMessage"]
    assert httpx.get(made.url, timeout=PATIENCE_S).status_code == 203
