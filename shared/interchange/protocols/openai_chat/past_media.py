"""Pictures that another vendor's model drew, in a conversation that is carried through.

`images` is a field of our answers that the vendor does not know, and its own turns hold text: the picture is shown in
the user's turn behind it, in the place where it stays when the conversation goes on, so that the prefix is stable.
"""

from __future__ import annotations

from typing import Any

from interchange.hub.blocks import SHOWN_AFTER
from interchange.hub.failure import invalid
from interchange.protocols.faces import JsonObject, Profile

MARK: JsonObject = {"type": "text", "text": SHOWN_AFTER}


def shown(messages: list[Any], given: list[Any], profile: Profile) -> list[Any]:
    """Returns `messages`, which go up, with the pictures of those `given`: at the head of the user's next message, or
    in one of their own behind the results of the calls. Raises RequestError where the model sees no pictures."""
    out: list[Any] = []
    waiting: list[JsonObject] = []
    for at, (message, before) in enumerate(zip(messages, given, strict=True)):
        role = message.get("role") if isinstance(message, dict) else None
        if waiting and role not in ("tool", "function"):
            if role == "user":
                message = {**message, "content": [*waiting, *_parts(message.get("content"))]}
            else:
                out.append({"role": "user", "content": waiting})
            waiting = []
        out.append(message)
        drawn = _drawn(before, f"messages[{at}].images", profile) if role == "assistant" else []
        waiting = [MARK, *drawn] if drawn else waiting
    return [*out, {"role": "user", "content": waiting}] if waiting else out


def _drawn(message: JsonObject, path: str, profile: Profile) -> list[JsonObject]:
    images = message.get("images") or []
    if images and "image" not in profile.inputs:
        raise invalid(f"{path}[0]: this model does not take image input", f"{path}[0]", "unsupported_modality")
    return [{"type": "image_url", "image_url": _url(image["image_url"])} for image in images]


def _url(given: Any) -> JsonObject:
    return {"url": given} if isinstance(given, str) else {"url": given["url"]}


def _parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else []
