"""`bootstrap` says which of Bedrock's models the account may not call yet."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from interchange.catalog.load import load
from interchange.operator import bedrock_access
from interchange.operator.stack import Stack

ON = {"BedrockEnabled": "true", "BedrockRegion": "us-west-2"}
LISTED = load()
NAMES = list(bedrock_access.models(LISTED))


def shown(monkeypatch: pytest.MonkeyPatch, states: dict[str, str], *, form: bool, parameters: Any = None) -> Any:
    """Against botocore's own model of the service; `states` are the agreements that are not there."""
    client: Any = boto3.client("bedrock", region_name="us-west-2", aws_access_key_id="k", aws_secret_access_key="s")
    asked: list[str] = []

    def made(service: str, region_name: str) -> Any:
        asked.append(f"{service} {region_name}")
        return client

    monkeypatch.setattr(boto3, "client", made)
    with Stubber(client) as stub:
        for name in NAMES:
            if states.get(name) == "unknown":
                stub.add_client_error("get_foundation_model_availability", "ResourceNotFoundException")
                continue
            stub.add_response(
                "get_foundation_model_availability",
                {"modelId": name, "agreementAvailability": {"status": states.get(name, "AVAILABLE")},
                 "authorizationStatus": "AUTHORIZED", "entitlementAvailability": "AVAILABLE",
                 "regionAvailability": "AVAILABLE"},
                {"modelId": name},
            )  # fmt: skip
        if form:
            stub.add_response("get_use_case_for_model_access", {"formData": b"x"})
        else:
            stub.add_client_error("get_use_case_for_model_access", "ResourceNotFoundException")
        found = bedrock_access.bedrock(Stack("s", "eu-central-1", {}, ON if parameters is None else parameters), LISTED)
    assert asked in ([], ["bedrock us-west-2"])
    return found


def test_what_is_missing_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = NAMES[:2]
    found = shown(monkeypatch, {first: "NOT_AVAILABLE", second: "unknown"}, form=False)
    assert found["bedrock_missing"] == {first: "agreement NOT_AVAILABLE", second: "unknown in this region"}
    assert "2 models cannot be called yet" in found["bedrock"] and "administrator" in found["bedrock"]
    assert "not filled in" in found["bedrock_form"]


def test_where_all_is_ready_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, {}, form=True) == {"bedrock": "every model may be called"}


def test_nothing_is_asked_where_it_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bedrock_access.bedrock(Stack("s", "us-east-1", {}, {"BedrockEnabled": "false"}), LISTED) == {}
    assert bedrock_access.bedrock(Stack("s", "us-east-1", {}), LISTED) == {}


def test_who_may_not_ask_is_told_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def __getattr__(self, _name: str) -> Any:
            raise ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetFoundationModelAvailability"
            )

    monkeypatch.setattr(boto3, "client", lambda *_, **__: Refusing())
    found = bedrock_access.bedrock(Stack("s", "us-east-1", {}, ON), LISTED)
    assert set(found) == {"bedrock"} and "not checked" in str(found["bedrock"])


def test_models_are_asked_for_by_their_own_ids() -> None:
    assert NAMES and not [name for name in NAMES if name.split(".")[0] in ("global", "us", "eu", "apac")]
