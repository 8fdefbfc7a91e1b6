"""What a function's role grants, against what the function asked of AWS while its events were replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.replay.built import ASKED
from tests.replay.environment import Surroundings, checkout, surroundings
from tests.replay.outcomes import recorded
from tests.template.stack import stack

pytestmark = pytest.mark.skipif(ASKED, reason="calls are recorded where boto3 makes them: in the checkout")
PARAMETERS = {"EdgeEnabled": "true", "PaymentsEnabled": "true", "BedrockEnabled": "true"}
SEEN_ELSEWHERE: Mapping[str, str] = {
    "bedrock:InvokeModel": "signed and sent by our own client, not by botocore's",
    "bedrock:InvokeModelWithResponseStream": "signed and sent by our own client, not by botocore's",
    "s3:PutObject": "signed into a URL: the caller puts the file, with the function's right",
    "secretsmanager:GetSecretValue": "read at the start, where a secret is named (test_edge.py)",
}
"""Actions that no replay can show -> why they are granted."""
FAMILIES = sorted({one.family for one in recorded()})


def statements(family: str) -> Iterator[Mapping[str, Any]]:
    role = stack(**PARAMETERS).properties(f"{family.title()}FunctionRole")
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            yield statement


def actions(statement: Mapping[str, Any]) -> list[str]:
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)


@pytest.fixture(scope="module")
def apart() -> Iterator[Surroundings]:
    """With a table of its own: every event is replayed once more, and some have another outcome the second time."""
    with surroundings(checkout, table="permissions") as made:
        yield made


@pytest.fixture
def asked(family: str, apart: Surroundings) -> set[tuple[str, str]]:
    """After every event of the family."""
    function = apart.function(family)
    for one in recorded():
        if one.family == family:
            function.invoke(one.event)
    return function.calls


@pytest.mark.parametrize("family", FAMILIES)
def test_the_role_grants_what_is_asked_and_nothing_else(family: str, asked: set[tuple[str, str]]) -> None:
    granted = {action for statement in statements(family) for action in actions(statement)}
    wanted = {action for action, _ in asked}
    assert wanted <= granted, f"{family} would be refused {wanted - granted}"
    assert granted - wanted <= set(SEEN_ELSEWHERE), f"{family} never asks for {granted - wanted - set(SEEN_ELSEWHERE)}"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_index_is_granted_where_it_is_read(family: str, asked: set[tuple[str, str]]) -> None:
    resources = str([statement["Resource"] for statement in statements(family) if "dynamodb:" in str(statement)])
    assert any(index for _, index in asked) == ("/index/gsi1" in resources)


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_granted_on_everything(family: str) -> None:
    for statement in statements(family):
        assert statement["Resource"] != "*" and "*" not in actions(statement)
