"""The streaming functions on Managed Instances: the same stack, with five functions made otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import instances
from tests.template.stack import ROOT, Stack, stack, stack_of

PLACED = {"InstanceSubnets": "subnet-a,subnet-b", "InstanceSecurityGroups": "sg-a"}
STREAMING = {f"{name}Function" for name in instances.STREAMING}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    file = tmp_path_factory.mktemp("instances") / "template.yaml"
    instances.main(str(file))
    return stack_of(file, **PLACED)


def test_each_streaming_function_serves_many_at_once_on_the_stacks_instances(made: Stack) -> None:
    for name in STREAMING:
        function = made.properties(name)
        config = function["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
        assert config["CapacityProviderArn"] == {"Fn::GetAtt": ["Instances", "Arn"]}
        assert (config["PerExecutionEnvironmentMaxConcurrency"], config["ExecutionEnvironmentMemoryGiBPerVCpu"]) == (
            "128",
            2,
        )
        assert int(function["MemorySize"]) >= 2048, "the least that instances take"
        assert function["Environment"]["Variables"]["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/streaming-entry"
        assert not {"SnapStart", "ReservedConcurrentExecutions", "VpcConfig"} & set(function)


def test_the_others_stay_as_they_are(made: Stack) -> None:
    plain = stack()
    for name, function in plain.of_type("AWS::Lambda::Function").items():
        if name not in STREAMING:
            assert made.properties(name) == function, name


def test_a_function_changes_its_kind_by_another_name(made: Stack) -> None:
    """It cannot be changed where it is: a new name makes CloudFormation replace it, there and back."""
    for name in STREAMING:
        assert "AWS::StackName" in str(made.properties(name)["FunctionName"])
        assert "FunctionName" not in stack().properties(name)


def test_the_instances_are_in_the_operators_own_network(made: Stack) -> None:
    provider = made.properties("Instances")
    assert provider["VpcConfig"]["SubnetIds"] == PLACED["InstanceSubnets"]
    assert provider["InstanceRequirements"] == {"Architectures": ["arm64"]}
    assert int(provider["CapacityProviderScalingConfig"]["MaxVCpuCount"]) >= 12


def test_streaming_routes_and_urls_lead_to_the_same_functions(made: Stack) -> None:
    assert {(m, p, n) for m, p, n, _ in made.routes()} == {(m, p, n) for m, p, n, _ in stack().routes()}
    assert set(made.of_type("AWS::Lambda::Url")) == set(stack().of_type("AWS::Lambda::Url"))
    assert set(made.outputs) == set(stack().outputs)


def test_no_parameter_is_left_that_nothing_uses(made: Stack) -> None:
    assert not set(instances.LEFT_OUT) & set(made.parameters)
    assert set(made.parameters) - set(stack().parameters) == {
        "InstanceSubnets", "InstanceSecurityGroups", "InstanceMemory", "InvocationsAtOnce", "LeastEnvironments",
        "MostVirtualCpus",
    }  # fmt: skip


def test_a_template_that_has_changed_is_told() -> None:
    text = (ROOT / "template.yaml").read_text()
    with pytest.raises(instances.Changed, match="SnapStartEnabled"):
        instances.derived(text.replace("  SnapStartEnabled:\n", "  SnapStartIsOn:\n"))
    assert Path(".gitignore").read_text().count("template.instances.yaml") == 1
