"""An account's owner says where to be told of things: a confirmed e-mail address, a webhook of the open internet."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field

import pytest

from interchange.operator import account_actions
from interchange.operator.alert_settings import AlertSettings
from interchange.operator.notify import Call, public_connection
from interchange.operator.sweep import sweep
from interchange.operator.telling import customers
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.upstream.public import Forbidden
from tests.account.desk import Desk, opened


@dataclass
class Letters:
    """(address, subject, text) of each."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, to: str, subject: str, text: str) -> None:
        self.sent.append((to, subject, text))

    def code(self) -> str:
        facts = dict(line.split(": ", 1) for line in self.sent[-1][2].splitlines() if ": " in line)
        return facts["code"]


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def here(letters: Letters) -> Desk:
    return opened(SqliteTable(MEMORY), alerts=AlertSettings(sender=letters))


def test_an_address_is_told_of_things_once_its_code_came_back(here: Desk, letters: Letters) -> None:
    asked = here("PATCH", "/account", {"notices": {"email": "ada@example.com"}})["notices"]
    assert asked == {"email": None, "email_asked": "ada@example.com", "webhook": None, "webhook_secret": None}
    account_actions.change_account(here.books, here.account, low_balance="500")
    for _ in range(2):
        sweep(here.books)
    assert [(to, subject) for to, subject, _ in letters.sent] == [("ada@example.com", "Confirm this address")]
    wrong = here("PATCH", "/account", {"notices": {"email_code": "00000000x"}}, 409)["error"]
    assert wrong["param"] == "notices.email_code"
    done = here("PATCH", "/account", {"notices": {"email_code": letters.code()}})["notices"]
    assert (done["email"], done["email_asked"]) == ("ada@example.com", None)
    sweep(here.books)
    assert [subject for _, subject, _ in letters.sent] == ["Confirm this address", "Low balance: Ada"]
    assert here("GET", "/account")["notices"]["email"] == "ada@example.com"
    assert here("PATCH", "/account", {"notices": {"email": None}})["notices"]["email"] is None


def test_the_address_before_is_told_until_the_new_one_is_confirmed(here: Desk, letters: Letters) -> None:
    account_actions.change_account(here.books, here.account, email="old@example.com", low_balance="500")
    here("PATCH", "/account", {"notices": {"email": "new@example.com"}})
    sweep(here.books)
    assert sorted(to for to, _, _ in letters.sent) == ["new@example.com", "old@example.com"]
    assert here("GET", "/account")["notices"]["email"] == "old@example.com"


def test_strangers_get_few_letters_and_codes_are_not_guessed(here: Desk, letters: Letters) -> None:
    for number in range(5):
        here("PATCH", "/account", {"notices": {"email": f"a{number}@example.com"}})
    refused = here("PATCH", "/account", {"notices": {"email": "a6@example.com"}}, 409)["error"]
    assert (refused["param"], refused["code"]) == ("notices.email", "too_many_addresses")
    sweep(here.books)
    assert [to for to, _, _ in letters.sent] == ["a4@example.com"]
    for _ in range(10):
        here("PATCH", "/account", {"notices": {"email_code": "1"}}, 409)
    here("PATCH", "/account", {"notices": {"email_code": letters.code()}}, 409)
    assert here("GET", "/account")["notices"]["email_asked"] is None


@pytest.mark.parametrize(
    ("notices", "param"),
    [
        ({"email": "nobody"}, "notices.email"),
        ({"email": "a@b.example, c@d.example"}, "notices.email"),
        ({"webhook": "http://example.com/hook"}, "notices.webhook"),
        ({"webhook": "http://127.0.0.1:8080/hook"}, "notices.webhook"),
        ({"webhook": "https://127.0.0.1/hook"}, "notices.webhook"),
        ({"webhook": "https://[::1]/hook"}, "notices.webhook"),
        ({"webhook": "https://169.254.169.254/latest/meta-data"}, "notices.webhook"),
        ({"webhook": "https://10.0.0.1/hook"}, "notices.webhook"),
        ({"webhook": "https://2130706433/hook"}, "notices.webhook"),
        ({"webhook": "https://[::ffff:10.0.0.1]/hook"}, "notices.webhook"),
        ({"webhook": "https://localhost/hook"}, "notices.webhook"),
        ({"webhook": "https://user:pass@example.com/hook"}, "notices.webhook"),
        ({"webhook": "example.com"}, "notices.webhook"),
        ({"telegram": "@ada"}, "notices.telegram"),
        ({"webhook": "https://example.com/hook", "email": "nobody"}, "notices.email"),
        ({"webhook": "https://example.com/hook", "email_code": "1"}, "notices.email_code"),
    ],
)
def test_an_address_that_may_not_be_told_is_refused_and_nothing_is_set(
    here: Desk, notices: dict[str, str], param: str
) -> None:
    status = 409 if param == "notices.email_code" else 400  # nothing waits for a code
    assert here("PATCH", "/account", {"notices": notices}, status)["error"]["param"] == param
    assert set(here("GET", "/account")["notices"].values()) == {None}


def test_an_owners_webhook_has_its_secret_once_and_goes_to_the_open_internet_alone(here: Desk) -> None:
    made = here("PATCH", "/account", {"notices": {"webhook": "https://hooks.example.com/x"}})["notices"]
    assert made["webhook_secret"].startswith("whsec_")
    assert here("GET", "/account")["notices"]["webhook_secret"] is None
    (way,) = customers(here.books, here.books.accounts.get(here.account))
    assert isinstance(way, Call) and way.public and way.secret == made["webhook_secret"]
    account_actions.change_account(here.books, here.account, webhook="https://10.0.0.1/operators-own")
    (way,) = customers(here.books, here.books.accounts.get(here.account))
    assert isinstance(way, Call) and not way.public
    stored = json.dumps(here("GET", "/account"))
    assert made["webhook_secret"] not in stored


def test_a_name_that_leads_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"], []):
        answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, answers=answers, **_k: answers)
        with pytest.raises(Forbidden):
            public_connection("hooks.example.com", 443, 1.0)


def test_letters_are_not_promised_where_none_are_sent(here: Desk) -> None:
    desk = opened(here.table)
    refused = desk("PATCH", "/account", {"notices": {"email": "ada@example.com"}}, 409)["error"]
    assert refused["code"] == "not_set_up"
    assert desk("PATCH", "/account", {}, 400)["error"]["param"] == "auto_topup"
    assert desk("PATCH", "/account", {"notices": {"webhook": "https://example.com/h"}}, 403, key=desk.app)
