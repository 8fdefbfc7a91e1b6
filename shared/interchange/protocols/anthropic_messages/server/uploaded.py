"""Blocks of Messages that may name an upload: those with a `source`. Source: anthropic-sdk-python 2.14.0,
`types/beta/{beta_file_image_source,beta_file_document_source,beta_plain_text_source}_param.py`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from interchange.hub.uploaded import Content

Json = dict[str, Any]
BLOCKS = ("image", "document")
OF_DOCUMENTS = ("title", "context", "citations")
TEXTS = ("application/json", "application/xml", "application/yaml")


def field(block: Mapping[str, Any]) -> str | None:
    source = block.get("source")
    named = block.get("type") in BLOCKS and isinstance(source, Mapping) and source.get("type") == "file"
    return "source.file_id" if named else None


def fill(block: Json, content: Content) -> Json:
    """A block of the content's own kind, whatever kind named it."""
    if content.kind in ("audio", "video"):
        raise ValueError(f"Messages has no block for {content.media_type}")
    if content.kind == "image":
        rest = {name: value for name, value in block.items() if name not in OF_DOCUMENTS}
        return {**rest, "type": "image", "source": _inline(content)}
    texts = content.kind == "text" or content.media_type in TEXTS
    return {**block, "type": "document", "source": _text(content) if texts else _inline(content)}


def _inline(content: Content) -> Json:
    return {"type": "base64", "media_type": content.media_type, "data": content.data}


def _text(content: Content) -> Json:
    try:
        text = base64.b64decode(content.data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"the upload is {content.media_type}, and not UTF-8") from error
    return {"type": "text", "media_type": "text/plain", "data": text}
