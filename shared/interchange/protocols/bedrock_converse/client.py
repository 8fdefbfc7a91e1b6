"""The client face. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.events import Response
from interchange.hub.failure import ErrorKind, Failure, invalid
from interchange.hub.fold import fold
from interchange.hub.losses import Losses
from interchange.hub.usage import Usage
from interchange.protocols import JsonObject, Profile
from interchange.wire import codec
from interchange.wire.sse import Frame

from .content import cache_point, write_blocks, write_messages
from .reader import Reader, read_usage, unfolded
from .vocabulary import EFFORT_BUDGETS, ERROR_KINDS, INFERENCE, LEAST_BUDGET, PROTOCOL, STATUS_KINDS, UNSAID


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = PROTOCOL

    def path(self, model: str, stream: bool) -> str:
        return f"/model/{quote(model, safe='')}/{'converse-stream' if stream else 'converse'}"

    def write_request(self, request: r.Request, profile: Profile, losses: Losses) -> JsonObject:
        if (request.n or 1) > 1:
            raise invalid("n: this model gives one answer at a time", "n")
        for name, said in UNSAID.items():
            if getattr(request, name) is not None:
                losses.drop(said, "Converse has no such parameter")
        for name in request.extra:
            losses.drop(name, "Converse has no such parameter")
        if request.mcp_servers:
            raise invalid("mcp_servers: this model cannot reach MCP servers", "mcp_servers")
        out: JsonObject = {"messages": write_messages(request.messages, profile, losses)}
        if request.system:
            out["system"] = write_blocks(request.system, "system", profile, losses)
        extra = _reasoning(request, profile, losses)
        if request.top_k is not None:
            extra["top_k"] = request.top_k
        inference = _inference(request, "thinking" in extra, losses)
        optional = {
            "inferenceConfig": inference,
            "toolConfig": _tools(request, profile, losses),
            "additionalModelRequestFields": extra,
            "outputConfig": _output(request, losses),
            "requestMetadata": {name: str(value) for name, value in (request.metadata or {}).items()},
        }
        out |= {name: value for name, value in optional.items() if value}
        if request.service_tier in ("default", "priority", "flex"):
            out["serviceTier"] = {"type": request.service_tier}
        elif request.service_tier not in (None, "auto"):
            losses.drop("service_tier", "Converse has no such tier")
        return out

    def read_response(self, body: JsonObject) -> Response:
        return fold(unfolded(body))

    def read_stream(self) -> Reader:
        return Reader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        word = headers.get("x-amzn-errortype", "").partition(":")[0]
        try:
            parsed = codec.loads(body)
        except ValueError:
            parsed = None
        message = parsed.get("message") or parsed.get("Message") if isinstance(parsed, dict) else None
        return Failure(
            kind=ERROR_KINDS.get(word) or STATUS_KINDS.get(status, ErrorKind.API),
            message=str(message or body[:300].decode("utf-8", "replace") or f"Bedrock answered {status}"),
            code=word or None,
            status=status,
            request_id=headers.get("x-amzn-requestid"),
            upstream=True,
        )

    def is_content(self, frame: Frame) -> bool:
        return frame.event not in (None, "messageStart", "metadata")

    def read_usage(self, body: JsonObject) -> Usage | None:
        return read_usage(body.get("usage"))


def _inference(request: r.Request, thinking: bool, losses: Losses) -> JsonObject:
    out: JsonObject = {}
    for name, said in INFERENCE.items():
        value = getattr(request, name)
        if value is None:
            continue
        if thinking and name in ("temperature", "top_p"):
            losses.drop(name, "not allowed together with thinking")
            continue
        out[said] = value
    if request.stop:
        out["stopSequences"] = list(request.stop)
    return out


def _reasoning(request: r.Request, profile: Profile, losses: Losses) -> dict[str, Any]:
    """`additionalModelRequestFields`: Claude's own `thinking` where the model has the trait, else a loss."""
    asked = request.reasoning
    if asked is None or asked.mode is r.ThinkingMode.DISABLED or asked.effort == "none":
        return {}
    if profile.traits.get("thinking") not in ("budget", "adaptive"):
        losses.drop("reasoning_effort" if asked.effort else "thinking", "this model does not think on request")
        return {}
    budget = asked.budget if asked.budget and asked.budget > 0 else EFFORT_BUDGETS.get(asked.effort or "medium", 8192)
    ceiling = (request.max_tokens or profile.max_output or budget + 1) - 1
    if ceiling < LEAST_BUDGET:
        losses.drop("reasoning_effort" if asked.effort else "thinking", "max_tokens leaves no room for thinking")
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": max(LEAST_BUDGET, min(budget, ceiling))}}


def _tools(request: r.Request, profile: Profile, losses: Losses) -> JsonObject:
    choice = request.tool_choice
    if choice is not None and choice.mode is r.ToolMode.NONE:
        if request.tools:
            losses.drop("tools", "Converse has no `none`: the tools are left out instead")
        return {}
    specs: list[JsonObject] = []
    for number, tool in enumerate(request.tools):
        path = f"tools[{number}]"
        if not isinstance(tool, r.FunctionTool):
            raise invalid(f"{path}: this model takes function tools only", path)
        spec: JsonObject = {"name": tool.name, "inputSchema": {"json": tool.schema or {"type": "object"}}}
        if tool.description:
            spec["description"] = tool.description
        if tool.strict is not None:
            spec["strict"] = tool.strict
        specs.append({"toolSpec": spec})
        specs += cache_point(tool.cache, profile, path, losses)
    if not specs:
        return {}
    return {"tools": specs, **_choice(choice, losses)}


def _choice(choice: r.ToolChoice | None, losses: Losses) -> JsonObject:
    match choice:
        case None:
            return {}
        case r.ToolChoice(mode=r.ToolMode.NAMED, names=(name, *_)):
            return {"toolChoice": {"tool": {"name": name}}}
        case r.ToolChoice(mode=mode, names=names):
            if names:
                losses.drop("tool_choice.allowed_tools", "Converse cannot restrict the choice")
            return {"toolChoice": {"any": {}} if mode is r.ToolMode.REQUIRED else {"auto": {}}}


def _output(request: r.Request, losses: Losses) -> JsonObject:
    wanted = request.output_format
    if wanted is None or wanted.kind is r.OutputKind.TEXT:
        return {}
    if wanted.kind is r.OutputKind.JSON:
        raise invalid("response_format: this model needs a schema (type json_schema)", "response_format")
    schema: JsonObject = {"schema": codec.dumps_text(wanted.schema or {}), "name": wanted.name or "answer"}
    if wanted.description:
        schema["description"] = wanted.description
    return {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}
