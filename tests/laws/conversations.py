"""Whole requests out of generated parts: calls have their results, choices name tools that there are."""

from __future__ import annotations

from typing import Any

from anthropic.types import message_create_params
from anthropic.types.document_block_param import DocumentBlockParam
from anthropic.types.image_block_param import ImageBlockParam
from anthropic.types.redacted_thinking_block_param import RedactedThinkingBlockParam
from anthropic.types.search_result_block_param import SearchResultBlockParam
from anthropic.types.text_block_param import TextBlockParam
from anthropic.types.thinking_block_param import ThinkingBlockParam
from anthropic.types.tool_choice_param import ToolChoiceParam
from anthropic.types.tool_param import ToolParam
from anthropic.types.tool_result_block_param import ToolResultBlockParam
from anthropic.types.tool_use_block_param import ToolUseBlockParam
from hypothesis import strategies as st
from openai.types.chat import (
    ChatCompletionContentPartParam,
    ChatCompletionCustomToolParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionMessageFunctionToolCallParam,
    completion_create_params,
)

from .generated import NAMES, WORDS, Strategy, of, parameters

Json = dict[str, Any]
CHAT_PARAMETERS = parameters(completion_create_params.CompletionCreateParamsBase)
CHAT_PARTS = st.lists(of(ChatCompletionContentPartParam), min_size=1, max_size=2)
CHAT_CALL = of(ChatCompletionMessageFunctionToolCallParam)
CHAT_TOOL = st.one_of(of(ChatCompletionFunctionToolParam), of(ChatCompletionCustomToolParam))
SYSTEM = st.sampled_from(["system", "developer"])
MODES = st.sampled_from(["none", "auto", "required"])

PARAMETERS = parameters(message_create_params.MessageCreateParamsBase)
USER_BLOCK = st.one_of([of(one) for one in (TextBlockParam, ImageBlockParam, DocumentBlockParam,
                                            SearchResultBlockParam)])  # fmt: skip
MODEL_BLOCK = st.one_of([of(one) for one in (TextBlockParam, ThinkingBlockParam, RedactedThinkingBlockParam)])
USE, RESULT, TOOL, CHOICE = of(ToolUseBlockParam), of(ToolResultBlockParam), of(ToolParam), of(ToolChoiceParam)


@st.composite
def chat(draw: st.DrawFn) -> Json:
    turns: list[Json] = []
    if draw(st.booleans()):
        turns.append({"role": draw(SYSTEM), "content": draw(WORDS)})
    turns.append({"role": "user", "content": draw(st.one_of(WORDS, CHAT_PARTS))})
    called: list[str] = []
    if draw(st.booleans()):
        calls = [{**draw(CHAT_CALL), "id": f"call_{number}"} for number in range(draw(st.integers(1, 2)))]
        called = [call["function"]["name"] for call in calls]
        turns.append({"role": "assistant", "content": draw(WORDS), "tool_calls": calls})
        turns += [{"role": "tool", "tool_call_id": call["id"], "content": draw(WORDS)} for call in calls]
    if draw(st.booleans()):
        turns.append({"role": "assistant", "content": draw(WORDS)})
        turns.append({"role": "user", "content": draw(WORDS)})
    body: Json = {"model": "m", **draw(CHAT_PARAMETERS), "messages": turns}
    tools = draw(st.lists(CHAT_TOOL, max_size=2, unique_by=_chat_name))
    if tools or called:
        known = {_chat_name(tool) for tool in tools}
        body["tools"] = [*tools, *(_function(name) for name in dict.fromkeys(called) if name not in known)]
        if draw(st.booleans()):
            body["tool_choice"] = draw(st.one_of(MODES, st.just(_named(body["tools"][0]))))
    return body


def _chat_name(tool: Json) -> str:
    return str(tool[tool["type"]]["name"])


def _named(tool: Json) -> Json:
    return {"type": tool["type"], tool["type"]: {"name": _chat_name(tool)}}


def _function(name: str) -> Json:
    return {"type": "function", "function": {"name": name}}


@st.composite
def messages(draw: st.DrawFn) -> Json:
    turns: list[Json] = [{"role": "user", "content": draw(st.lists(USER_BLOCK, min_size=1, max_size=2))}]
    called: list[str] = []
    if draw(st.booleans()):
        uses = [{**draw(USE), "id": f"toolu_{number}"} for number in range(draw(st.integers(1, 2)))]
        called = [use["name"] for use in uses]
        results = [{**draw(RESULT), "tool_use_id": use["id"], "content": draw(WORDS)} for use in uses]
        turns.append({"role": "assistant", "content": [*draw(st.lists(MODEL_BLOCK, max_size=1)), *uses]})
        turns.append({"role": "user", "content": results})
    if draw(st.booleans()):
        turns.append({"role": "assistant", "content": draw(st.lists(MODEL_BLOCK, min_size=1, max_size=2))})
        turns.append({"role": "user", "content": draw(WORDS)})
    body: Json = {"model": "m", **draw(PARAMETERS), "messages": turns}
    tools = draw(st.lists(TOOL, max_size=2, unique_by=lambda tool: str(tool["name"])))
    known = {tool["name"] for tool in tools}
    tools += [{"name": name, "input_schema": {"type": "object"}} for name in dict.fromkeys(called) if name not in known]
    if tools:
        body["tools"] = tools
        if draw(st.booleans()):
            choice = draw(CHOICE)
            body["tool_choice"] = {**choice, "name": tools[0]["name"]} if choice["type"] == "tool" else choice
    return body


__all__ = ["NAMES", "Strategy", "chat", "messages"]
