"""A month of an account: what it began with, what came in and went back, what was charged by model, what is left.

Charges count on the day (UTC) on which their request began, as in every report; a month that is not over ends now.
Nothing is rounded: opening balance, entries and closing balance add up to the nano-dollar, and to the ledger's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from interchange.metering.credit_shares import Credit
from interchange.metering.ledger import Balance
from interchange.metering.money import usd
from interchange.metering.reports import Line, grouped
from interchange.metering.running import Running
from interchange.metering.store import day_of
from interchange.metering.sums import Sums

from .books import Books, CommandError, Shown, Unmet
from .dates import YEARS, month_of, written
from .rendering import comma_separated

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
BACK = ("refund", "dispute")
"""Sources of entries by which money went back to whoever paid."""
COLUMNS = ("date", "kind", "what", "requests", "usd")


def statement(books: Books, account_id: str, month: str) -> Shown:
    """`difference_usd` is what the ledger has beside the sum of all entries: 0, save for requests that are just being
    charged. Raises UnknownAccount, CommandError."""
    month = month_of(month, books.now_ms)
    if not MONTH.fullmatch(month):
        raise CommandError(f"month: {month[:20]!r} is no month; write it as 2026-11")
    account, first = books.accounts.get(account_id), date.fromisoformat(f"{month}-01")
    if first.year not in YEARS:
        raise CommandError(f"month: {month} is not between the years {YEARS.start} and {YEARS.stop - 1}")
    last = min((first + timedelta(days=32)).replace(day=1) - timedelta(days=1), _day(books.now_ms))
    if last < first:
        raise Unmet(f"month: {month} has not begun")
    begun = _day(account.created_ms)
    before = _charged(books, account_id, begun, first - timedelta(days=1))
    within = list(_lines(books, account_id, max(first, begun), last))
    book = books.accounts.credits.book(account_id)
    earlier = [one for one in book if _day(one.created_ms) < first]
    entries = [one for one in book if first <= _day(one.created_ms) <= last]
    opening = sum(one.nano for one in earlier) - before
    charged = sum(line.sums.charge_nano for line in within)
    closing = opening + sum(one.nano for one in entries) - charged
    shown: Shown = {
        "account": account_id, "name": account.name, "month": month, "until": last.isoformat(),
        "opening_usd": usd(opening), **_entries(entries), "charged_usd": usd(charged),
        "charges": [_charge(model, sums) for (model,), sums in grouped(within, ("model",)).items()],
        "closing_usd": usd(closing),
    }  # fmt: skip
    if last == _day(books.now_ms):
        shown["difference_usd"] = usd(_left(books.ledger.balance(account_id)) - closing)
    return shown


def _left(balance: Balance) -> int:
    """The balance with what is held, which is still the account's."""
    return balance.available_nano + balance.held_nano


def _entries(entries: Iterable[Credit]) -> Shown:
    sums: dict[str, int] = {"credits": 0, "refunds": 0, "adjustments": 0}
    lists: dict[str, list[Shown]] = {name: [] for name in sums}
    for one in entries:
        kind = "refunds" if one.source in BACK else "credits" if one.nano > 0 else "adjustments"
        sums[kind] += one.nano
        lists[kind].append({"date": written(one.created_ms), "id": one.credit_id, "source": one.source,
                            "reason": one.reason, "usd": usd(one.nano)})  # fmt: skip
    totals = {f"{name.removesuffix('s')}ed_usd": usd(nano) for name, nano in sums.items() if name != "adjustments"}
    return {**totals, "adjusted_usd": usd(sums["adjustments"]), **lists}


def _charge(model: str, sums: Sums) -> Shown:
    return {"model": model, "requests": sums.requests, "input_tokens": sums.input_tokens,
            "output_tokens": sums.output_tokens, "usd": usd(sums.charge_nano)}  # fmt: skip


def _charged(books: Books, account_id: str, first: date, last: date) -> int:
    return sum(line.sums.charge_nano for line in _lines(books, account_id, first, last))


def _lines(books: Books, account_id: str, first: date, last: date) -> Iterator[Line]:
    if first <= last:
        running = Running(books.table)
        yield from running.between(account_id, first.isoformat(), last.isoformat(), books.now_ms)


def _day(now_ms: int) -> date:
    return date.fromisoformat(day_of(now_ms))


def as_csv(shown: Shown) -> str:
    """One line an entry, which add up from the opening balance to the closing one."""
    rows: list[Shown] = [{"date": f"{shown['month']}-01", "kind": "opening balance", "usd": shown["opening_usd"]}]
    for kind in ("credits", "refunds", "adjustments"):
        name = kind.removesuffix("s")
        rows += [
            {"date": str(one["date"])[:10], "kind": name, "what": one["reason"], "usd": one["usd"]}
            for one in shown[kind]
        ]
    for one in shown["charges"]:
        rows.append({"date": shown["until"], "kind": "charge", "what": one["model"], "requests": one["requests"],
                     "usd": one["usd"] if one["usd"] == "0" else f"-{one['usd']}"})  # fmt: skip
    rows.append({"date": shown["until"], "kind": "closing balance", "usd": shown["closing_usd"]})
    return comma_separated(rows, COLUMNS) + "\n"


SILENT = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""Headers of a page that loads and runs nothing."""
STYLE = """
@page { size: A4; margin: 20mm }
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; max-width: 170mm; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1.5em } thead { display: table-header-group }
th, td { text-align: left; padding: .25em .5em; border-bottom: 1px solid #ccc; overflow-wrap: anywhere }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } tr { break-inside: avoid }
.sum { font-weight: 600; border-top: 2px solid #111 }
"""


def as_page(shown: Shown) -> str:
    """A page that prints as it stands: nothing is loaded, nothing runs."""
    title = f"Statement {shown['month']}"
    entries = [("Credits", "credits", "credited_usd"), ("Refunds and disputes", "refunds", "refunded_usd"),
               ("Adjustments", "adjustments", "adjusted_usd")]  # fmt: skip
    parts = [
        _table(name, ("date", "what", "USD"), map(_line, shown[key]), shown[total])
        for name, key, total in entries
        if shown[key]
    ]
    charges = [(one["model"], one["requests"], one["usd"]) for one in shown["charges"]]
    parts.append(_table("Charges", ("model", "requests", "USD"), charges, shown["charged_usd"]))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
        f"<h1>{title}</h1><p>{html.escape(shown['name'])}<br>{html.escape(shown['account'])}<br>"
        f"{shown['month']}-01 to {shown['until']}, UTC; amounts in USD</p>"
        f"<table><tr><td>Opening balance<td class=n>{shown['opening_usd']}</table>{''.join(parts)}"
        f"<table><tr class=sum><td>Closing balance<td class=n>{shown['closing_usd']}</table></html>\n"
    )


def _line(one: Shown) -> tuple[object, ...]:
    return str(one["date"])[:10], one["reason"], one["usd"]


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], total: str) -> str:
    head = "".join(f"<th{' class=n' if name in ('USD', 'requests') else ''}>{name}" for name in columns)
    lines = "".join(
        "<tr>" + "".join(f"<td{' class=n' if name in ('USD', 'requests') else ''}>{html.escape(str(cell))}"
                         for name, cell in zip(columns, row, strict=True))
        for row in rows
    )  # fmt: skip
    return (f"<h2>{title}</h2><table><thead><tr>{head}</thead>{lines}"
            f"<tr class=sum><td colspan={len(columns) - 1}>Total<td class=n>{total}</table>")  # fmt: skip


def month_before(now_ms: int) -> str:
    """The last month that is over."""
    return (datetime.fromtimestamp(now_ms / 1000, UTC).date().replace(day=1) - timedelta(days=1)).isoformat()[:7]
