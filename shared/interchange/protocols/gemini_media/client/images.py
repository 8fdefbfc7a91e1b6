"""Pictures by generateContent. https://ai.google.dev/gemini-api/docs/image-generation

A size is an aspect ratio here, and a resolution of 1K, 2K or 4K where the model has the trait `image_sizes`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, ImageRequest, MediaEvent, Picture, Pictures, read_size
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.usage import counts_tokens, read_usage
from interchange.protocols.media import MediaReader, Posted
from interchange.wire import codec
from interchange.wire.framing import WholeFrames
from interchange.wire.sse import Frame, Frames

RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "4:5", "5:4", "16:9", "9:16", "21:9")
LARGE = ((3072, "4K"), (1536, "2K"))
"""The longest side above which a resolution is asked for."""


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "gemini_media"

    def write_request(self, request: ImageRequest, profile: Profile, losses: Losses) -> Posted:
        _refuse_unsayable(request)
        if request.quality not in (None, "auto"):
            losses.drop("quality", "the provider has no such setting for pictures")
        if request.partial_images:
            losses.drop("partial_images", "the provider sends no previews")
        if request.user is not None:
            losses.drop("user", "the provider takes no end-user id")
        for name in request.extra:
            losses.drop(name, "the provider has no such setting for pictures")
        parts: list[dict[str, Any]] = [{"text": request.prompt}]
        for image in request.images:
            data = base64.b64encode(image.data).decode()
            parts.append({"inlineData": {"mimeType": image.media_type, "data": data}})
        config: dict[str, Any] = {"responseModalities": ["IMAGE"]}
        if request.size not in (None, "auto"):
            config["imageConfig"] = _image_config(str(request.size), profile)
        body = {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}
        return Posted(f"/v1beta/models/{profile.model}:generateContent", codec.dumps(body))

    def read_response(self, raw: bytes, _request: ImageRequest) -> Pictures:
        """Raises RequestError where the model made no picture, with its reason; ValueError for what is no answer."""
        body = _object(raw)
        pictures = tuple(_pictures(body))
        if not pictures:
            raise _none(body)
        return Pictures(pictures, _usage(body))

    def read_usage(self, raw: bytes, _request: ImageRequest) -> tuple[Usage | None, int]:
        body = _object(raw)
        return _usage(body), sum(1 for _ in _pictures(body))

    def read_stream(self, request: ImageRequest) -> MediaReader:
        return _Reader(self, request)

    def framing(self, _request: ImageRequest, _profile: Profile) -> Frames:
        return WholeFrames()


@dataclass(slots=True)
class _Reader:
    client: Client
    request: ImageRequest

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        try:
            answer = self.client.read_response(frame.raw, self.request)
        except RequestError as refused:
            yield Broken(refused.failure)
        else:
            yield Finished(answer.usage, len(answer.items), answer)

    def finish(self) -> Iterable[MediaEvent]:
        yield Broken(Failure(ErrorKind.API, "the answer is empty", code="upstream_cut", upstream=True))


def _refuse_unsayable(request: ImageRequest) -> None:
    if (request.n or 1) > 1:
        raise invalid("n: this model makes one picture a request", "n", "unsupported_value")
    if request.mask is not None:
        raise invalid("mask: this model edits without a mask", "mask", "unsupported_parameter")
    if request.background == "transparent":
        raise invalid("background: this model makes no transparent pictures", "background", "unsupported_parameter")
    if request.output_format not in (None, "png"):
        raise invalid("output_format: this model makes png", "output_format", "unsupported_value")


def _image_config(size: str, profile: Profile) -> dict[str, Any]:
    pixels = read_size(size)
    if pixels is None:
        raise invalid(f"Invalid value: '{size}'. A size is WIDTHxHEIGHT, or 'auto'.", "size", "invalid_value")
    asked = pixels[0] / pixels[1]
    ratio = min(RATIOS, key=lambda one: abs(_value(one) - asked))
    if abs(_value(ratio) - asked) > 0.03 * asked:
        raise invalid(f"Invalid value: '{size}'. This model's aspect ratios are {', '.join(RATIOS)}.", "size")
    config: dict[str, Any] = {"aspectRatio": ratio}
    longest = max(pixels)
    resolution = next((word for above, word in LARGE if longest > above), None)
    if resolution is not None:
        if resolution not in profile.traits.get("image_sizes", ()):
            raise invalid(f"Invalid value: '{size}'. This model makes no pictures that large.", "size")
        config["imageSize"] = resolution
    return config


def _value(ratio: str) -> float:
    across, _, down = ratio.partition(":")
    return int(across) / int(down)


def _object(raw: bytes) -> dict[str, Any]:
    body = codec.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("the answer is not a JSON object")
    return body


def _pictures(body: dict[str, Any]) -> Iterator[Picture]:
    """Drafts that the model thought with are not the answer."""
    for candidate in body.get("candidates") or ():
        for part in (candidate.get("content") or {}).get("parts") or ():
            inline = part.get("inlineData")
            if inline and not part.get("thought"):
                if not isinstance(inline["data"], str):
                    raise ValueError("a picture of the answer is none")
                yield Picture(data=inline["data"], media_type=inline.get("mimeType") or "image/png")


def _usage(body: dict[str, Any]) -> Usage | None:
    report = body.get("usageMetadata")
    return read_usage(report) if isinstance(report, dict) and counts_tokens(report) else None


def _none(body: dict[str, Any]) -> RequestError:
    reasons = [str(candidate.get("finishReason")) for candidate in body.get("candidates") or ()]
    blocked = (body.get("promptFeedback") or {}).get("blockReason")
    if not blocked and not reasons:
        raise ValueError("the answer holds no candidate")
    word = blocked or reasons[0]
    failure = Failure(
        ErrorKind.INVALID_REQUEST,
        f"the model made no picture ({word})",
        param="prompt",
        code="moderation_blocked",
        status=400,
        upstream=True,
    )
    return RequestError(failure)
