"""More of the table's kinds: what stands in a refusal, how it is framed, statuses of those between us and a vendor."""

from __future__ import annotations

import gzip
import json
from typing import Any

from .bytes import (
    CHUNKED,
    END,
    JSON,
    OK,
    SSE,
    Asked,
    Fault,
    Step,
    body,
    both,
    chunk,
    error,
    frames,
    good,
    sized,
    status,
    whole,
)
from .rows import Row, row

HOST = {"host": "10.1.2.3:8443", "via": "edge-7.vendor.internal"}
BETWEEN = ("101 Switching", "202 Later", "203 Not Mine", "406 Not Acceptable", "407 Proxy", "421 Misdirected",
           "423 Locked", "424 Failed Dependency", "426 Upgrade", "431 Headers", "444 None", "451 Legal", "460 Client",
           "494 Long", "498 Capacity", "499 Closed", "501 Never", "505 Version", "508 Loop", "511 Login", "521 Down",
           "525 Handshake", "530 Origin")  # fmt: skip
"""Told by proxies, load balancers and networks: nothing that the request could mend."""


def said(told: str, **fields: Any) -> Fault:
    """In OpenAI's words, whose errors have a code."""
    return lambda _: [sized(told, json.dumps({"error": {"message": "please wait", **fields}}).encode())]


def coded(told: str, code: str) -> Fault:
    """The same; a plain fault of a format whose errors have no such code."""
    fault = said(told, code=code, type=code)
    return lambda asked: fault(asked) if asked.words in CODED else status("500 Oops")(asked)


CODED = frozenset({"chat", "responses", "embeddings", "images", "speech", "speech_events", "transcriptions"})


def limited(value: str, name: str = "retry-after", code: str = "429 Too Many") -> Fault:
    return status(code, headers=f"{name}: {value}\r\n".encode())


def delayed(delay: Any) -> Fault:
    """Google's way: https://cloud.google.com/apis/design/errors#error_details."""
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    told = {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED", "details": details}
    return status("429 Too Many", json.dumps({"error": told}).encode())


def edited(places: dict[str, tuple[tuple[Any, ...], ...]], value: Any) -> Fault:
    """A whole answer with something else in a text's place; another kind of answer where a format is not named."""

    def steps(asked: Asked) -> list[Any]:
        if asked.words not in places:
            return [sized("200 OK", b'{"type": "message"}')]
        answer = json.loads(whole(asked.words))
        for *path, last in places[asked.words]:
            holder = answer
            for key in path:
                holder = holder[key]
            holder[last] = value
        return [sized("200 OK", json.dumps(answer).encode())]

    return both(lambda _: [sized("200 OK", b'{"type": "message"}')], steps)


TEXTS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "chat": (("choices", 0, "message", "content"),),
    "messages": (("content", 0, "text"),),
    "responses": (("output", 0, "content", 0, "text"),),
    "gemini": (("candidates", 0, "content", "parts", 0, "text"),),
    "gemini_transcriptions": (("candidates", 0, "content", "parts", 0, "text"),),
    "embeddings": (("data", 0, "embedding"),),
    "images": (("data", 0, "b64_json"),),
    "transcriptions": (("text",),),
}
KINDS: dict[str, tuple[tuple[Any, ...], ...]] = {
    "messages": (("content", 0, "type"),),
    "responses": (("output", 0, "type"),),
}


def framed(*headers: bytes) -> Fault:
    """A good answer under other headers, and the connection closed after it."""

    def steps(asked: Asked) -> list[Any]:
        answer = b"".join(frames(asked.words)) if asked.stream else whole(asked.words)
        return [OK + (SSE if asked.stream else JSON) + b"".join(headers) + b"\r\n" + answer, "close"]

    return steps


def extended(asked: Asked) -> list[Any]:
    answer = b"".join(frames(asked.words)) if asked.stream else whole(asked.words)
    head = OK + (SSE if asked.stream else JSON) + b"trailer: x-sum\r\n" + CHUNKED
    return [head, f'{len(answer):x};a=b;c="d"\r\n'.encode() + answer + b"\r\n", b"0\r\nx-sum: 1\r\n\r\n"]


def oldest(asked: Asked) -> list[Any]:
    answer = b"".join(frames(asked.words)) if asked.stream else whole(asked.words)
    return [b"HTTP/1.0 200 OK\r\n" + (SSE if asked.stream else JSON) + b"\r\n" + answer, "close"]


def marked(asked: Asked) -> list[Any]:
    """After the mark of UTF-8."""
    if asked.words.startswith(("speech", "gemini_speech")):
        return good(asked)  # sound is no text
    answer = b"\xef\xbb\xbf" + (b"".join(frames(asked.words)) if asked.stream else whole(asked.words))
    return [sized("200 OK", answer, SSE if asked.stream else JSON)]


def slowly(part: bytes, times: int) -> list[Step]:
    return [step for _ in range(times) for step in (part, 0.08)]


def cut_zip(asked: Asked) -> list[Any]:
    return [sized("200 OK", gzip.compress(whole(asked.words))[:40], JSON + b"content-encoding: gzip\r\n")]


SIBLINGS: tuple[Row, ...] = (
    row("a refusal without end", lambda _: [b"HTTP/1.1 500 Oops\r\n" + CHUNKED, *[chunk(b"x" * 65_536)] * 9, "hang"],
        "refused"),
    row("a refusal word by word", lambda _: [b"HTTP/1.1 500 Oops\r\n" + CHUNKED, *slowly(chunk(b"x"), 20), "hang"],
        "refused"),
    row("headers of a 401 without its body", lambda _: [b"HTTP/1.1 401 No\r\ncontent-length: 90\r\n\r\n", "hang"],
        "refused"),
    row("headers of a 400 without its body", lambda _: [b"HTTP/1.1 400 No\r\ncontent-length: 90\r\n\r\n", "hang"],
        "refused"),
    row("a limit cut in its body", lambda _: [
        b"HTTP/1.1 429 Slow\r\nretry-after: 30\r\ncontent-length: 90\r\n\r\n{", "reset"], "refused"),
    row("a zipped refusal", lambda a: [
        sized("503 Busy", gzip.compress(error(a.words)), JSON + b"content-encoding: gzip\r\n")], "refused"),
    row("a refusal in a coding that was not asked for", lambda _: [
        sized("401 No", b"\x8b\x02", JSON + b"content-encoding: br\r\n")], "refused"),
    row("a refusal nested deeply", status("500 Oops", b'{"error":' * 50_000), "refused"),
    row("a refusal of odd types", status("500 Oops", b'{"error":{"message":[1],"code":{"a":1},"type":7,"details":5}}'),
        "refused"),
    row("retry-after as a date", limited("Sun, 29 Nov 2099 16:35:12 GMT"), "refused"),
    row("a negative retry-after", limited("-5"), "refused"),
    row("retry-after of 400 digits", limited("9" * 400), "refused"),
    row("retry-after in raised digits", limited("²"), "refused"),
    row("retry-after in another script", limited("٣"), "refused"),
    row("retry-after that is no number", limited("nan", code="503 Busy"), "refused"),
    row("retry-after-ms of 400 digits", limited("9" * 400, "retry-after-ms"), "refused"),
    row("a delay that is no number", delayed("NaNs"), "refused"),
    row("a delay without end", delayed("1e400s"), "refused"),
    row("a delay of another type", delayed({"seconds": 5}), "refused"),
    row("our own code with a 500", said("500 Oops", code="insufficient_quota", type="insufficient_quota"), "refused"),
    row("our own code with a 422", coded("422 Odd", "insufficient_quota"), "refused"),
    row("a key's code with a 409", coded("409 Conflict", "invalid_api_key"), "refused"),
    row("an id as the code", said("500 Oops", code="proj_abc123def456", type="sk-abc123def456"), "refused"),
    row("a place as the code", said("503 Busy", code="http://10.1.2.3:80/"), "refused"),
    row("a place beside the words", said("500 Oops", metadata=HOST), "refused"),
    row("a place beside a caller's fault", said("400 Bad", metadata=HOST), "refused", final=True),
    *(row(code, status(code), "refused") for code in BETWEEN),
    row("a page with a 404", status("404 Not Found", b"<html><h1>404</h1>nginx at 10.2.3.4</html>"), "refused"),
    row("a page with a 421", status("421 Misdirected", b"<html><h1>421</h1>10.2.3.4</html>"), "refused"),
    row("headers that never end", lambda _: [b"HTTP/1.1 200 OK\r\n", *slowly(b"x: y\r\n", 12), "hang"], "refused"),
    row("hints without end", lambda _: [*slowly(b"HTTP/1.1 103 Early\r\n\r\n", 12), "hang"], "refused"),
    row("a negative length", framed(b"content-length: -1\r\n"), "refused"),
    row("two lengths", framed(b"content-length: 5\r\ncontent-length: 6\r\n"), "refused"),
    row("a length that is none", framed(b"content-length: x\r\n"), "refused"),
    row("a length beside chunks", framed(b"content-length: 5\r\ntransfer-encoding: chunked\r\n"), "refused"),
    row("nothing by length", lambda _: [OK + JSON + b"content-length: 0\r\n\r\n"], "refused"),
    row("no length, then closed", framed(b"connection: close\r\n"), "served"),
    row("HTTP/1.0", oldest, "served"),
    row("chunks with extensions and trailers", extended, "served"),
    row("the mark of UTF-8 first", marked, "served"),
    row("zip cut short", both(good, cut_zip), "served", "refused"),
    row("JSON cut short", both(good, lambda a: [sized("200 OK", whole(a.words)[:-1])]), "served", "refused"),
    row("two answers in one", both(good, lambda a: [sized("200 OK", whole(a.words) * 2)]), "served", "refused"),
    row("a number for the text", edited(TEXTS, 5), "refused"),
    row("an object for the text", edited(TEXTS, {}), "refused"),
    row("a list of nothing for the text", edited(TEXTS, [None]), "refused"),
    row("a part without a kind", edited(KINDS, None), "refused"),
    row("only signs of life", both(lambda _: [OK + SSE + CHUNKED, *[chunk(b": ping\n\n")] * 9, END],
        body(lambda _: b"\n" * 50)), "refused"),
)  # fmt: skip
