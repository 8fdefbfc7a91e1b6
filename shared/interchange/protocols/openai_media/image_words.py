"""Parts that the images' faces share: usage, the two words an event begins with, and a picture's own fields.

Sources: openai-python `types/images_response.py`, `types/image_gen_completed_event.py`; for streams
https://platform.openai.com/docs/api-reference/images-streaming
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.media import Picture
from interchange.hub.usage import Usage
from interchange.protocols.openai.counts import is_count, read_count, read_object

FACTS = ("background", "output_format", "quality", "size")
MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "svg": "image/svg+xml",
}
FORMATS = {media: name for name, media in MEDIA_TYPES.items()}


def path(edit: bool) -> str:
    return "/images/edits" if edit else "/images/generations"


def event_word(edit: bool) -> str:
    return "image_edit" if edit else "image_generation"


def read_usage(body: Mapping[str, Any]) -> Usage | None:
    """Text and image tokens apart; an output without details is all picture."""
    usage = body.get("usage")
    if not isinstance(usage, dict) or not is_count(usage.get("input_tokens")):
        return None
    given, made = read_object(usage, "input_tokens_details"), read_object(usage, "output_tokens_details")
    total_in, total_out = read_count(usage, "input_tokens"), read_count(usage, "output_tokens")
    image_in = min(read_count(given, "image_tokens"), total_in)
    cached = min(read_count(given, "cached_tokens"), total_in - image_in)
    text_out = min(read_count(made, "text_tokens"), total_out)
    return Usage(
        input=total_in - image_in - cached,
        input_image=image_in,
        cache_read=cached,
        output=text_out,
        output_image=total_out - text_out,
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    text = usage.total_input - usage.input_image
    return {
        "input_tokens": usage.total_input,
        "input_tokens_details": {"image_tokens": usage.input_image, "text_tokens": text},
        "output_tokens": usage.total_output,
        "output_tokens_details": {"image_tokens": usage.output_image, "text_tokens": usage.output},
        "total_tokens": usage.total,
    }


def read_picture(item: Mapping[str, Any], media_type: str) -> Picture:
    """Raises ValueError for an item that holds no picture."""
    if not isinstance(item.get("b64_json") or item.get("url"), str):
        raise ValueError("an item of the answer holds no picture")
    return Picture(
        data=item.get("b64_json") or None,
        url=item.get("url") or None,
        media_type=item.get("mime_type") or media_type,
        revised_prompt=item.get("revised_prompt") or None,
    )


def write_picture(picture: Picture, answer: str | None) -> dict[str, Any]:
    """`answer` is "url" where the caller asked for one; a picture that came as bytes is then a data URL."""
    out: dict[str, Any] = {}
    if picture.data is not None and answer != "url":
        out["b64_json"] = picture.data
    elif picture.data is not None:
        out["url"] = f"data:{picture.media_type};base64,{picture.data}"
    else:
        out["url"] = picture.url
    if picture.revised_prompt is not None:
        out["revised_prompt"] = picture.revised_prompt
    return out
