"""A conversation that its model has no room for, told where the caller's client looks: for some, in the stream."""

from __future__ import annotations

from interchange.exchange.http import STREAM_HEADERS, Answer, Inbound
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.full_context import CODE
from interchange.protocols.faces import Envelope, Server
from interchange.wire import codec

from .kinds import has_refusals_in_stream


def told_in_stream(server: Server, inbound: Inbound, answer: Answer) -> Answer:
    """The refusal as a stream that fails at once, where the client knows it in no other form; else the answer."""
    if answer.status != 400 or not isinstance(answer.body, bytes) or CODE.encode() not in answer.body:
        return answer
    if not has_refusals_in_stream(server) or not server.hears_in_stream(inbound.headers):
        return answer
    error = codec.loads(answer.body).get("error")
    if not isinstance(error, dict) or error.get("code") != CODE:
        return answer  # a text of the caller's that is repeated
    asked = codec.loads(inbound.body)
    if not asked.get("stream"):
        return answer
    identity = answer.headers["x-interchange-request-id"]
    envelope = Envelope(identity, 0, str(asked["model"]), False, 0, {**asked, "store": False})
    failure = Failure(ErrorKind.INVALID_REQUEST, error["message"], code=CODE, request_id=identity, upstream=True)
    headers = {name: value for name, value in answer.headers.items() if name != "x-should-retry"}
    body = server.write_refused_stream(failure, envelope)
    return Answer(200, {**headers, "content-type": "text/event-stream", **STREAM_HEADERS}, body)
