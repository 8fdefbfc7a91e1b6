"""Text that is no Unicode: half of a character pair, as clients cut strings.

Claude refuses a whole request for one ("no low surrogate in string", anthropics/claude-code#65155), and it stays in the
history: the conversation could not go on.
"""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.request import Request

from .each import blocks_changed


def whole_texts(request: Request) -> Request:
    """The request with the replacement character in the place of every lone half."""
    return blocks_changed(request, _block)


def _block(block: b.Block) -> b.Block:
    match block:
        case b.Text(text) | b.Refusal(text):
            new = _text(text)
            return block if new is text else replace(block, text=new)
        case b.ToolUse(arguments=text):
            new = "{}" if block.kind == "function" and text.strip() == "null" else _text(text)
            return block if new is text else replace(block, arguments=new)
        case b.Document(source=b.TextSource(text) as source):
            new = _text(text)
            return block if new is text else replace(block, source=replace(source, text=new))
        case _:
            return block


def _text(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # a pair that was cut in two and joined again is one character
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
