"""The tariff: what is in force, setting another one, and going back to an earlier."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from interchange.metering.ledger import UnknownAccount
from interchange.metering.tariff import Rule, read_tariff, write_rules
from interchange.metering.tariffs import AGE_MS, NEAR_AGE_MS, Version

from .books import Books, Shown, Unknown
from .dates import written
from .tariff_form import read_form, read_rules, show_rule, warnings


def show_tariff(books: Books) -> Shown:
    current = books.tariffs.current()
    return {"version": 0, "rules": []} if current is None else _shown(books, current)


def set_tariff(books: Books, form: str | Any, reason: str, expected: int | None = None) -> Shown:
    """Puts the rules in force, within `in_force_within_seconds`; a warning does not keep them from it. `form` is YAML,
    JSON, or what was parsed from it. Raises CommandError, TariffChanged."""
    rules = read_form(form, books.now_ms) if isinstance(form, str) else read_rules(form, books.now_ms)
    return _set(books, rules, reason, expected)


def add_rule(books: Books, reason: str = "", **rule: Any) -> Shown:
    """Puts one more rule behind those that are in force."""
    current = books.tariffs.current()
    known = () if current is None else read_tariff(current.text, current.version).rules
    said = {name: value for name, value in rule.items() if value is not None}
    more = read_rules({"rules": [said]}, books.now_ms)
    return _set(books, (*known, *more), reason, 0 if current is None else current.version)


def restore_tariff(books: Books, version: int, reason: str = "") -> Shown:
    """Puts an earlier version in force again, as a new one."""
    found = next((one for one in books.tariffs.versions() if one.version == version), None)
    if found is None:
        raise Unknown(f"version: there is no version {version}")
    said = reason or f"back to version {version}"
    made = books.tariffs.set(found.text, said, books.now_ms, models=found.models, by=books.who())
    return _shown(books, made)


def list_versions(books: Books) -> Shown:
    return {"versions": [
        {"version": one.version, "digest": one.digest, "set": written(one.created_ms), "by": one.by,
         "reason": one.reason, "rules": len(read_tariff(one.text, one.version).rules), "models": _models(one.models)}
        for one in books.tariffs.versions()
    ]}  # fmt: skip


def _models(changes: str) -> int:
    """Counts the models that a version adds, changes or takes out."""
    found = json.loads(changes) if changes else {}
    return sum(len(found.get(name, ())) for name in ("models", "remove"))


def _set(books: Books, rules: Sequence[Rule], reason: str, expected: int | None) -> Shown:
    groups = Counter(account.group for account in books.accounts.all() if account.group)
    for number, rule in enumerate(rules):
        if rule.account is not None:
            _check_account(books, f"rules[{number}].account", rule.account)
    told = list(warnings(rules, books.catalog(), groups))
    made = books.tariffs.set(write_rules(rules), reason, books.now_ms, expected, by=books.who())
    age = (NEAR_AGE_MS if books.table.near else AGE_MS) // 1000
    return {**_shown(books, made), "in_force_within_seconds": age, **({"warnings": told} if told else {})}


def _check_account(books: Books, where: str, account_id: str) -> None:
    try:
        books.accounts.get(account_id)
    except UnknownAccount as error:
        raise Unknown(f"{where}: {error}") from error


def _shown(books: Books, one: Version) -> Shown:
    rules = read_tariff(one.text, one.version).rules
    return {"version": one.version, "digest": one.digest, "set": written(one.created_ms), "by": one.by,
            "reason": one.reason, "rules": [show_rule(rule) for rule in rules]}  # fmt: skip
