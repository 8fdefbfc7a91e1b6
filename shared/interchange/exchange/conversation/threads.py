"""Threads of Messages, held here for every model: `thread: create` keeps a conversation, `thread: continue` goes on
from one of its answers with the new turn alone. The whole history is put in its place before the request is read, held
and routed, so it is charged as input. The account is part of the key: nobody goes on from another's.

Source: anthropic-sdk-python 2.14.0, `lib/threads/_thread_state.py`, `types/beta/beta_thread_continue_params.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interchange.continuity.responses import Responses, Stored
from interchange.dataclass import dataclass
from interchange.exchange.body import RequestHead
from interchange.exchange.services import Services
from interchange.exchange.table_calls import ask
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal
from interchange.wire import codec
from interchange.wire.sse import FrameReader

Json = dict[str, Any]
FIELD = "thread"
KEPT_AS = "thread/"
"""Stands before an answer's id in the store, where answers of Responses lie beside."""
CREATE_ONLY = ("system", "tools")
"""What a thread keeps from its first turn: the SDK's `CREATE_ONLY_FIELDS`."""
HOLD_BLOCKS = ("content", "source", "tool", "definition", "tool_references")
"""Fields that hold blocks: the SDK's `KEYS_THAT_HOLD_BLOCKS`."""
LONGEST_CHAIN = 1000
"""Answers behind one another; the SDK begins a longer conversation anew by itself."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Keeps a turn's messages beside its answer, with the answers before it and what the first turn said."""

    given: Sequence[Json]
    chain: tuple[str, ...]
    head: Mapping[str, Any]

    @property
    def whole(self) -> bool:
        return True

    def stored(self, final: bytes, stream: bool) -> Stored | None:
        """The answer out of its bytes, with what is kept beside it; None where they hold none."""
        message = _folded(final) if stream else codec.loads(final)
        if not isinstance(message, dict) or not isinstance(message.get("id"), str):
            return None
        answer = {"role": "assistant", "content": message.get("content") or []}
        head = {} if self.chain else dict(self.head)
        return Stored({"id": KEPT_AS + message["id"], "answer": answer, "head": head}, self.given, self.chain)


async def resolved(services: Services, principal: Principal, head: RequestHead) -> tuple[RequestHead, Thread | None]:
    """The body with the thread's history in front of its messages, and what to keep of its answer. Raises RequestError
    for an answer that is not there (any more), or another account's."""
    body, store = head.body, services.responses
    asked = body.get(FIELD)
    if asked is None or store is None:
        return head, None
    given = body.get("messages")
    turn = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    rest = {name: value for name, value in body.items() if name != FIELD}
    previous = _previous(asked)
    if previous is None:
        return head.saying(rest), Thread(turn, (), {name: body[name] for name in CREATE_ONLY if name in body})
    chain, found = await _chain(services, store, principal, previous)
    first = found[0].response["head"]
    for name in CREATE_ONLY:
        if body.get(name) is not None and body[name] != first.get(name):
            raise _told(f"{name}: a thread keeps what it was created with", name, "thread_fingerprint_mismatch")
    if isinstance(given, list):
        before = [message for one in found for message in _history(one)]
        rest = {**rest, **first, "messages": [*before, *given]}
    return head.saying(rest), Thread(turn, chain, {})


def _previous(asked: Any) -> str | None:
    """The answer to go on from; None for a thread that begins."""
    here = f"{FIELD}.previous_message_id"
    match asked:
        case {"type": "create"}:
            return None
        case {"type": "continue", "previous_message_id": str(previous)} if previous:
            return previous
        case {"type": "continue"}:
            raise invalid(f"{here}: Field required", here)
        case _:
            raise invalid(f"{FIELD}.type: Input should be 'create' or 'continue'", f"{FIELD}.type")


async def _chain(
    services: Services, store: Responses, principal: Principal, previous: str
) -> tuple[tuple[str, ...], list[Stored]]:
    """The ids of the thread's answers, oldest first, and their records."""
    name = KEPT_AS + previous
    found = await ask(services, store.get, principal.account_id, [name], services.now_ms())
    last = found.get(name)
    chain = (*last.chain, name) if last is not None else ()
    if len(chain) > 1:
        found |= await ask(services, store.get, principal.account_id, chain[:-1], services.now_ms())
    if not chain or len(chain) > LONGEST_CHAIN or any(one not in found for one in chain):
        said = f"No thread was found for the message {previous[:100]!r}; send the whole conversation again"
        raise _told(said, f"{FIELD}.previous_message_id", "thread_not_found", ErrorKind.NOT_FOUND)
    return chain, [found[one] for one in chain]


def _told(message: str, param: str, code: str, kind: ErrorKind = ErrorKind.INVALID_REQUEST) -> RequestError:
    """Builds a refusal with `error_code`, by which the SDK tells what it can recover from."""
    return RequestError(Failure(kind, message, param, code, details={"error_code": code}))


def _history(stored: Stored) -> list[Json]:
    """A past turn and its answer. Breakpoints were for the turn that brought them: a request takes only a few."""
    answer = stored.response["answer"]
    said = [answer] if answer["content"] else []
    return [*(_unmarked(message) for message in stored.given), *said]


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _unmarked(one) if name in HOLD_BLOCKS else one for name, one in value.items() if name != "cache_control"
    }


def _folded(final: bytes) -> Json | None:
    """The message that a stream's events come to; None for one without an end."""
    reader = FrameReader()
    frames = [*reader.feed(final), *reader.finish()]
    events = [codec.loads(frame.data) for frame in frames if frame.data and frame.data[:1] == b"{"]
    message: Json | None = None
    blocks: dict[int, Json] = {}
    inputs: dict[int, str] = {}
    for event in events:
        match event:
            case {"type": "message_start", "message": dict(begun)}:
                message = begun
            case {"type": "content_block_start", "index": int(at), "content_block": dict(block)}:
                blocks[at] = dict(block)
            case {"type": "content_block_delta", "index": int(at), "delta": {"partial_json": str(piece)}}:
                inputs[at] = inputs.get(at, "") + piece
            case {"type": "content_block_delta", "index": int(at), "delta": dict(delta)} if at in blocks:
                _add(blocks[at], delta)
            case {"type": "message_stop"} if message is not None:
                for at, text in inputs.items():
                    blocks[at]["input"] = codec.loads(text) if text.strip() else {}
                return {**message, "content": [blocks[at] for at in sorted(blocks)]}
            case _:
                pass
    return None


def _add(block: Json, delta: Mapping[str, Any]) -> None:
    for name, value in delta.items():
        if name == "citation":
            block["citations"] = [*(block.get("citations") or ()), value]
        elif name == "signature":
            block[name] = value
        elif name != "type" and isinstance(value, str):
            block[name] = (block.get(name) or "") + value
