from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interchange.wire.data_url import read_data_url, write_data_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:image/png;base64,iVBOR", ("image/png", "iVBOR")),
        ("DATA:Image/PNG;charset=utf-8;BASE64,iV==", ("image/png", "iV==")),
        ("data:image/jpg;base64,iVBOR", ("image/jpeg", "iVBOR")),
        ("data:image/png;base64,iVBO\r\nRw==\n", ("image/png", "iVBORw==")),
        ("data:;base64,aGk=", ("text/plain", "aGk=")),
        ("data:text/plain,a%20b", ("text/plain", base64.b64encode(b"a b").decode())),
        ("data:,", ("text/plain", "")),
        ("https://example.com/a.png", None),
        ("data:image/png;base64", None),
        ("", None),
    ],
)
def test_reading(url: str, expected: tuple[str, str] | None) -> None:
    assert read_data_url(url) == expected


@given(st.binary(), st.sampled_from(["image/png", "application/pdf", "audio/wav"]))
def test_writing_then_reading_keeps_every_byte(data: bytes, media_type: str) -> None:
    text = base64.b64encode(data).decode()
    assert read_data_url(write_data_url(media_type, text)) == (media_type, text)
