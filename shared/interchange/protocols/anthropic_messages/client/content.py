"""Content blocks of a request, hub -> wire, for what the model can be given."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.wire.data_url import read_data_url

from ..blocks import parse, write_arguments
from ..words import IMAGE_TYPES, PROTOCOL, TEXT_TYPES, Json, conforming

IN_RESULT = frozenset({"text", "image", "search_result", "document", "tool_reference", "browser_state"})
"""Blocks that a tool_result may hold (SDK: ToolResultBlockParam.Content)."""


@dataclass(frozen=True, slots=True)
class ContentWriter:
    """`own` is True where the request came in by this protocol: then its fields go back as they were. `extra` are the
    fields of the message that only its protocol knows, by path below it."""

    profile: Profile
    losses: Losses
    own: bool
    extra: Mapping[str, Any]
    prefix: str = ""

    def write(self, block: b.Block, path: str) -> list[Json]:
        """The block, or nothing where it says nothing. Raises RequestError for what the model cannot take."""
        written = self._write(block, path)
        if written is None:
            return []
        return [{**written, **self._kept(path)}] if self.own else [written]

    def _kept(self, path: str) -> Json:
        local = path.removeprefix(self.prefix).lstrip(".") + "."
        rest = {name.removeprefix(local): value for name, value in self.extra.items() if name.startswith(local)}
        return {name: value for name, value in rest.items() if "." not in name and "[" not in name}

    def _write(self, block: b.Block, path: str) -> Json | None:
        match block:
            case b.Text():
                return self._text(block)
            case b.Thinking(text, b.Continuation(issuer, data)) if issuer == PROTOCOL:
                return {"type": "thinking", "thinking": text, "signature": data}
            case b.RedactedThinking(b.Continuation(issuer, data)) if issuer == PROTOCOL:
                return {"type": "redacted_thinking", "data": data}
            case b.Thinking() | b.RedactedThinking():
                return None  # another vendor's, or unsigned: the API refuses it, and it means nothing to this model
            case b.Refusal(text):
                return {"type": "text", "text": text} if text.strip() else None
            case b.Image():
                return self._image(block, path)
            case b.Document():
                return self._document(block, path)
            case b.Audio():
                raise invalid(f"{path}: this model takes no audio", path)
            case b.ToolUse():
                return self._call(block, path)
            case b.ToolResult():
                return self._result(block, path)
            case b.ServerToolUse(kind="mcp_list", protocol=protocol, raw=raw) if protocol == PROTOCOL:
                return dict(raw)
            case b.ServerToolUse(arguments=arguments, protocol=protocol, raw=raw) if protocol == PROTOCOL:
                return {**raw, "input": write_arguments(arguments)}
            case b.ServerToolResult(protocol=protocol, raw=raw) | b.Opaque(protocol, raw) if protocol == PROTOCOL:
                return dict(raw)
            case b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
                self.losses.drop(path, "only the provider that made it understands it")
                return None

    def _text(self, block: b.Text) -> Json | None:
        """The API refuses text of whitespace only, which says nothing. Other vendors' citations are about a past
        answer, and are left out."""
        if not block.text.strip():
            return None
        written: Json = {"type": "text", "text": block.text}
        citations = [dict(item.raw) for item in block.citations if item.protocol == PROTOCOL]
        if citations:
            written["citations"] = citations
        return _cached(written, block.cache)

    def _image(self, block: b.Image, path: str) -> Json:
        if "image" not in self.profile.inputs:
            raise invalid(f"{path}: this model takes no images", path)
        if block.detail not in (None, "auto"):
            self.losses.drop(f"{path}.detail", "this model chooses the detail itself")
        match _inline(block.source):
            case b.Base64Source(media_type, data):
                if media_type not in IMAGE_TYPES and not self.own:
                    raise invalid(f"{path}: {media_type} images are not taken; {', '.join(sorted(IMAGE_TYPES))} are",
                                  path)  # fmt: skip
                source: Json = {"type": "base64", "media_type": media_type, "data": data}
            case other:
                source = self._reference(other, path)
        return _cached({"type": "image", "source": source}, block.cache)

    def _document(self, block: b.Document, path: str) -> Json:
        kept = self._kept(path) if self.own else {}
        if kept.get("type") == "search_result" and isinstance(block.source, b.BlocksSource):
            return self._search_result(block, block.source, path)
        written: Json = {"type": "document", "source": self._document_source(block.source, path)}
        if block.title is not None:
            written["title"] = block.title
        if block.context is not None:
            written["context"] = block.context
        if block.citations is not None:
            written["citations"] = {"enabled": block.citations}
        return _cached(written, block.cache)

    def _search_result(self, block: b.Document, source: b.BlocksSource, path: str) -> Json:
        content = self._nested(source.blocks, f"{path}.content")
        written: Json = {
            "type": "search_result",
            "source": block.context,
            "title": block.title,
            "content": content,
        }
        if block.citations is not None:
            written["citations"] = {"enabled": block.citations}
        return _cached(written, block.cache)

    def _document_source(self, source: b.Source, path: str) -> Json:
        match _inline(source):
            case b.TextSource(text, media_type):
                return {"type": "text", "media_type": media_type if self.own else "text/plain", "data": text}
            case b.BlocksSource(blocks):
                return {"type": "content", "content": self._nested(blocks, f"{path}.source.content")}
            case b.Base64Source(media_type, data) if media_type == "application/pdf" or self.own:
                self._require_documents(path)
                return {"type": "base64", "media_type": media_type, "data": data}
            case b.Base64Source(media_type, data) if media_type.startswith("text/") or media_type in TEXT_TYPES:
                return {"type": "text", "media_type": "text/plain", "data": _decoded(data, path)}
            case b.Base64Source(media_type):
                raise invalid(f"{path}: {media_type} documents are not taken; PDF and plain text are", path)
            case other:
                self._require_documents(path)
                return self._reference(other, path)

    def _require_documents(self, path: str) -> None:
        if "document" not in self.profile.inputs:
            raise invalid(f"{path}: this model takes no documents", path)

    def _reference(self, source: b.Source, path: str) -> Json:
        match source:
            case b.UrlSource(url) if self.own or url.startswith("https://"):
                return {"type": "url", "url": url}
            case b.UrlSource():
                raise invalid(f"{path}: a URL must begin with https:// or data:", path)
            case b.FileSource(file_id, protocol) if protocol == PROTOCOL:
                return {"type": "file", "file_id": file_id}
            case b.FileSource(file_id):
                raise invalid(f"{path}: the file {file_id!r} is stored with another provider; send its content", path)
            case _:
                raise invalid(f"{path}: an image must come as data or by URL", path)

    def _call(self, block: b.ToolUse, path: str) -> Json:
        if block.kind == "function" and parse(block.arguments) is None and not self.own:
            self.losses.drop(f"{path}.arguments", "not a JSON object: sent as text inside one")
        written: Json = {
            "type": "tool_use",
            "id": conforming(block.id),
            "name": block.name,
            "input": write_arguments(block.arguments, block.kind),
        }
        return _cached(written, block.cache)

    def _result(self, block: b.ToolResult, path: str) -> Json:
        written: Json = {"type": "tool_result", "tool_use_id": conforming(block.tool_use_id)}
        content = self._nested(block.content, f"{path}.content")
        if content:
            written["content"] = content
        if block.is_error:
            written["is_error"] = True
        return _cached(written, block.cache)

    def _nested(self, blocks: tuple[b.Block, ...], path: str) -> list[Json]:
        found: list[Json] = []
        for number, block in enumerate(blocks):
            here = f"{path}[{number}]"
            for written in self.write(block, here):
                if written["type"] in IN_RESULT or self.own:
                    found.append(written)
                else:
                    raise invalid(f"{here}: a {written['type']} block cannot stand inside another", here)
        return found


def _cached(written: Json, cache: b.CacheControl | None) -> Json:
    return written if cache is None else {**written, "cache_control": write_cache(cache)}


def write_cache(cache: b.CacheControl) -> Json:
    return {"type": "ephemeral"} if cache.ttl is None else {"type": "ephemeral", "ttl": cache.ttl}


def _inline(source: b.Source) -> b.Source:
    """A data URL is data, whatever field it came in."""
    if isinstance(source, b.UrlSource):
        found = read_data_url(source.url)
        if found is not None:
            return b.Base64Source(*found)
    return source


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=False).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(f"{path}: the document is not UTF-8 text in base64: {error}", path) from error
