from __future__ import annotations

import json

import boto3

from tests.functions.loading import load
from tests.operator.office import Office


def test_a_round_is_counted_in_metrics(office: Office) -> None:
    account = office("account", "create", "--name", "Ada", "--credit", "1")["account"]
    office.hold(account, "left", 10**9, 1)
    office.tamper(account)
    office.capsys.readouterr()
    shown = load("sweep").handler({"source": "aws.events"}, None)
    assert (shown["released"], shown["released_usd"], shown["unbalanced"]) == (1, "1", 1)
    printed = [json.loads(line) for line in office.capsys.readouterr().out.splitlines()]
    (emf,) = [line for line in printed if "_aws" in line]
    assert emf["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Interchange"
    assert (emf["HoldsReleased"], emf["AccountsUnbalanced"], emf["AccountsFailed"]) == ([1.0], [1.0], [0.0])


def test_a_low_balance_goes_to_the_topic(office: Office) -> None:
    topic = boto3.client("sns", region_name="us-east-1").create_topic(Name="alerts")["TopicArn"]
    queue = boto3.client("sqs", region_name="us-east-1")
    url = queue.create_queue(QueueName="alerts")["QueueUrl"]
    boto3.client("sns", region_name="us-east-1").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{topic.split(':')[4]}:alerts"
    )
    office.monkeypatch.setenv("INTERCHANGE_ALERT_TOPIC", topic)
    office("account", "create", "--name", "Ada", "--credit", "1", "--low-balance", "5")
    handler = load("sweep").handler
    assert [handler({}, None)["told"] for _ in range(2)] == [1, 0]
    (message,) = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["event"], told["available_usd"], told["threshold_usd"]) == ("low_balance", "1", "5")


def test_a_topic_that_is_none_is_one_line(office: Office) -> None:
    office.monkeypatch.setenv("INTERCHANGE_ALERT_TOPIC", "alerts")
    assert office.refused("audit") == "INTERCHANGE_ALERT_TOPIC: 'alerts' is not an SNS topic's ARN"
