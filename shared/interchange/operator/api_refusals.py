"""Answers of the operator's API where an action refuses: a status, and one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from interchange.edge.allow import headers_of
from interchange.metering.codes import CodeRefused, NoSuchCode
from interchange.metering.credits import CreditConflict
from interchange.metering.ledger import LedgerError, UnknownAccount
from interchange.metering.payments import UnknownPayment
from interchange.metering.tariffs import TariffChanged
from interchange.wrong_fields import first_wrong

from .books import CommandError, Unknown, Unmet
from .stack import AWS_ERRORS

STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (UnknownAccount, 404),
    (Unknown, 404),
    (UnknownPayment, 404),
    (NoSuchCode, 404),
    (Unmet, 409),
    (CommandError, 400),
    (ValueError, 400),
    (CreditConflict, 409),
    (TariffChanged, 409),
    (CodeRefused, 409),
    (LedgerError, 409),
    *((one, 503) for one in AWS_ERRORS),
)
AWAY = tuple((one, 503) for one in AWS_ERRORS)


def _writer(status: int) -> Callable[[Request, Exception], Response]:
    def write(_request: Request, error: Exception) -> Response:
        line = "the table cannot be used" if status == 503 else (str(error).splitlines() or ["refused"])[0]
        return JSONResponse({"error": line}, status)

    return write


def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, headers_of(error, request))


def _bad_body(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return JSONResponse({"error": first_wrong(error.errors())[1]}, 400)


def _fault(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "internal error"}, 500)


def install(app: FastAPI, statuses: Sequence[tuple[type[Exception], int]] = STATUSES) -> None:
    for refused, status in statuses:
        app.add_exception_handler(refused, _writer(status))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_body)
    app.add_exception_handler(Exception, _fault)
