"""Alerts to people: each once an episode, by a topic, by e-mail and by a signed call; the operator's and customers'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from interchange.aws.mail import Mail
from interchange.aws.sigv4 import Credentials
from interchange.catalog.load import read
from interchange.continuity.rests import Rests
from interchange.hub.verdict import Cause
from interchange.identity.keys import Limits, Meter, read_limits
from interchange.metering import key_uses
from interchange.metering.episodes import MOST_TRIES
from interchange.metering.ledger import AccountRef
from interchange.metering.money import NANO, nano
from interchange.metering.payment import Facts
from interchange.metering.signatures import verify
from interchange.operator import account_actions, account_limits, closing
from interchange.operator.alert_settings import AlertSettings, read_alerts
from interchange.operator.books import Books, make_books
from interchange.operator.notify import Call, Letter, Topic
from interchange.operator.sweep import Round, sweep
from interchange.operator.turns import turn
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.upstream.health import Health, Place
from interchange.wiring import SettingError
from tests.exchange import world as w
from tests.metering.usage_rows import usage_row
from tests.operator.receiver import Receiver, receiver

NOON = 1_795_348_800_000  # 2026-11-22T12:00Z
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
SECRET = "whsec_of_the_operator"


@dataclass
class Desk:
    books: Books
    now: list[int]
    said: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0

    def round(self, minutes: int = 0) -> Round:
        self.now[0] += minutes * MINUTE_MS
        return sweep(self.books)

    def events(self) -> list[str]:
        found = [one["event"] for one in self.said]
        self.said.clear()
        return found

    def spend(self, usd: str, key_id: str = "k", limits: Limits | None = None) -> None:
        self.requests += 1
        account = AccountRef("a", key_id, limits or Limits())
        held = self.books.ledger.hold(account, f"r{self.requests}", nano(usd), self.now[0], self.now[0] + HOUR_MS)
        self.books.ledger.settle(held, nano(usd), self.now[0])

    def key(self, **limits: Any) -> tuple[str, Limits]:
        made = account_actions.create_key(self.books, "a", "app", limits)
        found = self.books.keys.by_id(made["key_id"])
        assert found is not None
        return made["key_id"], read_limits(found["limits"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    now, table = [NOON], SqliteTable(MEMORY)
    made = Desk(make_books(table, _no_catalog, clock=lambda: now[0]), now)

    def publish(_subject: str, text: str) -> None:
        made.said.append(json.loads(text))

    made.books = replace(made.books, alerts=AlertSettings((Topic(publish),)))
    made.books.accounts.create("a", "Ada", NOON - DAY_MS)
    made.books.accounts.credit("a", 1000 * NANO, "opening", "opening", NOON)
    yield made
    table.close()


def _no_catalog() -> Any:
    raise AssertionError("the catalog is not asked for")


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def told(desk: Desk, inbox: Receiver) -> Desk:
    """The owner of the account has a webhook."""
    shown = account_actions.change_account(desk.books, "a", webhook=f"{inbox.url}/hook")
    assert shown["webhook_secret"].startswith("whsec_")
    return desk


def customers(inbox: Receiver) -> list[dict[str, Any]]:
    found = inbox.bodies
    inbox.got.clear()
    return found


def gives_up(desk: Desk, vendor: str, cause: Cause, minutes: int, served: bool = False) -> None:
    """A vendor is asked each minute, and fails."""
    health, rests = Health(), Rests(desk.books.table)

    def save(provider: str) -> None:
        state = health.states[provider]
        rests.save(provider, {"served_ms": state.served_ms, "failed_ms": state.failed_ms, "cause": state.cause,
                              "failing_ms": state.failing_ms, "refused": dict(state.refused)}, desk.now[0])  # fmt: skip

    health.changed = save
    place = Place(vendor, "m")
    for _ in range(minutes):
        health.failed(place, cause, None, desk.now[0])
        desk.now[0] += MINUTE_MS
    if served:
        health.served(place, desk.now[0])


def test_a_vendor_that_answers_nobody_is_told_of_once_until_it_answers(desk: Desk) -> None:
    gives_up(desk, "openai", Cause.UNREACHABLE, 2)
    assert desk.round().told == 0  # a minute is no death
    gives_up(desk, "openai", Cause.UNREACHABLE, 5)
    assert [desk.round(1).told for _ in range(3)] == [1, 0, 0]
    assert desk.said[0]["vendor"] == "openai" and desk.said[0]["cause"] == "unreachable"
    gives_up(desk, "openai", Cause.UNREACHABLE, 1, served=True)
    assert desk.round().told == 0
    gives_up(desk, "openai", Cause.UNREACHABLE, 5)
    desk.round()
    assert desk.events() == ["vendor_dead", "vendor_dead"]


def test_a_vendor_that_limits_is_not_dead(desk: Desk) -> None:
    gives_up(desk, "openai", Cause.RATE, 10)
    assert desk.round().told == 0


@pytest.mark.parametrize(
    ("cause", "event"),
    [
        (Cause.CREDIT, "vendor_credit_gone"),
        (Cause.CREDENTIAL, "vendor_key_refused"),
        (Cause.ACCESS, "vendor_access_refused"),
    ],
)
def test_a_vendor_that_refuses_the_operator_is_told_of_at_once(desk: Desk, cause: Cause, event: str) -> None:
    gives_up(desk, "anthropic", cause, 1)
    assert [desk.round(1).told for _ in range(3)] == [1, 0, 0]
    assert desk.events() == [event]
    assert desk.round(90).told == 0  # it was not asked for so long: mended
    gives_up(desk, "anthropic", cause, 1)
    desk.round()
    assert desk.events() == [event]


def test_a_success_of_another_key_does_not_hide_that_credit_is_gone(desk: Desk) -> None:
    gives_up(desk, "openai", Cause.CREDIT, 1)
    Rests(desk.books.table).save("openai", {"served_ms": desk.now[0], "failed_ms": 0, "cause": ""}, desk.now[0])
    desk.round()
    assert desk.events() == ["vendor_credit_gone"]


def test_money_without_an_account_is_told_of_once_each(desk: Desk) -> None:
    for number in (1, 2):
        desk.books.payments.report(f"p{number}", Facts(None, "usd", 500, 500, 2), f"e{number}", desk.now[0])
    assert [desk.round().told for _ in range(2)] == [2, 0]
    assert [one["payment"] for one in desk.said] == ["p1", "p2"]
    desk.books.payments.report("p3", Facts(None, "usd", 500, 500, 2), "e3", desk.now[0])
    assert desk.round().told == 1


def test_the_scheduled_turn_counts_money_without_an_account(desk: Desk) -> None:
    desk.books.payments.report("p1", Facts(None, "usd", 500, 500, 2), "e1", desk.now[0])
    assert turn(desk.books).unassigned == 1
    assert desk.events() == ["unassigned_money"]


def test_a_day_that_costs_five_times_the_usual_is_told_of(desk: Desk) -> None:
    desk.round()
    for _ in range(3):
        desk.spend("4")
        assert desk.round(24 * 60).told == 0
    desk.spend("19")
    assert desk.round().told == 0
    desk.spend("2")
    assert [desk.round().told for _ in range(2)] == [1, 0]
    (said,) = desk.said
    assert (said["event"], said["spent_usd"], said["usual_usd"]) == ("spend_spike", "21", "4")
    assert desk.round(24 * 60).told == 0
    desk.spend("60")
    assert desk.round().told == 1


def test_small_money_is_no_spike(desk: Desk) -> None:
    desk.spend("0.01")
    desk.round()
    desk.now[0] += DAY_MS
    desk.spend("9")
    assert desk.round().told == 0


def test_a_first_day_is_compared_with_nothing(desk: Desk) -> None:
    desk.books.accounts.create("b", "Bea", NOON)
    desk.round()
    desk.spend("500")
    assert desk.round().told == 0


def test_books_that_do_not_balance_are_told_of(desk: Desk) -> None:
    from interchange.metering.store import Change

    more = Change("SET available = available + :n", "attribute_exists(pk)", {}, {":n": 1})
    desk.books.table.change("ACCOUNT#a", "BALANCE#0", more)
    assert [desk.round().told for _ in range(2)] == [1, 0]
    assert desk.said[0]["event"] == "books_unbalanced"
    assert desk.said[0]["gap_usd"] == "-0.000000001"


def test_what_a_day_cost_above_its_holds_is_told_of(desk: Desk) -> None:
    desk.books.ledger.record(usage_row("r", NOON, absorbed_nano=7 * NANO))
    assert desk.round().told == 0
    assert desk.round(36 * 60).told == 1
    assert (desk.said[0]["event"], desk.said[0]["absorbed_usd"], desk.said[0]["requests"]) == (
        "absorbed_charges",
        "7",
        1,
    )


def test_a_customer_is_told_of_a_low_balance_by_a_signed_call(told: Desk, inbox: Receiver) -> None:
    told.books.accounts.change("a", low_nano=5 * NANO)
    told.spend("997")
    assert [told.round().told for _ in range(2)] == [2, 0]  # the operator too
    ((path, headers, body),) = inbox.got
    secret = told.books.accounts.get("a").webhook_secret
    said = verify(body, headers["interchange-signature"], [secret], int(headers["interchange-signature"][2:12]))
    assert (path, said["type"], said["data"]["available_usd"]) == ("/hook", "low_balance", "3")
    assert said["text"].startswith("Low balance: Ada. 3 USD are left")
    told.books.accounts.credit("a", 10 * NANO, "top-up", "c", NOON)
    told.round(5)
    told.spend("10")
    told.round()
    first, second = inbox.bodies
    assert first["id"] != second["id"]


def test_a_customer_is_told_of_a_cap_that_is_reached(told: Desk, inbox: Receiver) -> None:
    key_id, limits = told.key(spend_usd="10", spend_per_day_usd="5")
    told.spend("4.7", key_id, limits)
    assert told.round().told == 0
    told.spend("0.2", key_id, limits)
    assert [told.round().told for _ in range(2)] == [1, 0]
    (said,) = customers(inbox)
    assert (said["type"], said["data"]["key_name"], said["data"]["window"]) == ("cap_reached", "app", "a day")
    assert (said["data"]["used_usd"], said["data"]["cap_usd"]) == ("4.9", "5")
    told.round(24 * 60)
    told.spend("4.9", key_id, limits)
    told.round()
    assert [one["data"]["window"] for one in customers(inbox)] == ["in all", "a day"]


def test_what_is_only_held_reaches_no_cap(told: Desk, inbox: Receiver) -> None:
    key_id, limits = told.key(spend_usd="10")
    told.books.ledger.hold(AccountRef("a", key_id, limits), "r", 10 * NANO, told.now[0], told.now[0] + HOUR_MS)
    assert told.round().told == 0


def test_a_customer_is_told_that_a_key_expires(told: Desk, inbox: Receiver) -> None:
    told.key(expires="30d")
    told.key(expires="1h")
    assert told.round().told == 0
    assert [told.round(17 * 24 * 60).told, told.round().told] == [1, 0]
    (said,) = customers(inbox)
    assert (said["type"], said["data"]["expires"]) == ("key_expiring", "2026-12-22T12:00:00Z")


def test_a_key_of_short_life_is_told_of_in_the_second_half_of_it(told: Desk, inbox: Receiver) -> None:
    told.key(expires="10h")
    assert [told.round(4 * 60).told, told.round(2 * 60).told] == [0, 1]


def test_a_call_that_is_not_taken_is_made_again_a_few_times(told: Desk, inbox: Receiver) -> None:
    told.books.accounts.change("a", low_nano=5000 * NANO)
    inbox.status = 500
    rounds = [told.round(5) for _ in range(MOST_TRIES + 2)]
    assert [one.failed for one in rounds] == [1] * MOST_TRIES + [0, 0]
    assert [one.told for one in rounds] == [1] + [0] * (MOST_TRIES + 1)  # the operator was told at once
    assert len({one["id"] for one in customers(inbox)}) == 1


def test_a_customer_may_be_told_by_e_mail(desk: Desk, inbox: Receiver) -> None:
    sender = Mail("gateway@example.com", "eu-west-1", lambda: Credentials("AKID", "secret"), inbox.url)
    desk.books = replace(desk.books, alerts=AlertSettings(sender=sender))
    account_actions.change_account(desk.books, "a", email="ada@example.com", low_balance="5000")
    assert [desk.round().told for _ in range(2)] == [1, 0]
    ((path, headers, body),) = inbox.got
    assert path == "/v2/email/outbound-emails"
    assert "Credential=AKID/" in headers["authorization"] and "/eu-west-1/ses/aws4_request" in headers["authorization"]
    sent = json.loads(body)
    assert (sent["FromEmailAddress"], sent["Destination"]) == (
        "gateway@example.com",
        {"ToAddresses": ["ada@example.com"]},
    )
    assert sent["Content"]["Simple"]["Subject"]["Data"] == "Low balance: Ada"
    assert "1000 USD are left" in sent["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_each_of_the_operators_ways_tells_once(desk: Desk, inbox: Receiver) -> None:
    sender = Mail("gateway@example.com", "eu-west-1", lambda: Credentials("AKID", "secret"), inbox.url)
    ways = (Letter(sender, "ops@example.com"), Call(f"{inbox.url}/ops", SECRET))
    desk.books = replace(desk.books, alerts=AlertSettings(ways))
    gives_up(desk, "xai", Cause.CREDIT, 1)
    assert [desk.round().told for _ in range(2)] == [2, 0]
    assert sorted(path for path, _, _ in inbox.got) == ["/ops", "/v2/email/outbound-emails"]


def test_a_closed_account_forgets_whom_it_told(told: Desk) -> None:
    account_actions.change_account(told.books, "a", email="ada@example.com")
    closing.close_account(told.books, "a", "refund", "left")
    found = told.books.accounts.get("a")
    assert (found.email, found.webhook, found.webhook_secret) == ("", "", "")


@pytest.mark.parametrize(
    ("field_name", "text"),
    [
        ("email", "nobody"), ("email", "a@b"), ("email", "a b@example.com"), ("email", "a@example.com,b@example.com"),
        ("webhook", "example.com/x"), ("webhook", "http://example.com/x"), ("webhook", "https://u:p@example.com/"),
        ("webhook", "ftp://example.com"), ("webhook", "https://"), ("webhook", "https://example.com:port/"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(desk: Desk, field_name: str, text: str) -> None:
    named: dict[str, Any] = {field_name: text}
    with pytest.raises(ValueError, match=f"^{field_name}: "):
        account_actions.change_account(desk.books, "a", **named)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"INTERCHANGE_ALERT_TOPIC": "alerts"}, "INTERCHANGE_ALERT_TOPIC: 'alerts' is not an SNS topic's ARN"),
        ({"INTERCHANGE_ALERT_EMAIL": "ops@example.com"}, "INTERCHANGE_ALERT_EMAIL: INTERCHANGE_MAIL_FROM must be set"),
        ({"INTERCHANGE_ALERT_WEBHOOK": "https://x.example"}, "ALERT_WEBHOOK_SECRET: not set"),
        ({"INTERCHANGE_ALERT_WEBHOOK": "x", "ALERT_WEBHOOK_SECRET": "s"}, "INTERCHANGE_ALERT_WEBHOOK: 'x' is no"),
        ({"INTERCHANGE_MAIL_FROM": "x"}, "INTERCHANGE_MAIL_FROM: 'x' is no e-mail address"),
        ({"INTERCHANGE_SPIKE_FACTOR": "0.5"}, "INTERCHANGE_SPIKE_FACTOR: '0.5' is no factor"),
        ({"INTERCHANGE_SPIKE_USD": "-1"}, "INTERCHANGE_SPIKE_USD: "),
    ],
)
def test_a_setting_that_is_none_names_its_variable(env: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_alerts(env)
    assert str(raised.value).startswith(said)


def test_an_owner_whose_model_is_to_go_is_told_once(told: Desk, inbox: Receiver) -> None:
    listed = read(w.CATALOG)
    gone = replace(listed.models[0], id="m", aliases=(), deprecated="2027-01-31", successor="gpt-6")
    told.books = replace(told.books, base=lambda: replace(listed, models=(gone,)))
    for day in range(2):
        told.books.ledger.record(usage_row(f"r{day}", NOON + day * DAY_MS))
    assert [told.round(one).told for one in (36 * 60, 24 * 60)] == [1, 0]
    (said,) = customers(inbox)
    assert (said["type"], said["data"]["model"], said["data"]["successor"]) == ("model_deprecated", "m", "gpt-6")
    assert said["text"].endswith("called on 2026-11-22, and is not served from 2027-01-31 on; gpt-6 takes its place.")


def going(told: Desk, day: str) -> None:
    """The catalog's model `m` goes on that day."""
    listed = read(w.CATALOG)
    gone = replace(listed.models[0], id="m", aliases=(), deprecated=day, successor="gpt-6")
    told.books = replace(told.books, base=lambda: replace(listed, models=(gone,)))


def test_an_owner_who_still_calls_a_model_in_its_last_days_is_told_once_more(told: Desk, inbox: Receiver) -> None:
    going(told, "2026-12-03")
    for day in (0, 6, 7, 8):
        told.books.ledger.record(usage_row(f"r{day}", NOON + day * DAY_MS))
    day_s = 24 * 60
    assert [told.round(minutes).told for minutes in (36 * 60, 5 * day_s, day_s, day_s)] == [1, 0, 1, 0]
    first, second = customers(inbox)
    assert (first["type"], second["type"]) == ("model_deprecated", "model_ends")
    assert second["text"] == (
        "Last days of a model in use: m. It was called on 2026-11-28, and is not served from 2026-12-03 on; "
        "gpt-6 takes its place."
    )


def test_an_owner_who_has_left_a_model_is_not_told_again(told: Desk, inbox: Receiver) -> None:
    going(told, "2026-12-03")
    told.books.ledger.record(usage_row("r", NOON))
    assert sum(told.round(24 * 60).told for _ in range(20)) == 1
    assert [one["type"] for one in customers(inbox)] == ["model_deprecated"]


def test_a_model_that_is_marked_in_its_last_days_is_told_of_once(told: Desk, inbox: Receiver) -> None:
    going(told, "2026-11-26")
    for day in range(5):
        told.books.ledger.record(usage_row(f"r{day}", NOON + day * DAY_MS))
    assert sum(told.round(24 * 60).told for _ in range(8)) == 1
    assert [one["type"] for one in customers(inbox)] == ["model_ends"]


def test_a_customer_is_told_of_the_accounts_own_cap(told: Desk, inbox: Receiver) -> None:
    shared = account_limits.limit_account(told.books, "a", {"spend_per_day_usd": "5"})
    assert shared["limits"]["day_left_usd"] == "5"
    meters = (Meter(key_uses.ACCOUNT, Limits(spend_per_day_nano=5 * NANO), "account"),)
    account, now = AccountRef("a", "k", Limits(), meters=meters), told.now[0]
    held = told.books.ledger.hold(account, "r", nano("4.9"), now, now + HOUR_MS)
    assert told.round().told == 0  # what is held comes back in part
    told.books.ledger.settle(held, nano("4.9"), now)
    assert [told.round().told for _ in range(2)] == [1, 0]
    (said,) = customers(inbox)
    assert (said["type"], said["data"]["name"], said["data"]["window"]) == ("cap_reached", "Ada", "a day")
