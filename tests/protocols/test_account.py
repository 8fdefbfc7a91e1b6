"""A field that the hub is given later: a client that does not know it reports it, in whatever the caller says."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.protocols import account as accounting
from interchange.protocols.anthropic_messages.client import Client as Messages
from interchange.protocols.bedrock_converse.client import Client as Converse
from interchange.protocols.faces import Client, Profile
from interchange.protocols.gemini.client import Client as Gemini
from interchange.protocols.openai_chat import words
from interchange.protocols.openai_chat.client import Client as Chat
from interchange.protocols.openai_chat.client import request as chat_request
from interchange.protocols.openai_chat.dialect import Dialect
from interchange.protocols.openai_responses.client import Client as Responses

CLIENTS: dict[str, Client] = {
    "chat": Chat(), "responses": Responses(), "messages": Messages(), "gemini": Gemini(), "bedrock": Converse(),
}  # fmt: skip
PROTOCOLS = ("openai_chat", "openai_responses", "anthropic_messages")
PROFILE = Profile("up", frozenset({"text"}), 1000)
HI = (b.Message(b.Role.USER, (b.Text("hi"),)),)


@dataclass(frozen=True)
class Toned(Request):
    tone: str | None = None
    pets: tuple[str, ...] = ()


def written(client: Client, **given: Any) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    body = client.write_request(Toned("m", HI, **given), PROFILE, losses)
    return body, [loss.path for loss in losses.items]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", CLIENTS)
def test_a_field_that_a_client_does_not_know_is_a_loss(name: str, protocol: str) -> None:
    body, told = written(CLIENTS[name], protocol=protocol, tone="warm", pets=("cat",))
    assert told == ["tone", "pets"]
    assert "tone" not in body


@pytest.mark.parametrize("name", CLIENTS)
def test_what_nobody_asked_for_is_no_loss(name: str) -> None:
    assert written(CLIENTS[name], protocol="openai_chat")[1] == []


def test_one_row_makes_a_client_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(words.SIMPLE, "tone", "voice_tone")
    monkeypatch.setattr(chat_request, "_KNOWN", chat_request._KNOWN | {"tone"})
    body, told = written(Chat(Dialect(parameters=words.PARAMETERS | {"voice_tone"})), tone="warm")
    assert (body["voice_tone"], told) == ("warm", [])


def test_what_everyone_reads_is_of_the_request() -> None:
    assert {one.name for one in fields(Request)} >= accounting.BY_EVERYONE
