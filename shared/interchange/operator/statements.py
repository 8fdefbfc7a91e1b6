"""A month of an account: what it began with, what came in and went back, what was charged by model, what is left.

The month is that of the account's time zone, or of another that is asked for. Charges count when their request began; a
month that is not over ends now. Nothing is rounded: opening balance, entries and closing balance add up to the
nano-dollar, and to the ledger's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from interchange.dataclass import dataclass
from interchange.metering.credit_shares import Credit
from interchange.metering.ledger import Balance
from interchange.metering.money import usd
from interchange.metering.reports import Line, grouped, sum_rows
from interchange.metering.running import Running
from interchange.metering.store import DAY_MS, day_of, row_place
from interchange.metering.sums import Sums
from interchange.metering.zones import local, midnight_ms, zone_of

from .books import Books, CommandError, Shown, Unmet
from .dates import YEARS, month_of, written
from .rendering import comma_separated

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
BACK = ("refund", "dispute")
"""Sources of entries by which money went back to whoever paid."""
COLUMNS = ("date", "kind", "what", "requests", "usd")


class NotBegun(Unmet):
    """The month is still to come."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a time zone: from the moment `begin_ms` on until before `end_ms`. `last` is its last day, or today."""

    name: str
    zone: str
    begin_ms: int
    end_ms: int
    last: date

    def has(self, now_ms: int) -> bool:
        return self.begin_ms <= now_ms < self.end_ms


def statement(books: Books, account_id: str, month: str | None = None, zone: str | None = None) -> Shown:
    """The last month that is over, unless one is named; in the account's time zone, unless one is. `difference_usd` is
    what the ledger has beside the sum of all entries: 0, save for requests that are just being charged. Raises
    UnknownAccount, CommandError."""
    account = books.accounts.get(account_id)
    if zone == "":
        raise CommandError("zone: must not be empty")
    asked = _month(month, account.zone if zone is None else zone, books.now_ms)
    begun = account.created_ms - account.created_ms % DAY_MS
    before = _charged(books, account_id, begun, asked.begin_ms)
    within = list(_lines(books, account_id, max(asked.begin_ms, begun), asked.end_ms))
    book = books.accounts.credits.book(account_id)
    earlier = [one for one in book if one.created_ms < asked.begin_ms]
    entries = [one for one in book if asked.has(one.created_ms)]
    opening = sum(one.nano for one in earlier) - before
    charged = sum(line.sums.charge_nano for line in within)
    closing = opening + sum(one.nano for one in entries) - charged
    shown: Shown = {
        "account": account_id, "name": account.name, "month": asked.name, "until": asked.last.isoformat(),
        "zone": asked.zone, "opening_usd": usd(opening), **_entries(entries, asked.zone), "charged_usd": usd(charged),
        "charges": [_charge(model, sums) for (model,), sums in grouped(within, ("model",)).items()],
        "closing_usd": usd(closing),
    }  # fmt: skip
    if asked.has(books.now_ms):
        shown["difference_usd"] = usd(_left(books.ledger.balance(account_id)) - closing)
    return shown


def _month(text: str | None, zone: str | None, now_ms: int) -> Month:
    """Raises NotBegun, CommandError."""
    try:
        zone_of(zone)
    except ValueError as error:
        raise CommandError(f"zone: {error}") from error
    name = month_of("last month" if text is None else text, now_ms, zone)
    if not MONTH.fullmatch(name):
        raise CommandError(f"month: {name[:20]!r} is no month; write it as 2026-11")
    first, today = date.fromisoformat(f"{name}-01"), local(now_ms, zone).date()
    if first.year not in YEARS:
        raise CommandError(f"month: {name} is not between the years {YEARS.start} and {YEARS.stop - 1}")
    if today < first:
        raise NotBegun(f"month: {name} has not begun")
    following = (first + timedelta(days=32)).replace(day=1)
    last = min(following - timedelta(days=1), today)
    return Month(name, zone or "UTC", midnight_ms(first, zone), midnight_ms(following, zone), last)


def _left(balance: Balance) -> int:
    """The balance with what is held, which is still the account's."""
    return balance.available_nano + balance.held_nano


def _entries(entries: Iterable[Credit], zone: str) -> Shown:
    sums: dict[str, int] = {"credits": 0, "refunds": 0, "adjustments": 0}
    lists: dict[str, list[Shown]] = {name: [] for name in sums}
    for one in entries:
        kind = "refunds" if one.source in BACK else "credits" if one.nano > 0 else "adjustments"
        sums[kind] += one.nano
        day = local(one.created_ms, zone).date().isoformat()
        lists[kind].append({"day": day, "date": written(one.created_ms), "id": one.credit_id, "source": one.source,
                            "reason": one.reason, "usd": usd(one.nano)})  # fmt: skip
    totals = {f"{name.removesuffix('s')}ed_usd": usd(nano) for name, nano in sums.items() if name != "adjustments"}
    return {**totals, "adjusted_usd": usd(sums["adjustments"]), **lists}


def _charge(model: str, sums: Sums) -> Shown:
    return {"model": model, "requests": sums.requests, "input_tokens": sums.input_tokens,
            "output_tokens": sums.output_tokens, "usd": usd(sums.charge_nano)}  # fmt: skip


def _charged(books: Books, account_id: str, begin_ms: int, end_ms: int) -> int:
    return sum(line.sums.charge_nano for line in _lines(books, account_id, begin_ms, end_ms))


def _lines(books: Books, account_id: str, begin_ms: int, end_ms: int) -> Iterator[Line]:
    """Lines of what began between the two moments: of whole days (UTC) as they are kept, of a part of one from its
    rows. Of days to come there is nothing."""
    end_ms = min(end_ms, _midnight_behind(books.now_ms))
    first = min(_midnight_behind(begin_ms - 1), end_ms)
    last = max(first, end_ms - end_ms % DAY_MS)
    yield from _part(books, account_id, begin_ms, first)
    if first < last:
        yield from Running(books.table).between(account_id, day_of(first), day_of(last - 1), books.now_ms)
    yield from _part(books, account_id, last, end_ms)


def _midnight_behind(now_ms: int) -> int:
    return now_ms - now_ms % DAY_MS + DAY_MS


def _part(books: Books, account_id: str, begin_ms: int, end_ms: int) -> Iterator[Line]:
    """Lines of a part of one day."""
    if begin_ms < end_ms:
        day, after, before = day_of(begin_ms), row_place(begin_ms), row_place(end_ms)
        yield from sum_rows(account_id, day, books.ledger.rows(account_id, day, after=after, before=before))


def as_csv(shown: Shown) -> str:
    """One line an entry, which add up from the opening balance to the closing one."""
    rows: list[Shown] = [{"date": f"{shown['month']}-01", "kind": "opening balance", "usd": shown["opening_usd"]}]
    for kind in ("credits", "refunds", "adjustments"):
        name = kind.removesuffix("s")
        rows += [{"date": one["day"], "kind": name, "what": one["reason"], "usd": one["usd"]} for one in shown[kind]]
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
        f"{shown['month']}-01 to {shown['until']}, {html.escape(_where(shown['zone']))}; amounts in USD</p>"
        f"<table><tr><td>Opening balance<td class=n>{shown['opening_usd']}</table>{''.join(parts)}"
        f"<table><tr class=sum><td>Closing balance<td class=n>{shown['closing_usd']}</table></html>\n"
    )


def _line(one: Shown) -> tuple[object, ...]:
    return one["day"], one["reason"], one["usd"]


def _where(zone: str) -> str:
    return zone if zone == "UTC" else f"time of {zone}"


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], total: str) -> str:
    head = "".join(f"<th{' class=n' if name in ('USD', 'requests') else ''}>{name}" for name in columns)
    lines = "".join(
        "<tr>" + "".join(f"<td{' class=n' if name in ('USD', 'requests') else ''}>{html.escape(str(cell))}"
                         for name, cell in zip(columns, row, strict=True))
        for row in rows
    )  # fmt: skip
    return (f"<h2>{title}</h2><table><thead><tr>{head}</thead>{lines}"
            f"<tr class=sum><td colspan={len(columns) - 1}>Total<td class=n>{total}</table>")  # fmt: skip
