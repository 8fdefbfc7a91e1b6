"""Usage, audit, repricing and the catalog's check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from interchange.catalog import billed
from interchange.catalog.load import load
from interchange.catalog.lookup import Catalog
from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.hub.usage import Usage
from interchange.metering.accounts import Audit
from interchange.metering.credit_shares import Credit
from interchange.metering.money import usd
from interchange.metering.prices import PriceList, charge_each
from interchange.metering.reports import LABELS, Line, days, grouped, total
from interchange.metering.rows import UsageRow, read_row
from interchange.metering.store import DAY_MS, day_of
from interchange.metering.sums import Sums
from interchange.metering.waits import quantile
from interchange.tables.port import Copied, Table
from interchange.whole import read_whole

from .amounts import LONGEST_REASON, amount, worded
from .books import Books, CommandError, Shown, Unknown, Unmet
from .dates import span_of

GROUPS = {
    "day": "day", "account": "account", "key": "key_id", "model": "model", "vendor": "vendor",
    **{name: name for name in LABELS},
}  # fmt: skip
"""What usage can be summed by -> its name in the answer. Of what callers say of their requests, one at once."""
BY = "account,key,model"
MOST_DAYS = 1100
"""Three years: each day of each account is read for itself."""
SUMS = (
    "requests", "failed", "input_tokens", "cached_tokens", "output_tokens", "charged_usd", "cost_usd", "margin_usd",
    "absorbed_usd", "failed_cost_usd", "first_byte_p50_ms", "first_byte_p95_ms", "total_p50_ms", "total_p95_ms",
)  # fmt: skip


def usage(
    books: Books, account: str | None = None, since: str | None = None, until: str | None = None, by: str = BY
) -> Shown:
    """The days `since` to `until` (UTC, both included; today where neither is given)."""
    groups = _groups(by)
    last = span_of("until", "today" if until is None else until, books.now_ms)[1]
    first = span_of("since", since, books.now_ms)[0] if since is not None else last
    if last < first:
        raise Unmet(f"until: {last} is before {first}")
    begin, end = held_to(books, account, first, last)
    asked = sum(1 for _ in days(begin, end))
    if asked > MOST_DAYS:
        raise CommandError(f"since: {asked} days; at most {MOST_DAYS} are summed at once")
    label = next((name for name in groups if name in LABELS), "")
    lines = list(_lines(books, account, begin, end, label))
    sums = total(_lines(books, account, begin, end) if label else lines)  # one with two tags is in two lines
    names = _names(books, account, groups)
    shown = [
        {**_named(groups, words, names), "requests": found.requests,
         "failed": found.failed, "input_tokens": found.input_tokens, "cached_tokens": found.cached_tokens,
         "output_tokens": found.output_tokens, **_money(found), **_times(found)}
        for words, found in grouped(lines, groups).items()
    ]  # fmt: skip
    return {"since": first, "until": last, "requests": sums.requests, **_money(sums), **_times(sums), "usage": shown}


def held_to(books: Books, account: str | None, first: str, last: str) -> tuple[str, str]:
    """The days `first` to `last`; where they are too many, those of them that can have requests: since the oldest
    account was opened, and until tomorrow, since clocks differ. None where the second is before the first."""
    if (date.fromisoformat(last) - date.fromisoformat(first)).days < MOST_DAYS:
        return first, last
    known = books.accounts.all() if account is None else [books.accounts.get(account)]
    opened = min((one.created_ms for one in known), default=books.now_ms)
    return max(first, day_of(opened)), min(last, day_of(books.now_ms + DAY_MS))


Named = Mapping[str, str]


def _names(books: Books, account: str | None, groups: Sequence[str]) -> dict[str, Named]:
    """Returns the names of the accounts and keys that are summed: "account" and "key" -> id -> name."""
    known = books.accounts.all() if account is None else [books.accounts.get(account)]
    accounts = {one.account_id: one.name for one in known} if {"account", "key"} & set(groups) else {}
    keys = [key for one in accounts for key in books.keys.of_account(one)] if "key" in groups else []
    return {"account": accounts, "key": {str(key["key_id"]): str(key["name"]) for key in keys}}


def _named(groups: Sequence[str], words: Sequence[str], names: Mapping[str, Named]) -> Shown:
    """A line's ids, each with the name that goes with it."""
    shown: Shown = {}
    for group, word in zip(groups, words, strict=True):
        shown[GROUPS[group]] = word
        if group in names:
            shown[f"{group}_name"] = names[group].get(word, "")
    return shown


def _money(sums: Sums) -> Shown:
    """`absorbed_usd` is what requests cost their customers above their holds, and nobody paid; `failed_cost_usd` the
    part of the cost that served nobody."""
    return {
        "charged_usd": usd(sums.charge_nano), "cost_usd": usd(sums.cost_nano),
        "margin_usd": usd(sums.charge_nano - sums.cost_nano), "absorbed_usd": usd(sums.absorbed_nano),
        "failed_cost_usd": usd(sums.wasted_nano),
    }  # fmt: skip


def _times(sums: Sums) -> Shown:
    """Milliseconds until the answer's first byte and its end, within which half and 95 in a hundred were; None where
    nothing was sent, and of days that an earlier release closed."""
    times = {"first_byte": sums.waits, "total": sums.took}
    return {f"{name}_p{part}_ms": quantile(found, part / 100) for name, found in times.items() for part in (50, 95)}


def columns(by: str) -> list[str]:
    """Columns of the answer's lines, in order."""
    groups = _groups(by)
    return [*_named(groups, groups, {"account": {}, "key": {}}), *SUMS]


def _groups(by: str) -> tuple[str, ...]:
    groups = tuple(dict.fromkeys(word.strip() for word in by.split(",") if word.strip()))
    unknown = [word for word in groups if word not in GROUPS]
    if unknown:
        raise CommandError(f"by: {unknown[0][:40]!r} is none of {', '.join(GROUPS)}")
    if len([word for word in groups if word in LABELS]) > 1:
        raise CommandError(f"by: only one of {', '.join(LABELS)} at once")
    return groups


def _lines(books: Books, account: str | None, since: str, until: str, label: str = "") -> Iterator[Line]:
    if account is not None:
        books.accounts.get(account)
    accounts = [account] if account else [one.account_id for one in books.accounts.all()]
    for account_id in books.watch(accounts, "summing accounts"):
        yield from books.reports.between(account_id, since, until, label)


def audit(books: Books, account: str | None = None, *, rows: bool = False) -> Shown:
    """`balanced` is whether every account's books balance. With `rows` each charge is also found again among the usage
    rows, and every closed day's sums are taken again; that is exact only while nothing runs. `absorbed_usd` is what
    requests of today and yesterday cost above their holds, which the operator paid."""
    accounts = [account] if account else [one.account_id for one in books.accounts.all()]
    found = [books.accounts.audit_of(one) for one in books.watch(accounts, "checking accounts")]
    gaps = [_gap(one) for one in found if not one.sound]
    if rows:
        gaps += [gap for one in books.watch(found, "finding charges") for gap in _row_gaps(books, one)]
    balances = [one.balance for one in found]
    yesterday, today = day_of(books.now_ms - DAY_MS), day_of(books.now_ms)
    absorbed = total(line for one in accounts for line in books.reports.between(one, yesterday, today)).absorbed_nano
    return {
        "balanced": not gaps,
        "accounts": len(found),
        "available_usd": usd(sum(one.available_nano for one in balances)),
        "held_usd": usd(sum(one.held_nano for one in balances)),
        "charged_usd": usd(sum(one.charged_nano for one in balances)),
        "credited_usd": usd(sum(one.credited_nano for one in balances)),
        "absorbed_usd": usd(absorbed),
        "open_holds": sum(one.open_holds for one in balances),
        "gaps": gaps,
    }


def _gap(one: Audit) -> Shown:
    gaps = {"gap_usd": one.balance.gap_nano, "held_gap_usd": one.held_gap_nano, "credit_gap_usd": one.credit_gap_nano}
    return {"account": one.account_id, **{name: usd(nano) for name, nano in gaps.items() if nano}}


def _row_gaps(books: Books, one: Audit) -> Iterator[Shown]:
    account_id = one.account_id
    first, today = day_of(books.accounts.get(account_id).created_ms), day_of(books.now_ms)
    pending = books.accounts.running(account_id)
    found = sum(
        row.charge_nano
        for day in days(first, today)
        for row in books.ledger.rows(account_id, day)
        if row.request_id not in pending
    )
    if found != one.balance.charged_nano:
        yield {"account": account_id, "row_gap_usd": usd(one.balance.charged_nano - found)}
    for wrong in books.reports.reconcile(account_id, first, today):
        yield {"account": account_id, "day": wrong.day, "kept_usd": usd(wrong.kept_nano),
               "rows_usd": usd(wrong.rows_nano)}  # fmt: skip


def reprice(books: Books, request_id: str, catalog: str | None = None) -> Shown:
    """Computes the request's cost at the catalog's prices now, beside what it was charged. Nothing is changed."""
    row = books.ledger.row(request_id)
    if row is None:
        raise Unknown(f"no request {request_id[:80]}")
    known = load(Path(catalog)) if catalog else books.catalog()
    prices = _prices(known, row.model)
    again = charge_each((usage, PriceList.read(data), markup) for usage, data, markup in row.billed).nano
    fresh = charge_each(_at_prices(known, row)).nano
    return {
        "request_id": request_id,
        "account": row.account_id,
        "model": row.model,
        "charged_usd": usd(row.charge_nano),
        "recomputed_usd": usd(again),
        "repriced_usd": usd(fresh),
        "difference_usd": usd(fresh - row.charge_nano),
        "price_version": row.price_version,
        "repriced_version": prices.version,
    }


def book_reprice(books: Books, request_id: str, reason: str, catalog: str | None = None) -> Shown:
    """Books the difference of `reprice` to the account, once per request: what it paid too much is credited, what it
    paid too little is taken."""
    worded("reason", reason, LONGEST_REASON)
    shown = reprice(books, request_id, catalog)
    nano = -amount("difference", shown["difference_usd"])
    if not nano:
        return {**shown, "booked_usd": "0", "booked_now": False}
    entry = Credit(f"reprice-{request_id}", nano, f"repriced {request_id}: {reason}", books.now_ms, source="reprice")
    done = books.accounts.credits.add(shown["account"], entry)
    return {**shown, "booked_usd": usd(nano), "booked_now": done}


def charge_late(books: Books, found: object) -> Shown:
    """`found` is a usage row as the log has it (`row_unwritten`), or the log's whole line."""
    data = found.get("row", found) if isinstance(found, dict) else None
    if not isinstance(data, dict):
        raise CommandError("row: a usage row is a JSON object")
    try:
        row = read_row(data)
    except KeyError as error:
        raise CommandError(f"row.{error.args[0]}: missing, and needed") from error
    except (TypeError, AttributeError) as error:
        raise CommandError(f"row: this is no usage row: {error}") from error
    charged, created = read_whole(row.charge_nano), read_whole(row.created_ms)
    if type(charged) is not int or charged < 0:
        raise CommandError("row.charge_nano: nano-dollars are a whole number")
    if type(created) is not int or created < 0:
        raise CommandError("row.created_ms: milliseconds since 1970 are a whole number")
    if created > books.now_ms + DAY_MS:  # clocks differ, not by days
        raise Unmet("row.created_ms: this request is still to come")
    row = replace(row, charge_nano=charged, created_ms=created)
    written = books.late.charge(row, books.now_ms)
    return {
        "request_id": row.request_id,
        "account": row.account_id,
        "charged_usd": usd(row.charge_nano),
        "day": day_of(written.created_ms),
    }


def _at_prices(catalog: Catalog, row: UsageRow) -> Iterator[tuple[Usage, PriceList, str]]:
    for one in row.rounds:
        own = one.listed or row.model
        yield one.usage, _prices(catalog, own), one.markup if one.listed else row.markup
    if not row.rounds:
        yield row.usage, _prices(catalog, row.model), row.markup


def _prices(catalog: Catalog, name: str) -> PriceList:
    for model in catalog.models:
        if model.id == name:
            return PriceList.read(model.price.data())
    raise Unmet(f"the catalog has no model {name}")


def backup(table: Table, file: str) -> Shown:
    """Raises CommandError for a table that is no file, OSError."""
    if not isinstance(table, Copied):
        raise CommandError(
            "AWS backs a DynamoDB table up itself: point-in-time recovery, which the template switches on"
        )
    table.backup(file)
    return {"file": file, "bytes": Path(file).stat().st_size}


def check_catalog(catalog: Catalog, path: str | None) -> Shown:
    """Raises CommandError for a model whose provider bills what its price does not name, or whose successor is none."""
    check_models(catalog.models, catalog, path)
    free = [model.id for model in catalog.models if not _priced(model.price.data())]
    fees = [f"{model.id}: {kind}" for model in catalog.models for kind in billed.without_fee(model)]
    return {"file": path or "built-in", "models": len(catalog.models), "version": catalog.version, "free": free,
            "free_calls": fees}  # fmt: skip


def check_models(models: Iterable[Model], catalog: Catalog, path: str | None) -> None:
    """Raises CommandError like `check_catalog`, for some models of the catalog."""
    for model in models:
        missing = billed.unpriced(model)
        if missing:
            names = ", ".join(f"price.{name}" for name in missing)
            said = 'its provider bills that apart, so say what is charged; "0" is free'
            raise Unmet(f"{path or 'built-in'}: {model.id}: {names}: {said}")
        if model.successor is not None and catalog.find(model.successor) is None:
            raise Unmet(f"{path}: {model.id}: successor: {model.successor[:80]!r} is no model of the catalog")
        if model.successor is not None and catalog.find(model.successor) == model:
            raise Unmet(f"{path}: {model.id}: successor: it is the model itself")


def _priced(price: dict[str, Any]) -> bool:
    rates = [value for value in price.values() if isinstance(value, str)]
    return any(Decimal(rate) > 0 for rate in rates) or bool(price.get("per_image"))
