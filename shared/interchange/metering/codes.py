"""Redemption codes: credit that whoever holds the code may take, once. Only a code's SHA-256 digest is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from interchange.dataclass import dataclass

from .credit_shares import Credit
from .credits import Credits
from .store import DAY_MS, Change, ConditionFailed, Item, Store, Update

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are mistaken for others."""
SPOKEN = str.maketrans("ILO", "110")
GROUPS, GROUP = 5, 4
"""20 characters are 100 bits: not to be guessed."""
MOST_AT_ONCE = 1000


class CodeRefused(Exception):
    """The code cannot be redeemed: one line that says why."""


class NoSuchCode(CodeRefused):
    """Nobody made it."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept, without itself. `credit_days` is how long the credit it gives lasts; None is for ever."""

    digest: str
    batch: str
    nano: int
    created_ms: int
    until_ms: int | None = None
    credit_days: int | None = None
    redeemed_by: str | None = None
    redeemed_ms: int | None = None
    revoked_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were made together."""

    name: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Redeemed:
    """`fresh` is False where this account had redeemed the code before."""

    nano: int
    fresh: bool


def check(count: int, nano: int) -> None:
    """Raises ValueError for codes that cannot be made."""
    if not 0 < count <= MOST_AT_ONCE:
        raise ValueError(f"count: between 1 and {MOST_AT_ONCE} codes at a time, not {count}")
    if nano <= 0:
        raise ValueError("credit_usd: a code is worth more than nothing")


class Codes:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._credits = Credits(store)

    def create(
        self,
        count: int,
        nano: int,
        batch: str,
        now_ms: int,
        *,
        until_ms: int | None = None,
        credit_days: int | None = None,
        spell: Callable[[int], bytes] = lambda _number: secrets.token_bytes(GROUPS * GROUP),
        watch: Callable[[Iterable[str]], Iterable[str]] = iter,
    ) -> list[str]:
        """The codes themselves: shown now and never again. `spell` gives the bytes that the code of that number is
        spelled from: the same again make the same codes, and nothing new. `watch` is shown each as it is made. Raises
        ValueError."""
        check(count, nano)
        made = [_spell(spell(number)) for number in range(count)]
        with suppress(ConditionFailed):
            self._store.insert(_batch_item(Batch(batch, now_ms)))
        for code in watch(made):
            with suppress(ConditionFailed):
                self._store.insert(
                    _item(Code(_digest(code), batch, nano, now_ms, until_ms=until_ms, credit_days=credit_days))
                )
        return made

    def redeem(self, code: str, account_id: str, now_ms: int) -> Redeemed:
        """Gives its credit to the account, in one transaction with using it up. Raises CodeRefused, UnknownAccount."""
        item = self._store.get(f"CODE#{_digest(code)}", "CODE")
        if item is None:
            raise NoSuchCode("there is no such code")
        known = _read(item)
        if known.redeemed_by is None:
            use = Update(str(item["pk"]), "CODE", _using(account_id, now_ms))
            try:
                self._credits.add(account_id, _credit(known, now_ms), [use])
            except ConditionFailed as failed:
                known = _read(failed.item)
            else:
                return Redeemed(known.nano, fresh=True)
        if known.redeemed_by == account_id:
            return Redeemed(known.nano, fresh=False)
        if known.redeemed_by:
            raise CodeRefused("this code is used up")
        raise CodeRefused("this code has expired" if known.revoked_ms is None else "this code was revoked")

    def batch(self, batch: str) -> Iterator[Code]:
        for item in self._store.query_index(f"CODES#{batch}"):
            yield _read(item)

    def batches(self) -> Iterator[Batch]:
        """By name; those that an earlier release made are not among them."""
        for item in self._store.query_index("BATCHES"):
            yield Batch(str(item["gsi1sk"]), int(item["created_ms"]))

    def find(self, code: str) -> Code | None:
        """By the code itself."""
        item = self._store.get(f"CODE#{_digest(code)}", "CODE")
        return None if item is None else _read(item)

    def revoke(self, digest: str, now_ms: int) -> bool:
        """Nobody can redeem it any more. False where it was redeemed, or revoked before."""
        change = Change(
            "SET revoked_ms = :now",
            "attribute_exists(pk) AND attribute_not_exists(redeemed_by) AND attribute_not_exists(revoked_ms)",
            {},
            {":now": now_ms},
        )
        try:
            self._store.change(f"CODE#{digest}", "CODE", change)
        except ConditionFailed:
            return False
        return True


def _using(account_id: str, now_ms: int) -> Change:
    return Change(
        "SET redeemed_by = :account, redeemed_ms = :now",
        "attribute_exists(pk) AND attribute_not_exists(redeemed_by) AND attribute_not_exists(revoked_ms) "
        "AND (attribute_not_exists(until_ms) OR until_ms > :now)",
        {},
        {":account": account_id, ":now": now_ms},
    )


def _credit(code: Code, now_ms: int) -> Credit:
    expires = None if code.credit_days is None else now_ms + code.credit_days * DAY_MS
    return Credit(
        f"code-{code.digest[:32]}", code.nano, f"code of {code.batch}", now_ms, expires_ms=expires, source="code"
    )


def _spell(random: bytes) -> str:
    """The alphabet has 32 characters, so a byte's remainder favours none."""
    marks = [ALPHABET[byte % len(ALPHABET)] for byte in random]
    return "-".join("".join(marks[at : at + GROUP]) for at in range(0, len(marks), GROUP))


def _digest(code: str) -> str:
    plain = "".join(mark for mark in code.upper() if mark.isalnum()).translate(SPOKEN)
    return hashlib.sha256(plain.encode()).hexdigest()


def _batch_item(batch: Batch) -> Item:
    return {"pk": f"BATCH#{batch.name}", "sk": "BATCH", "gsi1pk": "BATCHES", "gsi1sk": batch.name,
            "created_ms": batch.created_ms}  # fmt: skip


def _item(code: Code) -> Item:
    item: Item = {
        "pk": f"CODE#{code.digest}",
        "sk": "CODE",
        "gsi1pk": f"CODES#{code.batch}",
        "gsi1sk": code.digest,
        "batch": code.batch,
        "nano": code.nano,
        "created_ms": code.created_ms,
    }
    optional = {"until_ms": code.until_ms, "credit_days": code.credit_days}
    return item | {name: value for name, value in optional.items() if value is not None}


def _read(item: Item) -> Code:
    def number(name: str) -> int | None:
        return None if item.get(name) is None else int(item[name])

    return Code(
        digest=str(item["pk"]).removeprefix("CODE#"),
        batch=str(item["batch"]),
        nano=int(item["nano"]),
        created_ms=int(item["created_ms"]),
        until_ms=number("until_ms"),
        credit_days=number("credit_days"),
        redeemed_by=item.get("redeemed_by"),
        redeemed_ms=number("redeemed_ms"),
        revoked_ms=number("revoked_ms"),
    )
