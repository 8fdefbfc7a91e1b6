"""Two stacks in one account and region: no name that both have, and no metric of one in the other's alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.stack import Stack, stack
from tests.template.test_conditions import EVERYTHING

NAMES = frozenset(
    "AlarmName ApiName BucketName CapacityProviderName DashboardName DeploymentGroupName FunctionName GroupName "
    "LogGroupName ManagedPolicyName Name QueueName RoleName SecretName TableName TopicName".split()
)
"""Properties that name a resource for the whole account, where it is they and not CloudFormation that do."""
INSIDE = {
    "AWS::Lambda::Alias": "of its function", "AWS::Lambda::Url": "of its function",
    "AWS::Lambda::Permission": "names another resource",
}  # fmt: skip
"""Types whose names are another resource's own."""
GLOBAL = {"AWS::CloudWatch::Dashboard": "DashboardName"}
"""One list for all regions."""


def made(which: str) -> Stack:
    return stack(**(EVERYTHING if which == "everything" else {"PaymentsEnabled": "true", "AccessLogsEnabled": "true"}))


@pytest.mark.parametrize("which", ["plain", "everything"])
def test_what_is_named_is_named_after_its_stack(which: str) -> None:
    for name, resource in made(which).resources.items():
        if resource["Type"] in INSIDE:
            continue
        for key, value in resource.get("Properties", {}).items():
            if (
                key not in NAMES
                or is_reference(value)
                or (resource["Type"], key) == ("AWS::Route53::RecordSet", "Name")
            ):
                continue
            said = json.dumps(value)
            assert "AWS::StackName" in said, f"{name}.{key}: {said}"
            if GLOBAL.get(resource["Type"]) == key:
                assert "AWS::Region" in said, f"{name}.{key}: {said}"


def is_reference(value: Any) -> bool:
    """Of a resource that CloudFormation named, or of what the operator said."""
    return isinstance(value, dict) and set(value) <= {"Ref", "Fn::GetAtt"} and value.get("Ref") != "AWS::StackName"


def test_nothing_is_exported_by_a_name() -> None:
    assert not [name for name, output in made("everything").outputs.items() if "Export" in output]


def metrics(alarm: dict[str, Any]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """(namespace, dimensions)."""
    if "Namespace" in alarm:
        yield alarm["Namespace"], alarm.get("Dimensions", [])
    for one in alarm.get("Metrics", ()):
        if "MetricStat" in one:
            metric = one["MetricStat"]["Metric"]
            yield metric["Namespace"], metric.get("Dimensions", [])


@pytest.mark.parametrize("which", ["plain", "everything"])
def test_an_alarm_looks_at_its_own_stack_alone(which: str) -> None:
    """By the namespace, or by a resource among the dimensions. The account's quota is everybody's."""
    for name, alarm in made(which).of_type("AWS::CloudWatch::Alarm").items():
        for namespace, dimensions in metrics(alarm):
            own = "AWS::StackName" in json.dumps(namespace)
            named = any("Ref" in json.dumps(one["Value"]) or "AWS::StackName" in json.dumps(one["Value"]) or
                        "Fn::" in json.dumps(one["Value"]) for one in dimensions)  # fmt: skip
            assert own or named or namespace == "AWS/Usage", f"{name}: {namespace} {dimensions}"


def test_the_functions_count_into_their_stacks_namespace() -> None:
    wanted = {"Fn::Sub": "Interchange/${AWS::StackName}"}
    plain = made("plain")
    for name, function in plain.of_type("AWS::Lambda::Function").items():
        assert function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == wanted, name
    watched = {json.dumps(space) for alarm in plain.of_type("AWS::CloudWatch::Alarm").values()
               for space, _ in metrics(alarm) if "Interchange" in json.dumps(space)}  # fmt: skip
    assert watched == {json.dumps(wanted)}
    assert '"Interchange"' not in json.dumps(plain.properties("Dashboard"))
