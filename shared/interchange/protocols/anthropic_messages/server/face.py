"""The server face of the Messages API: what the stock anthropic SDKs call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub.events import Response
from interchange.hub.failure import Failure
from interchange.hub.held import refuse_held
from interchange.hub.rates import Rates
from interchange.hub.request import Request
from interchange.hub.uploaded import Content, filled, named
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.wire import codec
from interchange.wire.sse import write_frame

from .. import errors
from ..errors import write_rates
from ..usage import write_usage
from ..words import PROTOCOL
from .answer import AnswerWriter, write_response
from .held import HELD
from .request import read_request
from .stream import StreamWriter

PING = write_frame(b'{"type":"ping"}', "ping")

LISTING_BETA = "mcp-client-2026-09-15"
"""anthropic `types/anthropic_beta_param.py`"""


@dataclass(frozen=True, slots=True)
class Server:
    """`seal` marks and recognises the reasoning state of other vendors that our callers carry."""

    seal: Seal
    protocol: str = PROTOCOL
    extensions: frozenset[str] = frozenset()

    def shows_tools(self, headers: Mapping[str, str]) -> bool:
        """True with the beta that has a block for it; earlier ones have none."""
        return LISTING_BETA in headers.get("anthropic-beta", "")

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
        return read_request(body, self.seal)

    def read_count_tokens(self, body: JsonObject) -> Request:
        return read_request(body, self.seal, counting=True)

    def places(self, body: JsonObject) -> Mapping[str, str]:
        # imported when there is something to tell: most requests are said whole
        from .places import places

        return places(body)

    def unread(self, body: JsonObject) -> Iterable[str]:
        # imported when a request is translated: one that is carried through loses nothing
        from .unread import unread_fields

        return unread_fields(body)

    def write_response(self, response: Response, envelope: Envelope) -> JsonObject:
        return write_response(response, AnswerWriter(self.seal, envelope))

    def write_stream(self, envelope: Envelope) -> StreamWriter:
        return StreamWriter(AnswerWriter(self.seal, envelope))

    def write_failure(self, failed: Failure) -> tuple[int, JsonObject]:
        return errors.write_failure(failed)

    def write_stream_failure(self, failed: Failure) -> bytes:
        return write_frame(codec.dumps(errors.write_error(failed)), "error")

    def follow(self, ending: bytes, _sent: bytes) -> bytes:
        return ending

    def write_rates(self, rates: Rates) -> dict[str, str]:
        return write_rates(rates)

    def heartbeat(self) -> bytes:
        return PING

    def write_usage(self, usage: Usage) -> JsonObject:
        return write_usage(usage)

    def usage_place(self, event: JsonObject) -> Sequence[str] | None:
        return ("usage",) if event.get("type") == "message_delta" else None

    def write_count(self, tokens: int) -> JsonObject:
        return {"input_tokens": tokens}
