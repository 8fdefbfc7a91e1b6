"""Tools, and the choice among them.

Parts that the vendor's own tools leave in an answer: code execution, searches, MCP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.losses import Losses
from interchange.hub.request import CustomTool, FunctionTool, HostedTool, Request, ToolChoice, ToolMode
from interchange.protocols.faces import Profile
from interchange.wire import codec
from interchange.wire.schema import GEMINI_JSON, OPENAPI, Schema, sanitize

from ..dialect import Dialect
from ..words import HOSTED_TOOL, MODE, NAME, NAME_LENGTH, PROTOCOL, TOOL_TYPE
from .tally import Tally

Json = dict[str, Any]
NAME_RULE = "a letter or _, then at most 127 letters, digits, _, ., : and - for this model"


@dataclass(frozen=True, slots=True)
class Tools:
    dialect: Dialect
    profile: Profile
    losses: Losses

    def write(self, request: Request) -> Json:
        """The members `tools` and `toolConfig` of the body, where there are any. Raises RequestError for tools and
        choices that the model cannot be given: without them the answer would be another one."""
        choice = request.tool_choice
        functions: list[Json] = []
        hosted: list[Json] = []
        for number, tool in enumerate(request.tools):
            path = f"tools[{number}]"
            match tool:
                case FunctionTool():
                    if self._offered(tool.name, choice):
                        functions.append(self._function(tool, path))
                case CustomTool(name):
                    raise invalid(f"{path}: {name!r} takes free-form input; this model takes functions only", path)
                case HostedTool(kind="tool_search"):
                    self.losses.drop(path, "every tool is declared outright, so there is nothing to search for")
                case HostedTool():
                    if choice is None or choice.mode is not ToolMode.NONE:
                        hosted.append(self._hosted(tool, path))
        hosted += self._mcp_servers(request)
        if request.parallel_tool_calls is False and functions:
            self.losses.drop("parallel_tool_calls", "Gemini cannot be held to one call at a time")
        if functions and hosted and not self._mixes():
            own = (isinstance(tool, HostedTool) and tool.kind != "tool_search" for tool in request.tools)
            path = next((f"tools[{at}]" for at, found in enumerate(own) if found), "mcp_servers")
            raise invalid(f"{path}: this model takes its own tools or functions, not both", path)
        tools = ([{"functionDeclarations": functions}] if functions else []) + hosted
        config = self._config(choice, functions, hosted)
        return {**({"tools": tools} if tools else {}), **({"toolConfig": config} if config else {})}

    def _offered(self, name: str, choice: ToolChoice | None) -> bool:
        """`allowedFunctionNames` binds only where a call is forced, so under AUTO the others are not declared."""
        return choice is None or choice.mode is not ToolMode.AUTO or not choice.names or name in choice.names

    def _function(self, tool: FunctionTool, path: str) -> Json:
        if tool.strict:
            self.losses.drop(f"{path}.strict", "Gemini does not promise to follow the schema")
        if tool.cache is not None:
            self.losses.drop(f"{path}.cache_control", "Gemini caches prefixes by itself, without breakpoints")
        for name in tool.extra or ():
            self.losses.drop(f"{path}.{name}", "Gemini has no such field of a function")
        if len(tool.name) > NAME_LENGTH or not NAME.fullmatch(tool.name):
            raise invalid(f"{path}.name: {NAME_RULE}", f"{path}.name")
        written: Json = {"name": tool.name}
        if tool.description:
            written["description"] = tool.description
        if tool.schema is None:
            return written
        if self.dialect.json_schema:
            written["parametersJsonSchema"] = self.schema(tool.schema, f"{path}.parameters")
        elif tool.schema.get("properties") or tool.schema.get("$ref"):  # `parameters` must not be an empty object
            written["parameters"] = self.schema(tool.schema, f"{path}.parameters")
        return written

    def schema(self, schema: Any, path: str) -> Schema:
        """A schema in the subset that the provider takes."""
        if not isinstance(schema, dict):
            raise invalid(f"{path}: must be a JSON Schema object", path)
        result, dropped = sanitize(schema, GEMINI_JSON if self.dialect.json_schema else OPENAPI)
        for item in dropped:
            self.losses.drop(f"{path}.{item.path}" if item.path else path, item.reason)
        return result

    def _hosted(self, tool: HostedTool, path: str) -> Json:
        if tool.protocol == PROTOCOL:
            return dict(tool.raw)
        name = HOSTED_TOOL.get(tool.kind)
        if tool.kind == "mcp":
            raise invalid(f"{path}: this model cannot reach MCP servers", path)
        if name is None:
            kind = tool.raw.get("type", tool.kind)
            supported = ", ".join(HOSTED_TOOL)
            raise invalid(f"{path}: {kind!r} is not offered with this model; supported: {supported}", path)
        for field, value in (
            ("max_uses", tool.max_uses),
            ("allowed_domains", tool.allowed_domains),
            ("blocked_domains", tool.blocked_domains),
            ("user_location", tool.user_location),
            ("cache_control", tool.cache),
            ("search_context_size", tool.raw.get("search_context_size")),
        ):
            if value:
                self.losses.drop(f"{path}.{field}", f"Gemini's {name} has no such setting")
        return {name: {}}

    def _mcp_servers(self, request: Request) -> list[Json]:
        """Gemini connects to MCP servers itself (`Tool.mcpServers`), on the models that the catalog marks."""
        if not request.mcp_servers:
            return []
        if not self.profile.traits.get("mcp"):
            raise invalid("mcp_servers: this model cannot reach MCP servers", "mcp_servers")
        servers: list[Json] = []
        for number, server in enumerate(request.mcp_servers):
            path = f"mcp_servers[{number}]"
            if not server.get("url"):
                raise invalid(f"{path}.url: Field required", f"{path}.url")
            token = server.get("authorization_token")
            transport: Json = {
                "url": server["url"],
                **({"headers": {"Authorization": f"Bearer {token}"}} if token else {}),
            }
            servers.append({"name": server.get("name", f"server{number}"), "streamableHttpTransport": transport})
            if server.get("tool_configuration"):
                self.losses.drop(f"{path}.tool_configuration", "Gemini offers all tools of a server")
        return [{"mcpServers": servers}]

    def _config(self, choice: ToolChoice | None, functions: list[Json], hosted: list[Json]) -> Json:
        config: Json = {}
        if choice is not None and (calling := self._calling(choice, functions, hosted)):
            config["functionCallingConfig"] = calling
        if functions and hosted:
            # Gemini 3 mixes its own tools with functions only when it may show its calls.
            config["includeServerSideToolInvocations"] = True
        return config

    def _mixes(self) -> bool:
        """From Gemini 3 on; before: "Tool use with function calling is unsupported" (googleapis/python-genai#1106)."""
        default = self.profile.traits.get("thinking") == "level"
        return bool(self.profile.traits.get("server_tool_invocations", default))

    def _calling(self, choice: ToolChoice, functions: list[Json], hosted: list[Json]) -> Json:
        declared = [function["name"] for function in functions]
        forced = choice.mode in (ToolMode.REQUIRED, ToolMode.NAMED)
        unknown = [name for name in choice.names if name not in declared]
        if forced and not declared and hosted:
            raise invalid("tool_choice: this model's own tools cannot be forced: let it choose", "tool_choice")
        if forced and not declared:
            raise invalid("tool_choice: no tools are declared, so none can be forced", "tool_choice")
        if forced and unknown:
            name = unknown[0]
            raise invalid(f"tool_choice: {name!r} cannot be forced: it is no function of this request", "tool_choice")
        if not declared:
            return {}
        names = list(choice.names) if forced else []
        return {"mode": MODE[choice.mode], **({"allowedFunctionNames": names} if names else {})}


def read_part(part: Mapping[str, Any], tally: Tally) -> Iterator[b.Block]:
    """The block of a part that is neither text, media nor a function call; the part itself stays in `raw`, with its
    signature, because it has to go back as it came."""
    match part:
        case {"executableCode": dict() as code}:
            arguments = codec.dumps_text({key: code[key] for key in ("code", "language") if key in code})
            identity = tally.call_id(code)
            tally.count("code_execution")
            tally.last_code = identity
            yield b.ServerToolUse(
                identity, "code_execution", arguments, "code_execution", PROTOCOL, part, state=read_state(part)
            )
        case {"codeExecutionResult": dict() as result}:
            identity = result.get("id") or tally.last_code
            yield b.ServerToolResult(identity, "code_execution", PROTOCOL, part, state=read_state(part))
        case {"toolCall": dict() as call}:
            yield _tool_call(part, call, tally)
        case {"toolResponse": dict() as answer}:
            identity = str(answer.get("id", ""))
            yield b.ServerToolResult(identity, _kind(answer), PROTOCOL, part, state=read_state(part))
        case _:
            yield b.Opaque(PROTOCOL, part, read_state(part))


def read_state(part: Mapping[str, Any]) -> b.Continuation | None:
    """The part's thought signature, as it came."""
    signature = part.get("thoughtSignature")
    return b.Continuation(PROTOCOL, signature) if isinstance(signature, str) and signature else None


def _tool_call(part: Mapping[str, Any], call: Mapping[str, Any], tally: Tally) -> b.ServerToolUse:
    kind = _kind(call)
    arguments = call.get("args") or {}
    if kind == "web_search":
        tally.searched(arguments.get("queries"))  # counted by query, as groundingMetadata counts them
    elif kind != "web_fetch":
        tally.count(kind)
    name = kind if kind != "other" else str(call.get("toolType", "other")).lower()
    made = b.ServerToolUse(tally.call_id(call), name, codec.dumps_text(arguments), kind, PROTOCOL, part)
    return replace(made, state=read_state(part))


def _kind(call: Mapping[str, Any]) -> str:
    return TOOL_TYPE.get(str(call.get("toolType")), "other")


def read_mcp_call(part: Mapping[str, Any], tally: Tally) -> b.ServerToolUse:
    call = part["functionCall"]
    tally.count("mcp")
    arguments = codec.dumps_text(call.get("args") or {})
    name, identity = str(call["name"]), tally.call_id(call)
    return b.ServerToolUse(identity, name, arguments, "mcp", PROTOCOL, part, state=read_state(part))


def shell(block: b.ToolUse | b.ServerToolUse) -> b.Block:
    return replace(block, arguments="")
