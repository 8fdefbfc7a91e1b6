"""A vendor's bill beside our own sums: where the two part."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from interchange.catalog.lookup import Catalog
from interchange.dataclass import dataclass
from interchange.metering.money import NANO, usd

from .amounts import amount
from .bill_files import texts_of
from .books import Books, CommandError, Shown, Unknown, Unmet
from .dates import DATE
from .report_actions import MOST_DAYS, held_to

if TYPE_CHECKING:
    from interchange.providers.bills import Bill

MOST_HEADER = 50
"""Lines before a file's header: some exports begin with a summary."""
WORDS = re.compile(r"[a-z]+|\d+")
MOST_USD = 10**9
"""Of one line: what is more is no bill."""
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
SEPARATORS = (",", ";", "\t", "|")
FRACTION = re.compile(r",(\d{1,2}|\d{4,})\D*$")
"""The end of an amount whose comma separates no thousands."""
TOTAL = re.compile(r"(grand |sub-?)?total\b", re.IGNORECASE)
WHOLE = "(all models)"
PLAIN_FILE = rf"day,model,cost(\n{DATE},[A-Za-z0-9._-]{{1,40}},[0-9]{{1,6}}(\.[0-9]{{1,9}})?){{1,100}}\n?"
"""The plainest of the forms that are read."""


@dataclass(frozen=True, slots=True)
class Charged:
    """A line of a bill. `last` is the last day that it is for."""

    day: date
    last: date
    what: str
    usd: Decimal


def reconcile(books: Books, bill: str | bytes, vendor: str | None = None, tolerance_usd: str = "0.01") -> Shown:
    """`parts` are the days and models whose sums differ by more than the tolerance, `unknown` what the vendor charged
    for that is no model of the catalog. A bill that has no models, or no days, is compared without them. A file may be
    packed, and hold several."""
    tolerance = amount("tolerance", tolerance_usd, least=0)
    files = [_read(text) for text in ([bill] if isinstance(bill, str) else texts_of(bill))]
    form = ", ".join(sorted({one.form.name for one in files}))
    name = vendor or _vendor(files)
    _check_vendor(books.catalog(), name)
    charged = [one for file in files for one in _charged(file, name)]
    if not charged:
        raise CommandError(f"the file has no line with a cost ({form})")
    first, last = min(one.day for one in charged), max(one.last for one in charged)
    begin, end = map(date.fromisoformat, held_to(books, None, first.isoformat(), last.isoformat()))
    if (end - begin).days >= MOST_DAYS:
        raise CommandError(f"the file is about {(end - begin).days + 1} days; at most {MOST_DAYS} are compared")
    daily = all(one.day == one.last for one in charged)
    named = any(one.what for one in charged)
    theirs, unknown = _theirs(charged, books.catalog(), name, daily=daily, named=named)
    ours = _ours(books, name, begin, end, daily=daily, named=named)
    parts = list(_parts(theirs, ours, tolerance))
    sums = [sum(one.values()) for one in (theirs, ours, unknown)]
    return {
        "vendor": name, "form": form, "since": first.isoformat(), "until": last.isoformat(),
        "vendor_usd": usd(sums[0] + sums[2]), "ours_usd": usd(sums[1]),
        "difference_usd": usd(sums[0] + sums[2] - sums[1]), "agrees": not parts and not unknown,
        "parts": parts, "unknown": [{"what": what, "vendor_usd": usd(nano)} for what, nano in sorted(unknown.items())],
    }  # fmt: skip


def _vendor(files: Iterable[_File]) -> str:
    """Whose the files say they are."""
    told = {whose for file in files for whose in ([file.form.vendor] if file.form.vendor else _sellers(file))}
    if len(told) == 1:
        return told.pop()
    if told:
        raise Unmet(f"vendor: the file is of {', '.join(sorted(told))}: say which is compared (--vendor)")
    forms = ", ".join(sorted({one.form.name for one in files}))
    raise Unmet(f"vendor: a file of the form {forms!r} does not say whose it is (--vendor)")


def _sellers(file: _File) -> set[str]:
    from interchange.providers.bills import SELLERS

    told = {_seller(file.form, row) for row in file.rows}
    return {SELLERS[one][0] for one in told if one in SELLERS}


def _seller(form: Bill, row: Mapping[str, str]) -> str:
    return next(iter(WORDS.findall(_cell(row, form.says).lower())), "")


def _check_vendor(catalog: Catalog, vendor: str) -> None:
    from interchange.providers.bills import BILLS

    known = sorted(
        {route.provider for model in catalog.models for route in model.routes} | {one.vendor for one in BILLS}
    )
    if vendor not in known:
        raise Unknown(f"vendor: {vendor[:40]!r} is none of {', '.join(filter(None, known))}")


Sums = Mapping[tuple[str, str], int]
"""(day, model) -> nano-dollars."""


def _parts(theirs: Sums, ours: Sums, tolerance: int) -> Iterator[Shown]:
    for day, model in sorted({*theirs, *ours}):
        one, other = theirs.get((day, model), 0), ours.get((day, model), 0)
        if abs(one - other) > tolerance:
            yield {"day": day, "model": model, "vendor_usd": usd(one), "ours_usd": usd(other),
                   "difference_usd": usd(one - other)}  # fmt: skip


def _theirs(
    charged: Iterable[Charged], catalog: Catalog, vendor: str, *, daily: bool, named: bool
) -> tuple[Sums, Mapping[str, int]]:
    names = _names(catalog, vendor)
    known: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    unknown: dict[str, Decimal] = defaultdict(Decimal)
    for one in charged:
        model = _model(one.what, names) if named else WHOLE
        if model is None:
            unknown[one.what or "(nothing)"] += one.usd
        else:
            known[(one.day.isoformat() if daily else "", model)] += one.usd
    return _nano(known), {what: nano for what, nano in _nano(unknown).items() if nano}


K = TypeVar("K")


def _nano(sums: Mapping[K, Decimal]) -> dict[K, int]:
    return {name: round(total * NANO) for name, total in sums.items()}


def _ours(books: Books, vendor: str, first: date, last: date, *, daily: bool, named: bool) -> Sums:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for account in books.watch(books.accounts.all(), "summing accounts"):
        for line in books.reports.between(account.account_id, first.isoformat(), last.isoformat()):
            if line.vendor == vendor and line.sums.cost_nano:
                sums[(line.day if daily else "", line.model if named else WHOLE)] += line.sums.cost_nano
    return sums


def _names(catalog: Catalog, vendor: str) -> list[tuple[Counter[str], str]]:
    """Every name that a model of the vendor's has, in words; the longest first."""
    found = []
    for model in catalog.models:
        routes = [route.model for route in model.routes if route.provider == vendor]
        if routes:
            for name in (*model.asked_for_as, *([model.name] if model.name else []), *routes):
                found.append((_words(name), model.id))
    return sorted(found, key=lambda one: -sum(one[0].values()))


def _model(what: str, names: Sequence[tuple[Counter[str], str]]) -> str | None:
    """The model that a line of a bill is about: the one with the longest name whose words all stand there."""
    words = _words(what)
    return next((model for name, model in names if name and name <= words), None)


def _words(text: str) -> Counter[str]:
    return Counter(WORDS.findall(text.lower()))


@dataclass(frozen=True, slots=True)
class _File:
    """A bill's lines by column, and the mark that stands before an amount's fraction."""

    form: Bill
    rows: list[dict[str, str]]
    mark: str


def _read(text: str) -> _File:
    """Reads what spreadsheets write, too: other separators, `sep=` above the header, decimal commas."""
    from interchange.providers.bills import BILLS

    for separator in SEPARATORS:
        lines = _lines(text, separator)
        for number, line in enumerate(lines[:MOST_HEADER]):
            columns = [cell.strip().lower() for cell in line]
            form = next((one for one in BILLS if _is(one, columns)), None)
            if form is not None:
                rows = [_row(columns, row, place) for place, row in enumerate(lines[number + 1 :], start=1)]
                return _File(form, rows, _mark([_cell(row, form.usd) for row in rows], separator))
    known = "; ".join(one.name for one in BILLS)
    raise CommandError(f"the file has the columns of none of these: {known}")


def _row(columns: Sequence[str], cells: Sequence[str], number: int) -> dict[str, str]:
    """Raises CommandError where an amount with its thousands apart is not in quotes, and so is two cells."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise CommandError(f"line {number}: more fields than the header has")
    return dict(zip(columns, cells, strict=False))


def _lines(text: str, separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None), delimiter=separator))
    except csv.Error as error:
        raise CommandError(f"the file is no CSV: {error}") from error


def _mark(amounts: Iterable[str], separator: str) -> str:
    """The decimal mark of a file: a comma where an amount cannot be read otherwise, or no comma separates fields."""
    told = [one for one in amounts if "," in one]
    apart = separator != "," and all("." not in one for one in told)
    return "," if told and (apart or any(FRACTION.search(one) for one in told)) else "."


def _is(form: Bill, columns: Sequence[str]) -> bool:
    needed = all(name in columns for name in form.has)
    return needed and any(name in columns for name in form.day) and any(name in columns for name in form.usd)


def _charged(file: _File, vendor: str) -> Iterator[Charged]:
    form = file.form
    for number, row in enumerate(file.rows, start=1):
        cost = _cell(row, form.usd)
        if not cost or not _concerns(form, row, vendor) or _is_total(form, row):
            continue
        day = _date(_cell(row, form.day), number)
        last = _last(_cell(row, form.end), day, number)
        currency = _cell(row, form.currency).lower()
        if currency not in ("", "usd"):
            raise CommandError(f"line {number}: {currency}, where only USD can be compared")
        what = " ".join(filter(None, (row.get(name, "").strip() for name in form.what)))
        yield Charged(day, last, what, _decimal(cost, file.mark, number))


def _is_total(form: Bill, row: Mapping[str, str]) -> bool:
    """True for a sum of lines above: it says so where a day or a thing that was bought would stand, or has neither."""
    said = [row.get(name, "").strip() for name in (*form.day, *form.what)]
    words = said if _cell(row, form.day) else [one.strip() for one in row.values() if isinstance(one, str)]
    return any(TOTAL.match(word) for word in words)


def _concerns(form: Bill, row: Mapping[str, str], vendor: str) -> bool:
    from interchange.providers.bills import SELLERS

    whose, *only = SELLERS.get(_seller(form, row), (vendor, *form.only))
    if whose != vendor:
        return False
    columns, words = only
    said = " ".join(row.get(name, "") for name in columns).lower()
    if words and not any(word in said for word in words):
        return False
    columns, words = form.leave
    kind = " ".join(row.get(name, "") for name in columns).lower()
    return not any(word in kind for word in words)


def _cell(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((row[name].strip() for name in names if row.get(name, "").strip()), "")


def _decimal(text: str, mark: str, number: int) -> Decimal:
    """Reads an amount: `$1,234.50`, `1 234,50`, `(0.38)` for what is taken off, `1.2e-05`."""
    bare = re.sub(r"usd|[$\s'\u2019]", "", text, flags=re.IGNORECASE).replace("\u2212", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    bare = bare.replace("." if mark == "," else ",", "").replace(mark, ".")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > MOST_USD:
        raise CommandError(f"line {number}: {text[:40]!r} is no amount")
    return value


def _date(text: str, number: int) -> date:
    return _moment(text, number).date()


def _moment(text: str, number: int) -> datetime:
    """Reads a day or moment, in UTC as our days are; one that names no zone is taken for UTC's."""
    if text.isascii() and text.isdigit() and len(text) >= 9:
        return datetime.fromtimestamp(int(text[:10]), UTC)
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC").replace("/", "-"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    day, _, rest = text.replace("T", " ").partition(" ")
    for form in DATES:
        for told in (day, text):
            try:
                found = datetime.strptime(told, form).replace(tzinfo=UTC)
            except ValueError:
                continue
            midnight = told == text or not rest.strip("0:. Z")
            return found if midnight else found.replace(hour=12)
    raise CommandError(f"line {number}: {text[:40]!r} is no date")


def _last(text: str, day: date, number: int) -> date:
    """The last day of a period: an end at midnight is that of the day before, a day without a time is in it."""
    if not text:
        return day
    end = _moment(text, number)
    timed = text.isdigit() or ":" in text
    at_midnight = timed and (end.hour, end.minute, end.second) == (0, 0, 0)
    return max(day, end.date() - timedelta(days=1) if at_midnight else end.date())
