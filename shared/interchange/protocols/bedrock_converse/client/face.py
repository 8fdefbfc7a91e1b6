"""The client face. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from interchange.dataclass import dataclass
from interchange.hub import request as r
from interchange.hub.events import Response
from interchange.hub.failure import ErrorKind, Failure, invalid
from interchange.hub.fold import fold
from interchange.hub.full_context import CODE, is_full
from interchange.hub.losses import Losses
from interchange.hub.refused_image import read_refused_image
from interchange.hub.rules import COMPILED, PLAIN_KEY, OpenAnswers, Rules
from interchange.hub.usage import Usage
from interchange.protocols.account import account
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire import codec
from interchange.wire.sse import Frame

from ..usage import read_usage
from ..words import ERROR_KINDS, KNOWN, PROTOCOL, STATUS_KINDS
from .breakpoints import ordered, within_limit
from .messages import begun_without_thought, check_turns, write_messages, write_system
from .refused import refused
from .request import write_inference, write_metadata, write_output, write_reasoning, write_top_k
from .stream import Reader, unfolded
from .tools import Tools

CONTENT = frozenset({"contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"})
"""Events that say something, or end the answer; others may be signs of life."""


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = PROTOCOL

    def path(self, model: str, stream: bool) -> str:
        return f"/model/{quote(model, safe='')}/{'converse-stream' if stream else 'converse'}"

    def rules(self, profile: Profile) -> Rules:
        """`ToolName` of the service model: 64 of [a-zA-Z0-9_-]."""
        held = profile.traits.get("structured_output") is not False
        claude = bool(profile.traits.get("continuation"))
        return Rules(
            speaks=PROTOCOL,
            key_form=PLAIN_KEY,
            json_mode=False,
            open_tools=False,
            open_answers=OpenAnswers.TOLD if held else OpenAnswers.KEPT,  # what it has no form for is refused
            held=COMPILED if claude else None,
            recursion=not claude,
        )

    def write_request(self, request: r.Request, profile: Profile, losses: Losses) -> JsonObject:
        _refuse(request)
        account(request, KNOWN, losses, "Converse has no such parameter")
        for name in request.extra:
            losses.drop(name, "Converse has no such parameter")
        check_turns(request.messages)
        request = ordered(within_limit(request, profile, losses), profile, losses)
        out = _conversation(request, profile, losses)
        extra = write_reasoning(request, profile, losses, begun_without_thought(out["messages"]))
        thinking = extra.get("thinking", {}).get("type", "disabled") != "disabled"
        inference = write_inference(request, profile, thinking, losses)
        extra |= _top_k(request, profile, thinking, losses)
        optional = {
            "inferenceConfig": inference,
            "toolConfig": Tools(profile, losses).write(request),
            "additionalModelRequestFields": extra,
            "outputConfig": write_output(request, profile, losses),
            "requestMetadata": write_metadata(request, losses),
        }
        out |= {name: value for name, value in optional.items() if value}
        if request.service_tier in ("default", "priority", "flex"):
            out["serviceTier"] = {"type": request.service_tier}
        elif request.service_tier not in (None, "auto"):
            losses.drop("service_tier", "Converse has no such tier")
        return out

    def read_response(self, body: JsonObject) -> Response:
        return fold(unfolded(body))

    def read_stream(self) -> Reader:
        return Reader()

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        word = headers.get("x-amzn-errortype", "").partition(":")[0]
        try:
            parsed = codec.loads(body)
        except (ValueError, RecursionError):
            parsed = None
        message = parsed.get("message") or parsed.get("Message") if isinstance(parsed, dict) else None
        told = str(message or body[:300].decode("utf-8", "replace") or f"Bedrock answered {status}")
        return Failure(
            kind=ERROR_KINDS.get(word) or STATUS_KINDS.get(status, ErrorKind.API),
            message=told,
            code=_code(told, status) or word or None,
            status=status,
            request_id=headers.get("x-amzn-requestid"),
            upstream=True,
        )

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        return refused(body, choices)

    def is_content(self, frame: Frame) -> bool:
        return frame.event is not None and (frame.event in CONTENT or frame.event.endswith("Exception"))

    def read_usage(self, body: JsonObject) -> Usage | None:
        return read_usage(body.get("usage"), body.get("serviceTier"))


def _code(message: str, status: int) -> str | None:
    """OpenAI's code for what clients act on."""
    if status != 400:
        return None
    return CODE if is_full(message) else read_refused_image(message)


def _top_k(request: r.Request, profile: Profile, thinking: bool, losses: Losses) -> JsonObject:
    if request.top_k is not None and thinking:
        losses.drop("top_k", "not allowed together with thinking")
        return {}
    return write_top_k(request, profile, losses)


def _conversation(request: r.Request, profile: Profile, losses: Losses) -> JsonObject:
    messages = write_messages(request.messages, profile, losses)
    system = write_system(request.system, profile, losses)
    if system and not messages:
        losses.drop("system", "sent as text of the user: there must be a turn to answer")
        messages, system = [{"role": "user", "content": system}], []
    if not messages:
        raise invalid("messages: at least one message with content is required", "messages")
    if profile.traits.get("prefill") is False and messages[-1]["role"] == "assistant":
        last = f"messages[{len(request.messages) - 1}]"
        raise invalid(f"{last}: this model does not go on with a begun answer: end with a user's turn", last)
    return {"messages": messages, **({"system": system} if system else {})}


def _refuse(request: r.Request) -> None:
    """Refuses what would change the answer."""
    if request.max_tokens == 0:
        raise invalid("max_tokens: this model takes 1 at least", "max_tokens")
    if (request.n or 1) > 1:
        raise invalid("n: this model gives one answer at a time", "n")
    if request.mcp_servers:
        raise invalid("mcp_servers: this model cannot reach MCP servers", "mcp_servers")
    for kind in request.modalities:
        if kind != "text":
            raise invalid(f"modalities: this model answers in text, not in {kind}", "modalities")
    for number, stop in enumerate(request.stop):
        if not stop:
            raise invalid(f"stop[{number}]: this model takes no empty stop sequence", "stop")
