"""The account's requests: pages of them, newest first, and one's whole account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.metering.ledger import Ledger
from interchange.metering.money import NANO, usd
from interchange.metering.prices import Line, PriceList, charge_each
from interchange.metering.rows import UsageRow, write_row
from interchange.metering.store import day_of, row_place
from interchange.operator.dates import written

from . import reported

ROWS_READ = 2_000
DAYS_READ = 92
"""What one page reads at most; where that is not enough to fill it, the next goes on from there."""
LATEST_MS = 10**14
CURSOR = r"[01][0-9]{14}\.[0-9A-Za-z._-]{0,200}"
"""A place of the table, whose # is a full stop here; up to the year 8307."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filter of a list of requests; "" is any. `since_ms` is the earliest, `until_ms` the first that is too late."""

    account_id: str
    since_ms: int
    key: str = ""
    model: str = ""
    outcome: str = ""
    user: str = ""
    tag: str = ""
    until_ms: int = LATEST_MS

    def has(self, row: UsageRow) -> bool:
        asked = ((self.key, row.key_id), (self.model, row.model), (self.outcome, row.outcome), (self.user, row.user))
        return self.tag in ("", *row.tags) and all(want in ("", value) for want, value in asked)


def page(ledger: Ledger, wanted: Wanted, cursor: str | None, limit: int, now_ms: int) -> reported.Requests:
    """Raises RequestError for a cursor that is none."""
    first = row_place(min(now_ms + 60_000, wanted.until_ms))
    before = first if cursor is None else min(first, _read_cursor(cursor))
    found: list[reported.RequestLine] = []
    reading = _Reading(before)
    for row in reading.rows(ledger, wanted):
        if row is not None and wanted.has(row):
            found.append(line(row))
            if len(found) == limit:
                break
    return reported.Requests(data=found, next_cursor=None if reading.ended else _write_cursor(reading.place))


class _Reading:
    """Position that a page has come to."""

    def __init__(self, before: str) -> None:
        self.place = before
        self.ended = False

    def rows(self, ledger: Ledger, wanted: Wanted) -> Iterator[UsageRow]:
        """Rows before the place, newest first; ends where all are read, or as many as one page reads."""
        first = date.fromisoformat(day_of(wanted.since_ms))
        day = date.fromisoformat(day_of(int(self.place[:15])))
        left = ROWS_READ
        for _ in range(DAYS_READ):
            if day < first:
                break
            after = row_place(wanted.since_ms) if day == first else ""
            for row in ledger.rows(
                wanted.account_id, day.isoformat(), newest_first=True, after=after, before=self.place
            ):
                if left == 0:
                    return
                left -= 1
                self.place = row_place(row.created_ms, row.request_id)
                yield row
            self.place = row_place(_begin_ms(day))
            day -= timedelta(days=1)
        self.ended = day < first


def _begin_ms(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000


def _write_cursor(place: str) -> str:
    return place.replace("#", ".", 1)


def _read_cursor(text: str) -> str:
    if not re.fullmatch(CURSOR, text, re.ASCII):
        raise invalid("cursor: not one that this API gave; leave it out for the first page", "cursor")
    return text.replace(".", "#", 1)


def find(ledger: Ledger, account_id: str, key: str, request_id: str) -> reported.RequestAccount:
    """`key` is the only key whose requests are shown; "" is any. Raises RequestError: 404."""
    row = ledger.row(request_id)
    if row is None or row.account_id != account_id or key not in ("", row.key_id):
        said = f"there is no finished request {request_id[:80]!r} of this {'key' if key else 'account'}"
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, param="id", code="request_not_found"))
    return whole(row)


def line(row: UsageRow) -> reported.RequestLine:
    return reported.RequestLine(
        id=row.request_id,
        created=str(written(row.created_ms)),
        key=row.key_id,
        model=row.model,
        family=row.family,
        protocol=row.protocol,
        provider=row.provider,
        stream=row.stream,
        outcome=row.outcome,
        status=row.status,
        input_tokens=row.usage.total_input,
        cached_tokens=row.usage.cache_read,
        output_tokens=row.usage.total_output,
        reasoning_tokens=row.usage.reasoning,
        charge_usd=usd(row.charge_nano),
        first_byte_ms=row.first_byte_ms,
        total_ms=row.total_ms,
        dropped=list(row.dropped),
        user=row.user or None,
        tags=list(row.tags),
        metadata=dict(row.metadata),
    )


def whole(row: UsageRow) -> reported.RequestAccount:
    written_row = write_row(row)
    return reported.RequestAccount(
        **line(row).model_dump(),
        usage=written_row["usage"],
        prices=written_row["prices"],
        lines=[
            reported.ChargeLine(
                kind=one.kind, quantity=one.quantity, rate_usd=one.rate_usd, per=one.per, usd=_exact(one)
            )
            for one in charge_each((usage, PriceList.read(data), markup) for usage, data, markup in row.billed).lines
        ],
        price_version=row.price_version,
        markup=row.markup,
        hold_usd=usd(row.hold_nano),
        lane=row.lane,
        upstream_model=row.upstream_model,
        tries=[
            reported.Tried(provider=one.provider, status=one.status, reason=one.reason, milliseconds=one.milliseconds)
            for one in row.legs
        ],
        rounds=[reported.Round(**one) for one in written_row["rounds"]],
        losses=[reported.Loss(path=path, words=_words(path, row)) for path in row.dropped],
    )


def _exact(one: Line) -> str:
    """USD; finer than a nano-dollar where the product is."""
    return f"{(one.nano / NANO).normalize():f}"


def _words(path: str, row: UsageRow) -> str:
    if path.startswith("("):  # how many there are beyond those that were stored
        return f"more fields were left out than are kept here {path}"
    return f"`{path}` did not reach {row.model}: the API of {row.provider} that serves it has no word for it"
