"""The client face, for OpenAI and every server that speaks its Responses.
https://platform.openai.com/docs/api-reference/responses"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub.events import Response
from interchange.hub.failure import Failure
from interchange.hub.fold import fold
from interchange.hub.losses import Losses
from interchange.hub.request import Request
from interchange.hub.rules import OpenAnswers, Rules
from interchange.hub.usage import Usage
from interchange.protocols.faces import JsonObject, Profile
from interchange.protocols.openai import errors
from interchange.wire import codec, splice
from interchange.wire.sse import Frame

from ..dialect import Dialect
from ..usage import read_answer_usage
from ..words import PROTOCOL
from .content import Parts
from .messages import Items
from .refused import refused
from .request import Parameters, Thinking, with_held
from .stream import BEFORE, Reader, read_whole
from .tools import CALLS, Tools, call_limit

ADDED = "response.output_item.added"
EMPTY_AT_FIRST = frozenset({"message", "reasoning", "function_call", "custom_tool_call"})
"""Items whose beginning holds nothing yet."""
PARTS = frozenset({"response.content_part.added", "response.reasoning_summary_part.added"})

USER_LENGTH = 64
"""`safety_identifier`, which replaces `user`: maxLength 64 in the API's specification (2.3.0);
the SDK's newer text names 128, which 64 fits as well."""


@dataclass(frozen=True, slots=True)
class Client:
    """The base URL ends in /v1."""

    dialect: Dialect = field(default_factory=Dialect)
    protocol: str = PROTOCOL

    def path(self, model: str, stream: bool) -> str:
        return "/responses"

    def rules(self, profile: Profile) -> Rules:
        dialect = self.dialect
        return Rules(
            speaks=PROTOCOL,
            carries=frozenset({"mcp"}),
            name_length=dialect.name_length,
            most_tools=dialect.most_tools,
            custom_tools=dialect.custom_tools,
            foreign=dialect.foreign,
            client_tools=dialect.client_tools,
            plain_answer=True,
            nulls=True,
            open_tools=False,
            open_answers=OpenAnswers.LOOSE,
            lax=frozenset({"openai_chat"}),
            user_length=USER_LENGTH,
        )

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        parts = Parts(self.dialect, profile, losses, request.protocol)
        said = {
            "model": profile.model,
            **Items(parts).write(request),
            **Tools(parts).write(request),
            **Thinking(parts).write(request.reasoning),
            **Parameters(parts).write(request),
        }
        return with_held(said, request.extra, parts)

    def limited(self, raw: bytes, request: Request) -> bytes:
        calls = call_limit(request) if CALLS in self.dialect.parameters else None
        return raw if calls is None else splice.put(raw, calls, CALLS)

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
        """Not the frames that say that an answer will come."""
        if frame.data is None or not frame.data.strip():
            return False
        kind = frame.event
        if kind is None or kind == ADDED:
            try:
                event = codec.loads(frame.data)
            except ValueError:
                return True  # unreadable, which is an error
            event = event if isinstance(event, dict) else {}
            kind = event.get("type") or kind
            if kind == ADDED and isinstance(event.get("item"), dict):
                return event["item"].get("type") not in EMPTY_AT_FIRST
        return kind not in BEFORE and kind not in PARTS

    def read_usage(self, body: JsonObject) -> Usage | None:
        items = body.get("output")
        items = items if isinstance(items, list) else ()
        return read_answer_usage(body, items)
