"""Notices, and the ways that they go: an SNS topic, e-mail, and a signed call of somebody's address.

A call is a POST of `{"id", "type", "created", "text", "data"}` with the header `Interchange-Signature`, as in
`metering.signatures`; `id` is the same whenever the same notice is sent again.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from interchange.dataclass import dataclass
from interchange.metering.signatures import sign
from interchange.plain_http import call

Publish = Callable[[str, str], None]
"""(subject, text) -> said."""
SECONDS = 5.0
LONGEST_SUBJECT = 100
"""Of SNS: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""


@dataclass(frozen=True, slots=True)
class Notice:
    """`data` is what a program reads, `subject` and `text` what a person does. `notice_id` is its episode's."""

    notice_id: str
    event: str
    created_ms: int
    subject: str
    text: str
    data: Mapping[str, Any]


class Channel(Protocol):
    @property
    def name(self) -> str:
        """Name of its episodes: each channel tells a thing once."""

    def send(self, notice: Notice) -> None:
        """Raises ClientError, BotoCoreError or OSError where it is not taken."""


@dataclass(frozen=True, slots=True)
class Topic:
    publish: Publish
    name: str = "topic"

    def send(self, notice: Notice) -> None:
        self.publish(notice.subject, json.dumps({"event": notice.event, **notice.data}))


class Sender(Protocol):
    def send(self, to: str, subject: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Letter:
    sender: Sender
    to: str
    name: str = "email"

    def send(self, notice: Notice) -> None:
        facts = "\n".join(f"{name}: {value}" for name, value in notice.data.items())
        self.sender.send(self.to, notice.subject, f"{notice.text}\n\n{facts}\n")


@dataclass(frozen=True, slots=True)
class Call:
    """`public`: of the open internet alone."""

    url: str
    secret: str
    name: str = "webhook"
    public: bool = False

    def send(self, notice: Notice) -> None:
        body = json.dumps(written(notice)).encode()
        headers = {"content-type": "application/json", "interchange-signature": sign(body, self.secret, _now_s())}
        connect = public_connection if self.public else None
        reply = call("POST", self.url, headers, body, seconds=SECONDS, most=0, connect=connect)
        if not 200 <= reply.status < 300:
            raise OSError(f"{urlsplit(self.url).hostname} answers {reply.status}")


def public_connection(host: str, port: int, seconds: float) -> socket.socket:
    """Connects to a public address that the name leads to, if all of them are. Raises OSError."""
    from interchange.upstream.public import Forbidden, public  # loaded with the first such call

    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(map(public, found)):
        raise Forbidden(f"{host} does not lead to a public address")
    return socket.create_connection((found[0], port), seconds)


def written(notice: Notice) -> dict[str, Any]:
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(notice.created_ms / 1000))
    words = f"{notice.subject}. {notice.text}"
    return {"id": notice.notice_id, "type": notice.event, "created": created, "text": words, "data": dict(notice.data)}


def publisher(arn: str, client: Any = None) -> Publish:
    """Says it on an SNS topic. `arn` is arn:aws:sns:REGION:ACCOUNT:NAME."""
    if client is None:
        import boto3  # only where there is a topic: it is slow to import

        client = boto3.client("sns", region_name=arn.split(":")[3])

    def publish(subject: str, text: str) -> None:
        client.publish(TopicArn=arn, Subject=subject[:LONGEST_SUBJECT], Message=text)

    return publish


def _now_s() -> int:
    return int(time.time())
