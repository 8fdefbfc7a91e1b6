"""AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

botocore has the same, at the price of an import that costs more than the rest of a cold start; tests hold both to one
answer. Not for S3, which encodes paths once.
"""

from __future__ import annotations

import functools
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
    host, path, query = _target(url)
    added = {"x-amz-date": stamp} | ({"x-amz-security-token": credentials.token} if credentials.token else {})
    signed = {name.lower(): " ".join(value.split()) for name, value in {**headers, **added}.items()}
    signed["host"] = host
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            method,
            path,
            query,
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    place = f"{stamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    text = "\n".join([ALGORITHM, stamp, place, hashlib.sha256(canonical.encode()).hexdigest()])
    key = _key(credentials.secret_key, scope.region, scope.service, stamp[:8])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    proof = f"{ALGORITHM} Credential={credentials.access_key}/{place}, SignedHeaders={names}, Signature={signature}"
    return {**added, "authorization": proof}


def _query(query: str) -> str:
    """The query is encoded already; the signature wants it in order."""
    return "&".join(sorted(part if "=" in part else f"{part}=" for part in query.split("&") if part))


@functools.lru_cache(16)
def _key(secret: str, region: str, service: str, day: str) -> bytes:
    """Signs all of a day's requests."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@functools.lru_cache(64)
def _target(url: str) -> tuple[str, str, str]:
    """(host, path, query) as they are signed."""
    parts = urlsplit(url)
    return parts.netloc, quote(parts.path or "/", safe="/~"), _query(parts.query)
