"""The client face of the Messages API. Source: https://docs.anthropic.com/en/api/messages and the anthropic SDK.

Which `anthropic-beta` switches a body needs. Source: the anthropic SDK's AnthropicBetaParam and beta resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub.events import Response
from interchange.hub.failure import Failure, invalid
from interchange.hub.losses import Losses
from interchange.hub.request import HostedTool, Request
from interchange.hub.rules import COMPILED, PLAIN_KEY, OpenAnswers, Rules
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire import codec, splice
from interchange.wire.sse import Frame

from .. import errors
from ..dialect import Dialect
from ..words import PROTOCOL, Json
from . import stream
from .breakpoints import limit_breakpoints, order_breakpoints
from .content import ContentWriter, write_cache
from .messages import Conversation, mark_instruction, used_tools
from .refused import refused
from .request import Generation, Thinking, thinking_field, write_own, write_thinking
from .tools import CALLS, Tools, is_forced, limited, says_calls

NAME_LENGTH = 128
"""The API's own pattern for `tools.N.custom.name`: `^[a-zA-Z0-9_-]{1,128}$`."""
USER_LENGTH = 512
"""`metadata.user_id`: "maxLength": 512 in the API's specification (`Metadata`)."""
KEPT: dict[str, type | tuple[type, ...]] = {
    "thinking": dict, "container": (str, dict), "context_management": dict, "inference_geo": str, "speed": str,
}  # fmt: skip
"""Messages' own fields that a caller of another protocol may add to the body, and what they hold here: a field of the
same name in that protocol may hold something else."""
CLEARS_THINKING = "clear_thinking_"
COUNTED = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control",
           "mcp_servers", "context_management", "speed")  # fmt: skip
"""Fields of a count_tokens body (SDK: MessageCountTokensParams, beta)."""
COUNTING_ROOM = 64_000
"""Stands for max_tokens where a count is asked for a model without a stated limit; it is not sent."""


@dataclass(frozen=True, slots=True)
class Client:
    dialect: Dialect = field(default_factory=Dialect)
    protocol: str = PROTOCOL

    def path(self, model: str, stream: bool) -> str:
        return self.dialect.path

    def rules(self, profile: Profile) -> Rules:
        held = profile.traits.get("structured_output", False)
        return Rules(
            speaks=PROTOCOL,
            name_length=NAME_LENGTH,
            key_form=PLAIN_KEY,
            telemetry=True,
            json_mode=False,
            open_tools=not held,
            open_answers=OpenAnswers.TOLD if held else OpenAnswers.KEPT,  # what it has no form for is refused
            held=COMPILED,
            recursion=False,
            user_length=USER_LENGTH,
        )

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        return _Writer(request, profile, losses, own=request.protocol == PROTOCOL).write()

    def limited(self, raw: bytes, request: Request) -> bytes:
        tools = [tool for tool in request.tools if isinstance(tool, HostedTool) and limited(tool) != tool.raw]
        member = splice.find(raw, "tools") if tools else None
        if member is None:
            return raw
        declared = codec.loads(raw[member.value_start : member.end])
        found = [next((limited(tool) for tool in tools if tool.raw == one), one) for one in declared]
        return splice.put(raw, found, "tools")

    def read_response(self, body: JsonObject) -> Response:
        return stream.read_response(body)

    def read_stream(self) -> stream.StreamReader:
        return stream.StreamReader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return errors.read_failure(status, headers, body)

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        return refused(body, choices)

    def is_content(self, frame: Frame) -> bool:
        return stream.is_content(frame)

    def read_usage(self, body: JsonObject) -> Usage | None:
        return stream.read_body_usage(body)

    def betas(self, body: JsonObject) -> tuple[str, ...]:
        """The `anthropic-beta` switches that a written body needs."""
        return betas(body)

    def count_path(self, model: str) -> str:
        return f"{self.dialect.path}/count_tokens"

    def write_count_tokens(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        limit = request.max_tokens or profile.max_output or COUNTING_ROOM
        body = self.write_request(replace(request, max_tokens=limit), profile, losses)
        return {name: body[name] for name in COUNTED if name in body}

    def read_count(self, body: JsonObject) -> int:
        return int(body["input_tokens"])


@dataclass(frozen=True, slots=True)
class _Writer:
    request: Request
    profile: Profile
    losses: Losses
    own: bool

    def write(self) -> Json:
        """Model, limit, system, messages, then the rest: a stable order keeps the prefix that a cache looks for."""
        request = self.request
        conversation = Conversation(self.profile, self.losses, self.own)
        for number, message in enumerate(request.messages):
            conversation.add(message, f"messages[{number}]")
        messages = conversation.finish()
        tools = Tools(self.profile, self.losses, self.own).write(request, used_tools(messages))
        limit = self._limit()
        thinking = self._thinking(conversation, is_forced(tools.get("tool_choice")), limit)
        generation = Generation(self.profile, self.losses, self.own)
        system = self._system(generation)
        if not messages and system:  # the API wants a turn: instructions alone are said in one
            self.losses.drop("system", "sent as marked text of the user: there must be a turn to answer")
            marked = [{**block, "text": mark_instruction(block["text"])} for block in system if "text" in block]
            messages, system = [{"role": "user", "content": marked}], []
        if not messages and not self.own:
            raise invalid("messages: at least one message with content is required", "messages")
        body: Json = {
            "model": self.profile.model,
            "max_tokens": limit,
            **({"system": system} if system else {}),
            "messages": messages,
            **tools,
            **({"thinking": thinking.config} if thinking.config else {}),
            **generation.write(request, thinking.on),
        }
        config = {"effort": thinking.effort, "format": generation.output_format(request)}
        if any(config.values()):
            body["output_config"] = {name: value for name, value in config.items() if value is not None}
        if request.cache is not None:
            body["cache_control"] = write_cache(request.cache)
        elif self.profile.traits.get("auto_cache") and not self.own:
            body["cache_control"] = {"type": "ephemeral"}
        if request.stream:
            body["stream"] = True
        self._add_extra(body)
        if not self.own:
            limit_breakpoints(body, self.losses)
            order_breakpoints(body, self.losses)
        return body

    def _limit(self) -> int:
        limit = self.request.max_tokens if self.request.max_tokens is not None else self.profile.max_output
        if limit is None:
            raise invalid("max_tokens: Field required", "max_tokens")
        return limit

    def _system(self, generation: Generation) -> list[Json]:
        writer = ContentWriter(self.profile, self.losses, self.own, self.request.extra)
        written: list[Json] = []
        for number, block in enumerate(self.request.system):
            path = f"system[{number}]"
            for item in writer.write(block, path):
                if item["type"] == "text" or self.own:
                    written.append(item)
                else:
                    raise invalid(f"{path}: the system prompt is text for this model", path)
        return written

    def _thinking(self, conversation: Conversation, forced: bool, limit: int) -> Thinking:
        """Off where the API would refuse it: with a forced tool, and (by budget) in a turn begun without it."""
        asked = self.request.reasoning
        if asked is None:
            return Thinking()
        if self.own:
            return write_own(asked)
        thinking = write_thinking(self.request, self.profile, self.losses, limit)
        if not thinking.on or thinking.config is None:
            return thinking
        if forced:
            self.losses.drop(thinking_field(asked), "thinking is not taken together with a forced tool")
            return replace(thinking, config=None)
        if thinking.config["type"] == "enabled" and conversation.needs_thinking():
            self.losses.drop(thinking_field(asked), "the turn to go on with began without thinking")
            return replace(thinking, config=None)
        return thinking

    def _add_extra(self, body: Json) -> None:
        for name, value in self.request.extra.items():
            if self.own:
                self._put(body, name, value)
            elif isinstance(value, KEPT.get(name, ())) and name not in body:
                body[name] = value
            elif name != CALLS or not says_calls(self.request):
                self.losses.drop(name, "Messages has no such parameter")
        if body.get("thinking", {}).get("type", "disabled") == "disabled":
            self._drop_dependent(body)

    def _put(self, body: Json, name: str, value: Any) -> None:
        """A field by its path: "output_config.task_budget". Paths into lists were written with their blocks."""
        holder, dot, leaf = name.partition(".")
        if "[" in name:
            return
        if dot:
            body[holder] = {**body.get(holder, {}), leaf: value}
        else:
            body[name] = value

    def _drop_dependent(self, body: Json) -> None:
        """An edit that clears thinking is refused where there is none."""
        management = body.get("context_management")
        edits = management.get("edits") if isinstance(management, dict) else None
        if self.own or not isinstance(management, dict) or not isinstance(edits, list):
            return
        kept = [edit for edit in edits if not str(edit.get("type", "")).startswith(CLEARS_THINKING)]
        if len(kept) < len(edits):
            self.losses.drop("context_management.edits", "an edit of thinking without thinking")
            body["context_management"] = {**management, "edits": kept}
            if not kept:
                del body["context_management"]


TOOL_BETA: dict[str, str] = {
    "mcp_toolset": "mcp-client-2025-11-20",
    "computer_20241022": "computer-use-2024-10-22",
    "computer_20250124": "computer-use-2025-01-24",
    "computer_20251124": "computer-use-2025-11-24",
    "code_execution_20250522": "code-execution-2025-05-22",
    "advisor_20260301": "advisor-tool-2026-03-01",
}
FIELD_BETA: dict[str, str] = {
    "context_management": "context-management-2025-06-27",
    "output_format": "structured-outputs-2025-11-13",
}
EDIT_BETA: dict[str, str] = {"compact_20260112": "compact-2026-01-12"}


def betas(body: Json) -> tuple[str, ...]:
    """The switches, each once, in a stable order."""
    return tuple(dict.fromkeys(_needed(body)))


def _needed(body: Json) -> Iterator[str]:
    kinds = [str(tool.get("type")) for tool in body.get("tools") or ()]
    yield from (TOOL_BETA[kind] for kind in kinds if kind in TOOL_BETA)
    if body.get("mcp_servers") and "mcp_toolset" not in kinds:
        yield "mcp-client-2025-04-04"
    yield from (beta for name, beta in FIELD_BETA.items() if body.get(name))
    management = body.get("context_management")
    edits = management.get("edits") if isinstance(management, dict) else None
    yield from (EDIT_BETA[edit["type"]] for edit in edits or () if edit.get("type") in EDIT_BETA)
    container = body.get("container")
    if isinstance(container, dict) and container.get("skills"):
        yield "skills-2025-10-02"
    if _holds(body.get("messages"), "type", ("file", "container_upload")):
        yield "files-api-2025-04-14"
    if _holds(body.get("messages"), "type", ("tool_addition", "tool_removal")):
        yield "mid-conversation-tool-changes-2026-07-01"


def _holds(value: Any, name: str, words: tuple[str, ...]) -> bool:
    """True where a content block, or its source, has one of the words under `name`."""
    if isinstance(value, list):
        return any(_holds(item, name, words) for item in value)
    if not isinstance(value, dict):
        return False
    return value.get(name) in words or any(_holds(value.get(key), name, words) for key in ("content", "source"))
