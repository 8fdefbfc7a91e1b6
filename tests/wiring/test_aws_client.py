"""Which of the two clients calls AWS."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.aws.aws_json import AwsJson
from interchange.wiring.aws import credentials, dynamodb, role, secrets_manager
from interchange.wiring.setting import SettingError

LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "chat", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_REGION": "us-east-1",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
}  # fmt: skip
CASES: list[tuple[str, dict[str, str], bool]] = [
    ("a function that customers wait for", {}, True),
    ("the operator's choice", {"INTERCHANGE_AWS_CLIENT": "boto3"}, False),
    ("the other choice", {"INTERCHANGE_AWS_CLIENT": "light"}, True),
    ("a restored snapshot", {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}, False),
    ("an environment that lives for days", {"AWS_LAMBDA_INITIALIZATION_TYPE": "lambda-managed-instances"}, False),
    ("off Lambda", {"AWS_LAMBDA_FUNCTION_NAME": ""}, False),
    ("credentials from elsewhere", {"AWS_ACCESS_KEY_ID": ""}, False),
]


@pytest.mark.parametrize(("changed", "light"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_light_client_is_for_cold_starts_of_ordinary_lambda(
    changed: dict[str, str], light: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {**LAMBDA, **changed}
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "boto3s")
    made: list[Any] = [dynamodb(env), secrets_manager(env)]
    assert [isinstance(one, AwsJson) for one in made] == [light, light]
    assert (role(env) is not None) == light
    assert credentials(env)().access_key == ("k" if light else "boto3s")


def test_another_word_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="INTERCHANGE_AWS_CLIENT: 'Boto' is neither light nor boto3"):
        dynamodb({**LAMBDA, "INTERCHANGE_AWS_CLIENT": "Boto"})


def test_as_many_connections_as_invocations_at_once() -> None:
    env = {**LAMBDA, "INTERCHANGE_AWS_CLIENT": "boto3", "AWS_LAMBDA_MAX_CONCURRENCY": "200"}
    assert dynamodb(env).meta.config.max_pool_connections == 200
    assert dynamodb({**env, "AWS_LAMBDA_MAX_CONCURRENCY": ""}).meta.config.max_pool_connections == 64
