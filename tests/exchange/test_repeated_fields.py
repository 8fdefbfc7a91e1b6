"""A field that stands twice in a body is refused, and a body of many fields is read once to know it."""

from __future__ import annotations

import pytest

from interchange.exchange.body import read_head
from interchange.exchange.http import Inbound
from interchange.hub.failure import RequestError
from interchange.wire import codec


class Searched(bytes):
    """Counts how often the whole body is searched."""

    times = 0

    def count(self, *arguments: object) -> int:
        type(self).times += 1
        return super().count(*arguments)  # type: ignore[arg-type]


def inbound(body: bytes) -> Inbound:
    return Inbound("POST", "/v1/chat/completions", {}, body, deadline=0.0)


@pytest.mark.parametrize("number", [0, 10, 100, 10_000])
def test_more_fields_do_not_search_the_body_more_often(number: int) -> None:
    Searched.times = 0
    body = {"model": "m", **{f"field_{at}": at for at in range(number)}}
    assert read_head(inbound(Searched(codec.dumps(body)))).body == body
    assert Searched.times <= 64


@pytest.mark.parametrize("number", [0, 10, 100, 10_000])
@pytest.mark.parametrize("name", ["model", "extra", "m\\u006fdel"])
def test_a_field_that_stands_twice_is_refused_among_any_number(name: str, number: int) -> None:
    others = "".join(f'"field_{at}": {at}, ' for at in range(number))
    raw = f'{{"model": "m", "extra": 1, {others}"{name}": "n"}}'
    with pytest.raises(RequestError, match="stands twice"):
        read_head(inbound(raw.encode()))
