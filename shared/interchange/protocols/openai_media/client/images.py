"""The client face of /images/generations and /images/edits.

https://platform.openai.com/docs/api-reference/images. Edits are multipart; `Client.json` is the dialect of vendors that
take them as JSON with data URLs and do not stream (https://docs.x.ai/docs/guides/image-generation).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, invalid
from interchange.hub.losses import Losses
from interchange.hub.media import (
    Broken,
    Finished,
    ImageRequest,
    MediaEvent,
    Picture,
    Pictures,
    Preview,
    Upload,
    read_size,
)
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.media import MediaReader, Posted
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.framing import WholeFrames
from interchange.wire.sse import Frame, FrameReader, Frames

from ..image_words import FACTS, MEDIA_TYPES, path, read_picture, read_usage
from ..multipart import write_form

_PLAIN = ("n", "size", "quality", "background", "output_format", "partial_images", "user")
_UNSAID_IN_JSON = ("quality", "background", "output_format", "partial_images")
"""What the JSON dialect has no word for. A size is said as an aspect ratio there."""
MOST_PREVIEWS = 16
"""The greatest `partial_images` is 3 today."""
_OWN_IN_JSON = ("aspect_ratio", "resolution")


@dataclass(frozen=True, slots=True)
class Client:
    json: bool = False

    @property
    def protocol(self) -> str:
        return "openai_media_json" if self.json else "openai_media"

    def write_request(self, request: ImageRequest, profile: Profile, losses: Losses) -> Posted:
        body: dict[str, Any] = {"model": profile.model, "prompt": request.prompt}
        body |= {name: value for name in _PLAIN if (value := getattr(request, name)) is not None}
        if request.answer is not None:
            body["response_format"] = request.answer
        elif request.stream and self.json:
            body["response_format"] = "b64_json"  # an event has a picture's bytes and no word for a URL
        body |= request.extra
        if self.json:
            return Posted(path(request.edit), codec.dumps(_as_json(body, request, losses)))
        if request.stream:
            body["stream"] = True
        if not request.edit:
            return Posted(path(False), codec.dumps(body))
        files = [("image[]", image) for image in request.images] + ([("mask", request.mask)] if request.mask else [])
        data, content_type = write_form(body, files)
        return Posted(path(True), data, content_type)

    def read_response(self, raw: bytes, request: ImageRequest) -> Pictures:
        body = _object(raw)
        if len(body["data"]) > (request.n or 1):
            raise ValueError("the answer holds more pictures than were asked for")
        media_type = MEDIA_TYPES.get(str(body.get("output_format") or "png"), "image/png")
        facts = {name: body[name] for name in FACTS if body.get(name) is not None}
        items = tuple(read_picture(item, media_type) for item in body["data"])
        return Pictures(items, read_usage(body), facts)

    def read_usage(self, raw: bytes, _request: ImageRequest) -> tuple[Usage | None, int]:
        body = _object(raw)
        return read_usage(body), len(body["data"])

    def read_stream(self, request: ImageRequest) -> MediaReader:
        return _WholeReader(self, request) if self.json else _EventReader(request)

    def framing(self, _request: ImageRequest, _profile: Profile) -> Frames:
        return WholeFrames() if self.json else FrameReader()


def _as_json(body: dict[str, Any], request: ImageRequest, losses: Losses) -> dict[str, Any]:
    if request.mask is not None:
        raise invalid("mask: this model edits without a mask", "mask", "unsupported_parameter")
    if request.background == "transparent":
        raise invalid("background: this model makes no transparent pictures", "background", "unsupported_parameter")
    for name in (*_UNSAID_IN_JSON, *(name for name in request.extra if name not in _OWN_IN_JSON)):
        if body.pop(name, None) is not None:
            losses.drop(name, "the provider has no such setting for pictures")
    size = body.pop("size", None)
    if size not in (None, "auto"):
        body["aspect_ratio"] = aspect_ratio(str(size))
    if request.images:
        given = [{"type": "image_url", "url": data_url(image)} for image in request.images]
        body |= {"image": given[0]} if len(given) == 1 else {"images": given}
    return body


def data_url(image: Upload) -> str:
    return f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}"


def aspect_ratio(size: str) -> str:
    """ "1536x1024" -> "3:2". Raises RequestError for what is no size."""
    pixels = read_size(size)
    if pixels is None:
        raise invalid(f"Invalid value: '{size}'. A size is WIDTHxHEIGHT, or 'auto'.", "size", "invalid_value")
    width, height = pixels
    for one in ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "2:1", "1:2", "20:9", "9:20"):
        across, _, down = one.partition(":")
        if abs(width * int(down) - height * int(across)) * 50 <= height * int(across):  # within 2 %
            return one
    raise invalid(f"Invalid value: '{size}'. This model has no such aspect ratio.", "size", "invalid_value")


@dataclass(slots=True)
class _EventReader:
    """`image_generation.*` and `image_edit.*`: previews, and one completed event a picture."""

    request: ImageRequest
    usage: Usage | None = None
    done: list[Picture] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        if frame.data is None or frame.data.strip() == b"[DONE]":
            return
        event = codec.loads(frame.data)
        kind = str(event.get("type") or "")
        if kind.endswith(".partial_image"):
            yield Preview(read_picture(event, _media(event)), _number(event), _facts(event))
        elif kind.endswith(".completed"):
            if len(self.done) >= (self.request.n or 1):
                return  # nobody asked for it: it is not handed on
            self.done.append(read_picture(event, _media(event)))
            self.facts = _facts(event)
            reported = read_usage(event)
            self.usage = reported if self.usage is None else self.usage.merge(reported or Usage())
            yield self._finished()
        elif kind == "error" or "error" in event:
            yield Broken(_failure(event))

    def finish(self) -> Iterable[MediaEvent]:
        yield Broken(
            Failure(ErrorKind.API, "the picture's stream ended before the picture", code="upstream_cut", upstream=True)
        )

    def _finished(self) -> Finished:
        return Finished(self.usage, len(self.done), Pictures(tuple(self.done), self.usage, self.facts))


@dataclass(slots=True)
class _WholeReader:
    """A vendor that answers with one document, for a caller who asked for a stream."""

    client: Client
    request: ImageRequest

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        answer = self.client.read_response(frame.raw, self.request)
        yield Finished(answer.usage, len(answer.items), answer)

    def finish(self) -> Iterable[MediaEvent]:
        yield Broken(Failure(ErrorKind.API, "the answer is empty", code="upstream_cut", upstream=True))


def _object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise ValueError("the answer holds no pictures")
    return body


def _number(event: dict[str, Any]) -> int:
    """Raises ValueError for one beyond what can be asked for: clients build a list of it."""
    number = event.get("partial_image_index") or 0
    if not isinstance(number, int) or not 0 <= number < MOST_PREVIEWS:
        raise ValueError("the number of a preview is beyond what can be asked for")
    return number


def _media(event: dict[str, Any]) -> str:
    return MEDIA_TYPES.get(str(event.get("output_format") or "png"), "image/png")


def _facts(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in FACTS if event.get(name) is not None}


def _failure(event: dict[str, Any]) -> Failure:
    return errors.read_error(event if event.get("error") else {"error": event})
