"""Hub messages -> Converse messages."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire import codec

from ..words import AUDIO_FORMATS, DOCUMENT_FORMATS, IMAGE_FORMATS, PROTOCOL

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NAME = re.compile(r"[^a-zA-Z0-9\s\-()\[\]]")
MALFORMED = "_malformed_arguments"
MARKABLE = (b.Text, b.Image, b.Document, b.Audio, b.ToolUse, b.ToolResult)
LIVES = ("5m", "1h")
"""Of a cache point: CacheTTL of the service model."""
"""Blocks that a caller may end a cached prefix with."""


def write_blocks(blocks: Iterable[b.Block], path: str, profile: Profile, losses: Losses) -> list[JsonObject]:
    """The blocks of a turn."""
    out: list[JsonObject] = []
    for number, block in enumerate(blocks):
        here = f"{path}[{number}]"
        written = _write_block(block, here, profile, losses)
        if written is None:
            continue
        out.append(written)
        if isinstance(block, b.Document):
            out += _pictures(block, here, profile)
        if isinstance(block, MARKABLE):
            out += cache_point(marked(block), profile, here, losses)
    return out


def _inside(blocks: Iterable[b.Block], path: str, profile: Profile, losses: Losses) -> list[JsonObject]:
    """The blocks of a result, where no cache point may stand."""
    out: list[JsonObject] = []
    for number, block in enumerate(blocks):
        here = f"{path}[{number}]"
        written = _write_block(block, here, profile, losses)
        if written is not None:
            out.append(written)
        if isinstance(block, b.Document):
            out += _pictures(block, here, profile)
    return out


def marked(block: Any) -> b.CacheControl | None:
    """The breakpoint of a block; one inside it stands behind it, since Converse has no place for it within."""
    match block:
        case b.ToolResult(content=inner) | b.Document(source=b.BlocksSource(blocks=inner)):
            found = [marked(one) for one in inner if isinstance(one, MARKABLE)]
            return block.cache or next((one for one in reversed(found) if one is not None), None)
        case _:
            cache: b.CacheControl | None = block.cache
            return cache


def _pictures(block: b.Document, path: str, profile: Profile) -> list[JsonObject]:
    """Images within a document stand behind it: DocumentContentBlock is text alone."""
    if not isinstance(block.source, b.BlocksSource):
        return []
    here = f"{path}.source.content"
    return [
        {"image": _media(one.source, IMAGE_FORMATS, "image", f"{here}[{number}]", profile)}
        for number, one in enumerate(block.source.blocks)
        if isinstance(one, b.Image)
    ]


def cache_point(cache: b.CacheControl | None, profile: Profile, path: str, losses: Losses) -> list[JsonObject]:
    """A breakpoint is a block of its own; models without caching (no trait `cache`) refuse it."""
    if cache is None:
        return []
    if not profile.traits.get("cache", False):
        losses.drop(f"{path}.cache_control", "this model has no prompt caching on Bedrock")
        return []
    point: JsonObject = {"type": "default"}
    if cache.ttl in LIVES:
        point["ttl"] = cache.ttl
    elif cache.ttl is not None:
        losses.drop(f"{path}.cache_control.ttl", "Converse caches for five minutes or an hour")
    return [{"cachePoint": point}]


def _write_block(block: b.Block, path: str, profile: Profile, losses: Losses) -> JsonObject | None:
    match block:
        case b.Text(text=text) | b.Refusal(text=text):
            return {"text": text} if text.strip() else None
        case b.Thinking(text, state) if state is not None and state.issuer in issuers(profile):
            return {"reasoningContent": {"reasoningText": {"text": text, "signature": state.data}}}
        case b.RedactedThinking(state) if state.issuer in issuers(profile):
            return {"reasoningContent": {"redactedContent": state.data}}
        case b.Thinking() | b.RedactedThinking():
            return None  # another vendor's reasoning, or unsigned: means nothing here, and is refused
        case b.Image(source=source):
            return {"image": _media(source, IMAGE_FORMATS, "image", path, profile)}
        case b.Document():
            return {"document": _document(block, path, profile, losses)}
        case b.Audio(source=source, format=form):
            return {"audio": _audio(source, form, path, profile)}
        case b.ToolUse(id=name, name=tool, arguments=arguments):
            return {"toolUse": {"toolUseId": write_id(name), "name": tool, "input": _input(arguments, path, losses)}}
        case b.ToolResult():
            return {"toolResult": _result(block, path, profile, losses)}
        case b.Opaque(protocol, raw) if protocol == PROTOCOL:
            return dict(raw)
        case b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
            losses.drop(path, "Converse has no word for this block")
            return None


def issuers(profile: Profile) -> tuple[str, ...]:
    """Claude's signatures are one family wherever Claude runs; other models' state is Bedrock's own. Whose they are has
    been looked at before."""
    return (PROTOCOL, *(name.partition("@")[0] for name in profile.traits.get("continuation", ())))


def write_id(name: str) -> str:
    """Ids of 1 to 64 of [a-zA-Z0-9_-]; others become a digest of themselves, the same one for a call and its result."""
    if _ID.fullmatch(name):
        return name
    return "call_" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _input(arguments: str, path: str, losses: Losses) -> JsonObject:
    """An object, as the wire wants it. What is none is kept as text: the model wrote it, and has to read it again."""
    try:
        value = codec.loads(arguments) if arguments.strip() else {}
    except ValueError:
        value = None
    if value is None and arguments.strip() == "null":
        return {}
    if isinstance(value, dict):
        return value
    losses.drop(f"{path}.arguments", "not a JSON object: sent as text inside one")
    return {MALFORMED: arguments}


def _need(modality: str, path: str, profile: Profile) -> None:
    if modality not in profile.inputs:
        raise invalid(f"{path}: this model does not take {modality} input", path)


def _media(source: b.Source, formats: dict[str, str], kind: str, path: str, profile: Profile) -> JsonObject:
    _need(kind, path, profile)
    match source:
        case b.Base64Source(media_type, data) if media_type in formats:
            return {"format": formats[media_type], "source": {"bytes": data}}
        case b.Base64Source(media_type, _):
            raise invalid(f"{path}: {kind} of type {media_type}; supported: {', '.join(formats)}", path)
        case _:
            raise invalid(f"{path}: this model takes the {kind} as base64 only", path)


def _audio(source: b.Source, form: str, path: str, profile: Profile) -> JsonObject:
    _need("audio", path, profile)
    if not isinstance(source, b.Base64Source) or form not in AUDIO_FORMATS:
        raise invalid(f"{path}: audio is taken as base64 in {', '.join(sorted(AUDIO_FORMATS))}", path)
    return {"format": form, "source": {"bytes": source.data}}


def _document(block: b.Document, path: str, profile: Profile, losses: Losses) -> JsonObject:
    _need("document", path, profile)
    # Names: letters, digits, single spaces, hyphens, parentheses, brackets (DocumentBlock in the service model).
    name = re.sub(r"\s+", " ", _NAME.sub("-", block.title or "document"))[:200]
    out: JsonObject
    match block.source:
        case b.TextSource(text):
            data = base64.b64encode(_text(text, path)).decode()
            out = {"name": name, "format": "txt", "source": {"bytes": data}}
        case b.BlocksSource(blocks):
            for number, one in enumerate(blocks):
                if not isinstance(one, b.Text | b.Image):
                    here = f"{path}.source.content[{number}]"
                    raise invalid(f"{here}: only text and images can stand inside a document", here)
            written = tuple(one for one in blocks if not isinstance(one, b.Image))
            parts = _inside(written, f"{path}.source.content", profile, losses)
            out = {"name": name, "format": "txt", "source": {"content": parts or [{"text": name}]}}
        case source:
            out = {"name": name, **_media(source, DOCUMENT_FORMATS, "document", path, profile)}
    if block.context is not None:
        out["context"] = block.context
    if block.citations is not None:
        out["citations"] = {"enabled": block.citations}
    return out


def _text(text: str, path: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise invalid(f"{path}: the text holds half of a character pair (a lone surrogate)", path) from error


def _result(block: b.ToolResult, path: str, profile: Profile, losses: Losses) -> JsonObject:
    content = _inside(block.content, f"{path}.content", profile, losses) or [{"text": "(no output)"}]
    out: JsonObject = {"toolUseId": write_id(block.tool_use_id), "content": content}
    if block.is_error:
        out["status"] = "error"
    return out
