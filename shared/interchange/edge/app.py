"""The web side of a family: Starlette outside, `Inbound` and `Answer` inside.

One application a family. Every error it makes itself (an unknown path, a wrong method, a body too large, a fault) is
written by the family's own protocol. The families that stream do without FastAPI, whose import costs more than anything
else of a cold start (docs/decisions/0003-cold-start.md); `interchange.api` has those that are made with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope

from interchange.dataclass import dataclass
from interchange.exchange.http import Answer, Inbound
from interchange.hub.failure import ErrorKind, Failure, RequestError

from .allow import headers_of, not_taken
from .base_url import SERVED, advise
from .direct import Direct, Respond
from .inbound import inbound_of, read_body, told_where

MAX_BODY_BYTES = 32 * 1024 * 1024
"""The Messages API's own limit; Lambda's (6 MB) and API Gateway's (10 MB) are lower and enforced before us."""

Handle = Callable[[Inbound], Awaitable[Answer]]
Refuse = Callable[[Failure], Answer]
Report = Callable[[Exception], Failure]
Failed = Callable[[Request, Exception], Response]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`path` may hold one `{name:path}` parameter; it reaches the handler in `Inbound.query` under its name. `larger`
    tells what to do with a body beyond the limit."""

    method: str
    path: str
    handle: Handle
    larger: str = ""


def create_app(
    endpoints: Sequence[Endpoint],
    refuse: Refuse,
    max_body: int = MAX_BODY_BYTES,
    report: Report | None = None,
) -> Direct:
    """`refuse` writes a failure in the family's protocol. `report` hears of an error while it is being handled, and
    returns what the caller is told: the platform counts none, for it gets an answer."""
    handlers = error_handlers([path for one in endpoints for path in _spellings(one)], refuse, report)
    respond = [(one, _responding(one, refuse, report, max_body)) for one in endpoints]
    routes = [
        Route(path, _route(answers), methods=[one.method], include_in_schema=path == one.path)
        for one, answers in respond
        for path in _spellings(one)
    ]
    directly = {one.path: answers for one, answers in respond if one.method == "POST" and "{" not in one.path}
    return Direct(directly, routes=routes, exception_handlers=handlers.by_kind)


@dataclass(frozen=True, slots=True)
class Handlers:
    """Handlers of an application's errors, by their kind; `refused` answers a RequestError, `failed` reports and
    answers a fault."""

    by_kind: Mapping[Any, Any]
    refused: Failed
    failed: Failed


def error_handlers(
    paths: Sequence[str], refuse: Refuse, report: Report | None = None, by_version: Refuse | None = None
) -> Handlers:
    """Handlers of an application that serves `paths`. `by_version` writes to callers that send
    `anthropic-version`, where that is another protocol than the family's; the rest is as in `create_app`."""

    def writer(request: Request) -> Refuse:
        return by_version if by_version is not None and "anthropic-version" in request.headers else refuse

    async def on_http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        served = request.scope["path"] in paths
        answer = send_answer(writer(request)(_refused(status, request, "" if served else request.url.path)), request)
        answer.headers.update(headers_of(error, request))
        return answer

    def told(request: Request, error: Exception) -> Response:
        failure = error.failure if isinstance(error, RequestError) else FAULT
        return send_answer(writer(request)(failure), request)

    async def on_refusal(request: Request, error: Exception) -> Response:
        return told(request, error)

    def failed(request: Request, error: Exception) -> Response:
        return send_answer(refuse(FAULT if report is None else report(error)), request)

    async def on_fault(request: Request, error: Exception) -> Response:
        return failed(request, error)

    return Handlers({HTTPException: on_http_error, RequestError: on_refusal, Exception: on_fault}, told, failed)


def _spellings(one: Endpoint) -> tuple[str, ...]:
    """A POST with a slash behind its path is served too: a redirection would name the host that we see, which behind an
    edge is another one than the caller's, and not every client repeats its body there."""
    return (one.path, f"{one.path}/") if one.method == "POST" and not one.path.endswith("}") else (one.path,)


FAULT = Failure(ErrorKind.API, "internal error", code="internal_error")


def _refused(status: int, request: Request, path: str) -> Failure:
    """A path that is known not to be served has its advice, even where another method would be taken."""
    advice = advise(path) if status in (404, 405) else None
    if status == 404 or advice:
        unknown = f"{request.method} {path[:100]}: {SERVED}"
        return Failure(ErrorKind.NOT_FOUND, advice or unknown, code="unknown_url")
    return not_taken(request) if status == 405 else FAULT


def _responding(served: Endpoint, refuse: Refuse, report: Report | None, max_body: int) -> Respond:
    async def respond(scope: Scope, headers: Mapping[str, str], receive: Receive) -> Answer:
        body = await read_body(receive, max_body)
        if body is None:
            return refuse(_too_large(max_body, served.larger))
        try:
            return await served.handle(inbound_of(scope, headers, body))
        except Exception as error:  # noqa: BLE001 - raised further, it would cost the caller the connection as well
            return refuse(FAULT if report is None else report(error))

    return respond


def _route(respond: Respond) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer = await respond(request.scope, request.headers, request.receive)
        except ClientDisconnect:  # nobody is there to be answered, and nothing of ours has failed
            return Response(status_code=499)
        return send_answer(answer, request)

    return endpoint


async def read_inbound(request: Request, max_body: int = MAX_BODY_BYTES, larger: str = "") -> Inbound:
    """The request, free of the framework. Raises RequestError for a body beyond the limit, and ClientDisconnect."""
    body = await read_body(request.receive, max_body)
    if body is None:
        raise RequestError(_too_large(max_body, larger))
    return inbound_of(request.scope, request.headers, body)


def _too_large(max_body: int, larger: str) -> Failure:
    said = f"the request body is larger than the limit of {max_body} bytes. {larger}".strip()
    return Failure(ErrorKind.TOO_LARGE, said, code="too_large")


def send_answer(answer: Answer, request: Request) -> Response:
    headers = told_where(answer, request.url.path)
    if isinstance(answer.body, bytes):
        return Response(answer.body, status_code=answer.status, headers=headers)
    return StreamingResponse(answer.body, status_code=answer.status, headers=headers)
