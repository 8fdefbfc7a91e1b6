"""Bodies that pydantic checks: the field at fault is named by its path, as in every other refusal."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from interchange.api.described import checked
from interchange.api.shapes import EmbeddingRequest, ModerationRequest, UploadRequest
from interchange.hub.failure import ErrorKind, RequestError

PICTURE = {"type": "image_url", "image_url": {"url": "https://x/y.png"}}


@pytest.mark.parametrize(
    ("kind", "body", "path", "code"),
    [
        (ModerationRequest, {"input": [{"type": "text"}]}, "input[0].text", "missing_required_parameter"),
        (ModerationRequest, {"input": [PICTURE, {"type": "image_url"}]}, "input[1].image_url",
         "missing_required_parameter"),
        (ModerationRequest, {"input": [{**PICTURE, "image_url": {"url": 5}}]}, "input[0].image_url.url",
         "invalid_type"),
        (ModerationRequest, {"input": [{"type": "video"}]}, "input[0]", "invalid_type"),
        (ModerationRequest, {"input": [{}]}, "input[0]", "invalid_type"),
        (ModerationRequest, {"input": "a", "model": 5}, "model", "invalid_type"),
        (EmbeddingRequest, {"model": "m", "input": "a", "dimensions": 0}, "dimensions", "invalid_value"),
        (UploadRequest, {"content_type": "a/b", "bytes": 1}, "filename", "missing_required_parameter"),
        (UploadRequest, {"filename": "a", "content_type": "a/b", "bytes": True}, "bytes", "invalid_type"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_by_its_path(kind: type[BaseModel], body: Any, path: str, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        checked(kind)(body)
    failure = caught.value.failure
    assert (failure.kind, failure.param, failure.code) == (ErrorKind.INVALID_REQUEST, path, code)
    assert failure.message.startswith(f"{path}: ")


@pytest.mark.parametrize("given", ["a", ["a", "b"], [{"type": "text", "text": "a"}, PICTURE]])
def test_what_the_vendor_takes_is_taken_with_fields_that_are_not_known(given: Any) -> None:
    checked(ModerationRequest)({"input": given, "model": "omni-moderation-latest", "tomorrow": {"x": 1}})
