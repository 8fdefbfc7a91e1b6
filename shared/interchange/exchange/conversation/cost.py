"""The charge as `usage.cost`, for who asks for it: a stream's headers are gone before it is known.

Asked for by the header `x-interchange-usage: cost`, or as OpenRouter's users write it, by `"usage": {"include": true}`
in the body (https://openrouter.ai/docs/use-cases/usage-accounting). Who does not ask gets the vendor's bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interchange.dataclass import replace
from interchange.exchange.body import RequestHead
from interchange.exchange.ending import Ending, Plain, Priced
from interchange.hub.failure import invalid
from interchange.metering.money import usd
from interchange.protocols.faces import Server
from interchange.wire import codec, splice
from interchange.wire.sse import Frame, FrameReader

HEADER = "x-interchange-usage"
FIELD = "usage"


def read_wish(head: RequestHead, headers: Mapping[str, str]) -> tuple[RequestHead, bool]:
    """(the request without its wish, and the wish). Raises RequestError naming `usage` or the header."""
    word = headers.get(HEADER, "").strip().lower()
    if word not in ("", "cost"):
        raise invalid(f"{HEADER}: {word[:80]!r} is not known; `cost` asks for usage.cost", HEADER, "invalid_value")
    if FIELD not in head.body:
        return head, word == "cost"
    asked = head.body[FIELD]
    if not isinstance(asked, dict) or not isinstance(asked.get("include"), bool) or len(asked) > 1:
        raise invalid('usage: expected {"include": true} or {"include": false}', FIELD, "invalid_value")
    body = {name: value for name, value in head.body.items() if name != FIELD}
    return replace(head, body=body, raw=splice.remove(head.raw, FIELD)), asked["include"] or word == "cost"


def ending(server: Server, *, wanted: bool) -> Ending:
    """The ending of an answer in this protocol."""
    if not wanted:
        return Plain()

    def place(frame: Frame) -> Sequence[str] | None:
        event = _object(frame)
        return None if event is None else server.usage_place(event)

    def has_usage(piece: bytes) -> bool:
        return b'"usage"' in piece and any(place(frame) for frame in _frames(piece))

    def put(data: bytes, charge_nano: int) -> bytes:
        return b"".join(_priced(frame, place(frame), charge_nano) for frame in _frames(data))

    return Priced(has_usage, put, lambda body, charge_nano: _put(body, ("usage",), charge_nano))


def _frames(data: bytes) -> list[Frame]:
    frames = FrameReader()
    return [*frames.feed(data), *frames.finish()]


def _object(frame: Frame) -> dict[str, Any] | None:
    try:
        value = codec.loads(frame.data or b"")
    except ValueError:
        return None  # `[DONE]`, a comment
    return value if isinstance(value, dict) else None


def _priced(frame: Frame, place: Sequence[str] | None, charge_nano: int) -> bytes:
    if place is None or frame.data is None:
        return frame.raw
    return frame.raw.replace(frame.data, _put(frame.data, place, charge_nano), 1)


def _put(data: bytes, place: Sequence[str], charge_nano: int) -> bytes:
    return splice.add_at(data, usd(charge_nano).encode(), place, "cost")
