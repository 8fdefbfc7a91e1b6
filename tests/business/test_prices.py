"""What customers pay beside the catalog's prices: markups and fixed prices by model, account and group, from a date on,
without a deployment; catalogs that extend the built-in one; models that go."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import BUILT_IN, CatalogError, load, read
from interchange.metering.tariff import Rule, Tariff
from interchange.metering.tariffs import AGE_MS, TariffChanged, Tariffs
from interchange.operator import account_actions, tariff_actions
from interchange.operator.books import Books, CommandError, make_books
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.exchange import world as w
from tests.operator.office import Office

NOON = 1_795_348_800_000


class Far(SqliteTable):
    """Stands for a table that is not on this machine."""

    reads = 0

    def __init__(self) -> None:
        super().__init__(MEMORY)
        self.near = False

    def get(self, pk: str, sk: str) -> Any:
        self.reads += pk == "TARIFF"
        return super().get(pk, sk)


def ask(here: w.World, model: str = "gpt") -> int:
    """The charge of ten tokens in and five out: 70,000 nano-dollars at the list price."""
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    status, _, headers = asyncio.run(here.whole("chat", {"model": model, "messages": w.user()}))
    assert status == 200, headers
    return here.ledger.row(headers["x-interchange-request-id"]).charge_nano  # type: ignore[union-attr]


def priced(here: w.World, table: SqliteTable | None = None) -> Books:
    """The operator's books on a table that the world's gateway reads its tariff from."""
    found = table or SqliteTable(MEMORY)
    books = make_books(found, lambda: here.services.catalog, clock=lambda: here.now[0])
    books.accounts.create("acc", "Ada", NOON)
    here.services = replace(here.services, tariffs=Tariffs(found))
    return books


def test_a_price_change_takes_effect_without_a_deployment() -> None:
    with w.world() as here:
        books = priced(here, Far())
        assert ask(here) == 70_000
        set_ = tariff_actions.add_rule(books, "autumn", models="gpt*", markup="1.5")
        assert set_["in_force_within_seconds"] == AGE_MS // 1000 == 30
        here.now[0] += AGE_MS
        assert ask(here) == 105_000
        assert ask(here, "grok") == 70_000
        row = here.rows()[1]
        assert (row.markup, row.price_version) == ("1.5", here.rows()[0].price_version)


def test_the_tariff_is_read_once_in_a_while_and_not_for_each_request() -> None:
    with w.world() as here:
        table = Far()
        books = priced(here, table)
        tariff_actions.add_rule(books, models="*", markup="2")
        table.reads = 0
        assert [ask(here) for _ in range(5)] == [140_000] * 5
        assert table.reads == 1
        here.now[0] += AGE_MS
        ask(here)
        assert table.reads == 2


def test_a_fixed_price_is_charged_as_it_stands_and_the_row_keeps_it() -> None:
    with w.world() as here:
        books = priced(here)
        here.keys.change("key_1", markup="3")
        tariff_actions.add_rule(books, models="gpt", price={"input": "5", "output": "20"})
        assert ask(here) == 150_000
        row = here.rows()[0]
        assert (row.prices["input"], row.markup, row.cost_nano) == ("5", "1", 70_000)
        assert ask(here, "grok") == 210_000


def test_a_rule_is_for_a_group_or_an_account() -> None:
    with w.world() as here:
        books = priced(here)
        tariff_actions.set_tariff(
            books, {"rules": [{"markup": "1.2"}, {"group": "gold", "markup": "0.9"},
                              {"account": "acc", "models": "claude", "markup": "7"}]}, ""
        )  # fmt: skip
        assert ask(here) == 84_000
        here.keys.change("key_1", group="gold")
        assert ask(here) == 63_000


def test_a_rule_takes_effect_on_its_date() -> None:
    with w.world() as here:
        books = priced(here)
        tariff_actions.add_rule(books, models="gpt", markup="2", **{"from": "1h"})
        assert ask(here) == 70_000
        here.now[0] += 3_599_000
        assert ask(here) == 70_000
        here.now[0] += 1_000
        assert ask(here) == 140_000


def test_models_are_listed_at_the_prices_that_the_caller_pays() -> None:
    rules = (Rule("a*", group="gold", price={"input": "9"}), Rule("b", markup="2"))
    tariff = Tariff(rules, 1, "x")
    assert tariff.of(("a", "aa"), "acc", "gold", "3", 1).price == {"input": "9"}
    assert tariff.of(("a", "aa"), "acc", "", "3", 1) == tariff.of(("c",), "acc", "", "3", 1)
    assert tariff.of(("b",), "acc", "", "3", 1).markup == "2"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([{"models": "gpt"}], "markup, a price"),
        ([{"models": "gpt", "markup": 1.2}], "rules[0].markup: put the amount in quotes"),
        ([{"models": "gpt", "markup": "-1"}], "rules[0].markup"),
        ([{"markup": "2"}, {"models": "gpt", "price": {"input": 5}}], "rules[1].price.input"),
        ([{"markup": "2", "from": "soon"}], "rules[0].from"),
        ([{"markup": "2", "account": "a", "group": "g"}], "account or about a group"),
        ([{"markup": "2", "model": "gpt"}], "rules[0].model"),
        ("all", "rules"),
    ],
)  # fmt: skip
def test_a_tariff_is_validated_before_it_is_taken(rules: Any, said: str) -> None:
    books = make_books(SqliteTable(MEMORY), lambda: read(w.CATALOG))
    with pytest.raises(CommandError) as refused:
        tariff_actions.set_tariff(books, {"rules": rules}, "")
    assert said in str(refused.value)
    assert tariff_actions.show_tariff(books)["version"] == 0


@pytest.mark.parametrize("text", ["{", "- {markup: '1', from: 2026-13-01}"])
def test_a_file_of_rules_that_cannot_be_read_says_what_it_is(text: str) -> None:
    books = make_books(SqliteTable(MEMORY), lambda: read(w.CATALOG))
    with pytest.raises(CommandError, match=r"^tariff: not valid: "):
        tariff_actions.set_tariff(books, text, "")


def test_a_fixed_price_is_marked_up_by_later_rules_alone() -> None:
    rules = [{"models": "g*", "markup": "3"}, {"models": "gpt", "price": {"input": "5", "output": "20"}}]
    with w.world() as here:
        books = priced(here)
        for said, charge in ((rules, 150_000), (rules[::-1], 450_000)):
            tariff_actions.set_tariff(books, {"rules": said}, "")
            here.now[0] += AGE_MS
            assert ask(here) == charge


def test_a_rule_that_means_nobody_is_warned_of() -> None:
    books = make_books(SqliteTable(MEMORY), lambda: read(w.CATALOG))
    told = tariff_actions.set_tariff(books, {"rules": [{"models": "x-*", "group": "none", "markup": "0.5"}]}, "")
    assert [line.partition(":")[0] for line in told["warnings"]] == [
        "rules[0].models", "rules[0].group", "rules[0].markup",
    ]  # fmt: skip


def test_versions_are_kept_and_an_earlier_one_can_be_restored() -> None:
    books = make_books(SqliteTable(MEMORY), lambda: read(w.CATALOG))
    first = tariff_actions.set_tariff(books, "- {models: gpt, markup: '1.2'}", "one")
    tariff_actions.set_tariff(books, "rules: []", "two", expected=1)
    with pytest.raises(TariffChanged):
        tariff_actions.set_tariff(books, "rules: []", "three", expected=1)
    back = tariff_actions.restore_tariff(books, 1)
    assert (back["version"], back["digest"], back["rules"]) == (3, first["digest"], first["rules"])
    assert [one["reason"] for one in tariff_actions.list_versions(books)["versions"]] == [
        "one", "two", "back to version 1",
    ]  # fmt: skip


def test_a_group_is_an_accounts_and_reaches_its_keys(office: Office) -> None:
    made = office("account", "create", "--name", "Ada")
    office("account", "change", made["account"], "--group", "gold")
    key = office("key", "create", "--account", made["account"])
    assert [office.identity().authenticate(one["key"]).group for one in (made, key)] == ["gold", "gold"]
    assert office("account", "show", made["account"])["group"] == "gold"
    office("prices", "markup", "claude-*", "1.1", "--group", "gold", "--from", "2030-01-01")
    assert office("prices", "show")["rules"] == [
        {"models": "claude-*", "group": "gold", "markup": "1.1", "from": "2030-01-01T00:00:00Z"}
    ]
    assert account_actions.show_account(office.books, made["account"])["group"] == "gold"


def test_a_catalog_extends_the_built_in_one(tmp_path: Any) -> None:
    known = json.loads(BUILT_IN.read_text())
    first = known[0]["id"]
    file = tmp_path / "c.yaml"
    file.write_text(
        f"extends: builtin\nremove: ['{known[1]['id']}']\nmodels:\n"
        f"  - {{id: '{first}', price: {{input: '0.59'}}}}\n"
        "  - {id: mine, routes: [{provider: openai, model: m}], price: {input: '1'}}\n"
    )
    found = load(file)
    assert len(found.models) == len(known)
    changed = found.find(first)
    assert changed is not None and changed.price.input == "0.59" and changed.routes[0].model
    assert found.find("mine") is not None and found.find(known[1]["id"]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extends: other\nmodels: []", "only `builtin`"),
        ("extends: builtin\nremove: [nothing-*]\nmodels: []", "matches no built-in model"),
        ("extends: builtin\nmodels: [{price: {input: '1'}}]", "models[0].id"),
        ("extends: builtin\noverrides: {}", "unknown field 'overrides'; expected `models`, `remove` and `providers`"),
        ("extends: builtin\nmodels: {}", "expected a list of models"),
        ("extends: builtin\nmodels: [{id: gpt-5, deprecated: '2027-13-01'}]", ".deprecated: there is no such day"),
        ("extends: builtin\nmodels: [{id: mine, price: {input: '1'}}]", "(mine).routes"),
        ("- {id: mine, routes: [{provider: openai, model: m}], price: {input: 0.59}}", "put the amount in quotes"),
    ],
)
def test_what_is_wrong_with_an_extending_catalog_is_named(tmp_path: Any, text: str, said: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(text)
    with pytest.raises(CatalogError) as refused:
        load(file)
    assert said in str(refused.value)


def test_a_catalog_may_do_nothing_but_remove(tmp_path: Any) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("extends: builtin\nremove: [grok-code-*]\n")
    left = {model.id for model in load(file).models}
    assert {entry["id"] for entry in json.loads(BUILT_IN.read_text())} - left == {"grok-code-fast-1"}


def test_a_successor_is_a_model_of_the_catalog(office: Office, tmp_path: Any) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("extends: builtin\nmodels: [{id: gpt-5, deprecated: '2027-01-31', successor: gpt-0}]\n")
    said = office.refused("catalog", "check", str(file))
    assert said.endswith("gpt-5: successor: 'gpt-0' is no model of the catalog")


def test_a_model_that_goes_says_so_in_a_header() -> None:
    entry = {**w.CATALOG[0], "deprecated": "2027-01-31", "successor": "grok"}
    with w.world() as here:
        here.services = replace(here.services, catalog=read([entry]))
        here.script.answers = [w.Says(chunks=[w.chat_answer()])]
        _, _, headers = asyncio.run(here.whole("chat", {"model": "gpt", "messages": w.user()}))
        assert headers["sunset"] == "Sun, 31 Jan 2027 00:00:00 GMT"
        assert headers["x-interchange-successor"] == "grok"
