"""Images: upper bound and charged usage."""

from __future__ import annotations

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.estimate.tokens import utf8_size
from interchange.exchange.lane import ErrorWriter
from interchange.hub.media import ImageRequest, read_size
from interchange.hub.usage import Usage
from interchange.metering.bounds import IMAGE_TOKENS, Extent
from interchange.protocols.media import MediaServer

from .family import Family
from .uploaded import with_uploads

TOKENS_A_PIXEL = 0.004
"""A picture of 1024x1536 in high quality is 6,240 tokens: recorded answers, and the vendor's own table of prices."""
LARGEST_AUTO = 1024 * 1536
FINER = {"xhigh": 2, "max": 4}
"""Qualities beyond "high"; their counts are not published, so the bound is generous."""
SHARE = {"low": 272 / 4160, "medium": 1056 / 4160}
"""Of the tokens of a picture in high quality: https://platform.openai.com/docs/guides/image-generation#cost-and-latency"""
PICTURE_GIVEN = 323
"""Tokens of a picture that is edited: 65 and 129 a tile, two tiles, in low fidelity (the same page)."""
MOVING, FRAMES = "gif", 9
"""The format of several frames, and how many they are unless asked otherwise: openai-python 3.57.0,
`types/image_generate_params.py` (`frame_count`)."""
PLANNED = {"high": 2}
"""A picture's plan is output too (`complexity`, the same place); its counts are not published."""
FAITHFUL = 6_240
"""More for each in high fidelity: 4,160 of a square, 6,240 of any other (the same page)."""
PREVIEW_TOKENS = 100
"""Each preview of a stream: https://platform.openai.com/docs/guides/image-generation#streaming"""
PROMPT_OVERHEAD = 64


def images(face: MediaServer, speaker: ErrorWriter) -> Family:
    return Family(
        "images", "image", face, speaker, _measure, _used, files=True, place=with_uploads, delivered=_delivered
    )


def _measure(request: ImageRequest, model: Model) -> Extent:
    pictures, drawn = request.n or 1, (request.n or 1) * _frames(request)
    given = len(request.images) + (request.mask is not None)
    return Extent(
        input_tokens=utf8_size(request.prompt) + PROMPT_OVERHEAD
        + given * int(model.traits.get("image_tokens", IMAGE_TOKENS)),
        output_tokens=drawn * (model.max_output or _tokens(request)) * PLANNED.get(_complexity(request), 1)
        + PREVIEW_TOKENS * (request.partial_images or 0),
        images=pictures,
        image_price=price_key(request),
    )  # fmt: skip


def price_key(request: ImageRequest) -> str | None:
    """ "size/quality", as far as the caller said them: how a price per picture is looked up."""
    return "/".join(word for word in (request.size, request.quality) if word and word != "auto") or None


def _frames(request: ImageRequest) -> int:
    """Pictures in one: those of a GIF."""
    if request.frames is not None:
        return request.frames
    return FRAMES if request.output_format == MOVING else 1


def _complexity(request: ImageRequest) -> str:
    return str(request.extra.get("complexity"))


def _tokens(request: ImageRequest) -> int:
    pixels = read_size(request.size or "auto")
    area = pixels[0] * pixels[1] if pixels else LARGEST_AUTO
    return int(max(area, LARGEST_AUTO) * TOKENS_A_PIXEL) * FINER.get(request.quality or "", 1)


def _delivered(request: ImageRequest, model: Model, items: int) -> Usage:
    """Usage of so many pictures where the vendor reports nothing: the tokens of their size and quality, or those that
    the model's trait `picture_tokens` states."""
    tokens = int(model.traits.get("picture_tokens") or _tokens(request) * SHARE.get(request.quality or "", 1))
    given = len(request.images) + (request.mask is not None)
    tokens *= _frames(request)
    each = PICTURE_GIVEN + (FAITHFUL if request.extra.get("input_fidelity") == "high" else 0)
    return Usage(input=-(-utf8_size(request.prompt) // 4), input_image=given * each, output_image=items * tokens)


def _used(request: ImageRequest, reported: Usage | None, items: int) -> Usage:
    told = reported or Usage()
    if told.total_output and not told.total_input:
        told = replace(told, input=-(-utf8_size(request.prompt) // 4))
    return Usage(images=items, image_kind=price_key(request)).merge(told)
