"""Losses and refusals name a field of the caller's own body: over all samples and recordings x all clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.protocols.bedrock_converse.client import Client as Bedrock
from interchange.protocols.faces import Client, Profile
from interchange.rewrites import named_where_they_stood, rewrite
from scripts import compatibility
from tests.recordings.read import every

RECORDED = {
    "openai_chat": "openai_chat",
    "openai_responses": "openai_responses",
    "anthropic_messages": "anthropic_messages",
}
EVERYTHING = frozenset({"text", "image", "document", "audio", "video"})
MISSING = {"max_tokens", "max_output_tokens"}
"""What a vendor cannot do without where the catalog knows no bound: there is nothing in the body to name."""
Json = dict[str, Any]


def clients() -> dict[str, tuple[Client, Profile]]:
    """With the profile of a catalog model each, and once with one that has no traits and takes text only."""
    faces = {target.title: compatibility.face_of(target) for target in compatibility.TARGETS}
    found = {title: (face.client, face.profile) for title, face in faces.items()}
    found["Bedrock"] = (Bedrock(), Profile("m", EVERYTHING, 8192, {}))
    bare = {f"{title}, plain": (client, Profile("m", frozenset({"text"}))) for title, (client, _) in found.items()}
    return found | bare


CLIENTS = clients()


def bodies(caller: compatibility.Caller) -> Iterator[Json]:
    for sample in caller.samples:
        yield {**caller.plain, **(sample.beside or {}), **sample.change}
    for record in every(RECORDED[caller.server.protocol]):
        body = record.get("request_json")
        if isinstance(body, dict) and "model" in body:
            yield body


def stands(body: Any, path: str) -> bool:
    """True where the path leads to something. A name may hold dots: the longest that is there is tried first."""
    if not path:
        return True
    if found := re.match(r"\[(\d+)\]\.?", path):
        number = int(found[1])
        return isinstance(body, list) and number < len(body) and stands(body[number], path[found.end() :])
    if not isinstance(body, dict):
        return False
    ends = [len(path), *(at for at in range(len(path) - 1, 0, -1) if path[at] in ".[")]
    return any(path[:end] in body and stands(body[path[:end]], path[end:].removeprefix(".")) for end in ends)


def told(caller: compatibility.Caller, body: Json, client: Client, profile: Profile) -> Iterator[str]:
    """The paths of the losses; or that of the refusal."""
    report, losses = LossReport(caller.server, body), Losses()
    try:
        request = caller.server.read_request(body)
    except RequestError:
        return  # the reader's: it may name what is missing
    try:
        with report.refusals():
            taken, inverse = rewrite(request, client.rules(profile), losses)
            with named_where_they_stood(inverse.moved, losses):
                client.write_request(taken, profile, losses)
    except RequestError as refused:
        param = refused.failure.param
        if param is not None and param not in MISSING:
            yield param
        return
    report.add(losses)
    yield from (loss.path for loss in losses.items)


@pytest.mark.parametrize("target", CLIENTS)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_what_is_told_stands_in_the_callers_body(caller: compatibility.Caller, target: str) -> None:
    client, profile = CLIENTS[target]
    wrong: dict[str, Any] = {}
    count = 0
    for body in bodies(caller):
        for path in told(caller, body, client, profile):
            count += 1
            if not stands(body, path):
                wrong.setdefault(
                    re.sub(r"\d+", "N", path), {name: body[name] for name in body if name not in ("messages", "input")}
                )
    assert count or caller.server.protocol == client.protocol
    assert not wrong, "\n".join(f"{path} of {str(body)[:300]}" for path, body in wrong.items())
