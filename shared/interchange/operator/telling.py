"""Tells findings: each to whom it concerns, by each of their ways, once an episode."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.metering.account import Account
from interchange.metering.episodes import MOST_TRIES
from interchange.metering.store import Item

from .books import Books
from .notify import Call, Channel, Letter, Notice
from .stack import AWS_ERRORS
from .words import EVENTS

log = logging.getLogger("interchange.notices")
OPERATORS_TRIES = 10_000
"""The operator's own channels are not given up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding of whether something is so now. `subject` is what of the scope it is so of: a key, a vendor, a day."""

    event: str
    subject: str
    is_so: bool
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """Counts of notices: given, and those that were not taken."""

    given: int = 0
    failed: int = 0

    def __add__(self, other: Told) -> Told:
        return Told(self.given + other.given, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Way:
    channel: Channel
    most_tries: int


def ways(books: Books, event: str, account: Account | None) -> list[Way]:
    words = EVENTS[event]
    found = [Way(one, OPERATORS_TRIES) for one in books.alerts.channels] if words.operator else []
    if words.customer and account is not None:
        found += [Way(one, MOST_TRIES) for one in customers(books, account)]
    return found


def customers(books: Books, account: Account) -> list[Channel]:
    """The ways to the account's owner."""
    found: list[Channel] = []
    if account.email and books.alerts.sender is not None:
        found.append(Letter(books.alerts.sender, account.email, "customer-email"))
    if account.webhook:
        found.append(Call(account.webhook, account.webhook_secret, "customer-webhook", account.webhook_public))
    return found


def tell(
    books: Books, scope: str, findings: Iterable[Finding], known: Mapping[str, Item], account: Account | None = None
) -> Told:
    """`known` are the scope's episodes, as they were read."""
    done = Told()
    for finding in findings:
        for way in ways(books, finding.event, account):
            done += tell_by(books, scope, finding, known, way)
    return done


def tell_by(books: Books, scope: str, finding: Finding, known: Mapping[str, Item], way: Way) -> Told:
    name = f"{finding.event}#{finding.subject}#{way.channel.name}"
    is_open = bool((known.get(name) or {}).get("is_open"))
    if finding.is_so == is_open:
        return Told()
    if not finding.is_so:
        books.episodes.end(scope, name)
        return Told()
    since = books.episodes.begin(scope, name, books.now_ms)
    if since is None:
        return Told()
    try:
        way.channel.send(_notice(finding, scope, since))
    except AWS_ERRORS as error:
        log.warning("%s of %s was not taken by %s: %s", finding.event, scope, way.channel.name, error)
        books.episodes.fail(scope, name, way.most_tries)
        return Told(failed=1)
    except BaseException:
        books.episodes.fail(scope, name, way.most_tries)
        raise
    return Told(given=1)


def _notice(finding: Finding, scope: str, since_ms: int) -> Notice:
    words = EVENTS[finding.event]
    marked = hashlib.sha256(f"{scope}\n{finding.event}\n{finding.subject}\n{since_ms}".encode()).hexdigest()
    subject, text = words.subject.format_map(finding.data), words.text.format_map(finding.data)
    data = {name: value for name, value in finding.data.items() if name != "instead"}
    return Notice(f"notice_{marked[:24]}", finding.event, since_ms, " ".join(subject.split()), text, data)
