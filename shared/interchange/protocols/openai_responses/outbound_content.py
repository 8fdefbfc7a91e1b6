"""Hub blocks -> the content parts of an input message or a tool's output."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import RequestError, invalid
from interchange.hub.losses import Losses
from interchange.protocols import JsonObject, Profile
from interchange.wire.data_url import read_data_url, write_data_url

from .dialect import Dialect
from .vocabulary import IMAGE_TYPES, PROTOCOL


@dataclass(frozen=True, slots=True)
class Parts:
    """Writes parts for one model. `protocol` is the caller's, and so are the paths."""

    dialect: Dialect
    profile: Profile
    losses: Losses
    protocol: str

    @property
    def own(self) -> bool:
        return self.protocol == PROTOCOL

    @property
    def kin(self) -> bool:
        """The caller speaks one of OpenAI's formats: what they share needs no adapting."""
        return self.protocol.startswith("openai_")

    def write(self, blocks: Iterable[b.Block], path: str) -> list[JsonObject]:
        return [part for at, block in enumerate(blocks) for part in self.block(block, f"{path}[{at}]")]

    def block(self, block: b.Block, path: str) -> Iterator[JsonObject]:
        """Raises RequestError for media that the model cannot be given: the answer would not be about it."""
        match block:
            case b.Text(text=text, citations=citations, cache=cache):
                if citations:
                    self.losses.drop(f"{path}.citations", "Responses takes no citations back")
                yield {"type": "input_text", "text": text, **self.cache(cache, path)}
            case b.Refusal(text=text):
                yield {"type": "input_text", "text": text}
            case b.Image():
                yield {**self._image(block, path), **self.cache(block.cache, path)}
            case b.Document():
                yield from self._document(block, path)
            case b.Audio():
                raise invalid(f"{path}: this model does not take audio input", path, "unsupported_modality")
            case b.Opaque(protocol, raw) if protocol == PROTOCOL:
                yield dict(raw)
            case b.Thinking() | b.RedactedThinking():
                pass  # reasoning is an assistant's; elsewhere it has no meaning
            case b.ToolUse() | b.ToolResult() | b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
                self.losses.drop(path, "Responses has no part for this block")

    def cache(self, cache: b.CacheControl | None, path: str, *, able: bool = True) -> JsonObject:
        """A breakpoint, where the model has them (trait `cache`: "prompt_cache_breakpoint") and the place is `able`."""
        if cache is None:
            return {}
        if able and self.profile.traits.get("cache") == "prompt_cache_breakpoint":
            return {"prompt_cache_breakpoint": {"mode": "explicit"}}
        self.losses.drop(f"{path}.cache_control", "this provider places its cache breakpoints itself")
        return {}

    def need(self, modality: str, path: str) -> None:
        if modality not in self.profile.inputs:
            raise invalid(f"{path}: this model does not take {modality} input", path, "unsupported_modality")

    def _image(self, block: b.Image, path: str) -> JsonObject:
        self.need("image", path)
        match _inline(block.source):
            case b.Base64Source(media_type, data):
                if media_type not in IMAGE_TYPES and not self.own:
                    supported = ", ".join(sorted(IMAGE_TYPES))
                    raise invalid(f"{path}: images of type {media_type} are not taken; supported: {supported}", path)
                place = {"image_url": write_data_url(media_type, data)}
            case b.UrlSource(url):
                place = {"image_url": url}
            case b.FileSource(file_id, protocol) if protocol.startswith("openai_"):
                place = {"file_id": file_id}
            case _:
                raise _unseen(path, "image")
        return {"type": "input_image", **place, "detail": block.detail or "auto"}  # the SDK's type requires it

    def _document(self, block: b.Document, path: str) -> Iterator[JsonObject]:
        if block.citations:
            self.losses.drop(f"{path}.citations", "Responses does not cite documents that are sent along")
        match _inline(block.source):
            case b.TextSource(text):
                yield self._inlined(text, block, path)
            case b.BlocksSource(blocks):
                if head := _head(block):
                    yield {"type": "input_text", "text": head}
                yield from self.write(blocks, f"{path}.source.content")
                if block.cache is not None:
                    self.losses.drop(f"{path}.cache_control", "the document is taken apart into its blocks")
            case b.Base64Source(media_type, data) if media_type in self.dialect.file_types or self.own:
                name = block.title or f"document.{media_type.rpartition('/')[2]}"
                yield from self._file({"filename": name, "file_data": write_data_url(media_type, data)}, block, path)
            case b.Base64Source(media_type, data) if media_type.startswith("text/") or media_type.endswith("json"):
                yield self._inlined(_decoded(data, path), block, path)
            case b.Base64Source(media_type):
                supported = ", ".join(sorted(self.dialect.file_types)) or "none"
                raise invalid(f"{path}: documents of type {media_type} are not taken; supported: {supported}", path)
            case b.UrlSource(url):
                yield from self._file({"file_url": url}, block, path)
            case b.FileSource(file_id, protocol) if protocol.startswith("openai_"):
                yield from self._file({"file_id": file_id}, block, path)
            case _:
                raise _unseen(path, "document")

    def _file(self, place: JsonObject, block: b.Document, path: str) -> Iterator[JsonObject]:
        self.need("document", path)
        if block.context:
            yield {"type": "input_text", "text": block.context}
        yield {"type": "input_file", **place, **self.cache(block.cache, path)}

    def _inlined(self, text: str, block: b.Document, path: str) -> JsonObject:
        """A text document needs no modality: it is said."""
        head = _head(block)
        return {"type": "input_text", "text": f"{head}\n\n{text}" if head else text, **self.cache(block.cache, path)}


def _head(block: b.Document) -> str:
    return "\n".join(part for part in (block.title, block.context) if part)


def _inline(source: b.Source) -> b.Source:
    """A data URL is data, whatever field it came in."""
    found = read_data_url(source.url) if isinstance(source, b.UrlSource) else None
    return b.Base64Source(*found) if found is not None else source


def _unseen(path: str, kind: str) -> RequestError:
    return invalid(f"{path}: this provider cannot be given the {kind} this way; send it as base64", path)


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=False).decode("utf-8-sig")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(f"{path}: the document says that it is text, and is not UTF-8", path) from error
