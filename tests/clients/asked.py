"""What a request asks of a vendor's model, read from each wire format, and the fields that a vendor does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anthropic.types.beta import message_create_params as messages_params
from openai.types.chat import completion_create_params as chat_params
from openai.types.responses import response_create_params as responses_params

Json = dict[str, Any]
TOLD = ("an oak", "a wren")
"""What the tools answer: some clients send results as text."""
GEMINI = {
    "contents", "tools", "toolConfig", "safetySettings", "systemInstruction", "generationConfig", "cachedContent",
    "serviceTier", "store",
}  # fmt: skip
"""https://ai.google.dev/api/generate-content#request-body"""
SAMPLING = {"temperature", "top_p", "top_k"}
"""Gone from the newest SDK's types, and taken by the models that had them: docs.anthropic.com/en/api/messages"""
CODEX = {"client_metadata"}
"""OpenAI takes it from Codex (openai/codex, `ResponsesApiRequest` of `codex-rs/codex-api`); no SDK type has it."""
XAI = {"search_parameters", "deferred"}
"""https://docs.x.ai/docs/api-reference#chat-completions, beyond OpenAI's"""


@dataclass(frozen=True)
class Asked:
    """`tools`: name -> schema, `custom` the names of free-form tools. `later` is True behind the first turn
    of a conversation."""

    tools: Mapping[str, Any] = field(default_factory=dict)
    forced: str | None = None
    answered: bool = False
    later: bool = False
    thinks: bool = False
    schema: Any = None
    custom: frozenset[str] = frozenset()


def unknown_fields(vendor: str, path: str, body: Json) -> set[str]:
    """The newest SDK's own types say what there is."""
    match path.rsplit("/", 1)[-1]:
        case "messages":
            known = set(messages_params.MessageCreateParamsBase.__annotations__) | {"stream"} | SAMPLING
        case "responses":
            known = set(responses_params.ResponseCreateParamsBase.__annotations__) | {"stream"} | CODEX
        case "completions":
            known = set(chat_params.CompletionCreateParamsBase.__annotations__) | {"stream"}
            known |= XAI if vendor == "xai" else set()
        case _:
            known = GEMINI
    return set(body) - known


def read_asked(path: str, body: Json) -> Asked:
    match path.rsplit("/", 1)[-1]:
        case "messages":
            return _messages(body)
        case "responses":
            return _responses(body)
        case "completions":
            return _chat(body)
        case _:
            return _gemini(body)


def _told(value: Any) -> bool:
    return any(word in str(value) for word in TOLD)


def _messages(body: Json) -> Asked:
    turns = body["messages"]
    blocks = [block for turn in turns if isinstance(turn["content"], list) for block in turn["content"]]
    last = turns[-1]["content"]
    choice = body.get("tool_choice") or {}
    output = (body.get("output_config") or {}).get("format") or {}
    return Asked(
        {tool["name"]: tool["input_schema"] for tool in body.get("tools", ()) if "input_schema" in tool},
        choice.get("name"),
        (isinstance(last, list) and any(block["type"] == "tool_result" for block in last)) or _told(last),
        any(block["type"] == "tool_use" for block in blocks),
        (body.get("thinking") or {"type": "disabled"})["type"] != "disabled",
        output.get("schema"),
    )


def _chat(body: Json) -> Asked:
    turns = body["messages"]
    choice, asked = body.get("tool_choice"), body.get("response_format") or {}
    tools = [tool["function"] for tool in body.get("tools", ()) if tool["type"] == "function"]
    return Asked(
        {tool["name"]: tool.get("parameters", {}) for tool in tools},
        _forced(choice, tools, "required") if not isinstance(choice, dict) else choice.get("function", {}).get("name"),
        turns[-1]["role"] == "tool" or _told(turns[-1].get("content")),
        any(turn.get("tool_calls") for turn in turns),
        True,
        (asked.get("json_schema") or {}).get("schema") if asked.get("type") == "json_schema" else None,
        frozenset(tool["custom"]["name"] for tool in body.get("tools", ()) if tool["type"] == "custom"),
    )


def _responses(body: Json) -> Asked:
    given = body["input"] if isinstance(body["input"], list) else [{"role": "user", "content": body["input"]}]
    choice, text = body.get("tool_choice"), (body.get("text") or {}).get("format") or {}
    tools = [tool for tool in body.get("tools", ()) if tool["type"] == "function"]
    last = given[-1]
    return Asked(
        {tool["name"]: tool.get("parameters") or {} for tool in tools},
        _forced(choice, tools, "required") if not isinstance(choice, dict) else choice.get("name"),
        str(last.get("type")).endswith("_output") or _told(last.get("content")),
        any(str(item.get("type")).endswith("_call") for item in given),
        bool(body.get("reasoning")),
        text.get("schema") if text.get("type") == "json_schema" else None,
        frozenset(tool["name"] for tool in body.get("tools", ()) if tool["type"] == "custom"),
    )


def _gemini(body: Json) -> Asked:
    turns = body["contents"]
    said = [part for turn in turns for part in turn["parts"]]
    config = body.get("generationConfig") or {}
    tools = [one for tool in body.get("tools", ()) for one in tool.get("functionDeclarations", ())]
    choice = ((body.get("toolConfig") or {}).get("functionCallingConfig")) or {}
    names = choice.get("allowedFunctionNames") or [tool["name"] for tool in tools]
    return Asked(
        {tool["name"]: tool.get("parametersJsonSchema") or tool.get("parameters") or {} for tool in tools},
        names[0] if choice.get("mode") == "ANY" else None,
        any("functionResponse" in part for part in turns[-1]["parts"]) or _told(turns[-1]),
        any("functionCall" in part for part in said),
        bool(config.get("thinkingConfig")),
        config.get("responseJsonSchema") or config.get("responseSchema"),
    )


def _forced(choice: Any, tools: list[Json], word: str) -> str | None:
    return str(tools[0]["name"]) if choice == word and tools else None
