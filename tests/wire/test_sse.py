"""Server-sent events by the specification: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.wire.sse import Frame, FrameReader, write_comment, write_frame

LINE_ENDS = (b"\n", b"\r", b"\r\n")


def read(*chunks: bytes) -> list[Frame]:
    reader = FrameReader()
    found = [frame for chunk in chunks for frame in reader.feed(chunk)]
    return [*found, *reader.finish()]


def said(*chunks: bytes) -> list[tuple[str | None, bytes | None]]:
    return [(frame.event, frame.data) for frame in read(*chunks)]


@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"data: a"], (None, b"a")),
        ([b"data:a"], (None, b"a")),
        ([b"data:  a"], (None, b" a")),
        ([b"data: a", b"data: b"], (None, b"a\nb")),
        ([b"data", b"data: b"], (None, b"\nb")),
        ([b"event: x", b"data: a"], ("x", b"a")),
        ([b"data: a", b"event: x"], ("x", b"a")),
        ([b"id: 7", b"retry: 100", b"data: a"], (None, b"a")),
        ([b": comment", b"data: a"], (None, b"a")),
        ([b": comment"], (None, None)),
        ([b"unknown: x"], (None, None)),
        ([b"event: x"], ("x", None)),
        ([b"data: a:b: c"], (None, b"a:b: c")),
    ],
)
def test_one_event(end: bytes, lines: list[bytes], expected: tuple[str | None, bytes | None]) -> None:
    stream = end.join(lines) + end + end
    assert said(stream) == [expected]
    assert said(*(stream[n : n + 1] for n in range(len(stream)))) == [expected]


def test_a_byte_order_mark_is_no_part_of_the_first_field() -> None:
    stream = b"\xef\xbb\xbfdata: a\n\ndata: b\n\n"
    assert said(stream) == [(None, b"a"), (None, b"b")]
    assert b"".join(frame.raw for frame in read(stream)) == stream[3:], "the stock SDKs would lose the first event"


def test_line_ends_may_be_mixed() -> None:
    stream = b"data: a\r\n\ndata: b\n\r\ndata: c\r\rdata: d\n\n"
    assert [data for _, data in said(stream)] == [b"a", b"b", b"c", b"d"]


def test_a_carriage_return_at_the_end_of_a_chunk_may_be_half_of_a_line_end() -> None:
    assert said(b"data: a\r\n\r", b"\ndata: b\r\n\r\n") == [(None, b"a"), (None, b"b")]
    reader = FrameReader()
    assert list(reader.feed(b"data: a\r\r")) == [], "the second half of a CRLF could still come"
    assert [frame.data for frame in reader.feed(b"data: b\r\r")] == [b"a"]


def test_a_stream_without_its_last_blank_line() -> None:
    assert said(b"data: a\n\ndata: b\n") == [(None, b"a"), (None, b"b")]
    assert said(b"data: a\n\ndata: b") == [(None, b"a"), (None, b"b")]
    assert said(b"data: a\n\n\n") == [(None, b"a")]


def test_other_separators_of_unicode_and_python_do_not_end_a_line() -> None:
    data = "a\u2028b\u2029c\x0bd\x0ce\x85f".encode()
    assert said(b"data: " + data + b"\n\n") == [(None, data)]


def test_writing() -> None:
    assert write_frame(b'{"a":1}') == b'data: {"a":1}\n\n'
    assert write_frame(b"{}", "ping") == b"event: ping\ndata: {}\n\n"
    assert said(write_comment("keep-alive") + write_frame(b"{}", "ping")) == [(None, None), ("ping", b"{}")]


LINE = st.binary(max_size=12).filter(lambda line: b"\r" not in line and b"\n" not in line)
EVENTS = st.lists(
    st.tuples(st.sampled_from([None, "delta", "stop"]), st.lists(LINE, min_size=1, max_size=3), st.booleans()),
    max_size=6,
)


@given(EVENTS, st.sampled_from(LINE_ENDS), st.data())
def test_framing_is_lossless_and_does_not_depend_on_the_cuts(
    events: list[tuple[str | None, list[bytes], bool]], end: bytes, data: st.DataObject
) -> None:
    stream = b""
    expected: list[tuple[str | None, bytes | None]] = []
    for name, lines, commented in events:
        fields = [b": note"] if commented else []
        fields += [b"event: " + name.encode()] if name else []
        fields += [b"data: " + line for line in lines]
        stream += end.join([*fields, b"", b""])
        expected.append((name, b"\n".join(lines)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert said(*chunks) == expected
    assert b"".join(frame.raw for frame in read(*chunks)) == stream


@given(
    st.lists(st.sampled_from([b"data: a", b"\n", b"\r", b"\r\n", b":", b"x", b"\xef\xbb\xbf"]), max_size=20), st.data()
)
def test_any_bytes_frame_the_same_however_they_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert said(*chunks) == said(stream)
