"""A streamed answer, put together by the vendor's own SDK, says what the whole answer says: every reader x caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from interchange.continuity.seal import Seal
from interchange.hub import events as e
from interchange.protocols.anthropic_messages import client as messages_client
from interchange.protocols.anthropic_messages import server as messages_server
from interchange.protocols.bedrock_converse import client as converse_client
from interchange.protocols.faces import Envelope
from interchange.protocols.gemini import client as gemini_client
from interchange.protocols.openai_chat import client as chat_client
from interchange.protocols.openai_chat import server as chat_server
from interchange.protocols.openai_responses import client as responses_client
from interchange.protocols.openai_responses import server as responses_server
from interchange.wire import codec
from interchange.wire.sse import Frame
from tests.laws import streamed
from tests.laws.vendor_answers import ANSWERS, Json
from tests.laws.vendor_answers_rare import RARE

SEAL = Seal(b"0123456789abcdef")
ENVELOPE = Envelope("0123456789abcdef0123456789abcdef", 1_760_000_000, "asked", include_usage=True, estimate=7)
CALLERS: dict[str, Any] = {
    "chat": chat_server.Server(SEAL),
    "messages": messages_server.Server(SEAL),
    "responses": responses_server.Server(SEAL),
}
READERS: dict[str, tuple[Any, Callable[[Json], Iterator[Frame]]]] = {
    "chat": (chat_client.Client(), streamed.chat),
    "messages": (messages_client.Client(), streamed.messages),
    "responses": (responses_client.Client(), streamed.responses),
    "gemini": (gemini_client.Client(), streamed.gemini),
    "converse": (converse_client.Client(), streamed.converse),
}
EXCEPTIONS = {
    ("chat", r"\.index$"): "entries of a streamed list are numbered, by which the SDK merges them",
    ("chat", r"\.service_tier$"): "the SDK keeps the first chunk's; a tier that comes with the usage is in the last",
    ("chat", r"\.message\.content$"): "the role chunk says an empty content, as OpenAI's does; a whole answer null",
    ("messages", r"\.usage\.(cache_creation|service_tier)\b"): "the SDK keeps message_start's, and Claude Code 2.1.79 "
    "refuses a message_start without them: they are told before anything is known",
    ("messages", r"\._malformed_arguments$"): "arguments that were cut short are no object; a stream has told them",
}
"""Where the two may differ: (caller, path) -> why."""


def read(reader: Any, frames: Iterator[Frame]) -> list[e.Event]:
    stream = reader.read_stream()
    return [*(event for one in frames for event in stream.read(one)), *stream.finish()]


def client(kind: str, data: bytes) -> Any:
    """The SDK of a caller, which is answered with these bytes."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers={"content-type": kind}, content=data))
    return httpx2.Client(transport=transport)


def ask(caller: str, data: bytes, *, stream: bool) -> Any:
    http = client("text/event-stream" if stream else "application/json", data)
    if caller == "messages":
        claude: Any = anthropic.Anthropic(api_key="x", base_url="http://h", http_client=http, max_retries=0)
        if not stream:
            return claude.beta.messages.create(model="m", max_tokens=9, messages=[]).model_dump(warnings=False)
        with claude.beta.messages.stream(model="m", max_tokens=9, messages=[]) as events:
            return events.get_final_message().model_dump(warnings=False)
    gpt: Any = openai.OpenAI(api_key="x", base_url="http://h/v1", http_client=http, max_retries=0)
    if caller == "responses":
        if not stream:
            return gpt.responses.create(model="m", input="x").model_dump(warnings=False)
        with gpt.responses.stream(model="m", input="x") as events:
            return list(events)[-1].response.model_dump(warnings=False)
    if not stream:
        return gpt.chat.completions.create(model="m", messages=[]).model_dump(warnings=False)
    with gpt.chat.completions.stream(model="m", messages=[], stream_options={"include_usage": True}) as events:
        for _ in events:
            pass
        return events.current_completion_snapshot.model_dump(warnings=False)


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """The paths at which two answers differ; null is absent, and so is what the SDK alone adds (`parsed`)."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            if not name.startswith("parsed"):
                yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{at}]")
    elif one != other:
        yield f"{path}: {one!r} whole, {other!r} streamed"


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        pytest.param(vendor, name, id=f"{vendor}-{name}")
        for vendor in ANSWERS
        for name in ANSWERS[vendor] | RARE[vendor]
    ],
)
def test_a_streamed_answer_says_what_the_whole_one_says(vendor: str, name: str, caller: str) -> None:
    reader, frames = READERS[vendor]
    body, server = (ANSWERS[vendor] | RARE[vendor])[name], CALLERS[caller]
    whole = ask(caller, codec.dumps(server.write_response(reader.read_response(body), ENVELOPE)), stream=False)
    writer = server.write_stream(ENVELOPE)
    told = b"".join(writer.write(event) for event in read(reader, frames(body)))
    found = differences(whole, ask(caller, told, stream=True))
    allowed = [re.compile(path) for (of, path) in EXCEPTIONS if of == caller]
    assert [said for said in found if not any(path.search(said.partition(":")[0]) for path in allowed)] == []
