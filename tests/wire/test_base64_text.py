from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.wire.base64_text import read_base64


@given(st.binary(min_size=1))
def test_every_spelling_becomes_the_standard_one(data: bytes) -> None:
    standard = base64.b64encode(data).decode()
    assert read_base64(standard) is standard
    assert read_base64(base64.urlsafe_b64encode(data).decode().rstrip("=")) == standard
    assert read_base64(base64.encodebytes(data).decode()) == standard


@pytest.mark.parametrize("text", ["", "=", "A", "AAAAA", "A===", "AA=A", "AA==AA==", "AA!A", "AAAA\xe9", "\ud800AAA"])
def test_what_is_none(text: str) -> None:
    assert read_base64(text) is None
