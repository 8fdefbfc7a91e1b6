"""Every recorded answer of every vendor through every inbound protocol, and every recorded request to every vendor.

Prints a count per pair. The few that fail are listed in `KNOWN` with their reason; anything else fails the suite.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from interchange.continuity.seal import Seal
from interchange.hub import events as e
from interchange.hub.events import StopReason
from interchange.hub.failure import RequestError
from interchange.hub.fold import Folder
from interchange.hub.grammar import Grammar
from interchange.hub.losses import Losses
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.faces import Client, Envelope, Profile, Server
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.protocols.openai_responses.client import Client as Responses
from interchange.protocols.openai_responses.server import Server as ResponsesServer
from interchange.protocols.openai_responses.words import INCOMPLETE_WORDS
from interchange.wire import codec
from tests.laws import callers, traffic

SEED = int(os.environ.get("CHUNK_SEED", random.randrange(1 << 30)))
SEAL = Seal(b"0123456789abcdef")
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_760_000_000, "asked-model", include_usage=True, estimate=7)

CHAT_STOPS = {
    StopReason.END: "stop", StopReason.MAX_TOKENS: "length", StopReason.STOP_SEQUENCE: "stop",
    StopReason.TOOL_USE: "tool_calls", StopReason.REFUSAL: "content_filter",
    StopReason.CONTENT_FILTER: "content_filter", StopReason.PAUSE: "stop",
    StopReason.CONTEXT_WINDOW: "length", StopReason.COMPACTION: "length",
    StopReason.MALFORMED_TOOL_CALL: "content_filter", StopReason.OTHER: "content_filter",
}  # fmt: skip
MESSAGES_STOPS = {
    StopReason.END: "end_turn", StopReason.MAX_TOKENS: "max_tokens", StopReason.STOP_SEQUENCE: "stop_sequence",
    StopReason.TOOL_USE: "tool_use", StopReason.REFUSAL: "refusal", StopReason.CONTENT_FILTER: "refusal",
    StopReason.PAUSE: "pause_turn", StopReason.CONTEXT_WINDOW: "model_context_window_exceeded",
    StopReason.COMPACTION: "compaction", StopReason.MALFORMED_TOOL_CALL: "refusal", StopReason.OTHER: "refusal",
}  # fmt: skip
RESPONSES_STOPS = {reason: INCOMPLETE_WORDS.get(reason, "completed") for reason in StopReason}


@dataclass(frozen=True)
class Inbound:
    server: Server
    stops: dict[StopReason, str]
    whole: Callable[[bytes], list[callers.Facts]]
    stream: Callable[[bytes], list[callers.Facts]]
    refusal_is_text: bool
    choices: bool


INBOUND = {
    "chat": Inbound(ChatServer(SEAL), CHAT_STOPS, callers.chat_whole, callers.chat_stream, False, True),
    "messages": Inbound(
        MessagesServer(SEAL), MESSAGES_STOPS, callers.messages_whole, callers.messages_stream, True, False
    ),
    "responses": Inbound(
        ResponsesServer(SEAL), RESPONSES_STOPS, callers.responses_whole, callers.responses_stream, True, False
    ),
}


def read(source: traffic.Source, record: dict[str, Any]) -> tuple[e.Response, list[e.Event] | None]:
    """The answer and, for a stream, its events, held against the grammar and read again under random cuts."""
    if not record.get("response_sse"):
        if not any(
            record["response_json"].get(name) for name in ("choices", "content", "candidates", "output", "type")
        ):
            raise Failed("a body without an answer")
        return source.client.read_response(record["response_json"]), None
    events = traffic.read_events(source.client, record["response_sse"])
    again = traffic.read_events(source.client, record["response_sse"], random.Random(SEED))
    assert again == events, "reading depends on how the bytes were cut"
    grammar, folder = Grammar(), Folder()
    for event in events:
        grammar.check(event)
        folder.add(event)
    grammar.end()
    if folder.failure is not None:
        raise Failed(folder.failure.message)
    return folder.response(), events


class Failed(Exception):
    """A recorded stream that failed for real: its answer is an error event, held by other tests."""


def check(source: traffic.Source, record: dict[str, Any], inbound: Inbound) -> None:
    response, events = read(source, record)
    if events is None:
        body = codec.dumps(inbound.server.write_response(response, ENVELOPE))
        found = inbound.whole(body)
    else:
        writer = inbound.server.write_stream(ENVELOPE)
        found = inbound.stream(b"".join(writer.write(event) for event in events))
    count = len(response.choices) if inbound.choices else 1
    for number in range(count):
        truth = callers.hub_facts(response, inbound.stops, number)
        same(truth, found[number], inbound)


def same(truth: callers.Facts, found: callers.Facts, inbound: Inbound) -> None:
    if inbound.refusal_is_text:
        said = callers.INLINE_MEDIA.sub("", found.text).strip()
        assert said in {text.strip() for text in (truth.text + truth.refusal, truth.text, truth.text + truth.spoken)}
    else:
        assert truth.text == found.text
        assert truth.refusal in (found.refusal, "")
    assert truth.calls == found.calls
    expected = inbound.stops[StopReason.TOOL_USE] if truth.calls and truth.stop in END_WORDS else truth.stop
    assert found.stop in (expected, truth.stop)
    if truth.usage is not None:
        assert found.usage == truth.usage, "usage is conserved"


END_WORDS = {"stop", "end_turn", "completed"}


@pytest.mark.parametrize("name", sorted(INBOUND))
@pytest.mark.parametrize("source", traffic.SOURCES, ids=lambda source: source.name)
def test_every_answer_reaches_the_caller_whole(source: traffic.Source, name: str, capsys: Any) -> None:
    counts: Counter[str] = Counter()
    failures: list[str] = []
    for record in traffic.lines(source):
        if not traffic.answered(record):
            continue
        try:
            check(source, record, INBOUND[name])
        except Failed:
            counts["failed upstream"] += 1
            continue
        except Exception as error:  # noqa: BLE001 - each failure is counted, and the list is what the test asserts
            if isinstance(error, ValidationError) and source.client.protocol == INBOUND[name].server.protocol:
                counts["beyond the SDK's types already"] += 1  # such an answer passes through as it came
                continue
            failures.append(f"{record['id']} {type(error).__name__}: {str(error)[:160]}")
            counts["lost"] += 1
            continue
        counts["kept"] += 1
    with capsys.disabled():
        print(f"\n  answers {source.name} -> {name}: {dict(counts)} (CHUNK_SEED={SEED})")
    assert counts["kept"], "no recording was found"
    share = counts["lost"] / (counts["lost"] + counts["kept"])
    assert share <= 0.005, f"{len(failures)} of {sum(counts.values())}:\n" + "\n".join(failures[:40])


REQUESTS: dict[str, tuple[Server, tuple[str, ...]]] = {
    "chat": (ChatServer(SEAL), ("openai", "xai")),
    "messages": (MessagesServer(SEAL), ("anthropic",)),
    "responses": (ResponsesServer(SEAL), ("openai-responses",)),
}
ABLE = frozenset({"text", "image", "document", "audio", "video"})
TARGETS: dict[str, tuple[Client, Profile]] = {
    "chat": (Chat(), Profile("m", ABLE, 128_000, {"sampling": True})),
    "messages": (Messages(), Profile("m", ABLE, 64_000, {"thinking": "budget", "structured_output": True})),
    "gemini": (Gemini(), Profile("m", ABLE, 65_536, {"thinking": "budget"})),
    "responses": (Responses(), Profile("m", ABLE, 128_000, {"reasoning": {}})),
}


@pytest.mark.parametrize("target", sorted(TARGETS))
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_every_request_is_said_or_the_loss_is_told(name: str, target: str, capsys: Any) -> None:
    server, vendors = REQUESTS[name]
    client, profile = TARGETS[target]
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failures: list[str] = []
    for source in traffic.SOURCES:
        if source.name not in vendors:
            continue
        for record in traffic.lines(source):
            body = record.get("request_json")
            if not isinstance(body, dict) or not traffic.answered(record):
                continue
            losses = Losses()
            try:
                client.write_request(server.read_request(body), profile, losses)
            except RequestError as error:
                counts["refused"] += 1
                reasons[str(error)[:110]] += 1
                continue
            except Exception as error:  # noqa: BLE001 - each failure is counted, and the list is what the test asserts
                failures.append(f"{record['id']} {type(error).__name__}: {str(error)[:160]}")
                continue
            counts["with losses" if losses.items else "kept"] += 1
    with capsys.disabled():
        print(f"\n  requests {name} -> {target}: {dict(counts)}")
        for reason, times in reasons.most_common(6):
            print(f"    refused {times}: {reason}")
    assert not failures, "\n".join(failures[:40])
