"""The account API's errors, in the form that the stock OpenAI SDK reads."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from interchange.edge.allow import headers_of
from interchange.edge.app import FAULT, send_answer
from interchange.edge.contained import Contained
from interchange.edge.family import reporter
from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.services import Services
from interchange.hub.failure import KINDS, ErrorKind, Failure, RequestError
from interchange.metering.codes import CodeRefused
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import LedgerError
from interchange.operator.books import CommandError
from interchange.operator.checkout import PaymentsAway
from interchange.protocols.faces import Server

FINAL = {"x-should-retry": "false"}
"""The stock SDKs repeat a 409, unless they are told."""


class NotSetUp(Exception):
    """This deployment has no such thing: one line for the caller."""


FIELD = re.compile(r"[a-z_.]{1,40}(?=: )")
"""Our own errors begin with the field at fault."""
REFUSED: tuple[tuple[type[Exception], ErrorKind, str], ...] = (
    (CommandError, ErrorKind.INVALID_REQUEST, "invalid_value"),
    (ValueError, ErrorKind.INVALID_REQUEST, "invalid_value"),
    (CodeRefused, ErrorKind.CONFLICT, "code_refused"),
    (CreditConflict, ErrorKind.CONFLICT, "conflict"),
    (LedgerError, ErrorKind.CONFLICT, "conflict"),
)
WORDS = {404: "no such endpoint of the account's API", 405: "this endpoint does not take that method"}


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
        failure = Failure(ErrorKind.CONFLICT, str(error), code="not_set_up")
        return send_answer(refuse(server, failure, {**base_headers(services.new_id()), **FINAL}), request)

    app.add_exception_handler(NotSetUp, not_set_up)
    on(PaymentsAway, lambda error: Failure(ErrorKind.OVERLOADED, str(error), code="payments_away"))
    on(RequestError, lambda error: error.failure if isinstance(error, RequestError) else FAULT)
    on(RequestValidationError, _bad_request)
    on(HTTPException, _http)
    for refused, word, code in REFUSED:
        on(refused, _reader(word, code))
    app.add_middleware(Contained, failed=lambda request, error: sent(request, fault(error)))


def _reader(kind: ErrorKind, code: str) -> Callable[[Exception], Failure]:
    def read(error: Exception) -> Failure:
        said = (str(error).splitlines() or ["refused"])[0]
        field = FIELD.match(said)
        return Failure(kind, said, param=field[0] if field else None, code=code)

    return read


def _http(error: Exception) -> Failure:
    status = error.status_code if isinstance(error, HTTPException) else 500
    codes = {404: "unknown_url", 405: "method_not_allowed"}
    kind = KINDS.get(status, ErrorKind.INVALID_REQUEST)
    return Failure(kind, WORDS.get(status, "the request cannot be read"), code=codes.get(status))


def _bad_request(error: Exception) -> Failure:
    if not isinstance(error, RequestValidationError):
        return FAULT
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    if first["type"] == "json_invalid":
        where = ""
    said = f"{where}: {first['msg']}" if where else f"the body: {first['msg']}"
    return Failure(ErrorKind.INVALID_REQUEST, said, param=where or None, code="invalid_value")
