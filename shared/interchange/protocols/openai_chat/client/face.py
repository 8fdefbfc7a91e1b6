"""The client face, for OpenAI and every server that speaks its chat completions.
https://platform.openai.com/docs/api-reference/chat"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.events import Response
from interchange.hub.failure import Failure, invalid
from interchange.hub.fold import fold
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.rules import OpenAnswers, Rules
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject, Profile
from interchange.protocols.openai import errors
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..dialect import Dialect
from ..usage import read_usage
from ..words import PROTOCOL
from .content import Parts
from .messages import Writer
from .refused import refused
from .request import Parameters, Thinking
from .stream import DONE, Reader, read_whole
from .tools import Tools

USER_LENGTH = 64
"""`safety_identifier`, which replaces `user`: maxLength 64 in the API's specification (2.3.0);
the SDK's newer text names 128, which 64 fits as well."""
_SAID = ("content", "refusal", "tool_calls", "function_call", "audio", "images", "annotations")
_THOUGHT = ("reasoning_content", "reasoning", "reasoning_details")


@dataclass(frozen=True, slots=True)
class Client:
    """The base URL ends in /v1."""

    dialect: Dialect = field(default_factory=Dialect)
    protocol: str = PROTOCOL

    @property
    def limit_field(self) -> str:
        return self.dialect.max_tokens

    @property
    def replayed(self) -> tuple[str, ...]:
        dialect = self.dialect
        return tuple(name for name in (dialect.reasoning_replay, "extra_content" if dialect.signatures else "") if name)

    def path(self, model: str, stream: bool) -> str:
        return "/chat/completions"

    def rules(self, profile: Profile) -> Rules:
        dialect = self.dialect
        return Rules(
            speaks=PROTOCOL,
            name_length=dialect.name_length,
            most_tools=dialect.most_tools,
            custom_tools=dialect.custom_tools,
            plain_answer=dialect.strict,
            nulls=dialect.strict,
            open_tools=not dialect.strict,
            open_answers=OpenAnswers.LOOSE if dialect.strict else OpenAnswers.KEPT,
            user_length=USER_LENGTH,
            past_media="images" in profile.traits.get("replayed", ()),
            shows_drawn=True,
        )

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        if request.mcp_servers:
            raise invalid("mcp_servers: chat completions reach no MCP servers", "mcp_servers")
        if request.max_tokens == 0:  # which Messages takes, to fill a cache
            raise invalid("max_tokens: this model takes 1 at least", "max_tokens")
        parts = Parts(self.dialect, profile, losses)
        own = request.protocol == PROTOCOL
        return {
            "model": profile.model,
            "messages": Writer(parts, own).write(request),
            **Tools(parts, own).write(request),
            **Thinking(parts, own).write(request.reasoning),
            **Parameters(parts, own).write(request),
        }

    def read_response(self, body: JsonObject) -> Response:
        """Raises ValueError for an error in the place of an answer."""
        return fold(read_whole(body))

    def read_stream(self) -> Reader:
        return Reader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        return errors.read_failure(status, headers, body)

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        return refused(body, choices)

    def is_content(self, frame: Frame) -> bool:
        """Not the role chunk, Azure's prompt filter results, or usage."""
        if frame.data is None or frame.data.strip() in (b"", DONE):
            return False
        try:
            chunk = codec.loads(frame.data)
        except ValueError:
            return True  # unreadable, which is an error
        if not isinstance(chunk, dict) or chunk.get("error"):
            return True
        choices = chunk.get("choices") or []
        return not isinstance(choices, list) or any(_says_something(choice) for choice in choices)

    def read_usage(self, body: JsonObject) -> Usage | None:
        choices = body.get("choices")
        cited = isinstance(choices, list) and any(_cites(choice) for choice in choices)
        return read_usage(body.get("usage"), body.get("service_tier"), int(cited))


def _says_something(choice: Any) -> bool:
    if not isinstance(choice, dict):
        return True
    delta = choice.get("delta") or {}
    if not isinstance(delta, dict):
        return True
    return bool(choice.get("finish_reason")) or any(delta.get(name) for name in (*_SAID, *_THOUGHT))


def _cites(choice: Any) -> bool:
    message = choice.get("message") if isinstance(choice, dict) else None
    return isinstance(message, dict) and bool(message.get("annotations"))
