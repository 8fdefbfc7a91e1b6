"""Brings a tool's result to what the model may read: bounded, and in kinds of content that the model takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.mcp import Called
from interchange.wire.base64_text import read_base64
from interchange.wire.media_kind import kind_of

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Pictures that every vendor with pictures takes."""
MOST_PARTS = 100
"""Of one result."""


@dataclass(slots=True)
class Room:
    """Bytes of results that are left to one request, over all of its calls; `most` to one call."""

    left: int
    most: int

    def bounded(self, called: Called, inputs: frozenset[str]) -> Called:
        """`inputs` are the kinds of content that the model takes. Never longer than what is left, but for a note."""
        most = min(self.left, self.most)
        given = [block for block in called.content if block != b.Text("")]
        content = tuple(_Cut(most, inputs).all(given[:MOST_PARTS]))
        if len(given) > MOST_PARTS:
            content += (b.Text(f"[left out: {len(given) - MOST_PARTS} further parts]"),)
        self.left = max(0, self.left - sum(map(size, content)))
        return replace(called, content=content or (b.Text("(the tool gave nothing)"),))


@dataclass(slots=True)
class _Cut:
    left: int
    inputs: frozenset[str]

    def all(self, content: Sequence[b.Block]) -> Iterator[b.Block]:
        for block in content:
            kept = self._kept(block)
            self.left -= size(kept)
            yield kept

    def _kept(self, block: b.Block) -> b.Block:
        match block:
            case b.Text(text):
                return b.Text(_head(text, max(0, self.left)))
            case b.Image(source=b.Base64Source(media_type, data)):
                fits = "image" in self.inputs and media_type in IMAGE_TYPES and kind_of(data) in IMAGE_TYPES
                return block if fits and self._sound(data) else _note("picture", media_type, len(data))
            case b.Document(source=b.Base64Source(media_type, data)):
                fits = "document" in self.inputs and kind_of(data) == media_type
                return block if fits and self._sound(data) else _note("document", media_type, len(data))
            case b.Audio(source=b.Base64Source(media_type, data)):
                return _note("sound", media_type, len(data))
            case _:
                return b.Text("[left out: content of another kind]")

    def _sound(self, data: str) -> bool:
        """A vendor refuses the whole round for what is no base64."""
        return len(data) <= self.left and read_base64(data) == data


def _note(what: str, media_type: str, length: int) -> b.Text:
    return b.Text(f"[left out: a {what}, {media_type[:100]}, {length * 3 // 4} bytes]")


def _head(text: str, most: int) -> str:
    """The first so many bytes, and that it was cut."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= most:
        return raw.decode()
    return f"{raw[:most].decode('utf-8', 'ignore')}\n[cut: {most} of {len(raw)} bytes]"


def size(block: b.Block) -> int:
    match block:
        case b.Text(text):
            return len(text.encode("utf-8", "replace"))
        case b.Image(source=b.Base64Source(data=data)) | b.Document(source=b.Base64Source(data=data)):
            return len(data)
        case _:
            return 0


def shown(content: Sequence[b.Block]) -> tuple[b.Block, ...]:
    """The result as the caller's protocol has a place for it: text, and what stands for the rest."""
    return tuple(_told(block) for block in content)


def _told(block: b.Block) -> b.Block:
    match block:
        case b.Image(source=b.Base64Source(media_type, data)):
            return b.Text(f"[a picture, {media_type}, {len(data) * 3 // 4} bytes: shown to the model]")
        case b.Document(source=b.Base64Source(media_type, data)):
            return b.Text(f"[a document, {media_type}, {len(data) * 3 // 4} bytes: shown to the model]")
        case _:
            return block
