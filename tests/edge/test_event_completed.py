"""Events as people write them by hand, and as each platform sends them: read the same by both entries, or refused by
one line that names what is missing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from interchange.edge.buffered import buffered
from interchange.edge.event_completed import NotHttp
from interchange.edge.event_scope import Context, read_event

Json = dict[str, Any]
HEADERS = {"Authorization": "Bearer k", "Content-Type": "application/json", "Host": "x.example"}
BODY = '{"ä": 1}'
CONTEXT = Context("r", "arn", 10**13)
LEAST: dict[str, Json] = {
    "rest": {"httpMethod": "POST", "path": "/p", "headers": HEADERS, "body": BODY},
    "url": {"version": "2.0", "rawPath": "/p", "requestContext": {"http": {"method": "POST"}}, "headers": HEADERS,
            "body": BODY},
    "balancer": {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "POST", "path": "/p",
                 "headers": HEADERS, "body": BODY},
    "balancer, many": {"requestContext": {"elb": {}}, "httpMethod": "POST", "path": "/p",
                       "multiValueHeaders": {name: [value] for name, value in HEADERS.items()}, "body": BODY},
}  # fmt: skip
"""The least that says a request, of each form."""
STREAMED = ("rest", "url")
"""Forms that the streaming entry reads; a load balancer takes whole answers only."""


def handled(event: Any) -> Json:
    async def show(request: Request) -> Response:
        said = {name: request.headers.get(name) for name in ("authorization", "content-type")}
        body = (await request.body()).decode()
        return JSONResponse({"method": request.method, "path": request.url.path, **said, "body": body})

    app = Starlette(routes=[Route("/{path:path}", show, methods=["GET", "POST"])])
    result = buffered(app)(json.loads(json.dumps(event)), None)
    assert result["statusCode"] == 200
    found: Json = json.loads(result["body"])
    return found


@pytest.mark.parametrize("form", LEAST)
def test_the_least_that_says_a_request_is_answered(form: str) -> None:
    assert handled(LEAST[form]) == {
        "method": "POST", "path": "/p", "authorization": "Bearer k", "content-type": "application/json", "body": BODY,
    }  # fmt: skip


@pytest.mark.parametrize("form", LEAST)
def test_a_body_in_base64_is_the_same_body(form: str) -> None:
    packed = {**LEAST[form], "body": base64.b64encode(BODY.encode()).decode(), "isBase64Encoded": True}
    assert handled(packed) == handled(LEAST[form])


@pytest.mark.parametrize("form", STREAMED)
def test_the_streaming_entry_reads_the_same(form: str) -> None:
    scope, body = read_event(LEAST[form], CONTEXT)
    assert (scope["method"], scope["path"], body.decode()) == ("POST", "/p", BODY)
    assert (b"authorization", b"Bearer k") in scope["headers"]


def nulls() -> Iterator[tuple[str, str]]:
    optional = ("headers", "multiValueHeaders", "body", "isBase64Encoded", "queryStringParameters", "pathParameters",
                "multiValueQueryStringParameters", "rawQueryString", "cookies", "stageVariables")  # fmt: skip
    yield from ((form, name) for form in LEAST for name in optional)


@pytest.mark.parametrize(("form", "name"), nulls())
def test_a_field_that_is_null_is_one_that_is_missing(form: str, name: str) -> None:
    event = {**LEAST[form], name: None}
    assert handled(event)["path"] == "/p"
    if form in STREAMED:
        assert read_event(event, CONTEXT)[0]["path"] == "/p"


BROKEN: dict[str, tuple[Any, str]] = {
    "no object": ([], "an object is wanted"),
    "a test event of the console": ({"key1": "value1"}, "no httpMethod"),
    "a schedule": ({"source": "aws.scheduler", "detail": {}}, "no httpMethod"),
    "no path": ({"httpMethod": "GET"}, "no path"),
    "no method": ({"version": "2.0", "rawPath": "/p", "requestContext": {"http": {}}}, "http.method"),
    "no raw path": ({"version": "2.0", "requestContext": {"http": {"method": "GET"}}}, "rawPath"),
    "no base64": ({**LEAST["rest"], "isBase64Encoded": True, "body": "!!"}, "its body"),
    "half a character": ({**LEAST["url"], "body": "\ud800"}, "its body"),
    "a context that is none": ({**LEAST["rest"], "requestContext": "x"}, "requestContext is no object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_request_is_refused_by_name_at_both_entries(name: str) -> None:
    event, said = BROKEN[name]
    with pytest.raises(NotHttp, match=said):
        handled(event)
    with pytest.raises(NotHttp, match=said):
        read_event(event, CONTEXT)


@pytest.mark.parametrize("path", ["", "/", "//p", "/p/", "/%FF", "/ä ö", "/a%2Fb", "/p?a=b", "/%2e%2e/p"])
@pytest.mark.parametrize("form", LEAST)
def test_any_path_is_answered(form: str, path: str) -> None:
    field = "rawPath" if form == "url" else "path"
    assert handled({**LEAST[form], field: path or "/"})["method"] == "POST"
