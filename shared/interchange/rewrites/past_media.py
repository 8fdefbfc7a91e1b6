"""Media of past answers, for models whose own turns hold text: shown in the next turn of the user, and pointed at.

A picture that one model drew, or that a client put into the assistant's turn, is content: left out, "make it brighter"
would be about nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from interchange.dataclass import replace
from interchange.hub import blocks as b
from interchange.hub.failure import RequestError, invalid
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.rules import Rules

WORDS = {b.Image: "image", b.Document: "document", b.Audio: "audio"}


def shown_after(request: Request, rules: Rules) -> tuple[Request, dict[str, str]]:
    """The request with such media at the end of the user's turn behind them, and the place that each is in -> where it
    stood. Raises RequestError naming sound that only its vendor has."""
    moved: dict[str, str] = {}
    if rules.past_media:
        return request, moved
    own = request.protocol == rules.speaks
    messages = list(request.messages)
    for at, message in enumerate(request.messages):
        if message.role is not b.Role.ASSISTANT or (own and not drawn(message)):
            continue
        places = [f"messages[{at}].content[{n}]" for n in range(len(message.content))]
        media = [
            (block, place) for block, place in zip(message.content, places, strict=True) if _is_media(block, place)
        ]
        if media:
            messages[at] = replace(message, content=tuple(_pointed(block) for block in message.content))
            turn, number = _show(messages, at, [block for block, _ in media])
            moved |= {f"messages[{turn}].content[{number + n}]": place for n, (_, place) in enumerate(media)}
    return replace(request, messages=tuple(messages)) if moved else request, moved


def drawn(message: b.Message) -> bool:
    """True for a past answer with a picture that another model drew: no vendor's own protocol has a place for it there,
    but for what its own tool made, beside the call."""
    content = message.content if message.role is b.Role.ASSISTANT else ()
    made = [isinstance(block, b.ServerToolUse) and block.kind == "image_generation" for block in content]
    return any(isinstance(block, b.Image) and not (at and made[at - 1]) for at, block in enumerate(content))


@contextmanager
def named_where_they_stood(moved: Mapping[str, str], losses: Losses) -> Iterator[None]:
    """Refusals and losses inside name the caller's own place of what was moved."""
    told = len(losses.items)
    try:
        yield
    except RequestError as refused:
        failure = refused.failure
        before, after = failure.param or "", _stood(failure.param or "", moved)
        if after == before:
            raise
        message = failure.message.removeprefix(before)
        message = after + message if message != failure.message else message
        raise RequestError(replace(failure, param=after, message=message)) from refused
    if moved:
        losses.items[told:] = [replace(loss, path=_stood(loss.path, moved)) for loss in losses.items[told:]]


def _stood(path: str, moved: Mapping[str, str]) -> str:
    for place, stood in moved.items():
        if path == place or path.startswith((f"{place}.", f"{place}[")):
            return stood + path.removeprefix(place)
    return path


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


def _show(messages: list[b.Message], at: int, media: list[b.Block]) -> tuple[int, int]:
    """In the next turn of the user, behind what stands there; in one of its own where there is none. The turn and the
    place in it where they begin."""
    shown = (b.Text(b.SHOWN_AFTER), *media)
    for number in range(at + 1, len(messages)):
        if messages[number].role is b.Role.USER:
            before = messages[number].content
            messages[number] = replace(messages[number], content=(*before, *shown))
            return number, len(before) + 1
    messages.append(b.Message(b.Role.USER, shown))
    return len(messages) - 1, 1
