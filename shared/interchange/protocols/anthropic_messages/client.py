"""The client face of the Messages API. Source: https://docs.anthropic.com/en/api/messages and the anthropic SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.events import Response
from interchange.hub.failure import Failure, invalid
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.usage import Usage
from interchange.protocols import JsonObject, Profile
from interchange.wire.sse import Frame

from . import failure, refused, response, stream_reader
from .betas import betas
from .breakpoints import limit_breakpoints
from .content_writer import ContentWriter, write_cache
from .conversation import Conversation, mark_instruction, used_tools
from .dialect import Dialect
from .generation import Generation
from .thinking import Thinking, write_own, write_thinking
from .thinking import field as thinking_field
from .tools import Tools, is_forced
from .vocabulary import PROTOCOL, Json

KEPT = frozenset({"thinking", "container", "context_management", "inference_geo", "speed"})
"""Messages' own fields that a caller of another protocol may add to the body."""
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

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        return _Writer(request, profile, losses, own=request.protocol == PROTOCOL).write()

    def read_response(self, body: JsonObject) -> Response:
        return response.read_response(body)

    def read_stream(self) -> stream_reader.StreamReader:
        return stream_reader.StreamReader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return failure.read_failure(status, headers, body)

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        return refused.refused(body, choices)

    def is_content(self, frame: Frame) -> bool:
        return stream_reader.is_content(frame)

    def read_usage(self, body: JsonObject) -> Usage | None:
        return response.read_body_usage(body)

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
            self.losses.drop("system", "said as marked text of the user: there must be a turn to answer")
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
                    self.losses.drop(path, "the system prompt is text")
        instruction = generation.instruction(self.request)
        return written if instruction is None else [*written, instruction]

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
            elif name in KEPT and name not in body:
                body[name] = value
            else:
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
