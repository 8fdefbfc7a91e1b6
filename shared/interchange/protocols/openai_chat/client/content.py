"""Hub blocks -> content parts of a user or system message."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import RequestError, invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire.data_url import write_data_url

from ..dialect import Dialect
from ..words import IMAGE_TYPES, PROTOCOL


@dataclass(frozen=True, slots=True)
class Parts:
    """Writes parts for one model. Paths are the caller's."""

    dialect: Dialect
    profile: Profile
    losses: Losses

    @property
    def cache_words(self) -> str:
        """The dialect's `cache`, or the model's trait of that name where it is a word."""
        trait = self.profile.traits.get("cache")
        return trait if isinstance(trait, str) else self.dialect.cache

    def write(self, blocks: Iterable[b.Block], path: str) -> list[JsonObject]:
        return [part for at, block in enumerate(blocks) for part in self.block(block, f"{path}[{at}]")]

    def block(self, block: b.Block, path: str) -> Iterator[JsonObject]:
        """Raises RequestError for media that the model cannot be given: the answer would not be about it."""
        match block:
            case b.Text(text=text) | b.Refusal(text=text):
                if isinstance(block, b.Text) and block.citations:
                    self.losses.drop(f"{path}.citations", "chat takes no citations back")
                yield {"type": "text", "text": text, **self.cache(_cache(block), path)}
            case b.Image():
                yield {**self._image(block, path), **self.cache(block.cache, path)}
            case b.Document():
                yield from self._document(block, path)
            case b.Audio():
                yield {**self._audio(block, path), **self.cache(block.cache, path)}
            case b.Opaque(protocol, raw) if protocol == PROTOCOL:
                yield dict(raw)
            case b.Thinking() | b.RedactedThinking():
                pass  # reasoning is an assistant's; elsewhere it has no meaning
            case b.ToolUse() | b.ToolResult() | b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
                raise invalid(f"{path}: this block cannot stand here for this model", path)

    def cache(self, cache: b.CacheControl | None, path: str, *, tool: bool = False) -> JsonObject:
        """A breakpoint, in the words of `cache_words`. OpenAI's stand on parts of messages only, not on a tool
        (`ChatCompletionRequestMessageContentPartText` and its like in the API's specification)."""
        if cache is None:
            return {}
        match self.cache_words:
            case "cache_control":
                ttl = {} if cache.ttl is None else {"ttl": cache.ttl}
                return {"cache_control": {"type": "ephemeral", **ttl}}
            case "prompt_cache_breakpoint" if not tool:
                return {"prompt_cache_breakpoint": {"mode": "explicit"}}  # lives 30 minutes at least
            case _:
                self.losses.drop(f"{path}.cache_control", "this provider places its cache breakpoints itself")
                return {}

    def _image(self, block: b.Image, path: str) -> JsonObject:
        self._need("image", path)
        match block.source:
            case b.Base64Source(media_type, data):
                if media_type not in IMAGE_TYPES:
                    supported = ", ".join(sorted(IMAGE_TYPES))
                    raise invalid(f"{path}: images of type {media_type} are not taken; supported: {supported}", path)
                url = write_data_url(media_type, data)
            case b.UrlSource(url):
                pass
            case _:
                raise _unseen(path, "image")
        detail = {} if block.detail is None else {"detail": block.detail}
        return {"type": "image_url", "image_url": {"url": url, **detail}}

    def _audio(self, block: b.Audio, path: str) -> JsonObject:
        self._need("audio", path)
        if not isinstance(block.source, b.Base64Source):
            raise _unseen(path, "audio")
        if block.format not in self.dialect.audio_formats:
            supported = ", ".join(sorted(self.dialect.audio_formats))
            raise invalid(f"{path}: audio of format {block.format!r} is not taken; supported: {supported}", path)
        return {"type": "input_audio", "input_audio": {"data": block.source.data, "format": block.format}}

    def _document(self, block: b.Document, path: str) -> Iterator[JsonObject]:
        if block.citations:
            self.losses.drop(f"{path}.citations", "chat does not cite documents")
        match block.source:
            case b.TextSource(text):
                yield self._inlined(text, block, path)
            case b.BlocksSource(blocks):
                yield from self._heading(block)
                yield from self.write(blocks, f"{path}.source.content")
                if block.cache is not None:
                    self.losses.drop(f"{path}.cache_control", "the document is taken apart into its blocks")
            case b.Base64Source(media_type, data) if media_type in self.dialect.file_types:
                self._need("document", path)
                yield from self._context(block)
                file = {"filename": block.title or _filename(media_type), "file_data": write_data_url(media_type, data)}
                yield {"type": "file", "file": file, **self.cache(block.cache, path)}
            case b.Base64Source(media_type, data) if media_type.startswith("text/") or media_type.endswith("json"):
                yield self._inlined(_decoded(data, path), block, path)
            case b.Base64Source(media_type):
                supported = ", ".join(sorted(self.dialect.file_types)) or "none"
                raise invalid(f"{path}: documents of type {media_type} are not taken; supported: {supported}", path)
            case b.FileSource(file_id, protocol) if protocol.startswith("openai_"):
                name = {} if block.title is None else {"filename": block.title}
                yield {"type": "file", "file": {"file_id": file_id, **name}, **self.cache(block.cache, path)}
            case b.FileSource() | b.UrlSource():
                raise _unseen(path, "document")

    def _inlined(self, text: str, block: b.Document, path: str) -> JsonObject:
        """A text document needs no modality: it is said."""
        head = "\n".join(part for part in (block.title, block.context) if part)
        return {"type": "text", "text": f"{head}\n\n{text}" if head else text, **self.cache(block.cache, path)}

    def _heading(self, block: b.Document) -> Iterator[JsonObject]:
        head = "\n".join(part for part in (block.title, block.context) if part)
        if head:
            yield {"type": "text", "text": head}

    def _context(self, block: b.Document) -> Iterator[JsonObject]:
        if block.context:
            yield {"type": "text", "text": block.context}

    def _need(self, modality: str, path: str) -> None:
        if modality not in self.profile.inputs:
            raise invalid(f"{path}: this model does not take {modality} input", path, "unsupported_modality")


def _cache(block: b.Block) -> b.CacheControl | None:
    return block.cache if isinstance(block, b.Text) else None


def _unseen(path: str, kind: str) -> RequestError:
    return invalid(f"{path}: this provider cannot be given the {kind} this way; send it as base64", path)


def _filename(media_type: str) -> str:
    return f"document.{media_type.rpartition('/')[2]}"


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=False).decode("utf-8-sig")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(f"{path}: the document says that it is text, and is not UTF-8", path) from error


def collapsed(parts: list[JsonObject]) -> str | list[JsonObject]:
    """One plain text is a string: what every compatible server takes."""
    match parts:
        case []:
            return ""
        case [{"type": "text", "text": str(text), **rest}] if not rest:
            return text
        case _:
            return parts
