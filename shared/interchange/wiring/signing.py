"""Calls of an API that IAM guards: signed with the ambient AWS credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from interchange.aws.sigv4 import Scope, sign

from .aws import credentials

Signer = Callable[[str, str, Mapping[str, str], bytes], dict[str, str]]
"""(method, url, headers, body) -> the headers to add."""


def api_signer(env: Mapping[str, str], region: str) -> Signer:
    """Signer of calls of API Gateway in that region."""
    found, scope = credentials(env), Scope(region, "execute-api")

    def signed(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        return sign(found(), scope, stamp, method, url, headers, body)

    return signed
