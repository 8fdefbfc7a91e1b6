"""`usage`, `reconcile`, `audit`, `holds`, `sweep`, `vendors`, `charge`, `reprice`"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

from interchange.operator import reconciling, rendering, report_actions, vendor_actions
from interchange.operator.books import CommandError
from interchange.operator.holds import open_holds
from interchange.operator.report_actions import BY, GROUPS
from interchange.operator.sweep import sweep as sweep_once

from .files import text_of
from .opened import open_books
from .result import Result, no_use_for
from .units import AccountId, Days, File, Flag, Name, Reason, Usd, Words, said

RequestId = Annotated[Words, said("as x-interchange-request-id named it", metavar="ID")]


def usage(
    *,
    account: AccountId | None = None,
    day: Annotated[Days | None, said("a day, a month or a span: 2026-11-28, 2026-11, yesterday, last week, 7d")] = None,
    since: Annotated[Days | None, said("from its first day on, such as 2026-11 or yesterday")] = None,
    until: Annotated[Days | None, said("until its last day; today unless given")] = None,
    by: Annotated[Words, said(f"any of {','.join(GROUPS)}", metavar="NAMES")] = BY,
    csv: Annotated[Flag, said("print comma-separated values")] = False,
) -> Result:
    """what was used; today unless days are given (UTC)"""
    no_use_for("day", day and (since or until), "takes the place of --since and --until")
    first, last = (day, day) if day else (since, until)
    shown = report_actions.usage(open_books(), account, first, last, by)
    text = rendering.comma_separated(shown["usage"], report_actions.columns(by)) if csv else None
    return Result(shown, text=text)


def reconcile(
    file: Annotated[File, said("the bill, as CSV; packed by gzip or zip, too")],
    /,
    *,
    vendor: Annotated[Name | None, said("whose it is, where the file does not say")] = None,
    tolerance: Annotated[Usd, said("of a day and model")] = "0.01",
) -> Result:
    """lay a vendor's bill (CSV) beside our sums: where they part"""
    shown = reconciling.reconcile(open_books(), Path(file).read_bytes(), vendor, tolerance)
    return Result(shown, 0 if shown["agrees"] else 1)


def audit(
    *,
    account: AccountId | None = None,
    rows: Annotated[Flag, said("also find every charge again among the usage rows")] = False,
) -> Result:
    """check that every account's books balance"""
    shown = report_actions.audit(open_books(), account, rows=rows)
    return Result(shown, 0 if shown["balanced"] else 1)


def holds(
    *,
    account: AccountId | None = None,
    stuck: Annotated[Flag, said("only what the next sweep resolves")] = False,
) -> Result:
    """money that is set aside now, the oldest first"""
    return Result(open_holds(open_books(), account, stuck=stuck))


def sweep() -> Result:
    """resolve what was left open: holds, expired credit, days that are over"""
    done = sweep_once(open_books())
    return Result(done.shown(), 1 if done.failed or done.unbalanced else 0)


def vendors() -> Result:
    """what was last seen of each vendor: success, failure and why, rests"""
    return Result(vendor_actions.vendors(open_books()))


def charge(
    file: Annotated[File, said("a log line `row_unwritten`, or its row, as JSON; - reads standard input")], /
) -> Result:
    """charge a request whose usage row could not be stored, from its log line"""
    text = sys.stdin.read() if file == "-" else text_of(file)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"{file}: not JSON: {error}") from error
    return Result(report_actions.charge_late(open_books(), found))


def reprice(
    request_id: RequestId,
    /,
    *,
    catalog: Annotated[File | None, said("whose prices; those in force unless given")] = None,
    book: Annotated[Flag, said("book the difference to the account, once")] = False,
    reason: Reason | None = None,
) -> Result:
    """a request's cost at other prices, and the difference"""
    if not book:
        no_use_for("reason", reason, "goes with --book")
        return Result(report_actions.reprice(open_books(), request_id, catalog))
    if not reason:
        raise CommandError("reason: a booking has one (--reason)")
    return Result(report_actions.book_reprice(open_books(), request_id, reason, catalog))
