"""Deletes a stack's old function versions: `python scripts/prune.py STACK [--keep-hours N]`.

A version that an alias uses stays, and so does one that is younger than an hour: answers that run in it may take
fifteen minutes. Each version costs storage, and a cached snapshot under SnapStart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

LATEST = "$LATEST"


def functions(cloudformation: Any, stack: str) -> Iterator[str]:
    """Names of the stack's functions."""
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for one in page["StackResourceSummaries"]:
            if one["ResourceType"] == "AWS::Lambda::Function":
                yield one["PhysicalResourceId"]


def old_versions(lambdas: Any, name: str, before: datetime) -> Iterator[str]:
    """Versions last changed before that moment which no alias uses, with or without a weight."""
    used = {LATEST}
    for page in lambdas.get_paginator("list_aliases").paginate(FunctionName=name):
        for alias in page["Aliases"]:
            used |= {alias["FunctionVersion"], *alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})}
    for page in lambdas.get_paginator("list_versions_by_function").paginate(FunctionName=name):
        for version in page["Versions"]:
            if version["Version"] not in used and datetime.fromisoformat(version["LastModified"]) < before:
                yield version["Version"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--keep-hours", type=float, default=1.0)
    given = parser.parse_args()
    lambdas = boto3.client("lambda")
    before = datetime.now(UTC) - timedelta(hours=given.keep_hours)
    for name in functions(boto3.client("cloudformation"), given.stack):
        for version in list(old_versions(lambdas, name, before)):
            lambdas.delete_function(FunctionName=name, Qualifier=version)
            print(f"{name}:{version} deleted")


if __name__ == "__main__":
    main()
