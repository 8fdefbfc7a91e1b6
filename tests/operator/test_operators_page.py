"""The operator's page: on loopback, with a token, over the admin API of the table here or of a deployed stack."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from interchange.operator import console_server, holds, stack
from interchange.operator.console_command import console_for
from interchange.operator.console_server import FOLDER, Console, start
from interchange.plain_http import Reply
from tests.operator.office import Office
from tests.operator.receiver import Receiver, receiver


class Page:
    def __init__(self, address: str) -> None:
        self.base, _, self.token = address.partition("/#")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        shown = {"x-console-token": self.token, "content-type": "application/json", **headers}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.base + path, data, shown, method=method)
        try:
            with urllib.request.urlopen(asked) as answer:
                self.headers = answer.headers
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        status, read = self.ask(method, path, body, **headers)
        return status, json.loads(read)


@pytest.fixture
def page(office: Office) -> Iterator[Page]:
    address, running = start(console_for({"INTERCHANGE_TABLE": "office", "AWS_REGION": "us-east-1"}, None, None, None))
    yield Page(address)
    running.shutdown()
    running.server_close()


def test_the_page_is_served_without_scripts_of_others(page: Page) -> None:
    for path, kind in (("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css")):
        status, _ = page.ask("GET", path, **{"x-console-token": ""})
        assert (status, page.headers["content-type"]) == (200, f"{kind}; charset=utf-8")
        assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in (FOLDER / "page.js").read_text().replace("Whatever", "")
    assert "innerHTML" not in (FOLDER / "page.js").read_text()


def test_the_admin_api_answers_on_it(page: Page) -> None:
    status, made = page.json("POST", "/admin/accounts", {"name": "Ada", "credit_usd": "5"}, **{"idempotency-key": "x"})
    assert (status, made["available_usd"]) == (201, "5")
    again = page.json("POST", "/admin/accounts", {"name": "Ada", "credit_usd": "5"}, **{"idempotency-key": "x"})[1]
    assert again["account"] == made["account"]
    assert page.json("GET", f"/admin/accounts/{made['account']}")[1]["name"] == "Ada"
    assert page.json("GET", "/place") == (200, {"place": "table office"})
    status, refused = page.json("POST", f"/admin/accounts/{made['account']}/credits", {"usd": "x", "reason": "r"})
    assert (status, refused["error"]) == (400, "usd: 'x' is not an amount in USD")


def test_every_view_of_the_page_is_an_endpoint(page: Page) -> None:
    paths = re.findall(r'get\("(/[^"]+)"\)', (FOLDER / "page.js").read_text())
    assert len(paths) >= 9
    for path in [*paths, "/usage?since=7d&by=vendor", "/holds?stuck=true"]:
        assert page.json("GET", f"/admin{path}")[0] == 200, path


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_nothing_is_answered_without_the_token(page: Page, token: str) -> None:
    page.token = token.encode().decode("latin-1")
    assert page.json("GET", "/admin/accounts")[0] == 403
    assert page.json("GET", "/place")[0] == 403


def test_a_name_that_leads_here_is_refused(page: Page) -> None:
    for path in ("/", "/admin/accounts"):
        assert page.ask("GET", path, host="evil.example:80")[0] == 403


def test_only_the_admin_api_is_passed_on(page: Page) -> None:
    assert page.json("GET", "/v1/models")[0] == 404
    assert page.json("GET", "/admin/nothing")[0] == 404


def test_stuck_holds_are_listed(office: Office, page: Page) -> None:
    account = office("account", "create", "--name", "Ada", "--credit", "5")["account"]
    office.hold(account, "old", 10**9, 1)
    office.hold(account, "new", 10**9, 10**13)
    found = page.json("GET", "/admin/holds")[1]
    assert (found["count"], found["held_usd"]) == (2, "2")
    stuck = page.json("GET", "/admin/holds?stuck=true")[1]["holds"]
    assert [(one["request_id"], one["held_usd"]) for one in stuck] == [("old", "1")]
    assert office("holds", "--stuck")["holds"] == stuck
    assert holds.open_holds(office.books, account)["count"] == 2


@pytest.fixture
def api() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def test_a_deployed_stack_is_asked_with_signed_calls(office: Office, api: Receiver) -> None:
    env = {"AWS_REGION": "us-east-1"}
    console = console_for(env, None, f"{api.url}/prod/admin", "eu-west-1")
    reply = console.answer(
        "POST", "/admin/codes?x=1", {"host": "localhost", "x-console-token": console.token, "cookie": "c"}, b'{"a":1}'
    )
    assert (reply.status, reply.body) == (200, b"{}")
    ((path, headers, body),) = api.got
    assert (path, body) == ("/prod/admin/codes?x=1", b'{"a":1}')
    assert "/eu-west-1/execute-api/aws4_request" in headers["authorization"]
    assert "x-console-token" not in headers and "cookie" not in headers


def test_a_stack_is_found_by_its_name(office: Office) -> None:
    outputs = {
        stack.TABLE: "t",
        stack.SECRET: "s",
        stack.BASE_URL: "b",
        stack.ADMIN_URL: "https://a.example/prod/admin",
    }
    body = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}},
            "Outputs": {name: {"Value": value} for name, value in outputs.items()}}  # fmt: skip
    boto3.client("cloudformation", "us-east-1").create_stack(StackName="s", TemplateBody=json.dumps(body))
    assert console_for({}, "s", None, "us-east-1").place == "stack s, us-east-1"


def test_an_api_that_is_away_is_said_on_the_page(office: Office) -> None:
    console = console_for({}, None, "http://127.0.0.1:1/admin", "us-east-1")
    asked = {"host": "127.0.0.1", "x-console-token": console.token}
    reply = console.answer("GET", "/admin/accounts", asked, b"")
    assert reply.status == 502 and b"cannot be reached" in reply.body


def test_the_server_is_on_loopback_alone() -> None:
    def nobody(*_: object) -> Reply:
        raise AssertionError

    made = console_server.server(Console(nobody, "nowhere"))
    assert made.server_address[0] == "127.0.0.1"
    made.server_close()
