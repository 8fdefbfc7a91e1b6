"""An answer in JSON beside functions, for models that give one or the other: the functions stay, the form of the answer
is asked for in words (Gemini 2.5: "Function calling with a response mime type: 'application/json' is unsupported")."""

from __future__ import annotations

from dataclasses import replace

from interchange.hub import blocks as b
from interchange.hub.losses import Losses
from interchange.hub.request import FunctionTool, OutputKind, Request
from interchange.hub.rules import Rules
from interchange.wire import codec

ONLY_JSON = "Answer with one valid JSON object and nothing else: no text around it, no code fence."
BY_SCHEMA = (
    "Answer with one valid JSON value and nothing else (no text around it, no code fence), by this JSON Schema:\n"
)


def apart(request: Request, rules: Rules, losses: Losses) -> Request:
    asked = request.output_format
    if rules.json_beside_tools or asked is None or asked.kind is OutputKind.TEXT:
        return request
    if not any(isinstance(tool, FunctionTool) for tool in request.tools):
        return request
    losses.drop("response_format", "sent as an instruction: this model answers in JSON or calls tools, not both")
    text = ONLY_JSON if asked.schema is None else BY_SCHEMA + codec.dumps_text(asked.schema)
    return replace(request, output_format=None, system=(*request.system, b.Text(text)))
