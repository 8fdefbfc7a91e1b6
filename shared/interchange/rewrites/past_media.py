"""Media of past answers, for models whose own turns hold text: shown in the next turn of the user, and pointed at.

A picture that one model drew, or that a client put into the assistant's turn, is content: left out, "make it brighter"
would be about nothing.
"""

from __future__ import annotations

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.request import Request
from interchange.hub.rules import Rules

WORDS = {b.Image: "image", b.Document: "document", b.Audio: "audio"}


def shown_after(request: Request, rules: Rules) -> Request:
    """The request with such media at the end of the user's turn behind them. Raises RequestError naming sound that only
    its vendor has."""
    if rules.past_media or request.protocol == rules.speaks:
        return request
    messages = list(request.messages)
    moved = False
    for at, message in enumerate(request.messages):
        if message.role is not b.Role.ASSISTANT:
            continue
        media = [block for n, block in enumerate(message.content) if _is_media(block, f"messages[{at}].content[{n}]")]
        if media:
            moved = True
            messages[at] = replace(message, content=tuple(_pointed(block) for block in message.content))
            _show(messages, at, media)
    return replace(request, messages=tuple(messages)) if moved else request


def _is_media(block: b.Block, path: str) -> bool:
    match block:
        case b.Image() | b.Document():
            return True
        case b.Audio(transcript=None, source=b.FileSource(file_id)):
            raise invalid(f"{path}: the sound {file_id!r} is kept by the vendor that made it; send its words", path)
        case b.Audio(transcript=None):
            return True
        case _:
            return False


def _pointed(block: b.Block) -> b.Block:
    if isinstance(block, b.Image | b.Document | b.Audio) and _is_media(block, ""):
        return b.Text(f"[{WORDS[type(block)]}: see the user's next turn]")
    return block


def _show(messages: list[b.Message], at: int, media: list[b.Block]) -> None:
    """In the next turn of the user, behind what stands there; in one of its own where there is none."""
    shown = (b.Text("[media of the assistant's answer above]"), *media)
    for number in range(at + 1, len(messages)):
        if messages[number].role is b.Role.USER:
            messages[number] = replace(messages[number], content=(*messages[number].content, *shown))
            return
    messages.append(b.Message(b.Role.USER, shown))
