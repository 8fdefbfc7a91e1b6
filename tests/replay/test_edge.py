"""With a distribution in front, only what comes through it is served."""

from __future__ import annotations

import json

import boto3

from local.recorded import EVENTS
from tests.replay.environment import Lambda, Surroundings
from tests.replay.outcomes import body_of

SECRET = "of-the-edge-0123456789"


def test_only_the_edge_is_served(around: Surroundings) -> None:
    client = boto3.client("secretsmanager", endpoint_url=around.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")  # fmt: skip
    stored = client.create_secret(Name="edge", SecretString=json.dumps({"INTERCHANGE_EDGE_SECRET": SECRET}))
    env = {**around.env, "INTERCHANGE_EDGE_SECRET_ARN": stored["ARN"]}
    event = json.loads((EVENTS / "messages" / "url-bearer.json").read_text())
    function = Lambda(*around.code("messages"), env)
    try:
        refused = function.invoke(event)
        wrong = function.invoke({**event, "headers": {**event["headers"], "x-interchange-edge": SECRET[:-1]}})
        served = function.invoke({**event, "headers": {**event["headers"], "x-interchange-edge": SECRET}})
    finally:
        function.close()
    assert refused["statusCode"] == wrong["statusCode"] == 403
    assert json.loads(body_of(refused))["error"]["type"] == "permission_error"
    assert served["statusCode"] == 200


def test_the_vendors_keys_come_from_the_secret(around: Surroundings) -> None:
    """As a deployment has it: no key in the environment, some of them empty in the secret."""
    keys = {name: value for name, value in around.env.items() if name.endswith("_API_KEY")}
    stored = {"INTERCHANGE_SEAL_KEY": "0123456789abcdef", **keys, "XAI_API_KEY": ""}
    client = boto3.client("secretsmanager", endpoint_url=around.endpoint, region_name="us-east-1",
                          aws_access_key_id="local", aws_secret_access_key="local")  # fmt: skip
    arn = client.create_secret(Name="keys", SecretString=json.dumps(stored))["ARN"]
    env = {name: value for name, value in around.env.items() if name not in stored}
    function = Lambda(*around.code("chat"), {**env, "INTERCHANGE_SECRET_ARN": arn})
    try:
        served, refused = (
            function.invoke(json.loads((EVENTS / "chat" / f"{name}.json").read_text()))
            for name in ("url-whole", "url-grok-tools")
        )
    finally:
        function.close()
    assert served["statusCode"] == 200
    assert refused["statusCode"] >= 400, "the model of a vendor without a key"
