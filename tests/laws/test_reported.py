"""Requests like those of public reports: no vendor refuses what our side accepts, and what a request is refused for is
named by the caller's own field.

Each kind of model is given its share, or all with STRICT=all."""

from __future__ import annotations

import contextlib
import copy
import itertools
from typing import Any

import pytest

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from scripts import compatibility
from tests.laws import reported, reported_schemas
from tests.laws.test_caller_paths import MISSING, stands
from tests.laws.test_strict import SHARE
from tests.laws.ways import WAYS, way_of, written

SERVERS = {caller.title: caller.server for caller in compatibility.CALLERS}
ALL = list(reported.requests())
FEW = max(1, SHARE // 4)
EVERYWHERE = {
    "Chat completions": (
        "choice none", "choice none after a call", "one call at a time", "no tools at all", "tools null",
        "same tool twice", "tool without parameters", "names with dots", "names that become one", "long name",
        "calls without tools", "empty arguments", "arguments null", "arguments a list", "arguments cut",
        "no content beside calls", "blank content beside calls", "legacy function call",
        "parallel results in another order", "user before the result", "same id in two rounds", "long id", "odd id",
        "empty result", "result of no parts", "system in the middle", "system at the end", "system alone",
        "system between call and result", "developer", "two users", "two assistants", "assistant first",
        "assistant empty", "assistant null", "user empty in the middle", "names of people", "refusal before",
        "other models' reasoning", "default sampling", "one token", "huge limit", "thinking with little room",
        "thinking and temperature", "thinking in a tool round", "json", "json without the word",
        "cached everywhere", "half a pair", "unknown field", "streamed",
    ),
    "Messages": (
        "choice none", "auto, one call", "no tools", "calls without tools", "blank beside a call",
        "text before results", "empty result", "failed and empty result", "system of blocks", "system turn",
        "two assistants", "assistant of nothing", "thought of another", "thought and call of another",
        "call begun without thought", "adaptive", "thinking off", "budget without room", "thinking and top_k",
        "long names", "cached everywhere", "eager", "context edits", "half a pair",
    ),
    "Responses": (
        "answer as it came", "answer with a phase", "call without tools", "parallel calls", "calls one by one",
        "user between results", "message between", "reasoning of another", "bare reasoning", "custom tool",
        "custom call", "search call before", "no parameters", "namespace", "encrypted", "nulls", "half a pair",
    ),
}  # fmt: skip
"""What every model can be asked, in some way."""


@pytest.mark.parametrize("number", range(len(WAYS)), ids=[way.title for way in WAYS])
def test_what_callers_write_is_taken_or_refused_by_name(number: int) -> None:
    wrong = []
    for caller, title, body in ALL[number % FEW :: FEW]:
        report = LossReport(SERVERS[caller], body)
        try:
            with report.refusals():
                made = written(SERVERS[caller], body, WAYS[number])
        except RequestError as refused:
            param = refused.failure.param
            assert param is None or param in MISSING or stands(body, param) or param == "messages", (title, refused)
            continue
        for said in made.refusals(SERVERS[caller].protocol) if made is not None else ():
            wrong.append(f"{caller}: {title}: {said}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5", "gpt-6.1-terra", "claude-sonnet-4-5", "claude-sonnet-5-5",
                                   "gemini-2.5-flash", "gemini-3.7-flash", "grok-4.3", "nova-2-lite"])  # fmt: skip
@pytest.mark.parametrize("caller", EVERYWHERE)
def test_what_every_model_can_be_asked_is_served(caller: str, model: str) -> None:
    bodies = {title: body for owner, title, body in ALL if owner == caller}
    for title in EVERYWHERE[caller]:
        try:
            written(SERVERS[caller], copy.deepcopy(bodies[title]), way_of(model))
        except RequestError as refused:
            raise AssertionError(title) from refused


JUNK: tuple[Any, ...] = (
    None, 1, "x", True, [], [None], [[1]], [{}], ["a", ["b"]], {}, {"a": [1]}, {"$ref": 1}, {"$ref": "#/x"},
)  # fmt: skip
WORDS = (
    "type", "properties", "required", "items", "anyOf", "allOf", "oneOf", "enum", "const", "$ref", "$defs", "not",
    "additionalProperties", "prefixItems", "patternProperties", "default", "format", "minItems", "description",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-6.1-terra", "claude-sonnet-4-5", "gemini-2.5-flash", "nova-2-lite"])
def test_no_malformed_schema_is_our_own_fault(model: str) -> None:
    """Refused by name, or given to the vendor: never an error of the gateway."""
    for word, value in itertools.product(WORDS, JUNK):
        inner = reported_schemas.obj(**{"$a": {"type": "string"}, "b": reported_schemas.obj(c={word: value})})
        for schema in (inner, {**inner, word: value}):
            bodies = {
                "Chat completions": reported.chat(tools=[reported.f("f", schema, strict=True)]),
                "Messages": reported.messages(tools=[reported.claude("f", schema)]),
            }
            for caller, body in bodies.items():
                with contextlib.suppress(RequestError):
                    written(SERVERS[caller], body, way_of(model))
