"""The faults, by name; `siblings` has more of their kinds."""

from __future__ import annotations

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
    after_begin,
    after_text,
    begun,
    body,
    both,
    byte_by_byte,
    chunk,
    cut_whole,
    error,
    failed_frame,
    frames,
    good,
    once,
    output,
    sized,
    status,
    streamed,
    text,
    whole,
    with_usage,
    zipped,
)
from .rows import Row, row
from .words import event


def far_choice(number: int) -> Fault:
    """An answer for somebody who asked for more answers; of a format that has one alone, another kind of answer."""

    def steps(asked: Asked) -> list[Any]:
        name = CHOICES.get(asked.words)
        if name is None:
            return [sized("200 OK", json.dumps({"type": "message", "content": "x" * 3}).encode())]
        if not asked.stream:
            answer = json.loads(whole(asked.words))
            answer[name][0]["index"] = number
            return [sized("200 OK", json.dumps(answer).encode())]
        first = json.loads(text(asked.words)[-1].removeprefix(b"data: "))
        first[name][0]["index"] = number
        return [*streamed(event(first), *frames(asked.words)[1:]), END]

    return steps


def far_part(asked: Asked) -> list[Any]:
    """A part of the answer, numbered by a thousand million; words that are none where a format numbers no parts."""
    far = 10**9
    call = {"index": far, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    numbered = {
        "chat": {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]},
        "messages": {"type": "content_block_start", "index": far, "content_block": {"type": "text", "text": ""}},
        "responses": {"type": "response.output_item.added", "output_index": far, "item": {"type": "message"}},
        "gemini": {"candidates": [{"index": far, "content": {"parts": [{"text": "x"}]}}]},
        "images": {"type": "image_generation.partial_image", "b64_json": "aGk=", "partial_image_index": far},
    }
    if asked.words not in numbered:
        return [sized("200 OK", b'{"type": "message"}')]
    return [*streamed(*begun(asked.words), event(numbered[asked.words])), END]


CHOICES = {"chat": "choices", "gemini": "candidates"}


def again_and_again(asked: Asked) -> list[Any]:
    return [*streamed(*frames(asked.words), frames(asked.words)[-1], frames(asked.words)[-1]), END]


ROUTES: tuple[tuple[str, str, bytes], ...] = (
    ("credential refused", "401 Unauthorized", b'{"error":{"message":"Incorrect API key provided: sk-abc"}}'),
    ("payment required", "402 Payment Required", b'{"error":{"message":"Insufficient Balance"}}'),
    ("permission refused", "403 Forbidden", b'{"error":{"message":"Project proj_abcdef lacks access"}}'),
    ("model not found", "404 Not Found", b'{"error":{"message":"The model `up` does not exist"}}'),
    ("model gone", "410 Gone", b'{"error":{"message":"gone"}}'),
    ("credit used up", "400 Bad Request", b'{"error":{"message":"Your credit balance is too low"}}'),
    (
        "quota used up",
        "429 Too Many",
        b'{"error":{"message":"Exceeded your current quota","code":"insufficient_quota"}}',
    ),
    ("region refused", "400 Bad Request", b'{"error":{"message":"User location is not supported for the API use."}}'),
    ("organisation disabled", "400 Bad Request", b'{"error":{"message":"This organization has been disabled."}}'),
)
PLAIN = ("408 Timeout", "409 Conflict", "425 Early", "429 Too Many", "500 Oops", "502 Bad", "503 Busy", "504 Late",
         "520 Odd", "522 Odd", "524 Odd", "529 Busy", "599 Odd")  # fmt: skip
FINAL = ("400 Bad", "413 Large", "415 Media", "422 Odd", "418 Teapot")
ODD = ("204 None", "206 Part", "301 Moved", "302 Found", "304 Same", "307 Moved", "999 Odd", "600 Odd")

TABLE: tuple[Row, ...] = (
    row("closed before a byte", lambda _: ["close"], "refused"),
    row("reset before a byte", lambda _: ["reset"], "refused"),
    row("reset once, then good", once(lambda _: ["reset"]), "served"),
    row("closed once, then good", once(lambda _: ["close"]), "served"),
    row("never answers", lambda _: ["hang"], "refused"),
    row("never answers once, then good", once(lambda _: ["hang"]), "served"),
    row("headers, then nothing", both(lambda _: [OK + SSE + CHUNKED, "hang"],
                                      lambda _: [OK + JSON + b"content-length: 9\r\n\r\n", "hang"]), "refused"),
    row("half of the headers", lambda _: [b"HTTP/1.1 200 OK\r\ncontent-ty", "hang"], "refused"),
    row("status line cut", lambda _: [b"HTTP/1.1 2", "close"], "refused"),
    row("silent after the first text", both(after_text("hang"), cut_whole("hang")), "cut", "refused"),
    row("headers of a 500 without its body", lambda _: [b"HTTP/1.1 500 Oops\r\ncontent-length: 90\r\n\r\n", "hang"],
        "refused"),
    row("a 500 cut in its body", lambda _: [b"HTTP/1.1 500 Oops\r\ncontent-length: 90\r\n\r\n{", "close"], "refused"),
    row("broken chunk header, then closed", both(lambda _: [*streamed(), b"zz\r\n", "close"],
        lambda _: [OK + JSON + CHUNKED, b"zz\r\nxx", "close"]), "refused"),
    row("broken chunk header after text", both(after_text(b"zz\r\nxx\r\n", "close"),
        lambda _: [OK + JSON + CHUNKED, b"zz\r\nxx", "close"]), "cut", "refused"),
    row("closed after text", both(after_text("close"), cut_whole("close")), "cut", "refused"),
    row("reset after text", both(after_text("reset"), cut_whole("reset")), "cut", "refused"),
    row("closed within a frame", both(lambda a: [*streamed(*text(a.words)), chunk(b"data: {\"cho"), "close"],
        cut_whole("close")), "cut", "refused"),
    row("ends before its terminal event", both(after_text(END), cut_whole("close")), "cut", "refused"),
    row("ends before any text", both(after_begin(END), cut_whole("close")), "refused"),
    row("a block's start, then an error", both(
        lambda a: [*streamed(*begun(a.words), failed_frame(a.words)), END],
        body(error)), "refused"),
    row("an error after text", both(lambda a: [*streamed(*text(a.words)), 0.05, chunk(failed_frame(a.words)), END],
        body(error)), "cut", "refused"),
    row("an error as the first frame", both(lambda a: [*streamed(failed_frame(a.words)), END], body(error)), "refused"),
    row("an error inside a 200", body(error), "refused"),
    row("a text in `error` inside a 200", body(lambda _: b'{"error":"boom","code":"x"}'), "refused"),
    row("an error inside the choice", both(
        lambda a: [*streamed(event({"choices": [{"index": 0, "error": {"code": 502, "message": "x"}}]})), END],
        body(lambda _: b'{"choices":[{"message":{"content":""},"finish_reason":"error","error":{"code":502}}]}')),
        "refused"),
    row("more frames after the end", both(again_and_again, good), "served"),
    row("not SSE", body(lambda _: b"hello", SSE), "refused"),
    row("a page with a 200", body(lambda _: b"<html><body>nginx at 10.1.2.3</body></html>"), "refused"),
    row("an empty body", body(lambda _: b""), "refused"),
    row("null", body(lambda _: b"null"), "refused"),
    row("a number", body(lambda _: b"17"), "refused"),
    row("an array", body(lambda _: b"[]"), "refused"),
    row("an empty object", body(lambda _: b"{}"), "refused"),
    row("no choices", body(lambda _: b'{"choices":[],"content":null}'), "refused"),
    row("choices of another type", body(lambda _: b'{"choices":"x","content":7}'), "refused"),
    row("a choice that is none", body(lambda _: b'{"choices":[null],"content":[null]}'), "refused"),
    row("an index of two million", far_choice(2_000_000), "refused"),
    row("an index of a thousand million", far_choice(10**9), "refused"),
    row("a part's index of a thousand million", both(far_part, lambda _: [sized("200 OK", b'{"type": "message"}')]),
        "refused"),
    row("a negative index", far_choice(-1), "refused"),
    row("an index that was not asked for", far_choice(1), "refused"),
    row("an event stream for a whole answer", both(good, lambda a: [sized("200 OK", b"".join(frames(a.words)), SSE)]),
        "served", "refused"),
    row("bad JSON as the first frame", both(lambda _: [*streamed(b"data: {x\n\n"), END], body(lambda _: b"{x")),
        "refused"),
    row("bad JSON after text", both(lambda a: [*streamed(*text(a.words), b"data: {x\n\n"), END],
        body(lambda _: b"{x")), "cut", "refused"),
    row("bad UTF-8", both(lambda _: [*streamed(b"data: {\"a\":\"\xff\xfe\"}\n\n"), END],
        body(lambda _: b'{"choices":[{"message":{"content":"\xff"}}]}')), "refused"),
    row("deep nesting", both(lambda _: [*streamed(b"data: " + b"[" * 5000 + b"\n\n"), END],
        body(lambda _: b"[" * 5000)), "refused"),
    row("wrong content type, right content", lambda a: [
        step.replace(SSE, b"content-type: text/html\r\n").replace(JSON, b"content-type: text/html\r\n")
        if isinstance(step, bytes) else step for step in good(a)], "served"),
    row("gzip", zipped, "served"),
    row("broken gzip", both(lambda _: [sized("200 OK", b"not gzip", SSE + b"content-encoding: gzip\r\n")],
        lambda _: [sized("200 OK", b"not gzip", JSON + b"content-encoding: gzip\r\n")]), "refused"),
    row("a coding that was not asked for", lambda _: [sized("200 OK", b"\x8b\x02", JSON + b"content-encoding: br\r\n")],
        "refused"),
    row("byte by byte", byte_by_byte, "served"),
    row("empty data lines", both(
        lambda a: [*streamed(b"data:\n\n", *[one + b"data:\n\n" for one in frames(a.words)]), END], good), "served"),
    row("comments between frames", both(
        lambda a: [*streamed(*[b": ping\n\n" + one for one in frames(a.words)]), END], good), "served"),
    row("data over several lines", both(
        lambda a: [*streamed(*[one.replace(b', "', b',\ndata: "') for one in frames(a.words)]), END], good), "served"),
    row("usage of a thousand million", with_usage(output(9 * 10**8)), "served"),
    row("usage beyond the limit", with_usage(output(200_000)), "served"),
    row("usage of 10^30", with_usage(output(10**30)), "served"),
    row("negative usage", with_usage(output(-5)), "served"),
    row("usage as text", with_usage(output("3")), "served"),
    row("usage null", with_usage(output(None)), "served"),
    row("usage a fraction", with_usage(output(3.5)), "served"),
    row("100 Continue first", lambda a: [b"HTTP/1.1 100 Continue\r\n\r\n", *good(a)], "served"),
    row("103 Early Hints first", lambda a: [b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", *good(a)], "served"),
    row("not HTTP", lambda _: [b"SSH-2.0-OpenSSH_9\r\n", "close"], "refused"),
    row("a header of 100 KB", lambda _: [OK + b"x-long: " + b"a" * 100_000 + b"\r\n\r\n", "close"], "refused"),
    row("a body shorter than told", cut_whole("close"), "refused"),
    row("a body longer than told", lambda a: [
        *good(a), b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"], "served"),
    row("an error page", status("502 Bad Gateway", b"<html><h1>502 from 10.2.3.4:8443</h1></html>"), "refused"),
    row("an empty error", status("500 Oops", b""), "refused"),
    row("retry-after 60", status("429 Too Many", headers=b"retry-after: 60\r\n"), "refused"),
    row("429 once, then good", once(status("429 Too Many")), "served"),
    row("503 once, then good", once(status("503 Busy")), "served"),
    row("529 once, then good", once(status("529 Busy")), "served"),
    row("content refused", status("403 Forbidden", b'{"code":"no","error":"Content violates usage guidelines."}'),
        "refused", final=True),
    *(row(name, status(code, said), "refused") for name, code, said in ROUTES),
    *(row(code, status(code), "refused") for code in PLAIN),
    *(row(code, status(code), "refused", final=True) for code in FINAL),
    *(row(code, status(code, headers=b"location: http://169.254.169.254/\r\n"), "refused") for code in ODD),
)  # fmt: skip
