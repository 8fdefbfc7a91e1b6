"""What a stock SDK parses into the caller's own classes, in every pair: whatever the schema that went up allows the
model to write comes back as the caller's schema has it, whole and streamed."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import parsed


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    a: str
    count: int = 3


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str = "Rex"


class Optionals(BaseModel):
    a: str
    tags: list[str] = []
    note: str | None = None
    size: int = 3
    inner: Inner = Inner(a="x")


class Maps(BaseModel):
    labels: dict[str, str]
    nested: dict[str, Inner]


class Unions(BaseModel):
    pet: Cat | Dog
    marked: Cat | Dog = Field(discriminator="kind")
    either: str | int
    many: list[Cat | Dog]


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


class Words(BaseModel):
    colour: Colour
    grade: Literal["good", "bad"]
    day: datetime.date
    score: float = Field(ge=0, le=10)
    few: list[int] = Field(min_length=1, max_length=3)


class Deep(BaseModel):
    rows: list[Optionals]
    pair: tuple[int, str]


KINDS: list[type[BaseModel]] = [Optionals, Maps, Unions, Tree, Words, Deep]
MODELS = ["gpt-4.1", "gpt-5.4", "claude-sonnet-4-5", "gemini-3.5-flash", "gemini-2.5-flash", "grok-4.3"]  # fmt: skip
ASKED: Any = [{"role": "user", "content": "q"}]


def _messages(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    client = parsed.of_anthropic(here)
    return client.messages.parse(model=model, max_tokens=999, messages=ASKED, output_format=kind).parsed_output


def _messages_stream(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    client = parsed.of_anthropic(here)
    with client.messages.stream(model=model, max_tokens=999, messages=ASKED, output_format=kind) as stream:
        return stream.get_final_message().parsed_output


def _chat(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    client = parsed.of_openai(here)
    said = client.chat.completions.parse(model=model, messages=ASKED, response_format=kind)
    return said.choices[0].message.parsed


def _chat_stream(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    client = parsed.of_openai(here)
    with client.chat.completions.stream(model=model, messages=ASKED, response_format=kind) as stream:
        return stream.get_final_completion().choices[0].message.parsed


def _responses(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    return parsed.of_openai(here).responses.parse(model=model, input=ASKED, text_format=kind).output_parsed


def _responses_stream(here: w.World, model: str, kind: type[BaseModel]) -> Any:
    with parsed.of_openai(here).responses.stream(model=model, input=ASKED, text_format=kind) as stream:
        return stream.get_final_response().output_parsed


CALLS = {
    "messages.parse": _messages, "messages.stream": _messages_stream,
    "chat.completions.parse": _chat, "chat.completions.stream": _chat_stream,
    "responses.parse": _responses, "responses.stream": _responses_stream,
}  # fmt: skip


@pytest.fixture
def here() -> Iterator[w.World]:
    with wire.built_in() as made:
        yield made


CLOSED = (Maps, Deep)
"""Anthropic's SDK closes maps and takes the places out of tuples before it sends a schema (lib/_parse/_transform.py):
what is left in it is the caller's schema here."""
CASES = [(kind, call) for kind in KINDS for call in CALLS if not (call.startswith("messages") and kind in CLOSED)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind, call", CASES, ids=[f"{kind.__name__} {call}" for kind, call in CASES])
def test_the_callers_own_class_comes_back(here: w.World, kind: type[BaseModel], call: str, model: str) -> None:
    for last in (False, True):
        answering = parsed.Answering(TypeAdapter(kind).json_schema(), last)
        here.script.default = answering
        found = CALLS[call](here, model, kind)
        assert not answering.wrong
        assert isinstance(found, kind), found
        if isinstance(found, Maps):
            assert found.labels and found.nested, "a map may hold something"
