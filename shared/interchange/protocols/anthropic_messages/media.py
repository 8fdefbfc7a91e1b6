"""Media in an answer. This format has no such blocks, so they are told as Markdown, each in a text block of its own;
and a picture that comes back so in a history is a picture again, not a million tokens of base64."""

from __future__ import annotations

import re

from interchange.hub import blocks as b
from interchange.wire.data_url import read_data_url, write_data_url

_PICTURE = re.compile(r"!\[image\]\((?P<url>[^)\s]+)\)")


def shown(block: b.Block) -> str | None:
    """The text that stands for what this format cannot show: media in an answer, as Markdown; a refusal as it is."""
    match block:
        case b.Refusal(text):
            return text
        case b.Image(source):
            return _link("image", source, "!")
        case b.Document(source, title):
            return _link(title or "document", source)
        case b.Audio(source=source, transcript=transcript):
            return transcript or _link("audio", source)
        case _:
            return None


def _link(name: str, source: b.Source, mark: str = "") -> str:
    match source:
        case b.Base64Source(media_type, data):
            return f"{mark}[{name}]({write_data_url(media_type, data)})"
        case b.UrlSource(url):
            return f"{mark}[{name}]({url})"
        case b.TextSource(text):
            return text
        case b.FileSource(file_id):
            return f"[{name}: {file_id}]"
        case b.BlocksSource(blocks):
            return "".join(block.text for block in blocks if isinstance(block, b.Text))


def read_shown(block: b.Block) -> b.Block:
    """The picture that a text block of ours stands for; any other block as it is."""
    found = _PICTURE.fullmatch(block.text) if isinstance(block, b.Text) else None
    if found is None:
        return block
    data = read_data_url(found["url"])
    return b.Image(b.UrlSource(found["url"]) if data is None else b.Base64Source(*data))
