"""Media are what their bytes say: a declared type that is another's is refused by the vendors (Claude: "Image does not
match the provided media type"), and stays in the history for good."""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.request import Request
from interchange.wire.media_kind import is_text, kind_of

from .each import blocks_changed


def as_they_are(request: Request) -> Request:
    return blocks_changed(request, _block)


def _block(block: b.Block) -> b.Block:
    match block:
        case b.Image(source=b.Base64Source() as source) | b.Document(source=b.Base64Source() as source):
            return _seen(block, source)
        case b.Audio(source=b.Base64Source() as source):
            found = kind_of(source.data)
            form = found.removeprefix("audio/") if found is not None and found.startswith("audio/") else block.format
            if form == block.format:
                return block
            return replace(block, source=replace(source, media_type=found or source.media_type), format=form)
        case _:
            return block


def _seen(block: b.Image | b.Document, source: b.Base64Source) -> b.Block:
    found = kind_of(source.data) or _text(block, source)
    if found is None or found == source.media_type or found.startswith("audio/"):
        return block
    source = replace(source, media_type=found)
    match block:
        case b.Image(detail=detail) if found.startswith("image/") or detail not in (None, "auto"):
            return replace(block, source=source)
        case b.Image():
            return b.Document(source, cache=block.cache)
        case b.Document(title=None, context=None, citations=None) if found.startswith("image/"):
            return b.Image(source, cache=block.cache)
        case b.Document() if found.startswith("image/"):  # what is said of it stays with it
            return replace(block, source=b.BlocksSource((b.Image(source),)))
        case _:
            return replace(block, source=source)


def _text(block: b.Image | b.Document, source: b.Base64Source) -> str | None:
    """Plain text, where a document's bytes are that and its type does not say so: `application/octet-stream` is what
    clients put that know no better."""
    if isinstance(block, b.Image) or source.media_type.startswith("text/") or source.media_type.endswith("json"):
        return None
    return "text/plain" if is_text(source.data) else None
