"""Requests written by the client face, checked against google-genai's own types (which forbid unknown fields)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from google.genai import types

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.protocols.gemini.client import Client
from interchange.wire import codec

EVERYTHING = frozenset({"text", "image", "document", "audio", "video"})
GEMINI_3 = Profile("gemini-3-pro", EVERYTHING, 65536, {"thinking": "level", "levels": ["low", "high"]})
GEMINI_25 = Profile("gemini-2.5-flash", EVERYTHING, 65536, {"thinking": "budget", "budget_range": [0, 24576]})
BLIND = Profile("gemini-blind", frozenset({"text"}), 8192, {})
TOP: dict[str, type] = {
    "systemInstruction": types.Content,
    "toolConfig": types.ToolConfig,
    "generationConfig": types.GenerationConfig,
}


def user(*blocks: b.Block | str) -> b.Message:
    return b.Message(b.Role.USER, tuple(b.Text(item) if isinstance(item, str) else item for item in blocks))


def model(*blocks: b.Block | str) -> b.Message:
    return b.Message(b.Role.ASSISTANT, tuple(b.Text(item) if isinstance(item, str) else item for item in blocks))


def call(identity: str, name: str = "f", arguments: str = "{}", signature: str | None = None) -> b.ToolUse:
    state = None if signature is None else b.Continuation("gemini", signature)
    return b.ToolUse(identity, name, arguments, state=state)


def result(identity: str, *blocks: b.Block | str, is_error: bool = False) -> b.ToolResult:
    content = tuple(b.Text(item) if isinstance(item, str) else item for item in blocks)
    return b.ToolResult(identity, content, is_error)


def ask(*messages: b.Message, **fields: Any) -> r.Request:
    return r.Request("m", messages or (user("hi"),), **fields)


def write(
    request: r.Request, profile: Profile = GEMINI_25, client: Client | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The body, checked, and the paths of the losses."""
    losses = Losses()
    body = (client or Client()).write_request(request, profile, losses)
    check(body)
    return body, [loss.path for loss in losses.items]


def check(body: dict[str, Any]) -> None:
    """Raises where the body is not what the SDK would send: unknown members, wrong types, roles out of order."""
    rest = dict(body)
    contents = rest.pop("contents")
    assert contents
    for content in contents:
        types.Content.model_validate_json(codec.dumps(content))
        assert content["parts"]
    roles = [content["role"] for content in contents]
    assert all(role in ("user", "model") for role in roles)
    assert all(one != other for one, other in pairwise(roles)), "roles do not alternate"
    for tool in rest.pop("tools", ()):
        types.Tool.model_validate_json(codec.dumps(tool))
    for name, kind in TOP.items():
        if name in rest:
            kind.model_validate_json(codec.dumps(rest.pop(name)))  # type: ignore[attr-defined]
    for setting in rest.pop("safetySettings", ()):
        types.SafetySetting.model_validate_json(codec.dumps(setting))
    assert rest.keys() <= {"cachedContent", "serviceTier"}


def calls_match_results(contents: list[dict[str, Any]]) -> bool:
    """Every content with calls is followed by one that answers them, as many, in order. Calls that the vendor ran
    itself stand in one content with their answers."""
    for number, content in enumerate(contents):
        if content["role"] == "model" and any("functionResponse" in part for part in content["parts"]):
            continue
        wanted = [p["functionCall"]["id"] for p in content["parts"] if "functionCall" in p]
        if wanted:
            after = contents[number + 1]["parts"] if number + 1 < len(contents) else []
            if [p["functionResponse"]["id"] for p in after if "functionResponse" in p] != wanted:
                return False
            if not all("functionResponse" in p for p in after[: len(wanted)]):
                return False
    return True
