"""The server face: POST /v1/responses. https://platform.openai.com/docs/api-reference/responses/create"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub.events import MessageStart, Response, StreamFailed
from interchange.hub.failure import Failure
from interchange.hub.held import refuse_held
from interchange.hub.rates import Rates
from interchange.hub.request import Request
from interchange.hub.turns import joined
from interchange.hub.uploaded import Content, filled, named
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.protocols.openai import errors, fields
from interchange.protocols.openai.rates import write_rates
from interchange.wire import codec
from interchange.wire.sse import write_comment, write_frame

from ..usage import write_usage
from ..words import PROTOCOL
from .held import HELD
from .messages import Conversation
from .request import read_parameters
from .stream import Writer, write_answer
from .tools import read_choice, read_tools

_NUMBER = re.compile(rb'"sequence_number":\s*(\d+)')


@dataclass(frozen=True, slots=True)
class Server:
    seal: Seal
    protocol: str = PROTOCOL
    extensions: frozenset[str] = frozenset()

    def shows_tools(self, headers: Mapping[str, str]) -> bool:
        return True

    def owned_by(self, account_id: str) -> Server:
        return replace(self, seal=self.seal.bound(account_id))

    def refuse_held(self, body: JsonObject) -> None:
        refuse_held(body, HELD)

    def uploads(self, body: JsonObject) -> Iterable[tuple[str, str]]:
        # imported where a body may name one
        from .uploaded import field

        return named(body, field)

    def with_uploads(self, body: JsonObject, contents: Mapping[str, Content]) -> JsonObject:
        from .uploaded import field, fill

        return filled(body, field, fill, contents)

    def read_request(self, body: JsonObject) -> Request:
        model = fields.needed_text(body, "model", "model")
        parameters = read_parameters(body)
        conversation = Conversation(self.seal)
        conversation.read(body)
        tools, servers = read_tools(body)
        if conversation.answers:
            # imported when a caller has been asked before a call
            from .approvals import check_approvals

            check_approvals(body["input"], tools)
        return Request(
            model=model,
            messages=joined(conversation.turns),
            system=tuple(conversation.system),
            tools=tools,
            found=tuple(conversation.found),
            mcp_servers=servers,
            tool_choice=read_choice(body),
            protocol=PROTOCOL,
            **parameters,
        )

    def places(self, body: JsonObject) -> Mapping[str, str]:
        # imported when there is something to tell: most requests are said whole
        from .places import places

        return places(body, self.seal)

    def unread(self, body: JsonObject) -> Iterable[str]:
        # imported when a request is translated: one that is carried through loses nothing
        from .unread import unread_fields

        return unread_fields(body)

    def write_response(self, response: Response, envelope: Envelope) -> JsonObject:
        return write_answer(response, envelope, self.seal)

    def write_stream(self, envelope: Envelope) -> Writer:
        return Writer(envelope, self.seal)

    def write_failure(self, failure: Failure) -> tuple[int, JsonObject]:
        return errors.write_failure(failure)

    def write_stream_failure(self, failure: Failure) -> bytes:
        """The `error` event. openai-python `types/responses/response_error_event.py`"""
        _, code = errors.ERROR_TYPES[failure.kind]
        told = {"code": failure.code or code, "message": errors.worded(failure), "param": failure.param}
        return write_frame(codec.dumps({"type": "error", "sequence_number": 0, **told}), "error")

    def hears_in_stream(self, headers: Mapping[str, str]) -> bool:
        """True for Codex: it knows a full context by `response.failed` alone, and shows a 400 as it is. openai/codex,
        `codex-api/src/sse/responses.rs` (`is_context_window_error`) and `api_bridge.rs`."""
        return headers.get("originator", "").startswith("codex")

    def write_refused_stream(self, failure: Failure, envelope: Envelope) -> bytes:
        writer = self.write_stream(envelope)
        return writer.write(MessageStart()) + writer.write(StreamFailed(failure))

    def follow(self, ending: bytes, sent: bytes) -> bytes:
        """The `error` event is numbered on from the one before it."""
        if not ending.startswith(b"event: error\n") or not (numbers := _NUMBER.findall(sent)):
            return ending
        return _NUMBER.sub(b'"sequence_number":%d' % (int(numbers[-1]) + 1), ending, count=1)

    def write_rates(self, rates: Rates) -> dict[str, str]:
        return write_rates(rates)

    def heartbeat(self) -> bytes:
        return write_comment("keep-alive")

    def write_usage(self, usage: Usage) -> JsonObject:
        return write_usage(usage)

    def usage_place(self, event: JsonObject) -> Sequence[str] | None:
        ends = event.get("type") in ("response.completed", "response.incomplete", "response.failed")
        return ("response", "usage") if ends else None
