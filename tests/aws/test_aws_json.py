"""The client of AWS's JSON services where servers misbehave; tests/metering/contract holds it to the contract."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interchange.aws import aws_json
from interchange.aws.aws_json import DYNAMODB, SECRETS, AwsJson
from interchange.aws.sigv4 import Credentials


class Table:
    """A server that answers with what is laid out for it; None hangs up."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any] | None] = []
        self.asked: list[tuple[dict[str, str], Any]] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.asked.append(({name.lower(): value for name, value in self.headers.items()}, json.loads(body)))
                answer = outer.answers.pop(0)
                if answer is None:
                    self.close_connection = True
                    return
                status, told = answer
                raw = json.dumps(told).encode() if not isinstance(told, bytes) else told
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def client(self, service: aws_json.Service = DYNAMODB) -> AwsJson:
        return AwsJson(service, "eu-west-1", Credentials("a", "b", "c"), f"http://127.0.0.1:{self.server.server_port}")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setattr(aws_json, "BACKOFF_SECONDS", 0.0)
    made = Table()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_what_goes_out_and_comes_in(table: Table) -> None:
    table.answers = [(200, {"Item": {"a": {"B": "AAE="}, "m": {"M": {"B": {"S": "x"}}}, "l": {"L": [{"B": "Ag=="}]}}})]
    found = table.client().get_item(TableName="t", Key={"pk": {"B": b"\x00\xff"}})
    assert found["Item"] == {"a": {"B": b"\x00\x01"}, "m": {"M": {"B": {"S": "x"}}}, "l": {"L": [{"B": b"\x02"}]}}
    headers, body = table.asked[0]
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["x-amz-security-token"] == "c" and "/eu-west-1/dynamodb/aws4_request" in headers["authorization"]
    assert body == {"TableName": "t", "Key": {"pk": {"B": "AP8="}}}


def test_a_refusal_has_its_fields(table: Table) -> None:
    kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    table.answers = [(400, {"__type": kind, "message": "no", "Item": {"a": {"N": "1"}}})]
    with pytest.raises(ClientError) as caught:
        table.client().update_item(TableName="t")
    told: Any = caught.value.response
    assert told["Error"] == {"Code": "ConditionalCheckFailedException", "Message": "no"}
    assert told["Item"] == {"a": {"N": "1"}} and len(table.asked) == 1


def test_throttling_and_faults_are_tried_again(table: Table) -> None:
    throttled = {"__type": "x#ProvisionedThroughputExceededException"}
    table.answers = [(400, throttled), (500, b"<html>"), (503, {}), (200, {"ok": 1})]
    assert table.client().query(TableName="t") == {"ok": 1}
    table.answers = [(500, {}), (500, {}), (500, {}), (500, {"__type": "InternalServerError"})]
    with pytest.raises(ClientError):
        table.client().query(TableName="t")


def test_an_idle_connection_that_died_is_replaced(table: Table) -> None:
    client = table.client()
    table.answers = [(200, {}), (200, {}), None, (200, {"ok": 1})]
    client.query()
    client.query()
    assert table.connections == 1
    assert client.query() == {"ok": 1}
    assert table.connections == 2


def test_a_server_that_only_hangs_up_is_an_error(table: Table) -> None:
    table.answers = [None] * 4
    with pytest.raises(OSError, match="dynamodb Query"):
        table.client().query()
    assert len(table.asked) == 4


def test_secrets_are_read(table: Table) -> None:
    table.answers = [(200, {"SecretString": "{}"})]
    assert table.client(SECRETS).get_secret_value(SecretId="s")["SecretString"] == "{}"
    assert table.asked[0][0]["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert table.asked[0][0]["content-type"] == "application/x-amz-json-1.1"


def test_addresses() -> None:
    given = Credentials("a", "b")
    assert AwsJson(DYNAMODB, "us-east-1", given)._url == "https://dynamodb.us-east-1.amazonaws.com/"
    assert AwsJson(SECRETS, "cn-north-1", given)._url == "https://secretsmanager.cn-north-1.amazonaws.com.cn/"
