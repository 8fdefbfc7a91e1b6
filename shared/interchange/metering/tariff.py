"""Tariff of the customers beside the catalog's prices: an operator's rules, which take effect without a deployment.

A rule is about models (a pattern), and where it says so about one account or one group of accounts. It gives a markup,
which takes the place of the account's own, or a price, which takes the place of the catalog's and is marked up by no
rule but its own and later ones. Of the rules that are in force and match, the last one counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Any

from interchange.dataclass import dataclass

ONE = "1"
MOST_KEPT = 10_000
"""Answers that one process remembers."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`price` is a price list's JSON form. In force from `from_ms` on."""

    models: str = "*"
    account: str | None = None
    group: str | None = None
    markup: str | None = None
    price: Mapping[str, Any] | None = None
    from_ms: int = 0

    def concerns(self, names: Sequence[str], account_id: str, group: str) -> bool:
        if self.account not in (None, account_id) or self.group not in (None, group):
            return False
        return any(fnmatchcase(name, self.models) for name in names)


@dataclass(frozen=True, slots=True)
class Applied:
    """Tariff of one account for one model: the price list (None for the catalog's) and its markup."""

    price: Mapping[str, Any] | None
    markup: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rules as one version of them; `digest` is theirs. `models` is what the operator adds to the catalog, changes in
    it and takes out of it, as JSON; "" where that is nothing."""

    rules: tuple[Rule, ...] = ()
    version: int = 0
    digest: str = ""
    models: str = ""
    kept: dict[tuple[str, str, str, str, int], Applied] = field(default_factory=dict, compare=False)

    def of(self, names: Sequence[str], account_id: str, group: str, markup: str, now_ms: int) -> Applied:
        """`names` are the model's id and aliases, `markup` the account's own."""
        if not self.rules:
            return Applied(None, markup)
        begun = sum(1 for rule in self.rules if rule.from_ms <= now_ms)
        key = (names[0], account_id, group, markup, begun)
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            found = self.kept[key] = self._applied(names, account_id, group, markup, now_ms)
        return found

    def _applied(self, names: Sequence[str], account_id: str, group: str, markup: str, now_ms: int) -> Applied:
        price: Mapping[str, Any] | None = None
        own: str | None = None
        for rule in self.rules:
            if rule.from_ms > now_ms or not rule.concerns(names, account_id, group):
                continue
            if rule.price is not None:
                price, own = rule.price, rule.markup or ONE
            elif rule.markup is not None:
                own = rule.markup
        return Applied(price, markup if own is None else own)


def write_rules(rules: Sequence[Rule]) -> str:
    """Writes rules as they are stored, leaving out what a rule does not say."""
    said = [
        {name: value for name, value in (
            ("models", rule.models), ("account", rule.account), ("group", rule.group), ("markup", rule.markup),
            ("price", rule.price), ("from_ms", rule.from_ms)) if value}
        for rule in rules
    ]  # fmt: skip
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def read_tariff(text: str, version: int, models: str = "") -> Tariff:
    """The inverse. Raises ValueError, TypeError."""
    rules = tuple(Rule(**rule) for rule in json.loads(text))
    return Tariff(rules, version, digest_of(text, models), models)


def digest_of(text: str, models: str = "") -> str:
    return hashlib.sha256((text + models).encode()).hexdigest()[:16]
