"""The operator's API: the command line's actions over HTTP, behind API Gateway's IAM authorisation.

An answer is the JSON object that the command prints with --json; an error is `{"error": line}`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from interchange.metering.reports import LABELS

from . import (
    account_actions,
    account_limits,
    api_refusals,
    catalog_actions,
    closing,
    credit_actions,
    payment_actions,
    reconciling,
    rendering,
    report_actions,
    statements,
    tariff_actions,
    tracing,
    vendor_actions,
)
from .api_callers import known_parameters, remembered
from .api_models import (
    AccountChange,
    AccountLimits,
    Assignment,
    Booking,
    CatalogChanges,
    Closing,
    KeyChange,
    NewAccount,
    NewCatalog,
    NewCodes,
    NewCredit,
    NewKey,
    NewTariff,
    Redemption,
    Restored,
    Revocation,
    Rotation,
    Row,
)
from .books import Books, Shown
from .forms import LOOKED_FOR, Month, Period, Plain, Zone, listed, written_as
from .holds import open_holds
from .sweep import sweep as sweep_once

BY = listed([name for name in report_actions.GROUPS if name not in LABELS], LABELS)
Key = Annotated[str | None, Header(alias="idempotency-key", min_length=1, max_length=255)]
Whose = Annotated[Zone | None, Query(min_length=1)]


def admin(books: Books, authorise: Callable[[Request], str | None]) -> FastAPI:
    """`authorise` raises HTTPException for a request that API Gateway did not let in, and tells whose it is."""
    app = FastAPI(title="admin", docs_url=None, redoc_url=None, openapi_url=None)
    guard = [Depends(remembered(authorise)), Depends(known_parameters)]
    for made in (_accounts, _keys, _credit, _codes, _payments, _prices, _books, _requests):
        app.include_router(made(books), prefix="/admin", dependencies=guard)
    api_refusals.install(app)
    return app


def _accounts(books: Books) -> APIRouter:
    router = APIRouter()

    @router.post("/accounts", status_code=201)
    def create(body: NewAccount, idempotency_key: Key = None) -> Shown:
        """Creates it. With an `Idempotency-Key` a repeat makes nothing new, and has the same answer."""
        return account_actions.create_account(
            books, body.name, body.credit_usd, markup=body.markup, low_balance=body.low_balance_usd,
            operation=idempotency_key,
        )  # fmt: skip

    @router.post("/accounts/{account}/close")
    def close(account: str, body: Closing) -> Shown:
        return closing.close_account(books, account, body.rest, body.reason)

    @router.get("/accounts")
    def index() -> Shown:
        return account_actions.list_accounts(books)

    @router.get("/accounts/{account}")
    def show(account: str) -> Shown:
        return account_actions.show_account(books, account)

    @router.patch("/accounts/{account}")
    def change(account: str, body: AccountChange) -> Shown:
        suspended = None if body.active is None else not body.active
        rule = body.auto_topup.model_dump() if body.auto_topup else {}
        return account_actions.change_account(
            books, account, name=body.name, markup=body.markup, low_balance=body.low_balance_usd,
            suspended=suspended, group=body.group, zone=body.zone, email=body.email, webhook=body.webhook,
            top_up=rule if "auto_topup" in body.model_fields_set else None, shards=body.shards,
        )  # fmt: skip

    @router.put("/accounts/{account}/limits")
    def limit(account: str, body: AccountLimits) -> Shown:
        """Changes what is named; null takes a limit away."""
        done = account_limits.limit_all(books, account, body.limits, body.user_limits, body.model_limits)
        warned = {"warnings": done["warnings"]} if "warnings" in done else {}
        return account_actions.show_account(books, account) | warned

    return router


def _keys(books: Books) -> APIRouter:
    router = APIRouter()

    @router.post("/accounts/{account}/keys", status_code=201)
    def create(account: str, body: NewKey, idempotency_key: Key = None) -> Shown:
        return account_actions.create_key(
            books, account, body.name, body.limits, auto_cache=body.auto_cache, manages=body.manages,
            operation=idempotency_key,
        )  # fmt: skip

    @router.get("/keys/{key_id}")
    def show(key_id: str) -> Shown:
        """A key that is good, and whose it is; `find` knows those that were revoked too."""
        return tracing.good_key(books, key_id)

    @router.post("/keys/{key_id}/reset")
    def reset(key_id: str) -> Shown:
        return account_actions.reset_key(books, key_id)

    @router.post("/keys/{key_id}/rotate")
    def rotate(key_id: str, body: Rotation | None = None) -> Shown:
        return account_actions.rotate_key(books, key_id, (body or Rotation()).old_until)

    @router.get("/accounts/{account}/keys")
    def index(account: str) -> Shown:
        return account_actions.list_keys(books, account)

    @router.patch("/keys/{key_id}")
    def change(key_id: str, body: KeyChange) -> Shown:
        return account_actions.limit_key(books, key_id, body.limits)

    @router.delete("/keys/{key_id}")
    def revoke(key_id: str) -> Shown:
        return account_actions.revoke_key(books, key_id)

    return router


def _credit(books: Books) -> APIRouter:
    router = APIRouter()

    @router.post("/accounts/{account}/credits")
    def credit(account: str, body: NewCredit, idempotency_key: Key = None) -> Shown:
        """Adds credit. With an `Idempotency-Key` a repeat does nothing."""
        return credit_actions.credit(books, account, body.usd, body.reason, idempotency_key, body.expires)

    @router.get("/accounts/{account}/statement", response_model=None, responses=_also("text/csv", "text/html"))
    def statement(
        account: str, month: Month | None = None, zone: Whose = None, format: Literal["json", "csv", "html"] = "json"
    ) -> Shown | Response:
        """A month of the account's time zone, or of `zone`; the last one that is over unless given."""
        shown = statements.statement(books, account, month, zone)
        if format == "csv":
            return PlainTextResponse(statements.as_csv(shown), media_type="text/csv")
        if format == "html":
            return HTMLResponse(statements.as_page(shown), headers=statements.SILENT)
        return shown

    @router.get("/accounts/{account}/credits")
    def credits(account: str) -> Shown:
        return credit_actions.list_credits(books, account)

    return router


def _codes(books: Books) -> APIRouter:
    router = APIRouter()

    @router.post("/codes", status_code=201)
    def create(body: NewCodes, idempotency_key: Key = None) -> Shown:
        return credit_actions.create_codes(
            books, body.count, body.credit_usd, body.batch, until=body.until, credit_days=body.credit_days,
            operation=idempotency_key,
        )  # fmt: skip

    @router.get("/codes")
    def batches() -> Shown:
        return credit_actions.list_batches(books)

    @router.post("/codes/revoke")
    def revoke(body: Revocation) -> Shown:
        return credit_actions.revoke_codes(books, body.code, body.batch)

    @router.get("/codes/{batch}")
    def index(batch: str) -> Shown:
        return credit_actions.list_codes(books, batch)

    @router.post("/codes/redeem")
    def redeem(body: Redemption) -> Shown:
        return credit_actions.redeem_code(books, body.code, body.account)

    return router


def _payments(books: Books) -> APIRouter:
    router = APIRouter()

    @router.get("/payments")
    def index(account: str | None = None) -> Shown:
        return payment_actions.list_payments(books, account)

    @router.get("/payments/unassigned")
    def unassigned() -> Shown:
        return payment_actions.list_unassigned(books)

    @router.post("/payments/{payment}/assign")
    def assign(payment: str, body: Assignment) -> Shown:
        return payment_actions.assign_payment(books, payment, body.account, body.usd)

    @router.post("/payments/{payment}/dismiss")
    def dismiss(payment: str) -> Shown:
        return payment_actions.dismiss_payment(books, payment)

    return router


def _prices(books: Books) -> APIRouter:
    router = APIRouter()

    @router.get("/prices")
    def show() -> Shown:
        return tariff_actions.show_tariff(books)

    @router.put("/prices")
    def put(body: NewTariff) -> Shown:
        return tariff_actions.set_tariff(books, {"rules": body.rules}, body.reason, body.expected)

    @router.get("/catalog")
    def changes() -> Shown:
        return catalog_actions.show_changes(books)

    @router.put("/catalog")
    def change(body: NewCatalog) -> Shown:
        changes = {"models": body.models, "remove": body.remove}
        return catalog_actions.set_changes(books, changes, body.reason, body.expected)

    @router.post("/catalog/preview")
    def preview(body: CatalogChanges) -> Shown:
        """Says what such changes would do; nothing is changed."""
        return catalog_actions.preview_changes(books, {"models": body.models, "remove": body.remove})

    @router.get("/prices/versions")
    def versions() -> Shown:
        return tariff_actions.list_versions(books)

    @router.post("/prices/restore")
    def restore(body: Restored) -> Shown:
        return tariff_actions.restore_tariff(books, body.version, body.reason)

    return router


def _books(books: Books) -> APIRouter:
    router = APIRouter()

    @router.get("/usage", response_model=None, responses=_also("text/csv"))
    def usage(
        account: str | None = None,
        since: Period | None = None,
        until: Period | None = None,
        by: Annotated[str, Query(json_schema_extra=written_as(BY))] = report_actions.BY,
        format: Literal["json", "csv"] = "json",
    ) -> Shown | Response:
        shown = report_actions.usage(books, account, since, until, by)
        if format == "csv":
            text = rendering.comma_separated(shown["usage"], report_actions.columns(by))
            return PlainTextResponse(f"{text}\n", media_type="text/csv")
        return shown

    @router.post("/reconcile", openapi_extra=VENDORS_FILE)
    async def reconcile(
        request: Request,
        vendor: Annotated[str | None, Query(description="needed where the file does not say whose it is")] = None,
        tolerance: Plain = "0.01",
    ) -> Shown:
        """The body is the vendor's CSV file, in any of the forms that vendors export; the schema describes the
        plainest, whose vendor is to be named."""
        bill = await request.body()
        return await asyncio.to_thread(reconciling.reconcile, books, bill, vendor, tolerance)

    @router.get("/audit")
    def audit(account: str | None = None, rows: bool = False) -> Shown:
        return report_actions.audit(books, account, rows=rows)

    @router.get("/holds")
    def holds(account: str | None = None, stuck: bool = False) -> Shown:
        return open_holds(books, account, stuck=stuck)

    @router.get("/vendors")
    def vendors() -> Shown:
        return vendor_actions.vendors(books)

    @router.post("/sweep")
    def sweep() -> Shown:
        return sweep_once(books).shown()

    return router


def _requests(books: Books) -> APIRouter:
    router = APIRouter()

    @router.get("/find")
    def find(text: Annotated[str, Query(json_schema_extra=written_as(LOOKED_FOR))]) -> Shown:
        return tracing.find(books, text)

    @router.post("/requests", status_code=201)
    def charge_row(body: Row) -> Shown:
        return report_actions.charge_late(books, body)

    @router.get("/requests/{request_id}")
    def request(request_id: str) -> Shown:
        return tracing.show_request(books, request_id)

    @router.post("/requests/{request_id}/reprice")
    def book_reprice(request_id: str, body: Booking) -> Shown:
        return report_actions.book_reprice(books, request_id, body.reason)

    @router.get("/requests/{request_id}/reprice")
    def reprice(request_id: str) -> Shown:
        return report_actions.reprice(books, request_id)

    return router


def _also(*media: str) -> dict[int | str, dict[str, Any]]:
    """Further forms of the answer, beside JSON."""
    return {200: {"content": {"application/json": {}, **{one: {"schema": {"type": "string"}} for one in media}}}}


_FILE: Any = {"schema": {"type": "string", **written_as(reconciling.PLAIN_FILE)}}
VENDORS_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {"text/csv": _FILE}}}
