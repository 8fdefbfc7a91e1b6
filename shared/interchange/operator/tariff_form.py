"""A tariff as an operator writes it, and what is wrong with one before it is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from interchange.catalog.lookup import Catalog
from interchange.catalog.models import read_price
from interchange.catalog.schema import Price
from interchange.metering.tariff import Rule
from interchange.wrong_fields import path, said

from .amounts import read_factor
from .books import CommandError, Shown
from .dates import moment, written
from .forms import ANY_MOMENT, Factor, named, written_as

MOST_RULES = 1_000
MOST_BYTES = 200_000
"""An item holds 400 KB, and the transaction two of them."""


BOTH: Any = {"required": ["account", "group"], "properties": {one: {"type": "string"} for one in ("account", "group")}}
BEGINS: Any = {"anyOf": [{"type": "string", **written_as(ANY_MOMENT)}, {"type": "null"}]}


class RuleForm(BaseModel):
    """A price, or a factor on prices: of an account, of a group, or of all."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={**named("markup", "price"), "not": BOTH})

    models: str = Field(default="*", min_length=1, max_length=200)
    account: str | None = Field(default=None, min_length=1, max_length=80)
    group: str | None = Field(default=None, min_length=1, max_length=80)
    markup: Annotated[Factor, Field(strict=True), AfterValidator(read_factor)] | None = None
    price: Price | None = None
    begins: str | date | datetime | None = Field(default=None, alias="from", json_schema_extra=BEGINS)

    @model_validator(mode="after")
    def _says_something(self) -> RuleForm:
        if self.markup is None and self.price is None:
            raise ValueError("a rule has a markup, a price, or both")
        if self.account is not None and self.group is not None:
            raise ValueError("a rule is about an account or about a group")
        return self


class TariffForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: list[RuleForm] = Field(max_length=MOST_RULES)


def read_form(text: str, now_ms: int) -> tuple[Rule, ...]:
    """From YAML or JSON. Raises CommandError with the path of what is wrong."""
    import yaml

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # the latter for a day that there is not
        raise CommandError(f"tariff: not valid: {' '.join(str(error).split())[:200]}") from error
    return read_rules({"rules": found} if isinstance(found, list) else found, now_ms)


def read_rules(found: Any, now_ms: int) -> tuple[Rule, ...]:
    """From parsed data."""
    try:
        form = TariffForm.model_validate(found)
    except ValidationError as error:
        raise CommandError(_told(error)) from error
    rules = tuple(_rule(one, number, now_ms) for number, one in enumerate(form.rules))
    if len(json.dumps([rule.price for rule in rules])) > MOST_BYTES:
        raise CommandError("rules: too much for one tariff")
    return rules


def _told(error: ValidationError) -> str:
    found = error.errors(include_url=False)[0]
    field = path(found["loc"])
    if found["type"] == "string_type" and field.endswith(("markup", *(f"price.{name}" for name in Price.model_fields))):
        return f"{field}: put the amount in quotes"
    return f"{field or 'tariff'}: {said(field, found)}"


def _rule(form: RuleForm, number: int, now_ms: int) -> Rule:
    try:
        begins = 0 if form.begins is None else moment(_iso(form.begins), now_ms)
    except ValueError as error:
        raise CommandError(f"rules[{number}].from: {error}") from error
    price = None if form.price is None else read_price(form.price.model_dump(exclude_none=True)).data()
    return Rule(form.models, form.account, form.group, form.markup, price, begins)


def _iso(begins: str | date | datetime) -> str:
    return begins if isinstance(begins, str) else begins.isoformat()


def show_rule(rule: Rule) -> Shown:
    """Shows a rule as it was written."""
    said: Shown = {"models": rule.models, "account": rule.account, "group": rule.group, "markup": rule.markup,
                   "price": rule.price, "from": written(rule.from_ms) if rule.from_ms else None}  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def warnings(rules: Sequence[Rule], catalog: Catalog, groups: Mapping[str, int]) -> Iterator[str]:
    """A line for each rule that means nobody, or sells below what the catalog's price is."""
    for number, rule in enumerate(rules):
        met = [one for one in catalog.models if any(fnmatchcase(name, rule.models) for name in one.asked_for_as)]
        if not met:
            yield f"rules[{number}].models: {rule.models!r} matches no model of the catalog"
        if rule.group is not None and rule.group not in groups:
            yield f"rules[{number}].group: no account is in {rule.group!r}"
        if rule.markup is not None and Decimal(rule.markup) < 1:
            yield f"rules[{number}].markup: {rule.markup} is below what the vendors charge"
