"""The server face: POST /v1/chat/completions. https://platform.openai.com/docs/api-reference/chat/create"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub.events import Response
from interchange.hub.failure import Failure, invalid
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
from .answer import write_answer
from .held import HELD
from .mcp import read_servers
from .messages import Conversation
from .request import read_parameters
from .stream import Writer
from .tools import read_choice, read_tools


@dataclass(frozen=True, slots=True)
class Server:
    seal: Seal
    protocol: str = PROTOCOL
    extensions: frozenset[str] = frozenset({"mcp_servers"})

    def shows_tools(self, headers: Mapping[str, str]) -> bool:
        return False

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
        if body.get("messages") is None:
            raise fields.missing("messages")
        if body["messages"] == []:
            raise invalid("Invalid 'messages': empty array. Expected at least one message.", "messages", "empty_array")
        conversation = Conversation(self.seal)
        for path, raw in fields.objects(body, "messages"):
            conversation.add(raw, path)
        return Request(
            model=model,
            messages=joined(conversation.turns),
            system=tuple(conversation.system),
            tools=read_tools(body),
            mcp_servers=read_servers(body),
            tool_choice=read_choice(body),
            protocol=PROTOCOL,
            **read_parameters(body),
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
        """An error frame, and no `[DONE]`: the stream did not succeed."""
        return write_frame(codec.dumps(errors.write_error(failure)))

    def follow(self, ending: bytes, _sent: bytes) -> bytes:
        return ending

    def write_rates(self, rates: Rates) -> dict[str, str]:
        return write_rates(rates)

    def heartbeat(self) -> bytes:
        return write_comment("keep-alive")

    def write_usage(self, usage: Usage) -> JsonObject:
        return write_usage(usage)

    def usage_place(self, event: JsonObject) -> Sequence[str] | None:
        return ("usage",) if isinstance(event.get("usage"), dict) else None
