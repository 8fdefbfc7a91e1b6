"""What of a tool's result goes on to the model."""

from __future__ import annotations

import base64

from interchange.hub import blocks as b
from interchange.hub.mcp import Called
from interchange.rounds.results import MOST_PARTS, Room
from tests.rounds.servers import PNG

SEES = frozenset({"text", "image"})


def bounded(*content: b.Block, left: int = 1000, most: int = 1000) -> tuple[b.Block, ...]:
    return Room(left, most).bounded(Called(content), SEES).content


def test_a_result_has_so_many_parts_at_most() -> None:
    found = bounded(*[b.Text("x")] * (MOST_PARTS + 7))
    assert len(found) == MOST_PARTS + 1
    assert found[-1] == b.Text("[left out: 7 further parts]")


def test_parts_that_say_nothing_are_left_out() -> None:
    assert bounded(*[b.Text("")] * 50_000) == (b.Text("(the tool gave nothing)"),)
    assert bounded(b.Text(""), b.Text("a")) == (b.Text("a"),)


def test_a_request_has_so_many_bytes_over_all_its_calls() -> None:
    room = Room(15, 10)
    assert room.bounded(Called((b.Text("x" * 12),)), SEES).content[0] == b.Text("x" * 10 + "\n[cut: 10 of 12 bytes]")
    assert room.bounded(Called((b.Text("y" * 12),)), SEES).content[0] == b.Text("\n[cut: 0 of 12 bytes]")


def test_a_picture_that_no_longer_fits_is_told_of() -> None:
    picture = b.Image(b.Base64Source("image/png", base64.b64encode(PNG.ljust(300)).decode()))
    assert bounded(picture) == (picture,)
    assert bounded(picture, most=100) == (b.Text("[left out: a picture, image/png, 300 bytes]"),)


def test_what_is_no_picture_is_told_of() -> None:
    """A vendor would refuse the whole round."""
    for data in ("", "!!!", base64.b64encode(b"hello, hello, hello").decode(), base64.b64encode(PNG).decode()[:-3]):
        (found,) = bounded(b.Image(b.Base64Source("image/png", data)))
        assert isinstance(found, b.Text)
        assert found.text.startswith("[left out: a picture")
