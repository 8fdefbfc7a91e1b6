"""Each parameter that decides what there is, on the translated template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.template.stack import ROOT, Stack, stack

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"
DOMAIN = {"DomainName": "llm.example.com", "CertificateArn": CERTIFICATE, "HostedZoneId": "Z0123456789ABC"}
CASES: dict[str, tuple[dict[str, str], set[str]]] = {
    "defaults": ({}, set()),
    "edge": ({"EdgeEnabled": "true"}, {"Distribution", "EdgeSecret"}),
    "waf": ({"WafEnabled": "true"}, {"WebAcl", "ApiFirewall"}),
    "edge and waf": ({"EdgeEnabled": "true", "WafEnabled": "true"}, {"Distribution", "EdgeSecret", "WebAcl"}),
    "domain": (DOMAIN, {"ApiDomainName", "ApiMapping", "ApiRecord"}),
    "domain elsewhere": ({**DOMAIN, "HostedZoneId": ""}, {"ApiDomainName", "ApiMapping"}),
    "edge and domain": ({**DOMAIN, "EdgeEnabled": "true"}, {"Distribution", "EdgeSecret", "EdgeRecord"}),
    "e-mail": ({"AlarmEmail": "ops@example.com"}, {"AlarmsByEmail"}),
    "access logs": ({"AccessLogsEnabled": "true"}, {"ApiAccount", "ApiLogRole", "ApiLogs"}),
    "payments": ({"PaymentsEnabled": "true"}, {"WebhooksFunction", "WebhooksErrors", "WebhooksCanary", "WebhooksLogs"}),
    "no bedrock": ({"BedrockEnabled": "false"}, set()),
    "snapstart": ({"SnapStartEnabled": "true"}, set()),
    "reserved": ({"ReservedConcurrency": "50"}, set()),
}
"""Parameters -> the resources of our own that are there because of them."""
CONDITIONAL = set().union(*(wanted for _, wanted in CASES.values()))
EVERYTHING = {name: value for parameters, _ in CASES.values() for name, value in parameters.items()}


@pytest.mark.parametrize("case", CASES)
def test_a_parameter_brings_its_resources_and_no_others(case: str) -> None:
    parameters, wanted = CASES[case]
    assert CONDITIONAL & set(stack(**parameters).resources) == wanted


@pytest.mark.parametrize("case", [*CASES, "everything"])
def test_nothing_refers_to_what_is_not_there(case: str) -> None:
    """A deployment would fail half-way."""
    made = stack(**(EVERYTHING if case == "everything" else CASES[case][0]))
    known = {*made.resources, *made.parameters, "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix"}
    for name, part in {**made.resources, **made.outputs}.items():
        missing = set(references(part)) - known
        assert not missing, f"{name} refers to {missing}"


def references(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [name, *_]}:
            yield name
        case {"Fn::GetAtt": str(text)}:
            yield text.partition(".")[0]
        case {"Fn::Sub": str(text)}:
            yield from (name.partition(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


STREAMING_URLS = {f"{name}FunctionUrl" for name in ("Chat", "Messages", "Responses", "Images", "Audio")}


@pytest.mark.parametrize(
    ("urls", "edge", "there"),
    [("public", "false", True), ("public", "true", True), ("edge-only", "false", False), ("edge-only", "true", True),
     ("none", "false", False), ("none", "true", False)],
)  # fmt: skip
def test_function_urls_are_there_for_those_who_may_use_them(urls: str, edge: str, there: bool) -> None:
    made = stack(FunctionUrls=urls, EdgeEnabled=edge)
    assert set(made.of_type("AWS::Lambda::Url")) == (STREAMING_URLS if there else set())
    permitted = [one for one in made.of_type("AWS::Lambda::Permission").values() if one["Principal"] == "*"]
    assert len(permitted) == (10 if there else 0)
    if edge == "true":
        config = made.properties("Distribution")["DistributionConfig"]
        targets = {one["TargetOriginId"] for one in config.get("CacheBehaviors", [])} | {"api"}
        assert targets == {origin["Id"] for origin in config["Origins"]}
    assert ("ChatUrl" in made.outputs) == there


def test_the_firewall_is_refused_where_the_urls_go_round_it() -> None:
    template = yaml.load((ROOT / "template.yaml").read_text(), Loader=Shallow)
    rule = template["Rules"]["FirewallHasNoWayRound"]
    assert "WafEnabled" in str(rule["RuleCondition"]) and "FunctionUrls" in str(rule["Assertions"])
    assert "FunctionUrls to none or edge-only" in rule["Assertions"][0]["AssertDescription"]


class Shallow(yaml.SafeLoader):
    """Takes intrinsic functions for what stands behind them."""


Shallow.add_multi_constructor("!", lambda loader, _tag, node: getattr(
    loader, f"construct_{'scalar' if isinstance(node, yaml.ScalarNode) else 'sequence'}")(node))  # fmt: skip


def environment(made: Stack) -> dict[str, Any]:
    found: dict[str, Any] = made.properties("ChatFunction")["Environment"]["Variables"]
    return found


def test_the_edge_proves_itself_to_every_origin_and_the_functions_ask() -> None:
    made = stack(EdgeEnabled="true")
    config = made.properties("Distribution")["DistributionConfig"]
    assert {origin["Id"] for origin in config["Origins"]} == {"chat", "messages", "responses", "images", "audio", "api"}
    for origin in config["Origins"]:
        (header,) = origin["OriginCustomHeaders"]
        assert header["HeaderName"] == "x-interchange-edge"
        assert "secretsmanager" in json.dumps(header["HeaderValue"]), "never a plain value"
    assert environment(made)["INTERCHANGE_EDGE_SECRET_ARN"] == {"Ref": "EdgeSecret"}
    assert environment(stack())["INTERCHANGE_EDGE_SECRET_ARN"] == ""


def test_the_edge_sends_streaming_paths_to_function_urls_and_keeps_nothing() -> None:
    config = stack(EdgeEnabled="true").properties("Distribution")["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "api"
    for behaviour in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
        assert behaviour["Compress"] is False
        assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert behaviour["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    patterns = [re.compile(one["PathPattern"].replace("*", ".*")) for one in config["CacheBehaviors"]]
    for _, path, name, operation in stack(EdgeEnabled="true").routes():
        streams = operation["x-amazon-apigateway-integration"].get("responseTransferMode") == "STREAM"
        assert any(pattern.fullmatch(path) for pattern in patterns) == streams, (path, name)


def test_the_firewall_lets_prompts_be_long_and_speak_of_anything() -> None:
    rules = stack(WafEnabled="true").properties("WebAcl")["Rules"]
    counted = {
        override["Name"]
        for rule in rules
        for override in rule["Statement"].get("ManagedRuleGroupStatement", {}).get("RuleActionOverrides", [])
    }
    assert counted >= {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY"}
    assert stack(WafEnabled="true").properties("WebAcl")["Scope"] == "REGIONAL"
    assert stack(WafEnabled="true", EdgeEnabled="true").properties("WebAcl")["Scope"] == "CLOUDFRONT"


def test_bedrock_is_granted_only_where_it_is_served() -> None:
    granted = json.dumps(stack().properties("ChatFunctionRole"))
    refused = json.dumps(stack(BedrockEnabled="false").properties("ChatFunctionRole"))
    assert "bedrock:InvokeModelWithResponseStream" in granted and "bedrock" not in refused
    assert environment(stack())["INTERCHANGE_BEDROCK_REGION"] == stack().parameters["AWS::Region"]
    assert environment(stack(BedrockRegion="eu-central-1"))["INTERCHANGE_BEDROCK_REGION"] == "eu-central-1"
    assert environment(stack(BedrockEnabled="false"))["INTERCHANGE_BEDROCK_REGION"] == ""


def test_snapshots_and_reserved_concurrency_are_choices() -> None:
    plain, chosen = stack(), stack(SnapStartEnabled="true", ReservedConcurrency="50")
    assert plain.properties("ChatFunction")["SnapStart"]["ApplyOn"] == "None"
    assert chosen.properties("ChatFunction")["SnapStart"]["ApplyOn"] == "PublishedVersions"
    snapped = [name for name, one in chosen.of_type("AWS::Lambda::Function").items() if "SnapStart" in one]
    assert len(snapped) == 5 and "ModelsFunction" not in snapped
    # An account that is new has ten in all, of which none can be reserved: the defaults must not.
    assert not [one for one in plain.of_type("AWS::Lambda::Function").values() if "ReservedConcurrentExecutions" in one]
    assert str(chosen.properties("ChatFunction")["ReservedConcurrentExecutions"]) == "50"


SERVING = {"Chat", "Messages", "Responses", "Images", "Audio", "Embeddings"}


def test_a_new_version_is_tried_first_and_its_own_failures_take_it_back() -> None:
    made = stack()
    groups = made.of_type("AWS::CodeDeploy::DeploymentGroup")
    for name in set(made.of_type("AWS::Lambda::Function")) - {"SweepFunction"}:
        group = groups[f"{name}DeploymentGroup"]
        assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
        (alarm,) = [alarm["Name"]["Ref"] for alarm in group["AlarmConfiguration"]["Alarms"]]
        watched = made.properties(alarm)
        (version,) = [one for one in made.of_type("AWS::Lambda::Version") if one.startswith(f"{name}Version")]
        number = {"Fn::GetAtt": [version, "Version"]}
        # A name of its own: it begins quiet, so it refuses no deployment for what an older version did.
        assert watched["AlarmName"]["Fn::Sub"][1] == {"Version": number}
        serves = name.removesuffix("Function") in SERVING
        counted = [one["MetricStat"]["Metric"] for one in watched["Metrics"] if "MetricStat" in one]
        assert [one["MetricName"] for one in counted] == (
            ["Errors", "Faults", "Invocations"] if serves else ["Errors", "Invocations"]
        )
        for one in counted:
            assert number in [dimension["Value"] for dimension in one["Dimensions"]]
        # In proportion, so that many bad requests of one client are no failure of a version that serves many more.
        assert "/ calls" in watched["Metrics"][0]["Expression"] and watched["Threshold"] == 5


def test_every_function_and_the_table_and_the_index_are_watched_for_throttling() -> None:
    alarms = stack().of_type("AWS::CloudWatch::Alarm")
    text = json.dumps([alarms["Throttles"], alarms["OtherThrottles"]])
    for name in set(stack().of_type("AWS::Lambda::Function")):
        assert f'{{"Ref": "{name}"}}' in text, name
    assert "GlobalSecondaryIndexName" in json.dumps(alarms["IndexThrottles"])
    assert alarms["SweepSilent"]["TreatMissingData"] == "breaching"


def test_no_alarm_takes_more_metrics_than_cloudwatch_lets_it() -> None:
    for name, alarm in stack(PaymentsEnabled="true").of_type("AWS::CloudWatch::Alarm").items():
        assert len(alarm.get("Metrics", ())) <= 10, name


def test_outputs_name_everything_that_a_user_needs() -> None:
    urls = {f"{name}Url" for name in "Base Chat Messages Responses Images Audio Console Admin".split()}
    assert set(stack().outputs) >= urls | {"TableName", "VendorKeysArn"}
    assert stack(**DOMAIN).outputs["BaseUrl"]["Value"] == {"Fn::Sub": "https://${DomainName}"}
    assert "Distribution" in str(stack(EdgeEnabled="true").outputs["BaseUrl"]["Value"])
    assert "execute-api" in str(stack().outputs["BaseUrl"]["Value"])
