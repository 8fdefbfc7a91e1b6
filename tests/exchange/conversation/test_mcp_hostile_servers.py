"""Every way in which a server may fail or mean ill, at each step: the request is refused by the server's field before
the vendor is asked and nothing is charged, or the call is an error and the turn goes on."""

from __future__ import annotations

import asyncio
import gc
import gzip
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from interchange.exchange.mcp import McpLimits
from interchange.upstream import mcp_http
from tests.exchange import world as w
from tests.exchange.conversation import mcp_world as m
from tests.rounds import raw as r

SECONDS = 0.4
"""For connecting and for a call."""
CROSSINGS = list(itertools.product(m.BODIES, (False, True)))
NOTE = {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x" * 100}}
HIDDEN = "https://169.254.169.254/x"
UNSPOKEN, ENDED, LATE = "no message of MCP", "closed the connection", "answer within"


def sends(*pieces: bytes | float) -> r.Manner:
    return lambda _asked: pieces


def says(body: bytes, **about: str) -> r.Manner:
    return sends(r.http(body, **about))


def gives(value: Any) -> r.Manner:
    return lambda asked: r.answered(asked, value)


def errs(message: str, code: Any = -32000) -> r.Manner:
    def manner(asked: dict[str, Any]) -> r.Pieces:
        told = {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": code, "message": message}}
        return [r.http(json.dumps(told).encode())]

    return manner


def endless(piece: bytes, seconds: float = 0.0) -> r.Manner:
    def manner(_asked: dict[str, Any]) -> Iterator[bytes | float]:
        yield r.streaming()
        while True:
            yield piece
            yield seconds

    return manner


def endless_headers(_asked: dict[str, Any]) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in itertools.count():
        yield b"x-%d: y\r\n" % number


ANYWHERE: dict[str, tuple[r.Manner, str]] = {
    "closes the connection": (sends(), ENDED),
    "never answers": (sends(30.0), LATE),
    "sends headers and nothing more": (sends(r.streaming(), 30.0), LATE),
    "breaks off its answer": (sends(r.http(b"{}").replace(b"length: 2", b"length: 99")), ENDED),
    "stops within its answer": (sends(r.http(b"{}").replace(b"length: 2", b"length: 99"), 30.0), LATE),
    "does not speak HTTP": (sends(b"SSH-2.0-OpenSSH\r\n"), "not HTTP"),
    "sends binary junk": (says(bytes(range(256)) * 20), UNSPOKEN),
    "sends a page": (says(b"<html>", kind="text/html"), "content type"),
    "sends nothing": (says(b""), UNSPOKEN),
    "sends null": (says(b"null"), UNSPOKEN),
    "nests without end": (says(b"[" * 100_000), UNSPOKEN),
    "answers another id": (lambda _: [r.http(json.dumps(r.result({"id": 99_999}, {})).encode())], LATE),
    "has neither result nor error": (lambda asked: [r.http(b'{"jsonrpc":"2.0","id":%d}' % asked["id"])], UNSPOKEN),
    "gives a text for a result": (gives("x"), UNSPOKEN),
    "gives an empty result": (gives({}), UNSPOKEN),
    "says an error": (errs("the shelf is empty"), "the shelf is empty"),
    "says a long error": (errs("E" * 3_000_000), "E" * 200),
    "says an error without a number": (errs("x", "x"), UNSPOKEN),
    "accepts and gives nothing": (says(b"", status="202 Accepted"), "202"),
    "leads elsewhere": (says(b"", status="307 Temporary", more=f"location: {HIDDEN}\r\n"), "edirect"),
    "leads in a circle": (says(b"", status="307 Temporary", more="location: /mcp\r\n"), "edirect"),
    "wants a credential": (says(b"", status="401 No", more="www-authenticate: Bearer\r\n", kind="text/plain"), "401"),
    "forbids": (says(b"no", status="403 No", kind="text/plain"), "403"),
    "limits": (says(b"no", status="429 Later", kind="text/plain", more="retry-after: 9999\r\n"), "429"),
    "fails": (says(b"no", status="500 Oops", kind="text/plain"), "500"),
    "is overloaded": (says(b"no", status="503 Busy", kind="text/plain"), "503"),
    "has a status of its own": (says(b"no", status="999 Odd", kind="text/plain"), "999"),
    "sends a line without end": (endless(b"data: " + b"x" * 60_000), "longer than|ended|exceeded"),
    "sends comments without end": (endless(b": x\n" * 5_000), "longer than|ended|answer within"),
    "sends notes without end": (endless(r.event(NOTE), 0.01), LATE),
    "sends pings without end": (endless(b": ping\n\n", 0.01), LATE),
    "ends its stream without an answer": (sends(r.streaming(), b": x\n\n"), "ended"),
    "begins its stream again and again": (sends(r.streaming(), b"id: 7\nretry: 0\n\n"), "ended"),
    "sends half of JSON as an event": (sends(r.streaming(), b"event: message\ndata: {no\n\n"), UNSPOKEN),
    "sends what is no UTF-8": (sends(r.streaming(), b'event: message\ndata: {"\xff\n\n'), UNSPOKEN),
    "sends a bomb": (
        says(gzip.compress(b"x" * 30_000_000), more="content-encoding: gzip\r\n"), "longer than|closed|no message",
    ),
    "sends a million values": (says(b'{"a":[' + b"1," * 1_000_000 + b"1]}"), "values"),
    "sends a broken coding": (says(b"junk", more="content-encoding: gzip\r\n"), ENDED),
    "sends a header of 200 KB": (sends(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n"), "not HTTP"),
    "sends headers without end": (endless_headers, "not HTTP"),
}  # fmt: skip
"""(how it answers, what is told)"""
STEPS = ("initialize", "tools_list", "tools_call")


def tool(**fields: Any) -> dict[str, Any]:
    return {**r.LOOK, **fields}


def text(value: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": value}]}


def picture(data: Any, kind: str = "image/png") -> dict[str, Any]:
    return {"content": [{"type": "image", "data": data, "mimeType": kind}]}


UNUSABLE: dict[str, Any] = {
    "a name that is none": [tool(name=5)],
    "half of a pair in a name": [tool(name="a\ud800b")],
    "a schema that is null": [tool(inputSchema=None)],
    "a schema that is a list": [tool(inputSchema=[])],
    "a schema of texts": [tool(inputSchema={"type": "string"})],
    "properties that are a list": [tool(inputSchema={"type": "object", "properties": [1]})],
    "no list": None,
    "a tool that is null": [None],
    "10,000 tools": [tool(name=f"tool_{number}") for number in range(10_000)],
}
DEEP = json.loads('{"type":"object","properties":{"a":' * 60 + "{}" + "}}" * 60)
USABLE: dict[str, Any] = {
    "a description that is no text": [tool(description=4)],
    "no description": [tool(description=None)],
    "2 MB of description": [tool(description="d" * 2_000_000)],
    "one tool twice": [r.LOOK, r.LOOK],
    "a name twice": [r.LOOK, tool(description="Another.")],
    "a schema that holds itself": [
        tool(inputSchema={"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
                          "$defs": {"A": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}}})],
    "a reference to elsewhere": [tool(inputSchema={"type": "object", "properties": {"a": {"$ref": HIDDEN}}})],
    "a reference to nothing": [tool(inputSchema={"type": "object", "properties": {"a": {"$ref": "#/$defs/No"}}})],
    "references that double": [
        tool(inputSchema={"type": "object", "properties": {"a": {"$ref": "#/$defs/n0"}}, "$defs": {
            **{f"n{n}": {"type": "object", "properties": {side: {"$ref": f"#/$defs/n{n + 1}"} for side in "lr"}}
               for n in range(25)}, "n25": {"type": "string"}}})],
    "a deep schema": [tool(inputSchema=DEEP)],
    "huge numbers": [tool(inputSchema={"type": "object", "properties": {"a": {"maximum": 10**400}}})],
    "properties that are true and false": [tool(inputSchema={"type": "object", "properties": {"a": True, "b": False}})],
    "a tool beside that has no name": [r.LOOK, tool(name="")],
    "a tool beside with a name of 100 KB": [r.LOOK, tool(name="n" * 100_000)],
    "a tool beside with lines in its name": [r.LOOK, tool(name="a\r\nb: c\x00")],
    "a tool beside with the name of the search": [r.LOOK, tool(name="mcp_tool_search")],
    "a tool beside with a schema of 1 MB": [r.LOOK, tool(name="big", inputSchema={
        "type": "object", "properties": {"a": {"enum": ["x" * 1_000_000]}}})],
}  # fmt: skip
RESULTS: dict[str, tuple[Any, bool, str]] = {
    "nothing": ({"content": []}, False, "gave nothing"),
    "null": ({"content": None}, True, UNSPOKEN),
    "text that is null": (text(None), True, UNSPOKEN),
    "an error": ({**text("bad"), "isError": True}, True, "bad"),
    "an error without words": ({"content": [], "isError": True}, True, "gave nothing"),
    "content of an unknown kind": ({"content": [{"type": "video"}]}, True, UNSPOKEN),
    "half of a pair": (text("a\ud800b"), True, UNSPOKEN),
    "7 MB of text": (text("x" * 7_000_000), False, "x"),
    "9 MB of text": (text("x" * 9_000_000), True, "longer than"),
    "a picture that is no base64": (picture("!!!"), False, "left out"),
    "an empty picture": (picture(""), False, "left out"),
    "a picture that is a text": (picture("aGVsbG8gaGVsbG8="), False, "left out"),
    "a picture of an odd type": (picture("aGk=", "x\r\ny"), False, "left out"),
    "a link to a file": (
        {"content": [{"type": "resource_link", "uri": "file:///etc/passwd", "name": "n"}]},
        False,
        "n",
    ),
    "20,000 parts": ({"content": [{"type": "text", "text": "a"}] * 20_000}, False, "further parts"),
    "a million numbers": ({"content": [1] * 1_000_000}, True, "values"),
    "a question back": ({"resultType": "input_required", "inputRequests": {}}, True, UNSPOKEN),
}
WRONG = re.compile(r'"is_error": ?true|"status": ?"failed"')
LOOKS = ("call_1", "look", dict[str, Any]())


@dataclass(frozen=True)
class Ended:
    status: int
    said: str
    """What the caller reads."""
    sent: list[Any]
    """Bodies to the vendor."""
    charged: int


def ended(number: int, manners: dict[str, r.Manner], caplog: pytest.LogCaptureFixture, seconds: float = 20.0) -> Ended:
    """By the row's own protocol, streamed or whole; nothing is left behind."""
    family, stream = CROSSINGS[number % len(CROSSINGS)]
    limits = McpLimits(connect_seconds=seconds, call_seconds=seconds)
    with m.world(limits=limits) as here, r.running(**manners) as (url, _):
        spoken = m.vendor(here, "gpt", family)
        here.script.answers = [m.answer(spoken, "", [LOOKS], stream=stream), m.answer(spoken, "ok", stream=stream)]
        status, said = asyncio.run(asked(here, family, {**m.BODIES[family]("gpt", url), "stream": stream}))
        balance, sent = here.balance(), here.script.bodies
        assert balance.held_nano == 0
        assert [event for event, _ in here.reports if event not in ("mcp", "request")] == []
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
    return Ended(status, said, sent, balance.charged_nano)


async def asked(here: w.World, family: str, body: dict[str, Any]) -> tuple[int, str]:
    if body["stream"]:
        answer, chunks = await here.streamed(family, body, **m.GATEWAY)
        found = answer.status, b"".join(chunks).decode()
    else:
        status, said, _ = await here.whole(family, body, **m.GATEWAY)
        found = status, json.dumps(said)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:
        await asyncio.wait(left, timeout=5)
    return found


def told(found: Ended, words: str) -> bool:
    return any(word in found.said for word in words.split("|"))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", ANYWHERE)
def test_a_server_that(name: str, step: str, caplog: pytest.LogCaptureFixture) -> None:
    manner, words = ANYWHERE[name]
    number = list(ANYWHERE).index(name) + STEPS.index(step)
    found = ended(number, {step: manner}, caplog, SECONDS if LATE in words else 20.0)
    assert told(found, words)
    if step == "tools_call":
        assert (found.status, len(found.sent)) == (200, 2)
        assert found.charged > 0
    else:
        assert (found.status, found.sent, found.charged) == (400, [], 0)
        assert "could not be used" in json.loads(found.said)["error"]["message"]


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_list_of_tools_with(name: str, caplog: pytest.LogCaptureFixture) -> None:
    found = ended(list(UNUSABLE).index(name), {"tools_list": gives({"tools": UNUSABLE[name]})}, caplog)
    assert (found.status, found.sent, found.charged) == (400, [], 0)
    assert told(found, "could not be used|128 at most")


@pytest.mark.parametrize("name", USABLE)
def test_a_list_of_tools_may_have(name: str, caplog: pytest.LogCaptureFixture) -> None:
    found = ended(list(USABLE).index(name), {"tools_list": gives({"tools": USABLE[name]})}, caplog)
    assert (found.status, len(found.sent)) == (200, 2), found
    assert told(found, "an oak")
    names = [tool.get("name") or tool["function"]["name"] for tool in found.sent[0]["tools"]]
    assert names.count("look") == 1
    assert max(map(len, names)) <= 64


@pytest.mark.parametrize("name", RESULTS)
def test_a_tool_that_gives(name: str, caplog: pytest.LogCaptureFixture) -> None:
    value, wrong, words = RESULTS[name]
    found = ended(list(RESULTS).index(name), {"tools_call": gives(value)}, caplog)
    assert (found.status, len(found.sent)) == (200, 2), found
    assert told(found, words)
    assert bool(WRONG.search(found.said)) is wrong


def pages(**cursors: str | None) -> r.Manner:
    """A list of tools whose pages lead to one another."""

    def manner(asked: dict[str, Any]) -> r.Pieces:
        here = str((asked.get("params") or {}).get("cursor", "first"))
        found = {"tools": [tool(name="look" if here == "first" else f"look_{here}")], "nextCursor": cursors[here]}
        return r.answered(asked, {name: value for name, value in found.items() if value is not None})

    return manner


@pytest.mark.parametrize(
    ("cursors", "count"),
    [({"first": "a", "a": "b", "b": None}, 3), ({"first": "first"}, 1), ({"first": "a", "a": "b", "b": "a"}, 3),
     ({"first": ""}, 1)],
)  # fmt: skip
def test_pages_that_lead_in_a_circle_are_read_once(cursors: dict[str, str | None], count: int) -> None:
    with m.world() as here, r.running(tools_list=pages(**cursors)) as (url, raw):
        here.script.answers = [m.answer("gpt", "ok")]
        status, _ = m.asked(here, "messages", m.messages("gpt", url))
    assert (status, len(here.script.bodies[0]["tools"])) == (200, count)
    assert raw.methods.count("tools/list") <= count + 1


@pytest.mark.parametrize("tools", [[], [r.LOOK]])
def test_pages_without_end_are_refused(tools: list[Any]) -> None:
    number = itertools.count()

    def manner(asked: dict[str, Any]) -> r.Pieces:
        return r.answered(asked, {"tools": tools, "nextCursor": str(next(number))})

    with m.world() as here, r.running(tools_list=manner) as (url, _):
        status, found = m.asked(here, "messages", m.messages("gpt", url))
    assert (status, here.script.sent) == (400, [])
    assert "does not end" in found["error"]["message"]


@pytest.mark.parametrize("method", ["sampling/createMessage", "elicitation/create", "roots/list", "ping", "x/y"])
def test_what_a_server_asks_of_its_client_is_not_answered_with_anything_of_the_callers(method: str) -> None:
    def manner(asked: dict[str, Any]) -> r.Pieces:
        params = {"messages": [], "maxTokens": 9, "message": "Password?", "requestedSchema": {"type": "object"}}
        question = {"jsonrpc": "2.0", "id": "s1", "method": method, "params": params}
        return [r.streaming(), r.event(question), 0.1, r.event(r.result(asked, r.SEEN))]

    with m.world() as here, r.running(tools_call=manner) as (url, _):
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        status, found = m.asked(here, "messages", m.messages("gpt", url))
    assert (status, found["stop_reason"], len(here.script.sent)) == (200, "end_turn", 2)


@pytest.mark.parametrize("ends", [b"retry: 0\n\n", b"id: 7\nretry: 0\n\n"])
def test_a_stream_on_which_a_server_speaks_first_is_not_opened_without_end(ends: bytes) -> None:
    """A server that ends it at once, with no time between two tries, would have it opened without end."""
    slow: r.Manner = lambda asked: [0.5, *r.answered(asked, r.SEEN)]  # noqa: E731
    with m.world() as here, r.running(GET=sends(r.streaming(), ends), tools_call=slow) as (url, raw):
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        _, found = m.asked(here, "messages", m.messages("gpt", url))
    assert found["stop_reason"] == "end_turn"
    assert raw.methods.count("GET") <= mcp_http.MOST_GETS


@pytest.mark.parametrize("method", ["sampling/createMessage", "elicitation/create", "roots/list"])
def test_a_tool_that_waits_for_a_question_asked_unbidden_gets_its_no(method: str) -> None:
    """The official server asks so where a tool does not say which request the question belongs to."""
    answers: list[dict[str, Any]] = []

    def asks(_: dict[str, Any]) -> r.Pieces:
        params = {"messages": [], "maxTokens": 9, "message": "Password?", "requestedSchema": {"type": "object"}}
        yield r.streaming()
        yield r.event({"jsonrpc": "2.0", "id": "s1", "method": method, "params": params})
        yield from (0.05 for _ in range(400) if not answers)

    def waits(asked: dict[str, Any]) -> r.Pieces:
        yield from (0.05 for _ in range(200) if not answers)
        yield from r.answered(asked, r.SEEN)

    with m.world() as here, r.running(GET=asks, tools_call=waits) as (url, raw):
        raw.answers = answers
        here.script.answers = [m.answer("gpt", "", [LOOKS]), m.answer("gpt", "ok")]
        _, found = m.asked(here, "messages", m.messages("gpt", url))
    assert [answer.get("id") for answer in answers] == ["s1"]
    assert "error" in answers[0]
    assert found["content"][1]["content"][0]["text"] == "an oak"


def test_a_call_that_fails_leaves_the_others_of_its_round_alone() -> None:
    def manner(asked: dict[str, Any]) -> r.Pieces:
        return [0.2] if asked["params"]["arguments"].get("fail") else [0.4, *r.answered(asked, r.SEEN)]

    with m.world() as here, r.running(tools_call=manner) as (url, _):
        calls: list[m.Call] = [("call_1", "look", {"fail": True}), ("call_2", "look", {}), ("call_3", "look", {})]
        here.script.answers = [m.answer("gpt", "", calls), m.answer("gpt", "ok")]
        _, found = m.asked(here, "messages", m.messages("gpt", url))
    results = [block for block in found["content"] if block["type"] == "mcp_tool_result"]
    assert [block["is_error"] for block in results] == [True, False, False]


def test_a_server_of_the_older_transport_that_sends_its_client_elsewhere_is_refused() -> None:
    away = f"event: endpoint\ndata: {HIDDEN}\n\n".encode()
    limits = McpLimits(connect_seconds=SECONDS)
    with m.world(limits=limits) as here, r.running(GET=sends(r.streaming(), away, 30.0)) as (url, _):
        status, found = m.asked(here, "messages", m.messages("gpt", url.replace("/mcp", "/sse")))
    assert (status, here.script.sent) == (400, [])
    assert found["error"]["message"].startswith("mcp_servers[0]")


@pytest.mark.parametrize("size", [1, 3, 64, 4_096])
def test_values_are_counted_however_their_bytes_come(size: int) -> None:
    value = {"a": 'x,[{"\\', "b": ["\n,", {"c": [1, 2, 3]}], 'd"': "\\\\", "e\\": [[]]}
    raw = json.dumps(value).encode() + b"\r\ndata: " + json.dumps(value, indent=1).encode()
    counted = mcp_http._Values()
    for at in range(0, len(raw), size):
        counted.add(raw[at : at + size])
    assert counted.count == 2 * 12
