"""Answers that are kept for their caller: `previous_response_id` and item references resolved, for every model, and the
endpoints that read and delete an answer. The account is part of the key: nobody reaches another's.

Source: openai-python `resources/responses/responses.py`, `types/responses/response_create_params.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from interchange.continuity import beside
from interchange.continuity.responses import Responses, Stored
from interchange.dataclass import dataclass
from interchange.exchange.access import authenticate
from interchange.exchange.answers import base_headers, refuse
from interchange.exchange.body import RequestHead
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.services import Services
from interchange.exchange.table_calls import ask
from interchange.hub.failure import ErrorKind, Failure, RequestError, invalid
from interchange.identity.keys import Principal
from interchange.protocols.faces import Server
from interchange.wire import codec
from interchange.wire.sse import FrameReader

Json = dict[str, Any]
LONGEST_CHAIN = 1000
"""Answers behind one another; a longer conversation begins anew with its items."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Keeps an answer, and the conversation that it ends, for their caller."""

    given: Sequence[Json]
    chain: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return False  # the last event has the answer

    def stored(self, final: bytes, stream: bool) -> Stored | None:
        """The answer out of its last bytes, with what is kept beside it; None where they hold none."""
        response = _last_response(final) if stream else codec.loads(final)
        if not isinstance(response, dict) or not isinstance(response.get("id"), str):
            return None
        return Stored({**response, "store": True}, self.given, self.chain)


def _last_response(final: bytes) -> Any:
    reader = FrameReader()
    datas = [frame.data for frame in (*reader.feed(final), *reader.finish()) if frame.data and frame.data[:1] == b"{"]
    found = [codec.loads(data).get("response") for data in datas if b'"response"' in data]
    return found[-1] if found else None


async def resolved(services: Services, principal: Principal, head: RequestHead) -> tuple[RequestHead, Keep | None]:
    """The body with all that it refers to in the place of the references, and what to keep of its answer. Raises
    RequestError for what is not there (any more), or another account's."""
    store = services.responses
    head = await _pictured(services, principal, head)
    if store is None:
        return head, None
    body, previous = head.body, head.body.get("previous_response_id")
    chain: tuple[str, ...] = ()
    before: list[Json] = []
    if isinstance(previous, str) and previous:
        if body.get("conversation") is not None:
            raise invalid("'previous_response_id': give it or 'conversation', not both", "previous_response_id")
        chain, before = await _chain(services, store, principal, previous)
    given = _items(body.get("input"))
    whole, changed = await _dereferenced(services, store, principal, given)
    keep = None if body.get("store") is False else Keep(whole, chain)
    if not (chain or changed):
        return head, keep
    rest = {name: value for name, value in body.items() if name != "previous_response_id"}
    full = {**rest, "input": [*before, *whole]}
    return head.saying(full), keep


async def _chain(
    services: Services, store: Responses, principal: Principal, previous: str
) -> tuple[tuple[str, ...], list[Json]]:
    found = await ask(services, store.get, principal.account_id, [previous], services.now_ms())
    last = found.get(previous)
    chain = (*last.chain, previous) if last is not None else ()
    if len(chain) > 1:
        found |= await ask(services, store.get, principal.account_id, chain[:-1], services.now_ms())
    missing = [one for one in chain if one not in found]
    if last is None or missing or len(chain) > LONGEST_CHAIN:
        said = f"Previous response with id {(missing or [previous])[0][:100]!r} not found."
        raise invalid(said, "previous_response_id", "previous_response_not_found")
    items: list[Json] = []
    for one in chain:
        items += [*found[one].given, *_returned(found[one].output)]
    return chain, items


async def _dereferenced(
    services: Services, store: Responses, principal: Principal, given: Sequence[Json]
) -> tuple[list[Json], bool]:
    named = {at: str(item.get("id")) for at, item in enumerate(given) if _is_reference(item)}
    if not named:
        return list(given), False
    holders = await ask(services, store.holders, principal.account_id, named.values(), services.now_ms())
    answers = await ask(services, store.get, principal.account_id, holders.values(), services.now_ms())
    items = {item.get("id"): item for answer in answers.values() for item in answer.output}
    whole: list[Json] = []
    for at, item in enumerate(given):
        if at not in named:
            whole.append(item)
        elif named[at] not in items:
            said = f"input[{at}]: item with id {named[at][:100]!r} not found; with `store: false` none is kept"
            raise invalid(said, f"input[{at}].id", "item_not_found")
        else:
            whole += _returned([items[named[at]]])
    return whole, True


def _is_reference(item: Json) -> bool:
    """True for one by its word or by its id alone (openai-python `types/responses/response_input_item_param.py`)."""
    said = {name for name, value in item.items() if value is not None}
    return item.get("type") == "item_reference" or said == {"id"}


async def _pictured(services: Services, principal: Principal, head: RequestHead) -> RequestHead:
    """The body with the account's own pictures as references. Raises RequestError for one of nobody's: the vendor would
    complete it, and every customer's items lie in one account there."""
    given = head.body.get("input")
    mine = await _mine(services, principal, given, "image_generation_call")
    if mine is None:
        return head
    whole: list[Any] = []
    for at, item in enumerate(given or ()):
        if not _is_hollow(item, "image_generation_call"):
            whole.append(item)
        elif item["id"] in mine:
            whole.append({"type": "item_reference", "id": item["id"]})
        else:
            said = f"input[{at}]: item with id {item['id'][:100]!r} not found; send it whole"
            raise invalid(said, f"input[{at}].id", "item_not_found")
    return head.saying({**head.body, "input": whole})


async def refilled(services: Services, principal: Principal, head: RequestHead) -> tuple[RequestHead, frozenset[str]]:
    """The body with the states that its caller dropped from thoughts of answers kept here; and the ids of those whose
    answer had none, of this very model: its vendor alone can complete them."""
    given = head.body.get("input")
    mine = await _mine(services, principal, given, "reasoning")
    store = services.responses
    if not mine or store is None:
        return head, frozenset()
    answers = await ask(services, store.get, principal.account_id, mine.values(), services.now_ms())
    thoughts = {item.get("id"): item for answer in answers.values() for item in answer.output}
    same = {answer.id for answer in answers.values() if answer.response.get("model") == head.model}
    whole = [
        {**item, "encrypted_content": thoughts.get(item["id"], {}).get("encrypted_content")}
        if _is_hollow(item, "reasoning") and thoughts.get(item["id"], {}).get("encrypted_content")
        else item
        for item in given or ()
    ]
    left = frozenset(name for name, holder in mine.items() if holder in same)
    return head if whole == given else head.saying({**head.body, "input": whole}), left


def owned(head: RequestHead, left: Collection[str]) -> RequestHead:
    """The body without thoughts that only the vendor could complete, but for those that are `left` to it."""
    given = head.body.get("input")
    if not isinstance(given, list):
        return head
    whole = [item for item in given if not _is_hollow(item, "reasoning") or item["id"] in left]
    return head if len(whole) == len(given) else head.saying({**head.body, "input": whole})


async def _mine(services: Services, principal: Principal, given: Any, kind: str) -> Mapping[str, str] | None:
    """The account's own of the items that the vendor would complete; None where there are none to be completed."""
    ids = [item["id"] for item in given if _is_hollow(item, kind)] if isinstance(given, list) else []
    if not ids:
        return None
    store = services.responses
    return await ask(services, store.holders, principal.account_id, ids, services.now_ms()) if store else {}


HOLLOW = {"reasoning": "encrypted_content", "image_generation_call": "result"}
"""Items that their vendor completes by their id, where they come without this field."""


def _is_hollow(item: Any, kind: str) -> bool:
    return (
        isinstance(item, dict)
        and item.get("type") == kind
        and isinstance(item.get("id"), str)
        and not item.get(HOLLOW[kind])
    )


def _items(given: Any) -> list[Json]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def _returned(output: Iterable[Json]) -> list[Json]:
    """Output items as input, as a caller that echoes them sends them. Reasoning without state is for reading only."""
    return [item for item in output if item.get("type") != "reasoning" or item.get("encrypted_content")]


@dataclass(frozen=True, slots=True)
class Shelf:
    """GET and DELETE /v1/responses/{id}, GET /v1/responses/{id}/input_items."""

    services: Services
    server: Server

    async def read(self, inbound: Inbound) -> Answer:
        return await self._answered(inbound, self._read)

    async def items(self, inbound: Inbound) -> Answer:
        return await self._answered(inbound, self._items)

    async def delete(self, inbound: Inbound) -> Answer:
        return await self._answered(inbound, self._delete)

    async def _answered(self, inbound: Inbound, act: Any) -> Answer:
        headers = base_headers(self.services.new_id())
        try:
            principal = await authenticate(self.services, inbound)
            told = await act(inbound, principal, inbound.query["response"])
        except RequestError as error:
            return refuse(self.server, error.failure, headers)
        return Answer(200, {**headers, "content-type": "application/json"}, codec.dumps(told))

    async def _found(self, principal: Principal, identity: str) -> tuple[Responses, Stored]:
        store = self.services.responses
        if store is not None:
            found = await ask(self.services, store.get, principal.account_id, [identity], self.services.now_ms())
            if identity in found:
                return store, found[identity]
        said = f"Response with id {identity[:100]!r} not found."
        raise RequestError(Failure(ErrorKind.NOT_FOUND, said, "response_id", "not_found"))

    async def _read(self, inbound: Inbound, principal: Principal, identity: str) -> Json:
        if inbound.query.get("stream", "false") != "false":
            raise invalid("stream: an answer that is kept is given whole; leave it out", "stream", "invalid_value")
        return (await self._found(principal, identity))[1].response

    async def _items(self, inbound: Inbound, principal: Principal, identity: str) -> Json:
        store, stored = await self._found(principal, identity)
        # loaded with the first request that lists them
        from .input_items import page

        before = await ask(self.services, store.get, principal.account_id, stored.chain, self.services.now_ms())
        return page([*(before[one] for one in stored.chain if one in before)], stored, inbound.query)

    async def _delete(self, _inbound: Inbound, principal: Principal, identity: str) -> Json:
        store, stored = await self._found(principal, identity)
        account, now_ms = principal.account_id, self.services.now_ms()
        # what says where the rest is goes last
        await ask(self.services, self.services.memory.forget, account, beside.names(stored), now_ms)
        await ask(self.services, store.delete, account, stored, now_ms)
        return {"id": identity, "object": "response", "deleted": True}
