"""AWS services of the JSON protocol (DynamoDB, Secrets Manager), called without boto3: its import and its client take
longer than the rest of a cold start together (docs/decisions/0003-cold-start.md).

A client looks like boto3's for the operations that the code uses: the same method names, parameters and answers, bytes
as bytes, and botocore's ClientError. Tests hold it to the stores' contract. Used on Lambda, where the credentials are
in the environment; everywhere else boto3 finds them.
"""

from __future__ import annotations

import base64
import functools
import http.client
import random
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from interchange.dataclass import dataclass
from interchange.waiting import can_wait, pause, wait
from interchange.wire import codec

from .sigv4 import Credentials, Scope, sign

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
ATTEMPTS = 4
BACKOFF_SECONDS = 0.05
THROTTLED = frozenset(
    "ThrottlingException Throttling ProvisionedThroughputExceededException RequestLimitExceeded LimitExceededException "
    "TransactionInProgressException InternalServerError InternalServiceError".split()
)
"""Worth another try, as botocore's standard mode has it; a failed condition never is."""


@dataclass(frozen=True, slots=True)
class Service:
    """`name` is the host's and the signature's; `target` stands before the operation; `version` is the JSON's."""

    name: str
    target: str
    version: str


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SECRETS = Service("secretsmanager", "secretsmanager", "1.1")


Post = Callable[[str, Mapping[str, str], bytes], Awaitable[tuple[int, bytes]]]
"""(URL, headers, body) -> status and body of the answer, by the event loop's HTTP client. Raises OSError."""


class AwsJson:
    """Thread-safe: a connection belongs to one call at a time. Within `waiting.on_loop` a call goes by `post`, and no
    thread waits for it; anywhere else, and without one, by a connection of its own. `credentials` may be asked for at
    each call, where they change."""

    def __init__(
        self,
        service: Service,
        region: str,
        credentials: Credentials | Callable[[], Credentials],
        endpoint: str = "",
        post: Post | None = None,
    ) -> None:
        self._post = post
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        self._service, self._credentials = service, credentials
        self._scope = Scope(region, service.name)
        self._url = (endpoint or f"https://{service.name}.{region}.{suffix}").rstrip("/") + "/"
        self._idle: deque[http.client.HTTPConnection] = deque(maxlen=64)

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        """boto3's method names: `get_item` is GetItem."""
        if method.startswith("_"):
            raise AttributeError(method)
        return functools.partial(self.call, "".join(word.capitalize() for word in method.split("_")))

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer. Raises ClientError for what the service refuses, OSError when it cannot be reached."""
        body = codec.dumps(_encoded(parameters))
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, answer = self._exchange(operation, body)
            except (OSError, http.client.HTTPException) as error:
                if attempt == ATTEMPTS:
                    raise OSError(f"{self._service.name} {operation}: {error!r}") from error
            else:
                if status == 200:
                    return answer
                refused = _refused(operation, status, answer)
                code = refused.response["Error"]["Code"]
                if attempt == ATTEMPTS or (status < 500 and code not in THROTTLED):
                    raise refused
            pause(random.random() * BACKOFF_SECONDS * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("the last attempt returns or raises")

    def _exchange(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """A connection that died while it was idle is no attempt: it is replaced by a new one."""
        if self._post is not None and can_wait():
            status, raw = wait(self._post(self._url, self._headers(operation, body), body))
            return status, _read(raw)
        while True:
            try:
                connection, fresh = self._idle.pop(), False
            except IndexError:
                connection, fresh = self._connect(), True
            try:
                connection.request("POST", "/", body, self._headers(operation, body))
                reply = connection.getresponse()
                raw = reply.read()
            except (ConnectionError, http.client.RemoteDisconnected):
                connection.close()
                if fresh:
                    raise
                continue
            except BaseException:
                connection.close()
                raise
            if reply.will_close:
                connection.close()
            else:
                self._idle.append(connection)
            return reply.status, _read(raw)

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        headers = {
            "content-type": f"application/x-amz-json-{self._service.version}",
            "x-amz-target": f"{self._service.target}.{operation}",
            "accept-encoding": "identity",
        }
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        given = self._credentials() if callable(self._credentials) else self._credentials
        return {**headers, **sign(given, self._scope, stamp, "POST", self._url, headers, body)}

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        connection = (
            http.client.HTTPSConnection(host, parts.port, timeout=CONNECT_SECONDS, context=_tls())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)
        )
        connection.connect()
        connection.sock.settimeout(READ_SECONDS)
        return connection


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _refused(operation: str, status: int, answer: dict[str, Any]) -> ClientError:
    """Builds the error as botocore does: its own fields stand beside `Error`."""
    code = str(answer.pop("__type", "")).rpartition("#")[2] or f"Http{status}"
    message = str(answer.pop("message", "") or answer.pop("Message", ""))
    told: Mapping[str, Any] = {**answer, "Error": {"Code": code, "Message": message}}
    return ClientError(told, operation)  # type: ignore[arg-type]


def _read(raw: bytes) -> dict[str, Any]:
    try:
        answer = codec.loads(raw or b"{}")
    except ValueError:
        return {}
    if not isinstance(answer, dict):
        return {}
    if _BYTES in raw:
        _decode(answer)
    return answer


_BYTES = b'"B"'
"""Stands wherever there are any."""


def _encoded(value: Any) -> Any:
    """Encodes bytes as base64."""
    match value:
        case str():  # first, since most are
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case dict() | Mapping():
            return {name: inner if type(inner) is str else _encoded(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_encoded(inner) for inner in value]
        case _:
            return value


def _decode(value: dict[str, Any] | list[Any]) -> None:
    """Decodes DynamoDB's binary attributes to bytes, in place. No map of attributes is taken for one: its values are
    objects."""
    if isinstance(value, list):
        inside: Iterable[Any] = value
    else:
        text = value.get("B")
        if type(text) is str and len(value) == 1:
            value["B"] = base64.b64decode(text)
            return
        inside = value.values()
    for inner in inside:
        if type(inner) is dict or type(inner) is list:
            _decode(inner)
