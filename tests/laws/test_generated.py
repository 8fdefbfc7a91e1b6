"""Generated requests, through every pair: served or refused by name, and no field vanishes.

A field is known to have been heard when the request without it is written otherwise, loses otherwise, or is refused.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.wire import codec
from scripts import compatibility
from tests.laws import conversations, conversations_responses

SEED = int(os.environ.get("GENERATED_SEED", "20260501"))
EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "40"))
STRATEGIES = {
    "Chat completions": conversations.chat(),
    "Messages": conversations.messages(),
    "Responses": conversations_responses.responses(),
}
SAYS_NOTHING: tuple[tuple[str, tuple[Any, ...]], ...] = (
    (r"\.type$", ("function", "custom", "grammar", "ephemeral", "text")),
    (r"\.strict$", (False,)),
    (r"^text\.format\.strict$", (True,)),
    (r"^include$", (["reasoning.encrypted_content"],)),
    (r"\.parameters$", ({"type": "object", "properties": {}},)),
    (r"\.detail$", ("auto",)),
    (r"\.is_error$", (False,)),
    (r"^(stream_options|output_config|metadata)$", ({},)),
    (r"^modalities$", (["text"], ["text", "text"])),
    (r"^max_tokens$", ()),  # beside max_completion_tokens; alone it is missed
    (r"\.citations$", ({}, {"enabled": False})),
    (r"\.enabled$", (False,)),
    (r"\.caller$", ({"type": "direct"},)),
    (r"\.caller\.type$", ("direct",)),
    (r"\.(citations\[|prompt_cache_breakpoint\.|cache_control\.)", ()),
    (r"^response_format$", ({"type": "text"},)),
    (r"^(text\.)?verbosity$", ("medium",)),
    (r"disable_parallel_tool_use$", (False,)),
    (r"^n$", (1,)),
    (r"^(store|logprobs|parallel_tool_calls)$", (False, True, None)),
    (r"^service_tier$", ("auto", "default", "standard_only")),
    (r"^reasoning_effort$", ("none",)),
    (r"^reasoning$", ()),  # its members are tried one by one
    (r"^reasoning\.effort$", ("none", "high")),
    (r"^reasoning\.(generate_)?summary$", ()),
    (r"^text$", ()),  # likewise
    (r"\.format$", ({"type": "text"},)),
    (r"^output_config\.effort$", ("high",)),
    (r"^audio\.format$", ("pcm16",)),
    (r"^web_search_options\.user_location", ({"type": "approximate", "approximate": {}}, {}, "approximate")),
    (r"^truncation$", ("disabled",)),
    (r"^top_logprobs$", (0,)),
    (r"^thinking", ()),
    (r"^cache_control$", ()),
    (r"^stream_options", ()),
    (r"\.(signature|data)$", ()),
    (r"\.file\.(file_data|filename)$", ()),
    (r"^(temperature|top_p)$", (1.0,)),
)
"""(pattern of a path, values) of what asks for what happens anyway, is meant for another vendor's model alone, or is a
part of what goes as a whole; a file by id needs no content beside it."""


def said(caller: compatibility.Caller, face: compatibility.Face, body: dict[str, Any]) -> tuple[bytes, Any] | None:
    """The upstream body and the losses, None for a refusal."""
    losses = Losses()
    try:
        written = face.write(caller.server.read_request(copy.deepcopy(body)), losses)
    except RequestError as error:
        assert error.failure.message
        return None
    LossReport(caller.server, body).add(losses)
    return codec.dumps(written), tuple(losses.items)


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, holder, key) of every member of every object."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            yield here, value, name
            if name not in ("input", "input_schema", "parameters", "schema"):
                yield from places(inner, here)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, f"{path}[{number}]")


def says_nothing(path: str, value: Any) -> bool:
    return any(re.search(pattern, path) and (not values or value in values) for pattern, values in SAYS_NOTHING)


def unused(path: str, body: dict[str, Any]) -> bool:
    """A tool that must not be called may be left undeclared."""
    return body.get("tool_choice") in ("none", {"type": "none"}) and path.startswith(("web_search_options", "tools["))


def told(path: str, losses: Any) -> bool:
    """The field, or what it is a member of, is among the losses."""
    return any(path == loss.path or path.startswith((f"{loss.path}.", f"{loss.path}[")) for loss in losses)


@pytest.mark.parametrize("target", compatibility.TARGETS, ids=lambda target: target.title)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_every_field_arrives_or_is_lost_aloud_or_refused(
    caller: compatibility.Caller, target: compatibility.Target
) -> None:
    face = compatibility.face_of(target)

    @seed(SEED)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(STRATEGIES[caller.title])
    def check(body: dict[str, Any]) -> None:
        whole = said(caller, face, body)
        if whole is None or caller.server.protocol == face.client.protocol:
            return
        for path, holder, name in list(places(body)):
            value = holder.pop(name)
            without = said(caller, face, body)
            holder[name] = value
            heard = without != whole or told(path, whole[1]) or says_nothing(path, value) or unused(path, body)
            assert heard, f"{path} = {value!r} vanishes"

    print(f"GENERATED_SEED={SEED}")
    check()
