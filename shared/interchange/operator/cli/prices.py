"""`prices ...`, `catalog ...`"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from interchange import wiring
from interchange.catalog.load import BUILT_IN
from interchange.operator import catalog_actions, report_actions, tariff_actions

from .files import reading, text_of
from .opened import open_books
from .result import Result
from .units import AccountId, File, Markup, Name, Span, Words, said

prices = App(name="prices", help="what customers pay")
catalog = App(name="catalog", help="the catalog")
Listed = Annotated[File | None, said("INTERCHANGE_CATALOG's, or the built-in one, unless given")]
Why = Annotated[str | None, said("why; kept with the version", metavar="TEXT")]


@prices.command
def show() -> Result:
    """the rules that are in force beside the catalog's prices"""
    return Result(tariff_actions.show_tariff(open_books()))


@prices.command(name="set")
def put(file: Annotated[File, said("rules, as YAML or JSON")], /, *, reason: Why = None) -> Result:
    """put the rules of a file (YAML, JSON) in force"""
    return Result(tariff_actions.set_tariff(open_books(), text_of(file), reason or ""))


@prices.command
def markup(
    models: Annotated[Words, said("such as 'claude-*'", metavar="PATTERN")],
    factor: Markup,
    /,
    *,
    account: AccountId | None = None,
    group: Annotated[Name | None, said("the customers of this group")] = None,
    from_: Annotated[Span | None, said("from then on, such as 2027-01-01", name="--from")] = None,
    reason: Why = None,
) -> Result:
    """add a rule: a markup for models, from a date if wanted"""
    rule = {"models": models, "markup": factor, "account": account, "group": group, "from": from_}
    return Result(tariff_actions.add_rule(open_books(), reason or "", **rule))


@prices.command
def versions() -> Result:
    """every version, with the digest of its rules"""
    return Result(tariff_actions.list_versions(open_books()))


@prices.command
def restore(version: Annotated[int, Parameter(metavar="N")], /, *, reason: Why = None) -> Result:
    """put an earlier version in force again"""
    return Result(tariff_actions.restore_tariff(open_books(), version, reason or ""))


@catalog.command(name="show")
def show_changes() -> Result:
    """what is added to the catalog, changed in it and taken out of it, without a deployment"""
    return Result(catalog_actions.show_changes(open_books()))


@catalog.command(name="set")
def put_changes(
    file: Annotated[File, said("`models` and `remove`, as YAML or JSON")], /, *, reason: Why = None
) -> Result:
    """put a file's changes of the catalog in force, in the place of those that there are"""
    return Result(catalog_actions.set_changes(open_books(), text_of(file), reason or ""))


@catalog.command
def preview(file: Annotated[File, said("`models` and `remove`, as YAML or JSON")], /) -> Result:
    """say what `catalog set` of that file would change, and change nothing"""
    return Result(catalog_actions.preview_changes(open_books(), text_of(file)))


@catalog.command
def remove(models: Annotated[Words, said("such as 'grok-*'", metavar="PATTERN")], /, *, reason: Why = None) -> Result:
    """take models out of the catalog; `prices restore` brings them back"""
    return Result(catalog_actions.remove_models(open_books(), models, reason or ""))


@catalog.command
def check(file: Listed = None, /) -> Result:
    """validate a catalog file"""
    path = file or os.environ.get("INTERCHANGE_CATALOG")
    with reading(path or "built-in"):
        return Result(report_actions.check_catalog(wiring.checked(Path(path) if path else BUILT_IN), path))
