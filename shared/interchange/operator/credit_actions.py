"""Credit and codes."""

from __future__ import annotations

import uuid

from interchange.metering.codes import GROUP, GROUPS, Code, check
from interchange.metering.credit_shares import left
from interchange.metering.money import usd

from .account_actions import figures
from .amounts import LONGEST_REASON, credited, worded
from .books import Books, CommandError, Shown, Unknown, Unmet
from .dates import moment, written

MOST_DAYS = 36_500
CODE_BYTES = GROUPS * GROUP


def credit(
    books: Books, account_id: str, usd_text: str, reason: str, credit_id: str | None = None, expires: str | None = None
) -> Shown:
    """A top-up, or an adjustment where negative. A repeat with the same id does nothing."""
    nano = credited("usd", usd_text)
    if nano == 0:
        raise CommandError("usd: nothing to credit")
    if expires is not None and nano < 0:
        raise Unmet("expires: only credit expires, an adjustment downwards does not")
    worded("reason", reason, LONGEST_REASON)
    until = None if expires is None else moment(expires, books.now_ms, "expires")
    if until is not None and until <= books.now_ms:
        raise Unmet("expires: that is past")
    name = credit_id or uuid.uuid4().hex
    done = books.accounts.credit(account_id, nano, reason, name, books.now_ms, until)
    return {**figures(books, account_id), "credit_id": name, "credited_now": done}


def list_credits(books: Books, account_id: str) -> Shown:
    """Every credit, with what is left of each grant."""
    balance = books.ledger.balance(account_id)
    book = books.accounts.credits.book(account_id)
    remaining = left(book, balance.charged_nano, balance.held_nano)
    entries = []
    for one in book:
        entry: Shown = {"credit_id": one.credit_id, "usd": usd(one.nano), "reason": one.reason, "source": one.source,
                        "created": written(one.created_ms)}  # fmt: skip
        if one.nano > 0:
            entry["left_usd"] = usd(remaining[one.credit_id])
        if one.expires_ms is not None:
            entry["expires"] = written(one.expires_ms)
        entries.append(entry)
    return {**figures(books, account_id), "credits": entries}


def create_codes(
    books: Books,
    count: int,
    usd_text: str,
    batch: str,
    until: str | None = None,
    credit_days: int | None = None,
    operation: str | None = None,
) -> Shown:
    """The codes are shown once. A repeat that names the same `operation` makes the same codes."""
    nano = credited("credit_usd", usd_text)
    worded("batch", batch)
    check(count, nano)  # before the operation has a name, which what is refused would use up
    if credit_days is not None and not 0 < credit_days <= MOST_DAYS:
        raise CommandError(f"credit_days: must be from 1 to {MOST_DAYS}")
    until_ms = None if until is None else moment(until, books.now_ms, "until")
    if until_ms is not None and until_ms <= books.now_ms:
        raise Unmet("until: that is past")
    asked = repr(("codes", count, nano, batch, until, credit_days))
    names = books.operations.names(operation, asked, books.now_ms)
    codes = books.codes.create(
        count, nano, batch, books.now_ms, until_ms=until_ms, credit_days=credit_days,
        spell=lambda number: names.token(f"code {number}", CODE_BYTES),
        watch=lambda made: books.watch(made, "making codes"),
    )  # fmt: skip
    return {"batch": batch, "credit_usd": usd(nano), "codes": codes}


def list_codes(books: Books, batch: str) -> Shown:
    """Raises Unknown."""
    found = [_code(one) for one in books.codes.batch(batch)]
    if not found:
        raise Unknown(f"batch: there is no batch {batch[:60]!r}")
    return {"batch": batch, "codes": found}


def list_batches(books: Books) -> Shown:
    """Every batch, with how many of its codes are there, redeemed and revoked."""
    found = []
    for batch in books.watch(books.codes.batches(), "counting codes"):
        codes = list(books.codes.batch(batch.name))
        used, revoked = sum(1 for one in codes if one.redeemed_by), sum(1 for one in codes if one.revoked_ms)
        found.append(
            {"batch": batch.name, "created": written(batch.created_ms), "codes": len(codes),
             "redeemed": used, "revoked": revoked,
             "credit_usd": usd(sum(one.nano for one in codes))}
        )  # fmt: skip
    return {"batches": found}


def revoke_codes(books: Books, code: str | None = None, batch: str | None = None) -> Shown:
    """A code, or all of a batch that nobody has redeemed. Credit that was given stays given."""
    if (code is None) == (batch is None):
        raise CommandError("code: name either a code or a batch")
    known = [books.codes.find(code)] if code is not None else list(books.codes.batch(batch or ""))
    found = [one for one in known if one is not None]
    if not found:
        raise Unknown("code: there is no such code" if batch is None else f"batch: there is no batch {batch[:60]!r}")
    revoked = sum(1 for one in books.watch(found, "revoking codes") if books.codes.revoke(one.digest, books.now_ms))
    return {"batch": found[0].batch, "revoked_now": revoked, "redeemed": sum(1 for one in found if one.redeemed_by)}


def redeem_code(books: Books, code: str, account_id: str) -> Shown:
    redeemed = books.codes.redeem(code, account_id, books.now_ms)
    return {**figures(books, account_id), "credit_usd": usd(redeemed.nano), "credited_now": redeemed.fresh}


def _code(code: Code) -> Shown:
    """Named by the beginning of its digest; the code itself is not kept."""
    shown: Shown = {"digest": code.digest[:12], "credit_usd": usd(code.nano)}
    if code.redeemed_by is not None:
        shown |= {"redeemed_by": code.redeemed_by, "redeemed": written(code.redeemed_ms)}
    if code.revoked_ms is not None:
        shown["revoked"] = written(code.revoked_ms)
    return shown
