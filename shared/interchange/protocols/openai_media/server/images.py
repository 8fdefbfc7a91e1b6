"""The server face of /v1/images/generations and /v1/images/edits.

https://platform.openai.com/docs/api-reference/images. An edit is multipart, or JSON with `images` as data URLs.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.failure import RequestError, invalid
from interchange.hub.media import Broken, Finished, Form, ImageRequest, MediaEvent, Pictures, Preview, Upload
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import Answered, MediaWriter, Posted
from interchange.wire import codec, splice
from interchange.wire.sse import write_frame

from ..carry import renamed
from ..image_words import FACTS, FORMATS, event_word, path, write_picture, write_usage
from .fields import boolean, integer, missing, mistyped, needed_text, text, word

MOST_PICTURES = 10
MOST_FRAMES = 16
MOST_INPUTS = 16
AUTHOR = "it names another model, which has another price; leave it out"
"""openai-python 3.57.0, `types/image_generate_params.py`: `svg.model` writes the SVG."""
_READ = frozenset(
    "model prompt n size quality background output_format response_format partial_images stream user".split()
)
_EDITED = _READ | {"image", "images", "mask"}
_MAGIC = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"), (b"GIF8", "image/gif"))
_INPUTS = ("image/png", "image/jpeg", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True)
class Server:
    edit: bool = False
    protocol: str = "openai_media"

    def read_request(self, form: Form) -> ImageRequest:
        fields = form.fields
        if form.files and not self.edit:
            name = next(iter(form.files))
            raise invalid(f"{name}: files are taken by /v1/images/edits alone", name, "unsupported_parameter")
        images = _images(form) if self.edit else ()
        read = _EDITED if self.edit else _READ
        if self.edit and not images:
            raise missing("image")
        if fields.get("svg") is not None:
            raise invalid(f"svg: {AUTHOR}", "svg", "unsupported_parameter")
        return ImageRequest(
            prompt=needed_text(fields, "prompt"),
            images=images,
            mask=_mask(form) if self.edit else None,
            n=integer(form, "n", 1, MOST_PICTURES),
            size=text(fields, "size"),
            quality=text(fields, "quality"),
            background=text(fields, "background"),
            output_format=text(fields, "output_format"),
            answer=word(fields, "response_format", ("url", "b64_json")),
            partial_images=integer(form, "partial_images", 0, 3),
            stream=boolean(form, "stream"),
            frames=integer(form, "frame_count", 2, MOST_FRAMES),
            user=text(fields, "user"),
            extra={name: value for name, value in fields.items() if name not in read and value is not None},
        )

    def streams(self, request: ImageRequest) -> bool:
        return request.stream

    def stream_type(self, _request: ImageRequest) -> str:
        return "text/event-stream; charset=utf-8"

    def passes(self, _request: ImageRequest, _profile: Profile) -> bool:
        return True

    def write_request(self, form: Form, _request: ImageRequest, profile: Profile) -> Posted:
        raw = renamed(form, profile.model)
        return Posted(path(self.edit), _as_references(form, raw) if self.edit else raw, form.content_type)

    def write_passed(self, raw: bytes, _request: ImageRequest, _model: str) -> Answered:
        return Answered(raw)

    def write_response(self, answer: Pictures, request: ImageRequest, envelope: Envelope) -> Answered:
        body: dict[str, Any] = {"created": envelope.created, **answer.facts}
        body["data"] = [write_picture(picture, request.answer) for picture in answer.items]
        if answer.usage is not None and answer.usage.total:
            body["usage"] = write_usage(answer.usage)
        return Answered(codec.dumps(body))

    def write_stream(self, request: ImageRequest, envelope: Envelope) -> MediaWriter:
        return _Writer(request, envelope, event_word(self.edit))


@dataclass(slots=True)
class _Writer:
    """Every event carries every field that the SDK's types require."""

    request: ImageRequest
    envelope: Envelope
    word: str

    def write(self, event: MediaEvent) -> bytes:
        match event:
            case Preview(picture=picture, number=number, facts=facts):
                shown = {"b64_json": picture.data, "partial_image_index": number}
                return self._event("partial_image", {**self._facts(picture.media_type, facts), **shown})
            case Finished(usage=usage, answer=Pictures(items=items, facts=facts)):
                counted = write_usage(usage or Usage())
                return b"".join(
                    self._event(
                        "completed",
                        {**self._facts(one.media_type, facts), **write_picture(one, None), "usage": counted},
                    )
                    for one in items
                )
            case Finished() | Broken():
                return b""
            case _:
                raise TypeError(f"no picture: {type(event).__name__}")

    def _event(self, what: str, fields: dict[str, Any]) -> bytes:
        kind = f"{self.word}.{what}"
        body = {"type": kind, "created_at": self.envelope.created, **fields}
        return write_frame(codec.dumps(body), kind)

    def _facts(self, media_type: str, said: Any) -> dict[str, Any]:
        asked = {name: getattr(self.request, name) for name in FACTS if getattr(self.request, name) is not None}
        known = {
            "background": "auto",
            "output_format": FORMATS.get(media_type, "png"),
            "quality": "auto",
            "size": "auto",
        }
        return {**known, **asked, **said}


def _images(form: Form) -> tuple[Upload, ...]:
    """Uploads named `image`, `image[]` or `image[0]`...; or, in JSON, `images` (or `image`) as data URLs."""
    if form.multipart:
        named = [name for name in form.files if name == "image" or name.startswith("image[")]
        found = [upload for name in named for upload in form.files[name]]
    else:
        given = form.fields.get("images", form.fields.get("image"))
        if given is None:
            raise missing("image")
        found = [_inline(one, f"images[{n}]") for n, one in enumerate(given if isinstance(given, list) else [given])]
    if len(found) > MOST_INPUTS:
        raise invalid(f"image: at most {MOST_INPUTS} images are taken", "image", "array_above_max_length")
    return tuple(_image(upload, f"image[{number}]", "image") for number, upload in enumerate(found))


def _mask(form: Form) -> Upload | None:
    given = form.fields.get("mask")
    if given is not None and form.multipart:
        raise mistyped("mask", "a file")
    masks = form.files.get("mask", ()) if given is None else (_inline(given, "mask"),)
    if len(masks) > 1:
        raise invalid(f"Invalid 'mask': {len(masks)} files; one is taken.", "mask", "too_many_files")
    return _image(masks[0], "mask", "mask") if masks else None


def _as_references(form: Form, raw: bytes) -> bytes:
    """A JSON edit in the vendor's own words: `images` and `mask` are objects with an `image_url`."""
    if form.multipart:
        return raw
    given = form.fields.get("images", form.fields.get("image"))
    listed = given if isinstance(given, list) else [given]
    if form.fields.get("images") is not listed or not all(map(_is_reference, listed)):
        raw = splice.put(splice.remove(raw, "image"), [{"image_url": _url(one)} for one in listed], "images")
    mask = form.fields.get("mask")
    return raw if mask is None or _is_reference(mask) else splice.put(raw, {"image_url": _url(mask)}, "mask")


def _is_reference(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("image_url"), str)


def _url(given: Any) -> Any:
    """Reads the three spellings of a picture in JSON: a text, `{"image_url": ...}` and `{"url": ...}`, as itself or
    below `image_url`."""
    url = given.get("image_url", given.get("url")) if isinstance(given, dict) else given
    return url.get("url") if isinstance(url, dict) else url


def _image(upload: Upload, where: str, param: str) -> Upload:
    """Adds the media type that its first bytes tell, where the caller's client knew none."""
    if not upload.data:
        raise invalid(f"{where}: the file is empty", param, "empty_file")
    kind = upload.media_type.partition(";")[0].strip().lower()
    if kind == "application/octet-stream":
        kind = next((media for magic, media in _MAGIC if upload.data.startswith(magic)), kind)
    elif kind not in _INPUTS:
        raise invalid(f"{where}: {kind!r} is no image; send one of {', '.join(_INPUTS)}", param, "invalid_image")
    return replace(upload, media_type=kind)


def _inline(given: Any, where: str) -> Upload:
    url = _url(given)
    if not isinstance(url, str):
        raise mistyped(where, "an image as a data URL")
    if not url.startswith("data:"):
        raise _not_inline(where)
    head, _, data = url.removeprefix("data:").partition(",")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"{where}: not valid base64", where, "invalid_image") from error
    return Upload(f"image.{head.partition(';')[0].rpartition('/')[2] or 'png'}", head.partition(";")[0], raw)


def _not_inline(where: str) -> RequestError:
    return invalid(f"{where}: only data URLs are taken here; send the image itself", where, "unsupported_image_source")
