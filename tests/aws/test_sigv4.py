"""Our signatures against botocore's, for the requests that are sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Theirs

from interchange.aws.sigv4 import Credentials, Scope, sign

URLS = [
    "https://dynamodb.eu-central-1.amazonaws.com/",
    "http://127.0.0.1:8000/",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1:0/converse-stream",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse",
    "https://example.com/a~b/c d/%C3%A9?b=2&a=1&a=0&empty=&x=%2F%20y",
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("token", [None, "session/token=="])
def test_it_is_what_botocore_signs(url: str, token: str | None) -> None:
    body, headers = b'{"a": "\xc3\xa9"}', {"content-type": "application/json", "x-amz-target": "A.B"}
    request = AWSRequest("POST", url, headers=headers, data=body)
    signer: Any = SigV4Auth(Theirs("AKID", "secret", token), "dynamodb", "us-east-1")
    signer.add_auth(request)
    wanted = {name.lower(): value for name, value in request.headers.items()}
    stamp = wanted["x-amz-date"]
    found = sign(
        Credentials("AKID", "secret", token), Scope("us-east-1", "dynamodb"), stamp, "POST", url, headers, body
    )
    assert found["authorization"] == wanted["authorization"]
    assert found.get("x-amz-security-token") == wanted.get("x-amz-security-token")
    assert re.fullmatch(r"\d{8}T\d{6}Z", stamp)


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(Credentials("AKID", "secret-1", "secret-2"))
