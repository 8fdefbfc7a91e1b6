"""Hub blocks as parts of a content.

Images, documents and sound as parts. Bytes go as `inlineData`, https URLs as `fileData` (the API downloads public
and signed URLs itself: https://ai.google.dev/gemini-api/docs/file-input-methods).
"""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import urlsplit

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.wire import codec
from interchange.wire.data_url import read_data_url

from ..dialect import Dialect
from ..words import AUDIO_TYPE, DOCUMENT_TYPES, IMAGE_TYPES, PROTOCOL, SPOKEN_TYPES, SUFFIX_TYPE

SEPARATOR = "\n"


@dataclass(frozen=True, slots=True)
class Parts:
    """Writes the blocks of one request. State of other issuers is left out quietly, and thoughts without a signature
    with it: they would be read as the model's words of today."""

    dialect: Dialect
    profile: Profile
    losses: Losses

    @property
    def media(self) -> Media:
        return Media(self.profile, self.losses)

    def write(self, block: b.Block, path: str) -> list[Part]:
        self._report_marks(block, path)
        match block:
            case b.Text(text, state=state):
                signed = _signed(state)
                return [{"text": text, **signed}] if text or signed else []
            case b.Thinking(text, state):
                signed = _signed(state)
                return [{**({"text": text} if text else {}), "thought": True, **signed}] if signed else []
            case b.RedactedThinking(state):
                signed = _signed(state)
                return [{"thought": True, **signed}] if signed else []
            case b.Refusal(text):
                return [{"text": text}] if text else []
            case b.Image(state=state):
                *before, drawn = self.media.write_image(block, path)
                return [*before, {**drawn, **_signed(state)}]
            case b.Document():
                return self.media.write_document(block, path)
            case b.Audio():
                return self._audio(block, path)
            case b.ToolUse():
                return [self._call(block, path)]
            case b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
                return self._raw(block, path)
            case b.ToolResult():
                raise invalid(f"{path}: a tool result stands where none can stand", path)

    def write_result(self, block: b.ToolResult, name: str, path: str) -> tuple[Part, list[Part]]:
        """The functionResponse, and the parts that have to stand after the run of them."""
        self._report_marks(block, path)
        texts: list[str] = []
        media: list[Part] = []
        for number, item in enumerate(block.content):
            place = f"{path}.content[{number}]"
            match item:
                case b.Text(text):
                    self._report_marks(item, place)
                    texts.append(text)
                case b.Image() | b.Document() | b.Audio():
                    for part in self.write(item, place):
                        texts.append(part["text"]) if "text" in part else media.append(part)
                case b.Refusal(text):
                    texts.append(text)
                case b.Thinking() | b.RedactedThinking():
                    pass  # reasoning is an assistant's; elsewhere it has no meaning
                case b.Opaque() | b.ServerToolUse() | b.ServerToolResult():
                    self.losses.drop(place, "a tool result holds text and media")
                case b.ToolUse() | b.ToolResult():
                    raise invalid(f"{place}: a tool result holds text and media for this model", place)
        inside = bool(self.profile.traits.get("media_in_results", self.profile.traits.get("thinking") == "level"))
        label = f"{name} {block.tool_use_id}"
        if media and not inside:
            texts.append(f"[the media of this result follow, marked: {label}]")
        response: Part = {
            **({"id": block.tool_use_id} if self.dialect.call_ids else {}),
            "name": name,
            "response": {"error" if block.is_error else "output": SEPARATOR.join(texts)},
            **({"parts": media} if media and inside else {}),
        }
        hoisted = [{"text": f"[media of {label}]"}, *media] if media and not inside else []
        return {"functionResponse": response}, hoisted

    def _call(self, block: b.ToolUse, path: str) -> Part:
        arguments = _arguments(block, path)
        call = {**({"id": block.id} if self.dialect.call_ids else {}), "name": block.name, "args": arguments}
        return {"functionCall": call, **_signed(block.state)}

    def _audio(self, block: b.Audio, path: str) -> list[Part]:
        match block.source:
            case b.Base64Source(data=data) if not data and block.transcript:
                return [{"text": block.transcript}]
            case b.FileSource(protocol=protocol) if protocol != PROTOCOL and block.transcript:
                return [{"text": block.transcript}]
            case _:
                return self.media.write_audio(block, path)

    def _raw(self, block: b.ServerToolUse | b.ServerToolResult | b.Opaque, path: str) -> list[Part]:
        if block.protocol == PROTOCOL:
            part = {name: value for name, value in block.raw.items() if name != "thoughtSignature"}
            return [{**part, **_signed(block.state)}]
        self.losses.drop(path, f"a block that only {block.protocol} understands")
        return []

    def _report_marks(self, block: b.Block, path: str) -> None:
        match block:
            case b.ToolUse(cache=mark) | b.ToolResult(cache=mark):
                report_cache(mark, path, self.losses)
            case _:
                report_marks(block, path, self.losses)


_BYTES = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def _signed(state: b.Continuation | None) -> dict[str, Any]:
    """The state's field. Left out where it is no base64 (`Part.thoughtSignature` is bytes): the whole request would be
    refused for it."""
    if state is None or state.issuer != PROTOCOL or not _BYTES.fullmatch(state.data):
        return {}
    return {"thoughtSignature": state.data}


def _arguments(block: b.ToolUse, path: str) -> dict[str, Any]:
    """The arguments as the object that the wire wants. Text that is no object is kept under `input`: the model wrote
    it, and it is better shown than refused (histories hold broken calls)."""
    if block.kind == "custom":
        return {"input": block.arguments}
    if not block.arguments.strip():
        return {}
    try:
        found = codec.loads(block.arguments)
    except ValueError:
        return {"input": block.arguments}
    return found if isinstance(found, dict) else {"input": found}


Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Media:
    """Writes media for one model. Raises RequestError for what it cannot take: the answer would be about nothing."""

    profile: Profile
    losses: Losses

    def write_image(self, block: b.Image, path: str) -> list[Part]:
        if block.detail not in (None, "auto"):
            self.losses.drop(f"{path}.detail", "Gemini has no such setting for one image")
        match block.source:
            case b.Base64Source(media_type=media_type) if media_type not in IMAGE_TYPES:
                supported = ", ".join(sorted(IMAGE_TYPES))
                raise invalid(f"{path}: images of type {media_type} are not taken; supported: {supported}", path)
            case source:
                return [self._part(source, "image", None, path)]

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
            case b.Base64Source(media_type=media_type) if media_type.startswith("image/"):
                return [*before, *self.write_image(b.Image(block.source), path)]
            case b.Base64Source(media_type=media_type) if media_type.startswith(("video/", "audio/")):
                return [*before, self._part(block.source, media_type.partition("/")[0], None, path)]
            case b.Base64Source(media_type, data) if media_type in SPOKEN_TYPES:
                return [*before, {"text": _decoded(data, path)}]
            case b.Base64Source(media_type=kind) if kind not in DOCUMENT_TYPES and not kind.startswith("text/"):
                supported = ", ".join((*sorted(DOCUMENT_TYPES), "text/..."))
                raise invalid(f"{path}: documents of type {kind} are not taken; supported: {supported}", path)
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
                    raise invalid(f"{place}: only text and images can stand inside a document", place)
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


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=False).decode("utf-8")
    except ValueError as error:
        raise invalid(f"{path}: the text of the document is no UTF-8", path) from error


def report_marks(block: b.Block, path: str, losses: Losses) -> None:
    """Reports what a block carries beside what it says, and has no place here."""
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
