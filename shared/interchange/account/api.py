"""The account's API as an application: routes, and who may ask which."""

# Annotations are read as they stand: FastAPI looks for the names in them, which are local here.
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Security
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from interchange.api.uploads import PATHS as UPLOADS
from interchange.api.uploads import uploads
from interchange.exchange.services import Services
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.identity.keys import Principal
from interchange.metering.running import Running
from interchange.metering.store import Store
from interchange.operator import statements
from interchange.operator.books import Books
from interchange.operator.dates import (
    DATE,
    DAY_SAID,
    MONTH_SAID,
    NAMED,
    PERIOD,
    SPAN,
    WORDS,
    past_moment,
    span_of,
)
from interchange.operator.forms import CLOCK, Zone, written_as
from interchange.operator.rendering import comma_separated
from interchange.protocols.faces import Server

from . import history, models, overview, refusals, reported, sums
from .accepted import preferred
from .caller import any_key, management_key
from .changes import Changes

PATHS = (
    "/v1/account", "/v1/statement", "/v1/key", "/v1/usage", "/v1/requests", "/v1/codes/redeem", "/v1/checkout",
    *UPLOADS,
)  # fmt: skip
"""What the API's own paths begin with."""
METHODS = ("GET", "POST", "PATCH", "DELETE")
DAY_MS = 86_400_000
HISTORY_MS = 30 * DAY_MS
"""How far back requests are listed where `since` is not given."""
JSON, CSV, HTML = "application/json", "text/csv", "text/html"
BEARER = HTTPBearer(auto_error=False, description="an Interchange key (`sk-...`); `x-api-key` is read too")
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": models.Error, "description": words}
    for status, words in (
        (400, "A field is wrong; `error.param` names it"),
        (401, "No good key"),
        (403, "The key may not ask this"),
        (404, "Not of this account"),
        (409, "As things stand, it cannot be done"),
        (503, "The payment provider, or the table, is away"),
    )
}
PAST = f"({'|'.join(WORDS)}|{SPAN.pattern}|{NAMED}|{DATE}({CLOCK})?)"
SINCE = "the first day of a date, of a month (2026-11), of last week, or 7d: seven days, today included"
BY_WORDS = "any of day, model, key, and one of user, tag, metadata; with commas"
Once = Annotated[str | None, Header(alias="idempotency-key", min_length=1, max_length=255)]


def account_api(services: Services, books: Books, store: Store, server: Server) -> FastAPI:
    """`server` writes the errors."""
    app = FastAPI(title="account", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    reports = (_reports(services, books, store), _usage(services, books, store), _requests(services, books))
    for router in (*reports, _keys(services, books, store), _credit(services, books, store)):
        app.include_router(router, prefix="/v1", responses=ERRORS, dependencies=[Security(BEARER)])
    app.include_router(uploads(services))
    refusals.install(app, services, server)
    return app


def _reports(services: Services, books: Books, store: Store) -> APIRouter:
    router, running = APIRouter(tags=["account"]), Running(store)
    anybody = Annotated[Principal, Depends(any_key(services))]
    manager = Annotated[Principal, Depends(management_key(services))]

    @router.get("/account")
    def account(who: manager) -> models.Account:
        """Balance, credits with what is left of them, and how long the rest lasts. For a management key."""
        return overview.show_account(books, running, who.account_id)

    @router.get("/statement", responses=_csv("its lines, which add up; `accept: text/html` is a page to be printed"))
    def statement(
        who: manager,
        month: Annotated[
            str | None, Query(max_length=10, examples=["2026-11"], json_schema_extra=written_as(MONTH_SAID))
        ] = None,
        zone: Annotated[
            Zone | None, Query(min_length=1, description="whose month; the account's own unless given")
        ] = None,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> models.Statement | Any:
        """A month: opening balance, credits, charges by model, refunds, closing balance; the last one that is over
        unless given. Nothing is rounded. For a management key."""
        shown = statements.statement(books, who.account_id, month, zone)
        kind = preferred(accept, (JSON, CSV, HTML))
        if kind == HTML:
            return HTMLResponse(statements.as_page(shown), headers=statements.SILENT)
        if kind == CSV:
            return PlainTextResponse(statements.as_csv(shown), media_type=CSV)
        return models.Statement(**shown)

    @router.get("/key")
    def key(who: anybody) -> models.Key:
        """The key that asks: its limits, and what is left of each."""
        return Changes(books, store).key(who, who.key_id)

    return router


def _usage(services: Services, books: Books, store: Store) -> APIRouter:
    router, running = APIRouter(tags=["account"]), Running(store)
    anybody = Annotated[Principal, Depends(any_key(services))]

    @router.get("/usage", responses=_csv("the lines of `data`; the header `x-next-cursor` has the cursor"))
    def usage(
        who: anybody,
        since: Annotated[
            str | None,
            Query(max_length=40, description=SINCE, examples=["2026-01-01"], json_schema_extra=written_as(PERIOD)),
        ] = None,
        until: Annotated[
            str | None, Query(max_length=40, description="today unless given", json_schema_extra=written_as(DAY_SAID))
        ] = None,
        by: Annotated[
            str, Query(max_length=60, description=BY_WORDS, json_schema_extra=written_as(sums.BY_WRITTEN))
        ] = "day",
        model: Annotated[str, Query(max_length=200, description="of this model alone")] = "",
        key: Annotated[str, Query(max_length=80, description="of the key with this id alone")] = "",
        cursor: Annotated[str | None, Query(max_length=4000, json_schema_extra=written_as(sums.CURSOR))] = None,
        limit: Annotated[int, Query(ge=1, le=sums.MOST_LINES)] = sums.MOST_LINES,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> reported.Usage | Any:
        """Sums of the days `since` to `until` (UTC); the last 30 days where neither is given. An ordinary key's own."""
        known = books.accounts.get(who.account_id)
        asked = sums.Asked(since, until, by, _within(_scope(who), key), model)
        found = sums.usage(running, known, asked, books.now_ms, cursor, limit)
        return _answer(found, found.data, reported.UsageLine, accept, found.next_cursor)

    return router


def _requests(services: Services, books: Books) -> APIRouter:
    router = APIRouter(tags=["account"])
    anybody = Annotated[Principal, Depends(any_key(services))]

    @router.get("/requests", responses=_csv("the lines of the page; the header `x-next-cursor` has the cursor"))
    def requests(
        who: anybody,
        cursor: Annotated[str | None, Query(max_length=400, json_schema_extra=written_as(history.CURSOR))] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        model: Annotated[str, Query(max_length=200)] = "",
        key: Annotated[str, Query(max_length=80, description="a key's id")] = "",
        outcome: models.Outcome | None = None,
        user: Annotated[str, Query(max_length=256)] = "",
        tag: Annotated[str, Query(max_length=64)] = "",
        since: Annotated[
            str | None,
            Query(
                max_length=40,
                description="a date, a date and time, or a span until now (7d, 12h)",
                json_schema_extra=written_as(PAST),
            ),
        ] = None,
        until: Annotated[
            str | None,
            Query(
                max_length=40,
                description="likewise; a date is that whole day (UTC)",
                json_schema_extra=written_as(PAST),
            ),
        ] = None,
        accept: Annotated[str, Header(include_in_schema=False)] = "",
    ) -> reported.Requests | Any:
        """Finished requests, newest first; of the last 30 days where `since` is not given. A page may hold fewer than
        `limit`, or none, and still have a next one. An ordinary key's own."""
        now = books.now_ms
        wanted = history.Wanted(
            who.account_id, _since(since, now), _within(_scope(who), key), model, outcome or "", user, tag,
            _until(until, now),
        )  # fmt: skip
        found = history.page(books.ledger, wanted, cursor, limit, now)
        return _answer(found, found.data, reported.RequestLine, accept, found.next_cursor)

    @router.get("/requests/{id}")
    def request(who: anybody, id: str) -> reported.RequestAccount:
        """One request by the id that `x-interchange-request-id` named: tokens by kind, prices, charge, route, tries,
        losses, timings."""
        return history.find(books.ledger, who.account_id, _scope(who), id)

    return router


def _keys(services: Services, books: Books, store: Store) -> APIRouter:
    router, changes = APIRouter(tags=["keys"]), Changes(books, store)
    manager = Annotated[Principal, Depends(management_key(services))]

    @router.get("/keys")
    def index(who: manager) -> models.Keys:
        """Every key of the account, revoked ones included; never a secret."""
        now = books.now_ms
        return models.Keys(data=[overview.show_key(store, key, now) for key in books.keys.of_account(who.account_id)])

    @router.post("/keys", status_code=201)
    def create(who: manager, body: models.NewKey, idempotency_key: Once = None) -> models.MadeKey:
        """The secret is in the answer, and never shown again; but a repeat with the same `Idempotency-Key` makes no
        second key and has the same answer, for a week."""
        return changes.create(who, body, idempotency_key)

    @router.get("/keys/{id}")
    def show(who: manager, id: str) -> models.Key:
        """One key. A revoked one is gone from here; the list has it."""
        return changes.good_key(who, id)

    @router.patch("/keys/{id}")
    def change(who: manager, id: str, body: models.KeyChange) -> models.Key:
        """Changes what is named; the rest stays. What was spent of `spend_usd` stays spent."""
        return changes.change(who, id, body)

    @router.delete("/keys/{id}")
    def revoke(who: manager, id: str) -> models.Key:
        """The key is refused from the next request on, for good."""
        return changes.revoke(who, id)

    @router.post("/keys/{id}/rotate")
    def rotate(who: manager, id: str, body: models.Rotation | None = None) -> models.RotatedKey:
        """Another secret for the same key: its id, limits and counters stay. The secret before is good for a day, or
        until `old_until`."""
        return changes.rotate(who, id, body or models.Rotation())

    return router


def _credit(services: Services, books: Books, store: Store) -> APIRouter:
    router, changes, running = APIRouter(tags=["credit"]), Changes(books, store), Running(store)
    manager = Annotated[Principal, Depends(management_key(services))]

    @router.post("/codes/redeem")
    def redeem(who: manager, body: models.Redemption) -> models.Redeemed:
        """Gives a code's credit to the account. Redeeming it again does nothing."""
        return changes.redeem(who, body.code)

    @router.post("/checkout")
    def checkout(who: manager, body: models.NewCheckout, idempotency_key: Once = None) -> models.Checkout:
        """Begins a payment: the customer pays at `url`, and what was bought is credited when the payment provider has
        told. With an `Idempotency-Key` a repeat is the same page. Without a payment provider: 409 `not_set_up`."""
        return changes.begin_checkout(who, body, idempotency_key)

    @router.patch("/account")
    def change(who: manager, body: models.AccountChange) -> models.Account:
        """Sets what is named: `auto_topup` buys credit by the kept card when the balance is low, within minutes;
        `notices` says where the owner is told of things. A new e-mail address is sent a code, which confirms it."""
        secret = changes.change_account(who, body)
        shown = overview.show_account(books, running, who.account_id)
        return shown.model_copy(update={"notices": shown.notices.model_copy(update={"webhook_secret": secret})})

    return router


def _scope(who: Principal) -> str:
    """The only key that is seen; "" for all of the account's."""
    return "" if who.manages else who.key_id


def _within(scope: str, asked: str) -> str:
    """Raises RequestError for a key that the caller may not see."""
    if scope and asked not in ("", scope):
        said = "key: this key sees its own requests only"
        raise RequestError(Failure(ErrorKind.PERMISSION, said, param="key", code="management_key_required"))
    return asked or scope


def _since(text: str | None, now_ms: int) -> int:
    if text is None:
        return now_ms - HISTORY_MS
    if re.fullmatch(NAMED, text):
        text = span_of("since", text, now_ms)[0]
    return past_moment(text, now_ms, "since")


def _until(text: str | None, now_ms: int) -> int:
    """The first moment behind it."""
    if text is None:
        return history.LATEST_MS
    if re.fullmatch(NAMED, text):
        text = span_of("until", text, now_ms)[1]
    whole = text in WORDS or re.fullmatch(DATE, text)
    return past_moment(text, now_ms, "until") + (DAY_MS if whole else 1)


def _answer(
    found: BaseModel, lines: Sequence[BaseModel], kind: type[BaseModel], accept: str, cursor: str | None = None
) -> BaseModel | Response:
    """JSON, or CSV for who would rather have that."""
    if preferred(accept, (JSON, CSV)) == JSON:
        return found
    columns = [name for name in kind.model_fields if any(getattr(one, name) is not None for one in lines) or not lines]
    rows = [{**one.model_dump(), **_flat(one)} for one in lines]
    headers = {} if cursor is None else {"x-next-cursor": cursor}
    return PlainTextResponse(f"{comma_separated(rows, columns)}\n", media_type=CSV, headers=headers)


def _flat(one: BaseModel) -> dict[str, str]:
    """Turns what a CSV cell cannot hold into words."""
    lists = {name: " ".join(value) for name, value in one if isinstance(value, list)}
    pairs = {name: [f"{key}={text}" for key, text in value.items()] for name, value in one if isinstance(value, dict)}
    return lists | {name: " ".join(words) for name, words in pairs.items()}


def _csv(words: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": f"JSON; as CSV {words}"}}
