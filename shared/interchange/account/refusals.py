"""The account API's errors, in the form that the stock OpenAI SDK reads."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from interchange.dataclass import replace
from interchange.edge.allow import headers_of, not_taken
from interchange.edge.app import FAULT, send_answer
from interchange.edge.contained import Contained
from interchange.edge.family import reporter
from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.services import Services
from interchange.hub.failure import KINDS, ErrorKind, Failure, RequestError
from interchange.metering.codes import CodeRefused
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import LedgerError
from interchange.operator.books import CommandError, Unmet
from interchange.operator.checkout import PaymentsAway
from interchange.operator.statements import NotBegun
from interchange.protocols.faces import Server
from interchange.wrong_fields import first_wrong

FINAL = {"x-should-retry": "false"}
"""The stock SDKs repeat a 409, unless they are told."""


class NotSetUp(Exception):
    """This deployment has no such thing: one line for the caller."""


FIELD = re.compile(r"[a-z_.]{1,40}(?=: )")
"""Our own errors begin with the field at fault."""
REFUSED: tuple[tuple[type[Exception], ErrorKind, str, str | None], ...] = (
    (NotBegun, ErrorKind.NOT_FOUND, "no_such_month", None),
    (Unmet, ErrorKind.CONFLICT, "conflict", None),
    (CommandError, ErrorKind.INVALID_REQUEST, "invalid_value", None),
    (ValueError, ErrorKind.INVALID_REQUEST, "invalid_value", None),
    (CodeRefused, ErrorKind.CONFLICT, "code_refused", "code"),
    (CreditConflict, ErrorKind.CONFLICT, "conflict", None),
    (LedgerError, ErrorKind.CONFLICT, "conflict", None),
)
"""With the code, and the field that is at fault whatever the words are."""
SERVED = (
    "no such endpoint of the account's API, which has /v1/account, /v1/key, /v1/keys, /v1/usage, /v1/requests, "
    "/v1/statement, /v1/codes/redeem and /v1/checkout"
)


def install(app: FastAPI, services: Services, server: Server) -> None:
    """Every error of `app` is written by `server`; a fault is reported besides."""

    def sent(request: Request, failure: Failure) -> Response:
        return send_answer(refuse(server, failure, base_headers(services.new_id())), request)

    def on(kind: type[Exception], read: Callable[[Exception], Failure]) -> None:
        async def handle(request: Request, error: Exception) -> Response:
            answer = sent(request, read(error))
            answer.headers.update(headers_of(error, request))
            return answer

        app.add_exception_handler(kind, handle)

    fault = reporter("account", services)

    async def not_set_up(request: Request, error: Exception) -> Response:
        failure = _reader(ErrorKind.CONFLICT, "not_set_up", None)(error)
        return send_answer(refuse(server, failure, {**base_headers(services.new_id()), **FINAL}), request)

    async def http(request: Request, error: Exception) -> Response:
        answer = sent(request, _http(error, request))
        answer.headers.update(headers_of(error, request))
        return answer

    app.add_exception_handler(NotSetUp, not_set_up)
    app.add_exception_handler(HTTPException, http)
    on(PaymentsAway, lambda error: Failure(ErrorKind.OVERLOADED, str(error), code="payments_away"))
    on(RequestError, _request_error)
    on(RequestValidationError, _bad_request)
    for refused, word, code, param in REFUSED:
        on(refused, _reader(word, code, param))
    app.add_middleware(Contained, failed=lambda request, error: sent(request, fault(error)))


def _request_error(error: Exception) -> Failure:
    """A field that is wrong has one code, wherever that was found out."""
    if not isinstance(error, RequestError):
        return FAULT
    failure = error.failure
    unnamed = failure.kind is ErrorKind.INVALID_REQUEST and failure.code is None
    return replace(failure, code="invalid_value") if unnamed else failure


def _reader(kind: ErrorKind, code: str, param: str | None) -> Callable[[Exception], Failure]:
    def read(error: Exception) -> Failure:
        said = (str(error).splitlines() or ["refused"])[0]
        field = FIELD.match(said)
        return Failure(kind, said, param=field[0] if field else param, code=code)

    return read


def _http(error: Exception, request: Request) -> Failure:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return not_taken(request)
    if status == 404:
        unknown = f"{request.method} {request.scope['path'][:100]}: {SERVED}"
        return Failure(ErrorKind.NOT_FOUND, unknown, code="unknown_url")
    return Failure(KINDS.get(status, ErrorKind.INVALID_REQUEST), "the request cannot be read")


def _bad_request(error: Exception) -> Failure:
    if not isinstance(error, RequestValidationError):
        return FAULT
    where, said = first_wrong(error.errors())
    return Failure(ErrorKind.INVALID_REQUEST, said, param=where or None, code="invalid_value")
