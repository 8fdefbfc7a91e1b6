"""The first steps on a stack, against CloudFormation, Secrets Manager and DynamoDB in memory."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from interchange.operator import stack
from tests.operator.office import TABLE, Office

FOUND = stack.find
SEAL = "a-seal-key-that-must-stay"


@pytest.fixture
def secret(office: Office) -> str:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    held = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": "", "INTERCHANGE_SEAL_KEY": SEAL}
    return client.create_secret(Name="keys", SecretString=json.dumps(held))["ARN"]


@pytest.fixture
def stacked(secret: str) -> str:
    outputs = {"TableName": TABLE, "VendorKeysArn": secret, "BaseUrl": "https://llm.example.com"}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client = boto3.client("cloudformation", region_name="us-east-1")
    client.create_stack(StackName="interchange", TemplateBody=json.dumps(template))
    return "interchange"


def held(secret: str) -> Any:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    return json.loads(client.get_secret_value(SecretId=secret)["SecretString"])


def test_keys_are_stored_and_an_account_is_made(
    office: Office, stacked: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-vendor")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("INTERCHANGE_TABLE")
    done = office("bootstrap", "--stack", stacked, "--credit", "25")
    assert done["base_url"] == "https://llm.example.com"
    assert done["available_usd"] == "25"
    assert done["secrets_set"] == ["OPENAI_API_KEY"]
    assert done["secrets_empty"] == [
        "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "XAI_API_KEY",
    ]  # fmt: skip
    assert "sk-of-the-vendor" not in json.dumps(done)
    found = held(secret)
    assert (found["OPENAI_API_KEY"], found["ANTHROPIC_API_KEY"]) == ("sk-of-the-vendor", "")
    assert found["INTERCHANGE_SEAL_KEY"] == SEAL
    monkeypatch.setenv("INTERCHANGE_TABLE", TABLE)
    assert office.identity().authenticate(done["key"]).account_id == done["account"]


def test_a_second_time_changes_keys_and_makes_nothing(
    office: Office, stacked: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "old")
    first = office("bootstrap", "--stack", stacked, "--credit", "25")
    monkeypatch.setenv("OPENAI_API_KEY", "new")
    monkeypatch.setenv("MISTRAL_API_KEY", "added")
    monkeypatch.setenv("INTERCHANGE_SEAL_KEY", "not this one")
    second = office("bootstrap", "--stack", stacked, "--credit", "25", "--secret", "MISTRAL_API_KEY")
    assert second["account"] == first["account"]
    assert (first["created"], second["created"]) == (True, False)
    assert "key" not in second
    assert second["available_usd"] == "25"
    assert held(secret)["OPENAI_API_KEY"] == "new"
    assert held(secret)["MISTRAL_API_KEY"] == "added"
    assert held(secret)["INTERCHANGE_SEAL_KEY"] == SEAL


def test_what_is_no_stack_of_ours_is_one_line(office: Office, stacked: str) -> None:
    client = boto3.client("cloudformation", region_name="us-east-1")
    client.create_stack(StackName="other", TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
    assert "other" in office.refused("bootstrap", "--stack", "other")
    assert "nowhere" in office.refused("bootstrap", "--stack", "nowhere")
    assert "terminal" in office.refused("bootstrap", "--stack", stacked, "--ask")


def test_without_a_region_it_says_so(office: Office, stacked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert office.refused("bootstrap", "--stack", stacked).startswith("--region")


def test_a_secret_that_nobody_has_filled_yet_is_filled(
    office: Office, stacked: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the template makes it: without any value."""
    client = boto3.client("secretsmanager", region_name="us-east-1")
    empty = client.create_secret(Name="empty")["ARN"]
    monkeypatch.setattr(stack, "find", lambda name, region: replace(FOUND(name, region), outputs={
        **FOUND(name, region).outputs, "VendorKeysArn": empty}))  # fmt: skip
    monkeypatch.setenv("XAI_API_KEY", "xai")
    done = office("bootstrap", "--stack", stacked)
    assert done["secrets_set"] == ["XAI_API_KEY"]
    assert held(empty)["OPENAI_API_KEY"] == ""


@pytest.mark.parametrize(("most", "asks"), [(10, True), (1000, False)])
def test_the_quota_of_concurrent_executions_is_shown(
    office: Office, stacked: str, monkeypatch: pytest.MonkeyPatch, most: int, asks: bool
) -> None:
    monkeypatch.setattr(stack, "concurrency", lambda _region: most)
    done = office("bootstrap", "--stack", stacked)
    assert done["concurrent_executions"] == most
    assert ("Service Quotas" in done.get("quota", "")) is asks
