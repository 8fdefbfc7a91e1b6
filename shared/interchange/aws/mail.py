"""E-mail by Amazon SES, one call of its API: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

Without botocore's description of the service, which is larger than all that is said here.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from interchange.dataclass import dataclass
from interchange.wire import codec

from .sigv4 import Credentials, Scope, sign

SECONDS = 10.0
PATH = "/v2/email/outbound-emails"


@dataclass(frozen=True, slots=True)
class Mail:
    """`sender` is an address, or one of a domain, that SES has verified in this region."""

    sender: str
    region: str
    credentials: Callable[[], Credentials]
    endpoint: str = ""

    def send(self, to: str, subject: str, text: str) -> None:
        """Raises ClientError for what SES refuses, OSError where it cannot be reached."""
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        url = (self.endpoint or f"https://email.{self.region}.{suffix}").rstrip("/") + PATH
        body = codec.dumps(_message(self.sender, to, subject, text))
        headers = {"content-type": "application/json"}
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        signed = sign(self.credentials(), Scope(self.region, "ses"), stamp, "POST", url, headers, body)
        status, answer = _post(url, body, {**headers, **signed})
        if status != 200:
            said: Any = {"Error": {"Code": f"Http{status}", "Message": answer.decode("utf-8", "replace")[:300]}}
            raise ClientError(said, "SendEmail")


def _message(sender: str, to: str, subject: str, text: str) -> dict[str, Any]:
    simple = {
        "Subject": {"Data": subject, "Charset": "UTF-8"},
        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
    }
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": [to]}, "Content": {"Simple": simple}}


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(url)
    made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = made(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        connection.request("POST", parts.path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    except http.client.HTTPException as error:
        raise OSError(f"ses: {error!r}") from error
    finally:
        connection.close()
