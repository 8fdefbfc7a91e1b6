"""Images, documents and sound as parts. Bytes go as `inlineData`, https URLs as `fileData` (the API downloads public
and signed URLs itself: https://ai.google.dev/gemini-api/docs/file-input-methods)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols import Profile
from interchange.wire.data_url import read_data_url

from .vocabulary import AUDIO_TYPE, PROTOCOL, SUFFIX_TYPE

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Media:
    """Writes media for one model. Raises RequestError for what it cannot take: the answer would be about nothing."""

    profile: Profile
    losses: Losses

    def write_image(self, block: b.Image, path: str) -> list[Part]:
        if block.detail not in (None, "auto"):
            self.losses.drop(f"{path}.detail", "Gemini has no such setting for one image")
        return [self._part(block.source, "image", None, path)]

    def write_document(self, block: b.Document, path: str) -> list[Part]:
        if block.citations:
            self.losses.drop(f"{path}.citations", "Gemini does not cite documents of the request")
        told = [text for text in (block.title, block.context) if text]
        before: list[Part] = [{"text": "\n".join(told)}] if told else []
        match block.source:
            case b.TextSource(text):
                return [*before, {"text": text}]
            case b.BlocksSource(blocks):
                return [*before, *self._inner(blocks, path)]
            case b.Base64Source(media_type=media_type) if media_type.startswith(("video/", "audio/", "image/")):
                return [*before, self._part(block.source, media_type.partition("/")[0], None, path)]
            case source:
                return [*before, self._part(source, "document", None, path)]

    def write_audio(self, block: b.Audio, path: str) -> list[Part]:
        return [self._part(block.source, "audio", AUDIO_TYPE.get(block.format), path)]

    def _inner(self, blocks: tuple[b.Block, ...], path: str) -> list[Part]:
        parts: list[Part] = []
        for number, block in enumerate(blocks):
            place = f"{path}.source.content[{number}]"
            report_marks(block, place, self.losses)
            match block:
                case b.Text(text):
                    parts.append({"text": text})
                case b.Image():
                    parts += self.write_image(block, place)
                case _:
                    self.losses.drop(place, "only text and images can stand inside a document")
        return parts

    def _part(self, source: b.Source, kind: str, preferred_type: str | None, path: str) -> Part:
        if kind not in self.profile.inputs:
            raise invalid(f"{path}: this model does not take {kind} input", path)
        match source:
            case b.Base64Source(media_type, data):
                return {"inlineData": {"mimeType": preferred_type or media_type, "data": data}}
            case b.UrlSource(url, media_type):
                return self._linked(url, media_type or preferred_type, path)
            case b.FileSource(file_id, protocol) if protocol == PROTOCOL:
                return {"fileData": {"fileUri": file_id}}
            case b.FileSource():
                raise invalid(f"{path}: the file is stored with another provider", path)
            case _:
                raise invalid(f"{path}: this model takes {kind} input as base64 or as a URL", path)

    def _linked(self, url: str, media_type: str | None, path: str) -> Part:
        inline = read_data_url(url)
        if inline is not None:
            return {"inlineData": {"mimeType": media_type or inline[0], "data": inline[1]}}
        address = urlsplit(url)
        if address.scheme not in ("https", "gs"):
            raise invalid(f"{path}: a URL must begin with https:// or data:", path)
        known = media_type or SUFFIX_TYPE.get(address.path.rpartition(".")[2].lower())
        return {"fileData": {"fileUri": url, **({"mimeType": known} if known else {})}}


def report_marks(block: b.Block, path: str, losses: Losses) -> None:
    """What a block carries beside what it says, and has no place here."""
    match block:
        case b.Text(citations=tuple() as citations, cache=mark):
            if citations:
                losses.drop(f"{path}.citations", "Gemini takes no citations back")
            report_cache(mark, path, losses)
        case b.Image(cache=mark) | b.Document(cache=mark) | b.Audio(cache=mark):
            report_cache(mark, path, losses)
        case _:
            pass  # the rest carries nothing beside


def report_cache(mark: b.CacheControl | None, path: str, losses: Losses) -> None:
    if mark is not None:
        losses.drop(f"{path}.cache_control", "Gemini caches prefixes by itself, without breakpoints")
