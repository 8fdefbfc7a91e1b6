"""A request as a redacted event: the next one that a client sends to a port of this machine, or one that a log holds.

Keys become those that the events carry, addresses those of documentation, ids and cookies go; and, unless it is asked
for, every text in the body is replaced by one of the same length, word by word. What remains is what a
handler decides by.
"""

from __future__ import annotations

import base64
import http.server
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .recorded import CALLERS

ADDRESS = "203.0.113.9"
"""Of documentation: https://www.rfc-editor.org/rfc/rfc5737"""
CREDENTIALS = {
    "authorization": f"Bearer {CALLERS[0].key}",
    "x-api-key": CALLERS[0].key,
}
"""Headers that carry a key -> what stands there afterwards."""
LEFT_OUT = frozenset(
    "cookie x-amzn-trace-id x-amz-cf-id via x-forwarded-for forwarded x-real-ip cf-connecting-ip x-interchange-edge "
    "x-amz-security-token idempotency-key".split()
)
WORDS = frozenset(
    "type role model name id object format effort mode detail media_type mime_type mimetype encoding_format "
    "tool_choice finish_reason stop_reason service_tier voice response_format size quality call_id tool_use_id "
    "tool_call_id".split()
)
"""Fields whose text is a word of the protocol or a name that others refer to."""
NAMES = frozenset({"properties", "required", "enum", "$ref", "$defs"})
"""Of a schema, where texts are names."""
LETTER = re.compile(r"\w")


class NotRecorded(Exception):
    """Raised for what is no request."""


def record(file: Path, log: str | None, port: int, *, keep_text: bool = False) -> None:
    """Writes the event. Raises NotRecorded."""
    event = received(port) if log is None else logged(sys.stdin.read() if log == "-" else _text_of(log))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(redacted(event, keep_text=keep_text), indent=2, ensure_ascii=False) + "\n")
    print(f"recorded {file}; look it through before it goes anywhere, and replay it with EVENT={file}")


def _text_of(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise NotRecorded(f"{name} cannot be read: {error}") from error


def received(port: int) -> dict[str, Any]:
    """The next request to a port of this machine, as a function URL would have made an event of it. Its client is told
    that it was recorded."""
    found: list[dict[str, Any]] = []

    class Taker(http.server.BaseHTTPRequestHandler):
        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found.append(as_event(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            said = b'{"error":{"message":"recorded, not served","type":"server_error","param":null,"code":"recorded"}}'
            self.send_response(503)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.send_header("x-should-retry", "false")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_said: object) -> None:
            pass

    for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"):
        setattr(Taker, f"do_{method}", Taker.take)
    with http.server.HTTPServer(("127.0.0.1", port), Taker) as server:
        print(f"recording the next request to http://127.0.0.1:{server.server_port}", flush=True)
        while not found:
            server.handle_request()
    return found[0]


def as_event(method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Payload 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"""
    path, _, query = target.partition("?")
    try:
        text, is_base64 = body.decode(), False
    except UnicodeDecodeError:
        text, is_base64 = base64.b64encode(body).decode(), True
    now = int(time.time() * 1000)
    http_part = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": ADDRESS,
                 "userAgent": headers.get("user-agent", "")}  # fmt: skip
    context = {"accountId": "anonymous", "apiId": "recorded", "domainName": "recorded.lambda-url.us-east-1.on.aws",
               "http": http_part, "requestId": "recorded", "routeKey": "$default", "stage": "$default",
               "timeEpoch": now}  # fmt: skip
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": {**headers, "host": context["domainName"], "x-forwarded-proto": "https"},
        "requestContext": context, "body": text, "isBase64Encoded": is_base64,
    }  # fmt: skip


def logged(text: str) -> dict[str, Any]:
    """The first event that a log's lines hold, whole or in a field; or one like the request that a line of ours tells
    of. Prompts are in no log, so that one's is made up."""
    told: dict[str, Any] | None = None
    for line in text.splitlines():
        for value in _objects(line):
            if "requestContext" in value and ("httpMethod" in value or "rawPath" in value):
                return value
            if value.get("message") == "request" and value.get("model"):
                told = told or value
    if told is None:
        raise NotRecorded("no line of the log holds an event, and none is a `request` of this gateway's own log")
    return _like(told)


def _objects(line: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a line, outer ones first, also those inside a field or inside its text."""
    start = line.find("{")
    if start < 0:
        return
    try:
        waiting: list[Any] = [json.loads(line[start:])]
    except ValueError:
        return
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and value.startswith("{"):
            try:
                waiting.append(json.loads(value))
            except ValueError:
                continue


def _like(line: Mapping[str, Any]) -> dict[str, Any]:
    body = {"model": line["model"], "max_tokens": 256, "messages": [{"role": "user", "content": "Say hello."}]}
    headers = {"authorization": CREDENTIALS["authorization"], "content-type": "application/json"}
    path = str(line.get("path") or "/v1/chat/completions")
    if path.startswith("/v1/responses"):
        body = {"model": line["model"], "input": "Say hello."}
    return as_event("POST", path, headers, json.dumps({**body, "stream": bool(line.get("stream"))}).encode())


def redacted(event: dict[str, Any], *, keep_text: bool = False) -> dict[str, Any]:
    """Removes secrets, addresses, cookies and, unless `keep_text`, what people wrote."""
    made: dict[str, Any] = {**event, "body": _body(event, keep_text=keep_text)}
    for field in ("headers", "multiValueHeaders"):
        if event.get(field):
            made[field] = {name: _header(name, value) for name, value in event[field].items() if not _left_out(name)}
    made.pop("cookies", None)
    made["requestContext"] = _addresses(event.get("requestContext") or {})
    return made


def _left_out(name: str) -> bool:
    return name.lower() in LEFT_OUT


def _header(name: str, value: Any) -> Any:
    fresh = CREDENTIALS.get(name.lower())
    if fresh is None:
        return value
    return [fresh] if isinstance(value, list) else fresh


def _addresses(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    secret = {"sourceIp": ADDRESS, "accountId": "123456789012", "apiKey": None, "accessKey": None, "caller": None}
    hidden = {name for name, inner in value.items() if name in secret and inner is not None}
    return {name: secret[name] if name in hidden else _addresses(inner) for name, inner in value.items()}


def _body(event: Mapping[str, Any], *, keep_text: bool) -> Any:
    """JSON keeps its shape; what is no JSON (a form with a file) is kept only where that is asked for."""
    body = event.get("body")
    if keep_text or not body:
        return body
    is_base64 = event.get("isBase64Encoded")
    try:
        said = json.loads(base64.b64decode(body) if is_base64 else body)
    except ValueError as error:
        raise NotRecorded(
            "the body is no JSON, so nothing can be left out of it; --keep-text records it whole"
        ) from error
    text = json.dumps(masked(said), ensure_ascii=False)
    return base64.b64encode(text.encode()).decode() if is_base64 else text


def masked(value: Any, name: str = "") -> Any:
    """Puts x in the place of each letter and digit that people wrote; data URLs keep what says their kind, and others
    lead to the host of documentation."""
    match value:
        case dict():
            return {key: inner if key in NAMES else masked(inner, key) for key, inner in value.items()}
        case list():
            return [masked(inner, name) for inner in value]
        case str() if value.startswith("data:"):
            kind, comma, data = value.partition(",")
            return kind + comma + LETTER.sub("x", data)
        case str() if value.startswith(("http://", "https://")):
            return "https://example.com/recorded"
        case str() if name not in WORDS:
            return LETTER.sub("x", value)
        case _:
            return value
