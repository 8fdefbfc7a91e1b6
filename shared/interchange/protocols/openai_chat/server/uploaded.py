"""Parts of a chat turn that may name an upload. `file` has `file_id` in OpenAI's own API (openai-python 3.57.0,
`types/chat/chat_completion_content_part_param.py`); that a picture and a sound have one too is the gateway's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.hub.uploaded import Content
from interchange.protocols.openai.uploaded import sound
from interchange.wire.data_url import write_data_url

Json = dict[str, Any]
HOLDERS = ("file", "image_url", "input_audio")


def field(part: Mapping[str, Any]) -> str | None:
    kind = part.get("type")
    return f"{kind}.file_id" if kind in HOLDERS and isinstance(part.get(kind), Mapping) else None


def fill(part: Json, content: Content) -> Json:
    """The part of the content's own kind, whatever kind named it."""
    given = part[part["type"]]
    rest = {name: value for name, value in part.items() if name not in ("type", part["type"])}
    match content.kind:
        case "image":
            detail = {"detail": given["detail"]} if "detail" in given else {}
            url = write_data_url(content.media_type, content.data)
            return {"type": "image_url", "image_url": {"url": url, **detail}, **rest}
        case "audio":
            return {"type": "input_audio", "input_audio": sound(content), **rest}
        case "video":
            raise ValueError("chat has no part for video")
        case _:
            name = given.get("filename") or content.name
            data = write_data_url(content.media_type, content.data)
            return {"type": "file", "file": {"filename": name, "file_data": data}, **rest}
