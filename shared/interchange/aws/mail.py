"""E-mail by Amazon SES, one call of its API: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

Without botocore's description of the service, which is larger than all that is said here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from interchange.dataclass import dataclass
from interchange.plain_http import call
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
        reply = call("POST", url, {**headers, **signed}, body, seconds=SECONDS)
        if reply.status != 200:
            told = reply.body.decode("utf-8", "replace")[:300]
            said: Any = {"Error": {"Code": f"Http{reply.status}", "Message": told}}
            raise ClientError(said, "SendEmail")


def _message(sender: str, to: str, subject: str, text: str) -> dict[str, Any]:
    simple = {
        "Subject": {"Data": subject, "Charset": "UTF-8"},
        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
    }
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": [to]}, "Content": {"Simple": simple}}
