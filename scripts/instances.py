"""Writes the template with the streaming functions on Lambda Managed Instances: `python -m scripts.instances FILE`.

Everything else is template.yaml's. A function's kind of compute is decided when it is made and cannot be changed, and
SAM takes no condition around it, so the choice is a template of its own, in which those five functions have other
names: CloudFormation then replaces them, in either direction.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-capacityproviderconfig.html
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STREAMING = ("Chat", "Messages", "Responses", "Images", "Audio")
LEFT_OUT = ("SnapStartEnabled", "ReservedConcurrency", "StreamingMemory")
"""Parameters of ordinary Lambda."""
PARAMETERS = """  InstanceSubnets:
    Type: List<AWS::EC2::Subnet::Id>
    Description: >-
      Subnets for the instances, two or three in different zones. What runs there must reach the vendors, DynamoDB,
      Secrets Manager and the logs, by a NAT gateway or endpoints.
  InstanceSecurityGroups:
    Type: List<AWS::EC2::SecurityGroup::Id>
    Description: Security groups for the instances. They need no way in, and HTTPS out.
  InstanceMemory:
    Type: Number
    Default: 2048
    AllowedValues: [2048, 4096, 8192]
    Description: Megabytes of an environment; each 2048 bring one virtual processor, and a process uses one.
  InvocationsAtOnce:
    Type: Number
    Default: 128
    MinValue: 1
    MaxValue: 1600
    Description: Answers that one environment streams at once; they share a process and its event loop.
  LeastEnvironments:
    Type: Number
    Default: 1
    MinValue: 1
    MaxValue: 100
    Description: Environments of each of the five functions that are there always. 3 lie in as many zones.
  MostVirtualCpus:
    Type: Number
    Default: 60
    MinValue: 12
    MaxValue: 15000
    Description: The most virtual processors that the instances may have together.
"""
PROVIDER = """  # https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html
  InstancesRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator"]

  Instances:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      PermissionsConfig: {CapacityProviderOperatorRoleArn: !GetAtt InstancesRole.Arn}
      VpcConfig:
        SubnetIds: !Ref InstanceSubnets
        SecurityGroupIds: !Ref InstanceSecurityGroups
      InstanceRequirements:
        Architectures: [arm64]
      CapacityProviderScalingConfig: {MaxVCpuCount: !Ref MostVirtualCpus}

"""
FUNCTION = """      FunctionName: !Sub "${{AWS::StackName}}-{name}-instances"
      MemorySize: !Ref InstanceMemory
      CapacityProviderConfig:
        Arn: !GetAtt Instances.Arn
        PerExecutionEnvironmentMaxConcurrency: !Ref InvocationsAtOnce
        ExecutionEnvironmentMemoryGiBPerVCpu: 2
      FunctionScalingConfig: {{MinExecutionEnvironments: !Ref LeastEnvironments}}
"""


class Changed(Exception):
    """template.yaml has no longer what is looked for."""


def derived(template: str) -> str:
    """Raises Changed."""
    text = template
    for name in LEFT_OUT:
        text = _cut(text, rf"^  {name}:\n(?:    .*\n)+")
        text = re.sub(rf"(?<=[\[ ]){name}, ", "", text)
    text = _cut(text, r"^  SnapStart: .*\n")
    text = _cut(text, r"^  Reserved: .*\n")
    for name in STREAMING:
        text = _one(text, rf"^  {name}Function:\n(?:(?:    .*)?\n)+?(?=\n  \S)", functools.partial(_moved, name))
    text = _one(text, r"^Rules:\n", lambda found: f"{PARAMETERS}\n{found}")
    text = _one(text, r"^      - Label: \{default: Operations\}\n", lambda found: GROUP + found)
    return _one(text, r"^  # ---- the books\n\n", lambda found: f"  # ---- where answers stream\n\n{PROVIDER}{found}")


GROUP = (
    "      - Label: {default: Managed Instances}\n"
    "        Parameters: [InstanceSubnets, InstanceSecurityGroups, InstanceMemory, InvocationsAtOnce, "
    "LeastEnvironments, MostVirtualCpus]\n"
)


def _moved(name: str, block: str) -> str:
    """Traffic moves at once: no source says that a canary works there. Instances are ready before it does."""
    text = _cut(block, r"^      SnapStart:\n        ApplyOn: .*\n")
    text = _cut(text, r"^      ReservedConcurrentExecutions: .*\n")
    text = _cut(text, r"^      DeploymentPreference:\n(?:        .*\n)+")
    return _one(text, r"^      MemorySize: .*\n", lambda _: FUNCTION.format(name=name.lower()))


def _cut(text: str, pattern: str) -> str:
    return _one(text, pattern, lambda _: "")


def _one(text: str, pattern: str, make: Callable[[str], str]) -> str:
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if len(found) != 1:
        raise Changed(f"template.yaml: {pattern!r} is there {len(found)} times, and is looked for once")
    start, end = found[0].span()
    return f"{text[:start]}{make(found[0].group())}{text[end:]}"


def main(file: str) -> None:
    Path(file).write_text(derived((ROOT / "template.yaml").read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
