"""AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

botocore has the same, at the price of an import that costs more than the rest of a cold start; tests hold both to one
answer. Not for S3, which encodes paths once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import quote, urlsplit

from interchange.dataclass import dataclass

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Scope:
    region: str
    service: str


def sign(
    credentials: Credentials, scope: Scope, stamp: str, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> dict[str, str]:
    """The headers to add, in lower case. `stamp` is the time as `20260131T235959Z`; `headers` are those to be signed
    besides `host`."""
    parts = urlsplit(url)
    added = {"x-amz-date": stamp} | ({"x-amz-security-token": credentials.token} if credentials.token else {})
    signed = {name.lower(): " ".join(value.split()) for name, value in {**headers, **added}.items()}
    signed["host"] = parts.netloc
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/~"),
            _query(parts.query),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    place = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join([ALGORITHM, stamp, place, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_key(credentials, scope, stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
    proof = f"{ALGORITHM} Credential={credentials.access_key}/{place}, SignedHeaders={names}, Signature={signature}"
    return {**added, "authorization": proof}


def _query(query: str) -> str:
    """The query is encoded already; the signature wants it in order."""
    return "&".join(sorted(part if "=" in part else f"{part}=" for part in query.split("&") if part))


def _key(credentials: Credentials, scope: Scope, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
