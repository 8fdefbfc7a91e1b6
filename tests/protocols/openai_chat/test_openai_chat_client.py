"""What a provider is asked: traits and dialects as data, errors in every form that providers have."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import ErrorKind, RequestError
from interchange.hub.losses import Losses
from interchange.protocols.faces import Profile
from interchange.protocols.openai_chat.client import Client
from interchange.protocols.openai_chat.dialect import Dialect, read_dialect
from tests.recordings.read import carried

LINES = carried("openai_chat")
REFUSED = [line for line in LINES if (line["status"] or 0) >= 400 and line.get("response_json")]
HI = b.Message(b.Role.USER, (b.Text("hi"),))


def write(
    dialect: Dialect | None = None, traits: dict[str, Any] | None = None, **fields: Any
) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    request = r.Request(**{"model": "m", "messages": (HI,), "protocol": "another", **fields})
    body = Client(dialect or Dialect()).write_request(request, Profile("m", traits=traits or {}), losses)
    return {k: v for k, v in body.items() if k not in ("model", "messages")}, [loss.path for loss in losses.items]


def test_the_path_stands_below_v1() -> None:
    assert Client().path("any", True) == "/chat/completions"


# --- traits


def test_a_reasoning_model_is_not_told_how_to_sample() -> None:
    traits = {"sampling": False}
    body, lost = write(traits=traits, temperature=0.2, top_p=0.9, logprobs=True, seed=1)
    assert body == {"seed": 1} and lost == ["temperature", "top_p", "logprobs"]
    assert write(traits=traits, temperature=1, top_p=1.0, logprobs=False) == ({}, []), "says nothing"


def test_stop_sequences_are_kept_or_refused() -> None:
    assert write(stop=("a", "b")) == ({"stop": ["a", "b"]}, [])
    with pytest.raises(RequestError, match="at most 4"):
        write(stop=("a", "b", "c", "d", "e"))
    assert write(Dialect(max_stops=None), stop=("a", "b", "c", "d", "e"))[1] == []
    with pytest.raises(RequestError, match="stop"):
        write(traits={"stop": False}, stop=("a",))


def test_B14_several_answers_are_several_or_refused() -> None:
    assert write(n=2) == ({"n": 2}, [])
    for refusing in ({"traits": {"n": False}}, {"dialect": Dialect(parameters=frozenset())}):
        assert write(**refusing, n=1) == ({}, [])
        with pytest.raises(RequestError) as refused:
            write(**refusing, n=2)
        assert refused.value.failure.param == "n"


EFFORTS = {"reasoning": {"efforts": ["minimal", "low", "medium", "high"]}}


@pytest.mark.parametrize(
    ("asked", "traits", "body", "lost"),
    [
        (r.Reasoning(effort="high"), EFFORTS, {"reasoning_effort": "high"}, []),
        (r.Reasoning(effort="xhigh"), EFFORTS, {"reasoning_effort": "high"}, ["reasoning_effort"]),
        (r.Reasoning(effort="none"), EFFORTS, {"reasoning_effort": "minimal"}, ["reasoning_effort"]),
        (r.Reasoning(effort="medium"), {"reasoning": {"efforts": ["low", "high"]}}, {"reasoning_effort": "low"},
         ["reasoning_effort"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=1024), EFFORTS, {"reasoning_effort": "minimal"},
         ["thinking.budget_tokens"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=10_000), EFFORTS, {"reasoning_effort": "medium"},
         ["thinking.budget_tokens"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=100_000), EFFORTS, {"reasoning_effort": "high"},
         ["thinking.budget_tokens"]),
        (r.Reasoning(r.ThinkingMode.ADAPTIVE), EFFORTS, {}, []),
        (r.Reasoning(r.ThinkingMode.DISABLED), EFFORTS, {"reasoning_effort": "minimal"}, ["thinking"]),
        (r.Reasoning(r.ThinkingMode.DISABLED), {"reasoning": {"efforts": ["none", "low"]}},
         {"reasoning_effort": "none"}, []),
        (r.Reasoning(r.ThinkingMode.DISABLED), {}, {}, []),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=2048), {}, {}, ["thinking"]),
        (r.Reasoning(effort="high"), {}, {}, ["reasoning_effort"]),
        (r.Reasoning(effort="low", display="summarized", summary="auto"), EFFORTS, {"reasoning_effort": "low"},
         ["thinking.display", "reasoning.summary"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, "high", 99), {"reasoning": {"style": "thinking"}},
         {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}, ["thinking.budget_tokens"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=99), {"reasoning": {"style": "thinking", "budget": True}},
         {"thinking": {"type": "enabled", "budget_tokens": 99}}, []),
        (r.Reasoning(r.ThinkingMode.DISABLED), {"reasoning": {"style": "thinking"}},
         {"thinking": {"type": "disabled"}}, []),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=99), {"reasoning": {"style": "object"}},
         {"reasoning": {"max_tokens": 99}}, []),
        (r.Reasoning(effort="low", display="omitted"), {"reasoning": {"style": "object"}},
         {"reasoning": {"effort": "low", "exclude": True}}, []),
        (r.Reasoning(effort="low", display="omitted"), {"reasoning": {"style": "object", "efforts": []}},
         {"reasoning": {"exclude": True}}, ["reasoning_effort"]),
        (r.Reasoning(effort="high"), {"reasoning": {"efforts": []}}, {}, ["reasoning_effort"]),
        (r.Reasoning(effort="none"), {"reasoning": {"efforts": []}}, {}, ["reasoning_effort"]),
        (r.Reasoning(r.ThinkingMode.ADAPTIVE), {"reasoning": {"efforts": []}}, {}, []),
        (r.Reasoning(r.ThinkingMode.DISABLED), {"reasoning": {"efforts": []}}, {}, ["thinking"]),
        (r.Reasoning(r.ThinkingMode.ENABLED, budget=99), {"reasoning": {"efforts": []}}, {},
         ["thinking.budget_tokens"]),
        (r.Reasoning(effort="high"), {"reasoning": False}, {}, ["reasoning_effort"]),
    ],
)  # fmt: skip
def test_thinking_is_asked_for_as_the_model_takes_it(
    asked: r.Reasoning, traits: dict[str, Any], body: dict[str, Any], lost: list[str]
) -> None:
    assert write(traits=traits, reasoning=asked) == (body, lost)


def test_structured_output_of_another_protocol_is_strict() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}, "required": ["a"]}
    body, lost = write(output_format=r.OutputFormat(r.OutputKind.SCHEMA, schema))
    inner = body["response_format"]["json_schema"]
    assert inner["name"] and inner["strict"] is True
    assert inner["schema"]["additionalProperties"] is False
    assert lost == ["output_config.format.schema.properties.a.minLength"]
    with pytest.raises(RequestError, match="json_schema"):
        write(Dialect(formats=frozenset({"json_object"})), output_format=r.OutputFormat(r.OutputKind.SCHEMA, schema))


def test_search_is_for_models_that_search() -> None:
    place = {"type": "approximate", "country": "DE"}
    tool = r.HostedTool("web_search", "another", {}, max_uses=3, user_location=place)
    body, lost = write(traits={"web_search": True}, tools=(tool,))
    assert body["web_search_options"] == {"user_location": {"type": "approximate", "approximate": {"country": "DE"}}}
    assert lost == ["tools[0].max_uses"]
    for refused in (tool, replace(tool, kind="code_execution")):
        with pytest.raises(RequestError) as error:
            write(tools=(refused,))
        assert error.value.failure.param == "tools[0]"


def test_a_search_for_tools_is_needless_where_all_are_declared() -> None:
    search = r.HostedTool("tool_search", "another", {"type": "tool_search"})
    body, lost = write(tools=(search, r.FunctionTool("one", extra={"defer_loading": True})))
    assert [tool["function"]["name"] for tool in body["tools"]] == ["one"]
    assert lost == ["tools[0]", "tools[1].defer_loading"]


def test_what_would_change_the_answer_is_refused() -> None:
    with pytest.raises(RequestError, match="mcp_servers"):
        write(mcp_servers=({"url": "https://a.b"},))
    with pytest.raises(RequestError, match="custom"):
        write(Dialect(custom_tools=False), tools=(r.CustomTool("free"),))
    with pytest.raises(RequestError, match="at most 64"):
        write(tools=(r.FunctionTool("x" * 65),))
    with pytest.raises(RequestError, match="modalities"):
        write(Dialect(parameters=frozenset()), modalities=("text", "audio"))


def test_what_only_another_protocol_understands_is_told_lost() -> None:
    _, lost = write(
        extra={"context_management": {}},
        tools=(r.FunctionTool("one", extra={"defer_loading": True}),),
        service_tier="unheard_of",
        cache=b.CacheControl("1h"),
    )
    assert sorted(lost) == ["cache_control.ttl", "context_management", "service_tier", "tools[0].defer_loading"]


def test_a_foreign_schema_gets_the_properties_that_chat_insists_on() -> None:
    body, _ = write(tools=(r.FunctionTool("one", schema={"type": "object"}),))
    assert body["tools"][0]["function"]["parameters"] == {"type": "object", "properties": {}}


# --- dialects from the catalog


def test_a_dialect_is_data() -> None:
    dialect = read_dialect(
        {"max_tokens": "max_tokens", "file_types": [], "parameters_remove": ["seed"], "max_stops": None}
    )
    assert (dialect.max_tokens, dialect.file_types, dialect.max_stops) == ("max_tokens", frozenset(), None)
    assert "seed" not in dialect.parameters and "temperature" in dialect.parameters
    assert read_dialect({}) == Dialect()
    assert "top_k" in read_dialect({"parameters_add": ["top_k"]}).parameters


@pytest.mark.parametrize("data", [{"max_token": "x"}, {"max_stops": "4"}, {"file_types": "pdf"}, {"developer": "no"}])
def test_a_mistake_in_a_dialect_is_named(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(data))):
        read_dialect(data)


# --- failures


@pytest.mark.parametrize("line", REFUSED, ids=lambda line: f"{line['provider']}-{line['id']}")
def test_recorded_refusals_keep_their_words(line: dict[str, Any]) -> None:
    raw = json.dumps(line["response_json"]).encode()
    failure = Client().read_failure(line["status"], {"x-request-id": "r1"}, raw)
    assert failure.message and failure.message != raw.decode()
    assert failure.status == line["status"] and failure.upstream and failure.request_id == "r1"
    expected = {400: ErrorKind.INVALID_REQUEST, 401: ErrorKind.AUTHENTICATION, 403: ErrorKind.PERMISSION,
                404: ErrorKind.NOT_FOUND, 429: ErrorKind.RATE_LIMIT}  # fmt: skip
    assert failure.kind is expected[line["status"]]


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, b'{"code":"c","error":"Incorrect API key provided: xai-***."}', ErrorKind.AUTHENTICATION, "Incorrect"),
        (500, b"", ErrorKind.API, "500"),
        (503, b"upstream connect error", ErrorKind.OVERLOADED, "upstream connect error"),
        (529, b'{"error":{"message":"busy"}}', ErrorKind.OVERLOADED, "busy"),
        (418, b"<html>", ErrorKind.INVALID_REQUEST, "<html>"),
        (
            400,
            b'[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}]',
            ErrorKind.INVALID_REQUEST,
            "bad",
        ),
        (422, b'{"detail":[{"loc":["body"],"msg":"field required"}]}', ErrorKind.INVALID_REQUEST, "field required"),
        (504, b"null", ErrorKind.TIMEOUT, "null"),
    ],
)
def test_failures_of_every_form_are_read(status: int, body: bytes, kind: ErrorKind, message: str) -> None:
    failure = Client().read_failure(status, {}, body)
    assert failure.kind is kind and message in failure.message


def test_the_wait_and_the_limits_are_kept() -> None:
    headers = {"retry-after": "3", "x-ratelimit-remaining-tokens": "0", "set-cookie": "no", "x-request-id": "r"}
    failure = Client().read_failure(429, headers, b'{"error":{"message":"slow","code":"rate_limit_exceeded"}}')
    assert failure.retry_after == 3 and failure.code == "rate_limit_exceeded"
    assert set(failure.headers) == {"retry-after", "x-ratelimit-remaining-tokens", "x-request-id"}
    assert Client().read_failure(429, {"retry-after-ms": "1500", "retry-after": "2"}, b"").retry_after == 1.5
    assert Client().read_failure(429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, b"").retry_after is None
