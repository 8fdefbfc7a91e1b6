"""Whole requests of Responses out of generated parts; see `conversations`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from openai.types.responses import (
    CustomToolParam,
    EasyInputMessageParam,
    FunctionToolParam,
    ResponseFunctionToolCallParam,
    ResponseInputFileParam,
    ResponseInputImageParam,
    ResponseInputTextParam,
    response_create_params,
)

from .generated import WORDS, of, parameters

Json = dict[str, Any]
PARAMETERS = parameters(response_create_params.ResponseCreateParamsBase)
PARTS = st.lists(
    st.one_of([of(one) for one in (ResponseInputTextParam, ResponseInputImageParam, ResponseInputFileParam)]),
    min_size=1,
    max_size=2,
)
MESSAGE, CALL = of(EasyInputMessageParam), of(ResponseFunctionToolCallParam)
TOOL = st.one_of(of(FunctionToolParam), of(CustomToolParam))
MODES = st.sampled_from(["none", "auto", "required"])


@st.composite
def responses(draw: st.DrawFn) -> Json:
    items: list[Json] = [{**draw(MESSAGE), "role": "user", "content": draw(st.one_of(WORDS, PARTS))}]
    items[0].pop("phase", None)  # an answer's
    called: list[str] = []
    if draw(st.booleans()):
        calls = [{**draw(CALL), "call_id": f"call_{number}"} for number in range(draw(st.integers(1, 2)))]
        called = [call["name"] for call in calls]
        items += calls
        items += [{"type": "function_call_output", "call_id": call["call_id"], "output": draw(WORDS)} for call in calls]
    if draw(st.booleans()):
        items.append({"role": "assistant", "content": draw(WORDS)})
        items.append({"role": "user", "content": draw(WORDS)})
    body: Json = {"model": "m", **draw(PARAMETERS), "input": items}
    tools = draw(st.lists(TOOL, max_size=2, unique_by=lambda tool: str(tool["name"])))
    known = {tool["name"] for tool in tools}
    tools += [_function(name) for name in dict.fromkeys(called) if name not in known]
    if tools:
        body["tools"] = tools
        if draw(st.booleans()):
            named = {"type": tools[0]["type"], "name": tools[0]["name"]}
            body["tool_choice"] = draw(st.one_of(MODES, st.just(named)))
    return body


def _function(name: str) -> Json:
    return {"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}, "strict": False}
