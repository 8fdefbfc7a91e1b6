"""Vendors that call the one tool which they were told of, with arguments that its schema allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.conformance import vendors as v
from tests.conformance import wire
from tests.exchange import world as w
from tests.laws import parsed
from tests.rules.every import parts

Json = dict[str, Any]
SCHEMAS = ("parametersJsonSchema", "parameters", "input_schema")


def _arguments(body: Json, last: bool) -> str | None:
    """What the model would call the one tool with; None where it has its result."""
    if any(part.get("type") in ("tool_result", "function_call_output") for part in parts(body)):
        return None
    if any(part.get("role") == "tool" or "functionResponse" in part for part in parts(body)):
        return None
    found = [part[name] for part in parts(body.get("tools")) for name in SCHEMAS if isinstance(part.get(name), dict)]
    return codec.dumps_text(parsed.instance(found[0], found[0], last)) if found else None


class Answering(parsed.Answering):
    """Calls the tool that is declared, or answers by the schema."""

    def __call__(self, outgoing: Outgoing) -> w.Says:
        body = codec.loads(outgoing.body or b"{}")
        arguments = _arguments(body, self.last)
        if arguments is None and parsed.sent_schema(body) is None and self.own == {}:
            self.own = {"type": "string"}
        if arguments is None:
            return super().__call__(outgoing)
        streamed = bool(body.get("stream")) or ":stream" in outgoing.url
        return w.Says(chunks=list(_call(outgoing.url, arguments, streamed)))


def _call(url: str, arguments: str, stream: bool) -> Iterator[bytes]:
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": arguments,
            "status": "completed"}  # fmt: skip
    if "/messages" in url:
        use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": codec.loads(arguments)}
        yield from wire.claude_call("f", arguments) if stream else [v.claude_whole(use, stop="tool_use")]
    elif "/chat/completions" in url:
        whole = v.chat_whole(None, [("call_1", "f", arguments)], finish="tool_calls")
        yield from wire.chat_call("f", arguments) if stream else [whole]
    elif "/responses" in url:
        yield from wire.responses_stream(item) if stream else [wire.responses_whole(item)]
    else:
        whole = v.gemini_whole({"functionCall": {"name": "f", "args": codec.loads(arguments)}})
        yield b"data: " + whole + b"\r\n\r\n" if stream else whole
