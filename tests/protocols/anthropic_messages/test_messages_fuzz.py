"""Random answers and damaged bodies: both paths of an answer agree, and a wrong body is always a 400."""

from __future__ import annotations

import copy
import os
import random
from typing import Any

import pytest

from interchange.continuity.seal import Seal
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.hub.failure import RequestError
from interchange.hub.fold import fold, unfold
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.protocols.anthropic_messages.client import Client
from interchange.protocols.anthropic_messages.server import Server
from interchange.protocols.faces import Envelope, Profile
from tests.protocols.anthropic_messages.messages_sdk import accumulate, parse_whole
from tests.protocols.anthropic_messages.recorded_messages import requests
from tests.recordings.read import carried

SEED = int(os.environ.get("FUZZ_SEED", random.randrange(1 << 30)))
SERVER = Server(Seal(b"sixteen bytes key"))
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_700_000_000, "the-model", estimate=7)
STATES = (None, b.Continuation("anthropic_messages", "EqQB"), b.Continuation("openai_responses", "gAA", "rs_1"))
TEXTS = ("", " ", "a", "täxt \N{PILE OF POO}\n", "x" * 50)
ARGUMENTS = ("", "{}", '{"a": [1, {"b": null}]}', "[1]", '"s"', "nonsense", " ")
CITATIONS = (
    b.Citation("openai_chat", {}, url="https://a.example", title=None),
    b.Citation("gemini", {}, title="no address"),
)
ODD: tuple[Any, ...] = (None, 0, -1, 1.5, "", "x", True, [], {}, [None], {"type": 1}, {"type": "x"}, ["x"], [[]])


def any_block(rng: random.Random) -> b.Block:
    text, state = rng.choice(TEXTS), rng.choice(STATES)
    match rng.randrange(10):
        case 0:
            return b.Thinking(text, state)
        case 1:
            return b.RedactedThinking(state or STATES[1] or b.Continuation("gemini", "x"))
        case 2 | 3:
            kind = rng.choice(("function", "function", "custom"))
            return b.ToolUse(rng.choice(("", "ok", "a:0", "a.0")), "f", rng.choice(ARGUMENTS), kind, state)
        case 4:
            return b.Refusal(text)
        case 5:
            return b.Image(rng.choice((b.UrlSource("https://a.example"), b.Base64Source("image/png", "iVBO"))))
        case 6:
            return b.Audio(b.Base64Source("audio/wav", "UklG"), "wav", transcript=rng.choice((None, "said")))
        case 7:
            return b.ServerToolUse("s", "web_search", "{}", "web_search", "openai_responses", {"type": "y"})
        case _:
            return b.Text(text, tuple(rng.sample(CITATIONS, rng.randrange(3))))


def any_response(rng: random.Random) -> e.Response:
    choices = tuple(
        e.Choice(tuple(any_block(rng) for _ in range(rng.randrange(5))), e.Stop(rng.choice(REASONS), "END", "word"))
        for _ in range(rng.choice((1, 1, 2)))
    )
    usage = rng.choice((None, Usage(), Usage(input=3, cache_write_1h=2, output=9, reasoning=1, service_tier="flex")))
    return e.Response("up", "m", None, choices, usage)


REASONS = [reason for reason in e.StopReason if reason is not e.StopReason.COMPACTION]


def test_both_paths_of_any_answer_agree_and_the_sdk_takes_them() -> None:
    print(f"FUZZ_SEED={SEED}")
    rng = random.Random(SEED)
    for _ in range(400):
        response = any_response(rng)
        writer = SERVER.write_stream(ENVELOPE)
        streamed = accumulate(b"".join(writer.write(event) for event in unfold(response)))
        whole = parse_whole(SERVER.write_response(fold(unfold(response)), ENVELOPE))
        assert streamed | {"usage": 0} == whole | {"usage": 0}, response
        assert streamed["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
        echoed = {"model": "m", "max_tokens": 9, "messages": [{"role": "assistant", "content": whole["content"]}]}
        SERVER.read_request(echoed)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a body."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places(value[key])]
    return found


@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
def test_a_damaged_body_is_a_400_and_never_a_fault(own: bool) -> None:
    print(f"FUZZ_SEED={SEED}")
    rng = random.Random(SEED)
    bodies = [record["request_json"] for record in requests(carried("anthropic_messages"))]
    able = Profile("m", frozenset({"text", "image", "document"}), 64_000, {"thinking": "adaptive", "effort": True})
    for _ in range(1500):
        body = copy.deepcopy(rng.choice(bodies))
        for _ in range(rng.randrange(1, 3)):
            holder, key = rng.choice(places(body))
            if rng.random() < 0.3:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(rng.choice(ODD))
        try:
            request = SERVER.read_request(body)
            if own:
                Client().write_request(request, able, Losses())
        except RequestError as error:
            assert error.failure.message
            SERVER.write_failure(error.failure)
