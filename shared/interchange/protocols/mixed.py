"""Parts of a message in another format's shape: clients mix them, and what is known is read wherever it stands.

Texts, pictures, files and sounds of chat completions, Responses, Messages and MCP's tool results; calls and results of
Messages. A part of none of these shapes stays with its protocol, and whoever cannot send it on refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from interchange.continuity.seal import MARK
from interchange.hub import blocks as b
from interchange.wire import codec

Part = Mapping[str, Any]
PDF = "application/pdf"


def read_mixed(part: Part) -> b.Block | None:
    """The block, None for a part of no known shape or with its content missing."""
    read = READERS.get(str(part.get("type")))
    return None if read is None else read(part)


def read_thinking(part: Part) -> b.Thinking | b.RedactedThinking | None:
    """Messages' thinking in an assistant's turn of another protocol, as LiteLLM's clients send it
    (docs.litellm.ai/docs/reasoning_content). Its state stays with the protocol that it was said in."""
    match part:
        case {"type": "thinking", "thinking": str(text), **rest}:
            return b.Thinking(text, _own_state(rest.get("signature")))
        case {"type": "redacted_thinking", **rest}:
            state = _own_state(rest.get("data"))
            return b.Thinking("") if state is None else b.RedactedThinking(state)
        case _:
            return None


def _own_state(data: Any) -> b.Continuation | None:
    signed = isinstance(data, str) and data and not data.startswith(MARK)
    return b.Continuation(THINKS, data) if signed else None


THINKS = "anthropic_messages"
"""The protocol of such state."""


def _text(part: Part) -> b.Block | None:
    found = part.get("text")
    return b.Text(found, cache=_cache(part)) if isinstance(found, str) else None


def _refusal(part: Part) -> b.Block | None:
    found = part.get("refusal")
    return b.Refusal(found) if isinstance(found, str) else None


def _image(part: Part) -> b.Block | None:
    """Messages' `source`, MCP's `data`, and `image` as a URL."""
    source = _source(part) or _linked(part.get("image"))
    return None if source is None else b.Image(source, cache=_cache(part))


def _image_url(part: Part) -> b.Block | None:
    found: Any = part.get("image_url")
    inner: Part = found if isinstance(found, Mapping) else {"url": found, "detail": part.get("detail")}
    source = _linked(inner.get("url"))
    return None if source is None else b.Image(source, _word(inner.get("detail")), _cache(part))


def _document(part: Part) -> b.Block | None:
    source = _source(part)
    if source is None:
        return None
    return b.Document(source, _word(part.get("title")), _word(part.get("context")), cache=_cache(part))


def _search_result(part: Part) -> b.Block | None:
    blocks = _blocks(part.get("content"))
    if blocks is None:
        return None
    return b.Document(b.BlocksSource(blocks), _word(part.get("title")), _word(part.get("source")), cache=_cache(part))


def _file(part: Part) -> b.Block | None:
    inner = part.get("file")
    found: Part = inner if isinstance(inner, Mapping) else part
    data = found.get("file_data")
    source = _linked(found.get("file_url")) or _linked(data)
    if source is None and isinstance(data, str) and data:
        source = b.Base64Source(PDF, data)
    return None if source is None else b.Document(source, _word(found.get("filename")), cache=_cache(part))


def _audio(part: Part) -> b.Block | None:
    inner = part.get("input_audio")
    found: Part = inner if isinstance(inner, Mapping) else part
    kind = _word(found.get("mimeType"))
    form = _word(found.get("format")) or (kind or "").rpartition("/")[2]
    data = found.get("data")
    return b.Audio(b.Base64Source(kind or f"audio/{form}", data), form) if form and isinstance(data, str) else None


def _resource(part: Part) -> b.Block | None:
    """MCP's embedded resource: text, or bytes of a kind."""
    match part.get("resource"):
        case {"text": str(text), **rest}:
            return b.Document(b.TextSource(text), _word(rest.get("uri")))
        case {"blob": str(data), "mimeType": str(kind), **rest}:
            source = b.Base64Source(kind, data)
            return b.Image(source) if kind.startswith("image/") else b.Document(source, _word(rest.get("uri")))
        case _:
            return None


def _link(part: Part) -> b.Block | None:
    """MCP's link to a resource, which nobody here can follow: its name and address."""
    told = [text for name in ("name", "description", "uri") if (text := _word(part.get(name)))]
    return b.Text("\n".join(told)) if told else None


def _call(part: Part) -> b.Block | None:
    match part:
        case {"id": str(identity), "name": str(name), "input": dict(arguments)}:
            return b.ToolUse(identity, name, codec.dumps_text(arguments), cache=_cache(part))
        case _:
            return None


def _result(part: Part) -> b.Block | None:
    identity, blocks = part.get("tool_use_id"), _blocks(part.get("content"))
    if not isinstance(identity, str) or blocks is None:
        return None
    return b.ToolResult(identity, blocks, part.get("is_error") is True, cache=_cache(part))


def _blocks(content: Any) -> tuple[b.Block, ...] | None:
    """None where one of them is not known: half of a content is another content."""
    if content is None or isinstance(content, str):
        return (b.Text(content),) if content else ()
    parts = content if isinstance(content, list) else [None]
    found = [read_mixed(part) if isinstance(part, Mapping) else None for part in parts]
    known = tuple(block for block in found if block is not None)
    return known if len(known) == len(parts) else None


def _source(part: Part) -> b.Source | None:
    source = part.get("source")
    if not isinstance(source, Mapping):
        source = {"type": "base64", "media_type": part.get("mimeType"), "data": part.get("data")}
    match source:
        case {"type": "base64", "media_type": str(kind), "data": str(data)}:
            return b.Base64Source(kind, data)
        case {"type": "url", "url": str(url)}:
            return _linked(url)
        case {"type": "text", "data": str(text)}:
            return b.TextSource(text)
        case {"type": "content", "content": content}:
            blocks = _blocks(content)
            return None if blocks is None else b.BlocksSource(blocks)
        case _:
            return None


def _linked(url: Any) -> b.Source | None:
    """A URL; data URLs are taken apart where media are spelled."""
    known = isinstance(url, str) and url[:8].lower().startswith(("http://", "https://", "data:"))
    return b.UrlSource(url) if known else None


def _cache(part: Part) -> b.CacheControl | None:
    match part.get("cache_control"):
        case {"type": "ephemeral", **rest}:
            return b.CacheControl(_word(rest.get("ttl")))
        case _:
            return None


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None


READERS: Mapping[str, Callable[[Part], b.Block | None]] = {
    **dict.fromkeys(("text", "input_text", "output_text"), _text),
    "refusal": _refusal,
    "image": _image,
    **dict.fromkeys(("image_url", "input_image"), _image_url),
    "document": _document,
    "search_result": _search_result,
    **dict.fromkeys(("file", "input_file"), _file),
    **dict.fromkeys(("audio", "input_audio"), _audio),
    "resource": _resource,
    "resource_link": _link,
    "tool_use": _call,
    "tool_result": _result,
}
"""By a part's `type`; the shapes are those of the vendors' SDKs and of MCP's `ContentBlock`."""
