"""Numbers and words that no vendor takes: refused by the caller's field where a request is translated, whoever would
have been asked. A body that is carried through is its vendor's to judge, as long as its types are right."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.exchange import world as w

FULL: dict[str, dict[str, Any]] = {
    "chat": {"messages": w.user()},
    "messages": {"messages": w.user(), "max_tokens": 10},
    "responses": {"input": "hi"},
}
TRANSLATED = {"chat": ("claude", "gemini"), "messages": ("gpt", "gemini", "grok"), "responses": ("claude", "gemini")}
CARRIED = {"chat": "gpt", "messages": "claude", "responses": "gpt"}
HUGE = 10**30


def searching(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"type": "web_search", **fields}]}


def served(**fields: Any) -> dict[str, Any]:
    """An MCP server that every protocol with MCP can be told of."""
    server = {"type": "mcp", "server_label": "s", "server_url": "https://a.example", "require_approval": "never"}
    return {"tools": [{**server, **fields}]}


def choosing(**tool: Any) -> dict[str, Any]:
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [tool]}
    return {"tools": [{"type": "function", "name": "f", "parameters": {}}], "tool_choice": choice}


def placed(**fields: Any) -> dict[str, Any]:
    return {"web_search_options": {"user_location": {"type": "approximate", "approximate": fields}}}


MISTYPED: list[tuple[str, dict[str, Any], str]] = [
    *(
        (family, {name: HUGE}, name)
        for family, names in {
            "chat": ("max_tokens", "max_completion_tokens", "seed", "n", "top_k", "top_logprobs"),
            "messages": ("max_tokens", "top_k"),
            "responses": ("max_output_tokens", "top_logprobs", "max_tool_calls"),
        }.items()
        for name in names
    ),
    ("chat", {"max_tokens": 2**63}, "max_tokens"),
    ("messages", {"max_tokens": 2**63}, "max_tokens"),
    ("chat", {"thinking": {"type": "enabled", "budget_tokens": HUGE}}, "thinking.budget_tokens"),
    ("chat", {"web_search_options": {"user_location": {"approximate": "here"}}},
     "web_search_options.user_location.approximate"),
    ("chat", {"web_search_options": {"search_context_size": 5}}, "web_search_options.search_context_size"),
    ("chat", placed(city=5), "web_search_options.user_location.approximate.city"),
    ("responses", searching(user_location={"type": 5}), "tools[0].user_location.type"),
    ("responses", searching(user_location={"city": ["x"]}), "tools[0].user_location.city"),
    ("responses", searching(search_context_size=5), "tools[0].search_context_size"),
    ("responses", searching(filters={"allowed_domains": "a"}), "tools[0].filters.allowed_domains"),
    ("responses", searching(filters={"allowed_domains": [1]}), "tools[0].filters.allowed_domains[0]"),
    ("responses", {"stream_options": {"include_obfuscation": "x"}}, "stream_options.include_obfuscation"),
    ("responses", {"reasoning": {"effort": 5}}, "reasoning.effort"),
    *(("responses", served(allowed_tools=names), f"tools[0].allowed_tools{at}") for names, at in (
        (5, ""), ("a", ""), ([5], "[0]"), ({"tool_names": "a"}, ".tool_names"),
        ({"tool_names": [["a"]]}, ".tool_names[0]"),
    )),
    ("responses", served(headers="a"), "tools[0].headers"),
    ("responses", choosing(type="function", name=5), "tool_choice.tools[0].name"),
    ("responses", choosing(type="function"), "tool_choice.tools[0].name"),
    ("responses", choosing(name="f"), "tool_choice.tools[0].type"),
    ("responses", {"input": [{"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": 5}]}]},
     "input[0].summary[0].text"),
    ("messages", {"tools": [{"type": "web_search_20250305", "name": "web_search", "user_location": {"city": 5}}]},
     "tools[0].user_location.city"),
    ("messages", {"tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 0}]},
     "tools[0].max_uses"),
]  # fmt: skip
UNTAKEN: list[tuple[str, dict[str, Any], str]] = [
    *((family, {"temperature": value}, "temperature") for family in ("chat", "responses") for value in (-1, 2.5, 1e9)),
    *((family, {"top_p": value}, "top_p") for family in ("chat", "responses") for value in (-0.1, 1.5, 99)),
    *(("chat", {name: value}, name) for name in ("frequency_penalty", "presence_penalty") for value in (-3, 2.1)),
    *((family, {"top_logprobs": 99}, "top_logprobs") for family in ("chat", "responses")),
    ("chat", {"n": 1000}, "n"),
    ("chat", {"min_p": 7}, "min_p"),
    ("chat", {"reasoning_effort": "zork"}, "reasoning_effort"),
    ("chat", {"reasoning_effort": ""}, "reasoning_effort"),
    ("chat", {"reasoning": {"effort": "zork"}}, "reasoning.effort"),
    ("chat", {"verbosity": "zork"}, "verbosity"),
    ("chat", {"thinking": {"type": "adaptive", "display": "zork"}}, "thinking.display"),
    ("chat", {"web_search_options": {"search_context_size": "zork"}}, "web_search_options.search_context_size"),
    ("messages", {"output_config": {"effort": "zork"}}, "output_config.effort"),
    ("messages", {"thinking": {"type": "adaptive", "display": "zork"}}, "thinking.display"),
    ("responses", {"reasoning": {"effort": "zork"}}, "reasoning.effort"),
    ("responses", {"reasoning": {"summary": "zork"}}, "reasoning.summary"),
    ("responses", {"text": {"verbosity": "zork"}}, "text.verbosity"),
    ("responses", searching(user_location={"type": "exact"}), "tools[0].user_location.type"),
    ("responses", searching(search_context_size="zork"), "tools[0].search_context_size"),
    ("chat", {"modalities": ["text", "zork"]}, "modalities"),
    ("responses", choosing(type="function", name="g"), "tool_choice"),
    ("responses", served(headers={"Authorization": "Bearer t"}), "tools[0]"),
    ("responses", served(allowed_tools={"read_only": True}), "tools[0]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def here() -> Iterator[w.World]:
    with w.world() as made:
        made.script.default = lambda _outgoing: w.Says(status=400, chunks=[b'{"error": {"message": "upstream"}}'])
        yield made


def dotted(path: str) -> str:
    return path.replace("[", ".").replace("]", "")


def refused(here: w.World, family: str, model: str, said: dict[str, Any], path: str) -> None:
    here.script.sent.clear()
    status, told, _ = asyncio.run(here.whole(family, {**FULL[family], **said, "model": model}))
    error = told["error"]
    assert (status, here.script.sent) == (400, []), (model, told)
    assert error.get("param", path) == path, error
    assert path in error["message"] or dotted(path) in error["message"], error


@pytest.mark.parametrize(("family", "said", "path"), MISTYPED)
def test_a_value_of_a_wrong_type_is_refused_by_its_field(
    here: w.World, family: str, said: dict[str, Any], path: str
) -> None:
    for model in (*TRANSLATED[family], CARRIED[family]):
        refused(here, family, model, said, path)


@pytest.mark.parametrize(("family", "said", "path"), UNTAKEN)
def test_a_value_that_no_vendor_takes_is_refused_before_it_is_translated(
    here: w.World, family: str, said: dict[str, Any], path: str
) -> None:
    for model in TRANSLATED[family]:
        refused(here, family, model, said, path)


@pytest.mark.parametrize(("family", "said", "path"), UNTAKEN)
def test_a_new_word_goes_to_the_vendor_whose_words_they_are(
    here: w.World, family: str, said: dict[str, Any], path: str
) -> None:
    here.script.sent.clear()
    asyncio.run(here.whole(family, {**FULL[family], **said, "model": CARRIED[family]}))
    assert len(here.script.sent) == 1, path
