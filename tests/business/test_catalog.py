"""Models that are added, changed and taken out without a deployment: the changes lie in the table beside the tariff."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from interchange.catalog.load import load, read
from interchange.catalog.overlay import merged, overlaid
from interchange.exchange.http import Inbound
from interchange.exchange.models import index, show
from interchange.exchange.offers import Offers
from interchange.hub.failure import RequestError
from interchange.metering.store import DAY_MS, day_of
from interchange.metering.tariffs import AGE_MS, TariffChanged, Tariffs
from interchange.operator import catalog_actions, tariff_actions
from interchange.operator.api import admin
from interchange.operator.books import Books, CommandError, make_books
from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.business.test_prices import NOON, Far
from tests.exchange import world as w
from tests.operator.office import Office

HOUSE = {"id": "house", "routes": [{"provider": "openai", "model": "gpt-up"}], "max_output": 1000,
         "price": {"input": "3", "output": "9"}, "aliases": ["our-own"]}  # fmt: skip


def offered(here: w.World, table: SqliteTable) -> Books:
    """The operator's books on a table that the world's gateway reads its models from."""
    base = here.services.catalog
    books = make_books(table, lambda: base, clock=lambda: here.now[0])
    books.accounts.create("acc", "Ada", NOON)
    offers = Offers(base, lambda changes: overlaid(base, changes))
    here.services = replace(here.services, tariffs=Tariffs(table), offers=offers)
    return books


@pytest.fixture
def here() -> Iterator[w.World]:
    with w.world() as made:
        yield made


def ask(here: w.World, model: str) -> tuple[int, int, Any]:
    """(status, charge in nano-dollars, headers) of ten tokens in and five out."""
    here.script.answers = [w.Says(chunks=[w.chat_answer()])]
    before = here.balance().charged_nano
    status, _, headers = asyncio.run(here.whole("chat", {"model": model, "messages": w.user()}))
    return status, here.balance().charged_nano - before, headers


def listed(here: w.World) -> list[str]:
    sent = {"authorization": f"Bearer {w.KEY}"}
    told = asyncio.run(index(here.services, Inbound("GET", "/v1/models", sent, b"", 0)))
    return [one["id"] for one in told["data"]]


def test_a_model_is_added_changed_and_removed_without_a_deployment(here: w.World) -> None:
    books = offered(here, Far())
    assert ask(here, "house")[0] == 404
    before = ask(here, "gpt")
    assert before[:2] == (200, 70_000)
    set_ = catalog_actions.set_changes(
        books, {"models": [HOUSE, {"id": "gpt", "price": {"input": "4", "output": "20"}}], "remove": ["grok"]}, "spring"
    )
    assert set_["in_force_within_seconds"] == AGE_MS // 1000
    here.now[0] += AGE_MS
    assert ask(here, "house")[:2] == (200, 75_000)
    assert ask(here, "our-own")[:2] == (200, 75_000)
    assert ask(here, "gpt")[:2] == (200, 140_000)
    assert ask(here, "grok")[0] == 404
    found = listed(here)
    assert "house" in found and "grok" not in found
    rows = here.rows()
    assert rows[0].price_version != rows[-1].price_version
    assert rows[0].charge_nano == 70_000

    tariff_actions.restore_tariff(books, catalog_actions.set_changes(books, {}, "none")["version"])
    here.now[0] += AGE_MS
    assert ask(here, "house")[0] == 404
    assert ask(here, "grok")[0] == 200
    assert ask(here, "gpt")[1] == 70_000


def test_a_deprecation_is_told_without_a_deployment(here: w.World) -> None:
    books = offered(here, Far())
    catalog_actions.set_changes(
        books, "models:\n  - {id: gpt, deprecated: 2027-01-31, successor: grok}\n", "it goes"
    )  # a day as YAML has it
    here.now[0] += AGE_MS
    status, _, headers = ask(here, "gpt")
    assert (status, headers["sunset"]) == (200, "Sun, 31 Jan 2027 00:00:00 GMT")
    assert headers["x-interchange-successor"] == "grok"


def gone(here: w.World, gpt: dict[str, Any], grok: dict[str, Any] | None = None) -> None:
    """`gpt` with those fields, and `grok`, as the table's changes of the catalog have them."""
    books = offered(here, Far())
    entries = [{"id": "gpt", **gpt}, *([{"id": "grok", **grok}] if grok else [])]
    catalog_actions.set_changes(books, {"models": entries}, "it goes")
    here.now[0] += AGE_MS


def test_a_model_is_refused_from_the_day_on_that_it_goes(here: w.World) -> None:
    today = day_of(here.now[0])
    gone(here, {"deprecated": today, "successor": "grok"})
    sent = len(here.script.sent)
    status, body, _ = asyncio.run(here.whole("chat", {"model": "gpt", "messages": w.user()}))
    assert (status, body["error"]["code"]) == (404, "model_not_found")
    assert body["error"]["message"] == f"The model `gpt` is no longer served, since {today}: use `grok` in its place."
    assert len(here.script.sent) == sent


def test_the_last_day_of_a_model_is_the_one_before(here: w.World) -> None:
    gone(here, {"deprecated": day_of(here.now[0] + DAY_MS)})
    assert ask(here, "gpt")[0] == 200


def test_a_successor_that_is_gone_too_is_not_suggested(here: w.World) -> None:
    today = day_of(here.now[0])
    gone(here, {"deprecated": today, "successor": "grok"}, {"deprecated": today, "successor": "gpt"})
    _, body, _ = asyncio.run(here.whole("chat", {"model": "gpt", "messages": w.user()}))
    assert body["error"]["message"] == f"The model `gpt` is no longer served, since {today}."


def test_a_model_that_is_gone_leaves_the_list(here: w.World) -> None:
    today = day_of(here.now[0])
    gone(here, {"deprecated": today, "successor": "grok"})
    assert "gpt" not in listed(here) and "grok" in listed(here)
    with pytest.raises(RequestError, match=r"no longer served, since .*: use `grok`"):
        asyncio.run(
            show(here.services, Inbound("GET", "/v1/models/gpt", {"authorization": f"Bearer {w.KEY}"}, b"", 0), "gpt")
        )


def test_changes_and_rules_are_versions_of_one_thing(here: w.World) -> None:
    books = offered(here, Far())
    catalog_actions.set_changes(books, {"models": [HOUSE]}, "one")
    told = tariff_actions.add_rule(books, models="house", markup="2")
    assert "warnings" not in told  # the rule means a model that was added
    here.now[0] += AGE_MS
    assert ask(here, "house")[:2] == (200, 150_000)
    assert [(one["rules"], one["models"]) for one in tariff_actions.list_versions(books)["versions"]] == [
        (0, 1),
        (1, 1),
    ]
    tariff_actions.restore_tariff(books, 1)
    here.now[0] += AGE_MS
    assert ask(here, "house")[:2] == (200, 75_000)
    with pytest.raises(TariffChanged):
        catalog_actions.set_changes(books, {}, "late", expected=1)


def test_models_are_taken_out_by_a_pattern(here: w.World) -> None:
    books = offered(here, Far())
    catalog_actions.set_changes(books, [HOUSE], "one")
    assert catalog_actions.remove_models(books, "house")["models"] == []
    shown = catalog_actions.remove_models(books, "g*")
    assert shown["remove"] == ["g*"]
    here.now[0] += AGE_MS
    assert [one for one in listed(here) if one.startswith("g")] == []
    assert ask(here, "gpt")[0] == 404
    with pytest.raises(CommandError, match="matches no model"):
        catalog_actions.remove_models(books, "nothing-*")


def test_no_request_has_a_call_of_its_own_for_them(here: w.World) -> None:
    table = Far()
    books = offered(here, table)
    catalog_actions.set_changes(books, [HOUSE], "one")
    table.reads = 0
    assert [ask(here, "house")[0] for _ in range(5)] == [200] * 5
    assert table.reads == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"models": 5}, "models: must be a list"),
        ({"model": []}, "model: there is no such field; there are models, remove"),
        ("nonsense", "catalog: must be an object"),
        ("{", "catalog: not valid: "),
        ("- {id: gpt, deprecated: 2026-13-01}", "catalog: not valid: "),
        ({"remove": ["nothing"]}, "remove[0]: 'nothing' matches no model of the deployment's catalog"),
        ({"remove": [5]}, "remove[0]: must be an id or a pattern"),
        ([5], "models[0].id: is needed"),
        ([HOUSE, HOUSE], "models[1].id: 'house' stands twice"),
        ([{"id": "new"}], "models[0] (new).routes: "),
        ([{**HOUSE, "price": {"input": 0.59}}], "models[0] (house).price.input: Input should be a valid string"),
        ([{**HOUSE, "routes": [{"provider": "nobody", "model": "m"}]}], "models[0].routes[0].provider: 'nobody'"),
        ([{**HOUSE, "routes": [{"provider": "openai", "model": "m", "protocol": "gemini"}]}],
         "models[0].routes[0].protocol: openai does not speak 'gemini'"),
        ([{**HOUSE, "successor": "nobody"}], "catalog: house: successor: 'nobody' is no model of the catalog"),
        ([{**HOUSE, "successor": "our-own"}], "catalog: house: successor: it is the model itself"),
    ],
)  # fmt: skip
def test_wrong_changes_are_refused_whole(here: w.World, form: Any, said: str) -> None:
    books = offered(here, Far())
    with pytest.raises(CommandError) as raised:
        catalog_actions.set_changes(books, form, "wrong")
    assert str(raised.value).startswith(said)
    assert books.tariffs.current() is None


def test_a_later_release_is_not_stopped_by_changes_of_an_earlier() -> None:
    """A model that was changed may be gone, and one that was added may have come."""
    text = json.dumps({"models": [{"id": "gone", "price": {"input": "1"}}, HOUSE], "remove": ["gone-too"]})
    later = read([{"id": "house", "routes": [{"provider": "xai", "model": "x"}], "price": {"input": "1"}},
                  {"id": "other", "routes": [{"provider": "xai", "model": "x"}], "price": {"input": "1"},
                   "aliases": ["our-own", "its-own"]}])  # fmt: skip
    found = overlaid(later, text)
    assert [one.id for one in found.models] == ["house", "other"]
    house, other = found.find("our-own"), found.find("its-own")
    assert house is not None and other is not None
    assert (house.id, house.routes[0].provider, other.aliases) == ("house", "openai", ("its-own",))


def test_no_changes_are_the_catalog_itself() -> None:
    base = load()
    assert overlaid(base, "") is base
    assert overlaid(base, '{"models": [], "remove": []}').version == base.version
    assert merged(base.entries, (), ()) == list(base.entries)


def test_the_built_in_catalog_takes_changes(office: Office, tmp_path: Any) -> None:
    file = tmp_path / "changes.yaml"
    file.write_text(
        "models:\n"
        "  - {id: gpt-5, price: {input: '1.50', output: '12'}, deprecated: 2027-01-31, successor: gpt-5.4}\n"
        "remove: ['grok-*']\n"
    )
    before = office("catalog", "show")
    assert (before["version"], before["models"]) == (0, [])
    shown = office("catalog", "set", str(file), "--reason", "spring")
    assert shown["models"] == [{"id": "gpt-5", "price": {"input": "1.50", "output": "12"}, "deprecated": "2027-01-31",
                                "successor": "gpt-5.4"}]  # fmt: skip
    assert shown["catalog"] < before["catalog"]
    account = office("account", "create", "--name", "Ada")["account"]
    told = office("key", "create", "--account", account, "--allow-model", "grok-*")
    assert told["warnings"] == ["allowed_models: 'grok-*' matches no model of the catalog"]
    assert office("catalog", "remove", "gpt-5")["remove"] == ["grok-*", "gpt-5"]
    assert office.refused("catalog", "remove", "nothing-*") == "models: 'nothing-*' matches no model of the catalog"
    file.write_text("models: [{id: new}]")
    assert office.refused("catalog", "set", str(file)).startswith("models[0] (new).routes: ")
    assert office("prices", "restore", "1")["version"] == 3
    assert office("catalog", "show")["remove"] == ["grok-*"]


def admit(request: Request) -> str:
    """Whoever asks."""
    return request.headers.get("x-who", "")


def test_changes_over_the_api() -> None:
    table = SqliteTable(MEMORY)
    books = make_books(table, load)
    here = TestClient(admin(books, admit), raise_server_exceptions=False)
    first = here.get("/admin/catalog")
    assert (first.status_code, first.json().get("version")) == (200, 0), first.text
    put = here.put("/admin/catalog", json={"models": [HOUSE], "reason": "one", "expected": 0})
    assert (put.status_code, put.json()["models"]) == (200, [HOUSE])
    assert here.put("/admin/catalog", json={"expected": 0}).status_code == 409
    bodies: list[Any] = [{"models": 1}, {"remove": [""]}, {"nothing": 1}, [], 5]
    by_what_there_is: list[Any] = [{"models": [{"id": "x"}]}, {"remove": ["zzz"]}]
    for wrong in (*bodies, *by_what_there_is):
        for told in (here.put("/admin/catalog", json=wrong), here.post("/admin/catalog/preview", json=wrong)):
            assert told.status_code == (409 if wrong in by_what_there_is else 400), wrong
            assert set(told.json()) == {"error"}
    assert here.get("/admin/catalog").json()["version"] == 1


def test_a_preview_says_what_would_change_and_changes_nothing(here: w.World) -> None:
    books = offered(here, Far())
    told = catalog_actions.preview_changes(
        books, {"models": [HOUSE, {"id": "gpt", "price": {"input": "4", "output": "20"}}], "remove": ["grok"]}
    )
    assert (told["added"], told["removed"]) == (["house"], ["grok"])
    ((one,),) = [told["changed"]]
    assert (one["model"], one["field"], one["then"]) == ("gpt", "price", {"input": "4", "output": "20"})
    assert catalog_actions.show_changes(books)["version"] == 0
    assert catalog_actions.preview_changes(books, {})["catalog"] == told["catalog"]  # one more, one less


def test_a_version_says_who_set_it(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An IAM principal over the API, the user of the machine by the command line; one before this kept nobody."""
    ada, bob = "arn:aws:iam::111122223333:user/ada", "arn:aws:sts::111122223333:assumed-role/ops/bob"
    office.books.tariffs.set("[]", "of an earlier release", 1)
    here = TestClient(admin(office.books, admit), raise_server_exceptions=False)
    here.put("/admin/prices", json={"rules": [{"markup": "1.2"}], "reason": "more"}, headers={"x-who": ada})
    here.put("/admin/catalog", json={"remove": ["grok-*"], "reason": "no more"}, headers={"x-who": bob})
    monkeypatch.setenv("LOGNAME", "cy")
    office("prices", "restore", "2")
    changes = tmp_path / "changes.yaml"
    changes.write_text("remove: ['gpt-5']")
    office("catalog", "set", str(changes), "--reason", "less")
    for shown in (here.get("/admin/prices/versions").json(), office("prices", "versions")):
        assert [one["by"] for one in shown["versions"]] == ["", ada, bob, "cy", "cy"]
    assert here.get("/admin/catalog").json()["by"] == office("prices", "show")["by"] == "cy"


def test_whoever_api_gateway_let_in_is_who_acts(office: Office) -> None:
    from tests.functions.loading import load

    for context in ({"identity": {"userArn": "arn:x"}}, {"authorizer": {"iam": {"userArn": "arn:x"}}}):
        scope = {"type": "http", "headers": [], "aws.event": {"requestContext": context}}
        assert load("admin").authorised(Request(scope)) == "arn:x"
