"""Google's rules for generateContent, beyond its types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.genai import types as genai
from pydantic import ValidationError

from tests.rules.every import Json, Traits, parts

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
"""ai.google.dev/api/caching#FunctionDeclaration"""
INT32 = 2**31
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
"""ai.google.dev/gemini-api/docs/image-understanding#supported-formats"""
SPOKEN = ("application/pdf", "application/x-javascript", "application/x-python")
KINDS = ("text/", "audio/", "video/")


def media(body: Json, _traits: Traits) -> Iterator[str]:
    """microsoft/vscode#286628, CherryHQ/cherry-studio#3088: "Unsupported MIME type: image/gif"."""
    for part in parts(body["contents"]):
        kind = (part.get("inlineData") or {}).get("mimeType") if isinstance(part.get("inlineData"), dict) else None
        if kind is not None and kind not in (*PICTURES, *SPOKEN) and not kind.startswith(KINDS):
            yield f"Unsupported MIME type: {kind}"


def typed(body: Json, _traits: Traits) -> Iterator[str]:
    """google-genai's models forbid what they do not know."""
    config = body.get("generationConfig") or {}
    for kind, found in ((genai.Content, body["contents"]), (genai.Tool, body.get("tools") or []),
                        (genai.GenerationConfig, [config])):  # fmt: skip
        for one in found:
            try:
                kind.model_validate(one)
            except ValidationError as error:
                yield f"Invalid JSON payload received. {str(error)[:200]}"


def turns(body: Json, traits: Traits) -> Iterator[str]:
    """The API's 400s; signatures: ai.google.dev/gemini-api/docs/thought-signatures."""
    calls: list[Any] = []
    before = "user"
    if not body["contents"]:
        yield "contents is not specified"
    for content in body["contents"]:
        made = [part for part in content["parts"] if "functionCall" in part]
        results = [part for part in content["parts"] if "functionResponse" in part]
        if len(results) != len(calls):
            yield ("Please ensure that the number of function response parts is equal to the number of function call "
                   "parts of the function call turn.")  # fmt: skip
        if made and traits.get("signatures") and "thoughtSignature" not in made[0]:
            yield "Function call is missing a thought_signature in functionCall parts."
        if made and before == "model":
            yield "Please ensure that function call turn comes immediately after a user turn or its like"
        if made and content is body["contents"][0]:
            yield "Please ensure that function call turn comes immediately after a user turn"
        if not content["parts"]:
            yield "contents.parts must not be empty"
        if content.get("role") not in ("user", "model"):
            yield "Please use a valid role: user, model."
        if any(not (part.keys() - {"thought", "thoughtSignature"}) for part in content["parts"]):
            yield "required oneof field 'data' must have one initialized field"
        calls, before = made, content.get("role", "user")
    if calls:
        yield ("Please ensure that the number of function response parts is equal to the number of function call "
               "parts of the function call turn.")  # fmt: skip


def tools(body: Json, traits: Traits) -> Iterator[str]:
    """JSON beside functions: vercel/ai#11947; functions beside Google's own: googleapis/python-genai#1106."""
    config = body.get("generationConfig") or {}
    declared = [one for tool in body.get("tools") or () for one in tool.get("functionDeclarations", ())]
    own = [name for tool in body.get("tools") or () for name in tool if name != "functionDeclarations"]
    older = traits.get("thinking") != "level"
    if declared and config.get("responseMimeType") == "application/json" and older:
        yield "Function calling with a response mime type: 'application/json' is unsupported"
    if declared and own and (older or not (body.get("toolConfig") or {}).get("includeServerSideToolInvocations")):
        yield "Tool use with function calling is unsupported"
    names = [one["name"] for one in declared]
    yield from (f"Invalid function name: {name}" for name in names if not NAME.fullmatch(name))
    if len(names) != len(set(names)):
        yield "Duplicate function declaration found"
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    if calling.get("allowedFunctionNames") and calling.get("mode") not in ("ANY", "VALIDATED"):
        yield "Function calling config: allowed function names is only for mode ANY"
    if calling.get("mode") == "ANY" and not names:
        yield "Function calling mode is ANY without function declarations"
    yield from (
        f"{name} is no declared function" for name in calling.get("allowedFunctionNames", ()) if name not in names
    )
    for one in declared:
        schema = one.get("parametersJsonSchema")
        if isinstance(schema, dict) and schema.get("type", "object") != "object":
            yield f"{one['name']}: parameters are an object"


def config(body: Json, traits: Traits) -> Iterator[str]:
    """ai.google.dev/api/generate-content#v1beta.GenerationConfig: 5 stop sequences, 8 candidates, proto int32; vercel/
    ai#8943: penalties."""
    asked = body.get("generationConfig") or {}
    for name in ("seed", "maxOutputTokens", "candidateCount", "logprobs"):
        if isinstance(asked.get(name), int) and not -INT32 <= asked[name] < INT32:
            yield f"Invalid value at 'generation_config.{name}' (TYPE_INT32)"
    if len(asked.get("stopSequences") or ()) > 5:
        yield "stopSequences: at most 5"
    if traits.get("penalties") is False and any(asked.get(name) for name in ("frequencyPenalty", "presencePenalty")):
        yield "Penalty is not enabled for this model"
    if asked.get("logprobs") is not None and not asked.get("responseLogprobs"):
        yield "logprobs needs responseLogprobs"
    if not 0 <= asked.get("temperature", 1) <= 2:
        yield "temperature: from 0 to 2"
    thinking = asked.get("thinkingConfig") or {}
    if "thinkingLevel" in thinking and "thinkingBudget" in thinking:
        yield "You can only set only one of thinking budget and thinking level."
    if "thinkingLevel" in thinking and traits.get("thinking") != "level":
        yield "Thinking level is not supported for this model."
    if thinking and traits.get("thinking") is None:
        yield "Thinking is not supported for this model"
    least, most = traits.get("budget_range", (0, 32768))
    budget = thinking.get("thinkingBudget", -1)
    if budget not in (-1, 0) and not least <= budget <= most:
        yield f"The thinking budget {budget} is invalid. Please choose a value between {least} and {most}."
