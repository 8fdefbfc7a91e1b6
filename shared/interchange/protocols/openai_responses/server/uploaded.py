"""Objects of a Responses body that may name an upload. Source: openai-python 3.57.0,
`types/responses/{response_input_file,response_input_image}_param.py`, `types/responses/tool_param.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.uploaded import Content
from interchange.protocols.openai.uploaded import sound
from interchange.wire.data_url import write_data_url

Json = dict[str, Any]
PARTS = ("input_file", "input_image", "computer_screenshot")
MASK = "input_image_mask"
"""Of the tool that makes pictures."""


def field(holder: Mapping[str, Any]) -> str | None:
    if holder.get("type") in PARTS:
        return "file_id"
    if holder.get("type") == "input_audio":
        return "input_audio.file_id"
    return f"{MASK}.file_id" if isinstance(holder.get(MASK), Mapping) else None


def fill(holder: Json, content: Content) -> Json:
    """A part of the content's own kind, whatever kind named it."""
    url = write_data_url(content.media_type, content.data)
    kind = holder.get("type")
    if kind not in (*PARTS, "input_audio"):
        return {**holder, MASK: {"image_url": _picture(content, url)}}
    rest = {name: value for name, value in holder.items() if name not in ("type", "file_id", "input_audio", "filename")}
    if kind == "computer_screenshot":
        return {"type": kind, "image_url": _picture(content, url), **rest}
    match content.kind:
        case "image":
            return {"type": "input_image", "detail": "auto", **rest, "image_url": url}
        case "audio":
            return {"type": "input_audio", "input_audio": sound(content), **rest}
        case "video":
            raise ValueError("Responses has no part for video")
        case _:
            if kind == "input_image":
                rest.pop("detail", None)
            return {"type": "input_file", "filename": holder.get("filename") or content.name, "file_data": url, **rest}


def _picture(content: Content, url: str) -> str:
    if content.kind != "image":
        raise ValueError(f"a picture belongs here, and the upload is {content.media_type}")
    return url
