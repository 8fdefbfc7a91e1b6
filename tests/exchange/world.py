"""A world for the exchange: real books on a table in memory, and providers that say what a test tells them to."""

from __future__ import annotations

import asyncio
import functools
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, cast

import boto3
import moto.dynamodb.responses as moto_responses
from moto import mock_aws

from interchange.catalog.load import read
from interchange.continuity.responses import TableResponses
from interchange.continuity.seal import Seal
from interchange.continuity.store import TableMemory
from interchange.exchange.conversation.ask import Face, serve
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.services import Services
from interchange.hub.blocks import Base64Source
from interchange.identity.keys import Identity, Limits, digest, write_limits
from interchange.identity.store import KeyStore
from interchange.metering.accounts import Accounts
from interchange.metering.idempotency import Idempotency
from interchange.metering.ledger import Balance, Ledger
from interchange.metering.money import nano
from interchange.metering.rows import UsageRow
from interchange.metering.store import Store, day_of
from interchange.protocols.anthropic_messages.carry import PassThrough as MessagesPassThrough
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.openai_chat.carry import PassThrough as ChatPassThrough
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.protocols.openai_responses.carry import PassThrough as ResponsesPassThrough
from interchange.protocols.openai_responses.server import Server as ResponsesServer
from interchange.providers.anthropic import anthropic
from interchange.providers.gemini import gemini
from interchange.providers.openai import openai
from interchange.providers.xai import xai
from interchange.tables.dynamodb import DynamoTable, create_table
from interchange.tables.sqlite import MEMORY, SqliteTable
from interchange.upstream.budget import Budget
from interchange.upstream.call import ConnectionFault, Outgoing, Take, Ticket
from interchange.wire import codec

KEY = "sk-test-0123456789abcdef0123456789"
TABLE = "books"
SEAL = Seal(b"0123456789abcdef")
PRICE = {"input": "2", "output": "10", "cache_read": "0.5"}
CATALOG: list[dict[str, Any]] = [
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up"}], "max_output": 1000, "price": PRICE,
     "input": ["text", "image"]},
    {"id": "claude", "routes": [{"provider": "anthropic", "model": "claude-up"}], "max_output": 1000, "price": PRICE,
     "traits": {"explicit_cache": True}},
    {"id": "gemini", "routes": [{"provider": "gemini", "model": "gemini-up"}], "max_output": 1000, "price": PRICE},
    {"id": "grok", "routes": [{"provider": "xai", "model": "grok-up"}], "max_output": 1000, "price": PRICE,
     "input": ["text", "image"]},
    {"id": "twice", "routes": [{"provider": "openai", "model": "first"}, {"provider": "xai", "model": "second"}],
     "max_output": 1000, "price": PRICE},
    {"id": "nowhere", "routes": [{"provider": "bedrock", "model": "x"}], "price": PRICE},
    {"id": "vectors", "kind": "embedding", "routes": [{"provider": "openai", "model": "e"}], "price": {"input": "1"}},
]  # fmt: skip


@dataclass
class Says:
    """One answer of a provider: chunks are sent as they stand; an exception among them is raised; a float is waited for
    (seconds); an event is waited for."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[Any] = ()

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self.stream()])

    async def stream(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            match chunk:
                case bytes():
                    yield chunk
                case float():
                    await asyncio.sleep(chunk)
                case asyncio.Event():
                    await chunk.wait()
                case _:
                    raise chunk

    def chunks_of(self) -> AsyncIterator[bytes]:
        return self.stream()


class Said:
    """What the exchange sees of a `Says`."""

    def __init__(self, says: Says) -> None:
        self.status, self.headers, self._says = says.status, dict(says.headers), says

    async def read(self) -> bytes:
        return await self._says.read()

    async def pour(self, take: Take) -> None:
        async for chunk in self._says.stream():
            if not take(chunk):
                return

    def close(self) -> None:
        pass


ASKED_IN: ContextVar[str | None] = ContextVar("asked_in", default=None)
"""The protocol of the caller that is being answered: then a vendor answers 400 to what the real one refuses. None: it
takes all."""


class Script:
    """Stands for `Upstream`: each call takes the next answer; what was sent is kept."""

    def __init__(self) -> None:
        self.answers: list[Says | Exception] = []
        self.sent: list[Outgoing] = []
        self.default: Callable[[Outgoing], Says] | None = None
        self.asked = asyncio.Event()
        self.refused: list[str] = []
        """What a vendor answered 400 to. A world in which one did so fails its test, whatever the caller was told."""

    async def send(self, ticket: Ticket, outgoing: Outgoing) -> Said:
        assert ticket.request_id
        self.sent.append(outgoing)
        self.asked.set()
        asked_in = ASKED_IN.get()
        refusal = None if asked_in is None else _refusal(outgoing, asked_in)
        if refusal is not None:
            self.refused.append(f"{outgoing.url}: {refusal.decode()}\n  of {(outgoing.body or b'').decode()[:2000]}")
            return Said(Says(400, chunks=[refusal]))
        if not self.answers:
            assert self.default is not None, "nothing more was expected to be sent"
            return Said(self.default(outgoing))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Said(answer)

    @property
    def bodies(self) -> list[Any]:
        return [codec.loads(outgoing.body or b"null") for outgoing in self.sent]


@functools.cache
def _read_rules() -> None:
    """Reads the vendors' descriptions now: later their time would be a request's, whose deadline is near."""
    for end in ("chat/completions", "responses", "messages", "models/m:generateContent"):
        _refusal(Outgoing("POST", f"http://openai/{end}", {}, b'{"messages": [], "input": [], "contents": []}'), "")


def _refusal(outgoing: Outgoing, asked_in: str) -> bytes | None:
    from tests.rules.judge import answered, spoken  # the vendors' SDKs and descriptions: half a second

    if not spoken(outgoing.url):
        return None
    body = codec.loads(outgoing.body or b"null")
    return answered(outgoing.url, body, asked_in) if isinstance(body, dict) else None


@dataclass
class World:
    services: Services
    script: Script
    accounts: Accounts
    keys: KeyStore
    now: list[int]
    reports: list[tuple[str, Mapping[str, object]]]
    judges: bool = True
    """Whether the vendors refuse what the real ones refuse of a translated request."""

    @property
    def ledger(self) -> Ledger:
        return self.services.ledger

    def balance(self) -> Balance:
        return self.ledger.balance("acc")

    def rows(self) -> list[UsageRow]:
        return list(self.ledger.rows("acc", day_of(self.now[0])))

    def fund(self, usd: str) -> None:
        self.accounts.credit("acc", nano(usd), "test", f"c{usd}", self.now[0])

    def faces(self) -> dict[str, Face]:
        return {
            "chat": Face(ChatServer(SEAL), ChatPassThrough()),
            "messages": Face(
                MessagesServer(SEAL), MessagesPassThrough(), threads=lambda name: MessagesPassThrough(identity=name)
            ),
            "responses": Face(ResponsesServer(SEAL), ResponsesPassThrough(), stores=True),
        }

    async def ask(self, family: str, body: Any, *, key: str = KEY, seconds: float = 30.0, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else codec.dumps(body)
        sent = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        ASKED_IN.set(self.faces()[family].server.protocol if self.judges else None)
        deadline = asyncio.get_running_loop().time() + seconds
        inbound = Inbound("POST", f"/v1/{family}", sent, raw, deadline)
        return await serve(self.services, self.faces()[family], inbound)

    async def whole(self, family: str, body: Any, **options: Any) -> tuple[int, Any, Mapping[str, str]]:
        answer = await self.ask(family, body, **options)
        assert isinstance(answer.body, bytes)
        return answer.status, codec.loads(answer.body), answer.headers

    async def streamed(self, family: str, body: Any, **options: Any) -> tuple[Answer, list[bytes]]:
        answer = await self.ask(family, body, **options)
        if isinstance(answer.body, bytes):
            return answer, [answer.body]
        return answer, [chunk async for chunk in answer.body]


@contextmanager
def world(credit: str = "10", limits: Limits | None = None) -> Iterator[World]:
    """On the embedded table, which tests/metering/contract holds to what DynamoDB does."""
    store = SqliteTable(MEMORY)
    try:
        made = make(lambda: store, credit, limits or Limits())
        yield made
        assert not made.script.refused, "\n".join(made.script.refused)
    finally:
        store.close()


@contextmanager
def dynamo_world(credit: str = "10", limits: Limits | None = None) -> Iterator[World]:
    """On the table's client for DynamoDB, and moto. That is not atomic under threads; the lock makes each call one."""
    lock = threading.Lock()
    original = moto_responses.DynamoHandler.call_action

    def locked(handler: Any) -> Any:
        with lock:
            return original(handler)

    moto_responses.DynamoHandler.call_action = locked  # type: ignore[method-assign]
    try:
        with mock_aws():
            client = boto3.client("dynamodb", region_name="us-east-1")
            create_table(client, TABLE)
            made = make(lambda: DynamoTable(client, TABLE), credit, limits or Limits())
            yield made
            assert not made.script.refused, "\n".join(made.script.refused)
    finally:
        moto_responses.DynamoHandler.call_action = original  # type: ignore[method-assign]


def make(table: Callable[[], Store], credit: str, limits: Limits) -> World:
    """The books, the keys and the memory each have a table of their own, as in a function."""
    _read_rules()
    store, keys, script = table(), KeyStore(table()), Script()
    now = [1_770_000_000_000]
    accounts = Accounts(store)
    accounts.create("acc", "test", now[0])
    accounts.credit("acc", nano(credit), "test", "first", now[0])
    keys.add(
        digest(KEY),
        {"key_id": "key_1", "account_id": "acc", "status": "active", "name": "k", "limits": write_limits(limits),
         "markup": "1", "shards": 1, "created_ms": now[0]},
    )  # fmt: skip
    ids = itertools.count(1)
    reports: list[tuple[str, Mapping[str, object]]] = []
    upstream: Any = script
    found = [openai("k1"), anthropic("k2"), gemini("k3"), xai("k4")]

    async def fetch(_url: str, _param: str, _budget: Budget) -> Base64Source:
        return Base64Source("image/png", "aGk=")

    services = Services(
        catalog=read(CATALOG),
        providers={provider.name: replace(provider, base_url=f"http://{provider.name}") for provider in found},
        identity=Identity(keys),
        ledger=Ledger(store),
        idempotency=Idempotency(store),
        upstream=upstream,
        memory=TableMemory(table()),
        fetch=fetch,
        seal=SEAL,
        now_ms=lambda: now[0],
        new_id=lambda: f"{next(ids):032x}",
        report=lambda event, fields: reports.append((event, fields)),
        responses=TableResponses(table(), 30),
        shared=frozenset({"openai_chat", "openai_responses"}),
    )
    return World(services, script, accounts, keys, now, reports)


def traits(here: World, number: int) -> dict[str, Any]:
    """Of a model of the catalog; a test takes back what it puts there."""
    return cast("dict[str, Any]", here.services.catalog.models[number].traits)


def fault(sent: bool = True) -> ConnectionFault:
    return ConnectionFault("reset", sent=sent)


def chat_answer(text: str = "hello", prompt: int = 10, completion: int = 5, **extra: Any) -> bytes:
    body = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-up-2026",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": None},
                     "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
        **extra,
    }  # fmt: skip
    return codec.dumps(body)


def chat_chunk(delta: dict[str, Any] | None, finish: str | None = None, usage: Any = None) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "gpt-up-2026", "choices": choices,
            "usage": usage}  # fmt: skip
    return b"data: " + codec.dumps(body) + b"\n\n"


def chat_stream(*texts: str, prompt: int = 10, completion: int = 5) -> list[bytes]:
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return [
        chat_chunk({"role": "assistant", "content": ""}),
        *(chat_chunk({"content": text}) for text in texts),
        chat_chunk({}, "stop"),
        chat_chunk(None, usage=usage),
        b"data: [DONE]\n\n",
    ]


def messages_frame(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + codec.dumps({"type": kind, **fields}) + b"\n\n"


def messages_stream(*texts: str, prompt: int = 10, completion: int = 5) -> list[bytes]:
    message: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up",
               "content": [], "stop_reason": None, "stop_sequence": None,
               "usage": {"input_tokens": prompt, "output_tokens": 1, "cache_creation_input_tokens": 0,
                         "cache_read_input_tokens": 0}}  # fmt: skip
    return [
        messages_frame("message_start", message=message),
        messages_frame("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        *(messages_frame("content_block_delta", index=0, delta={"type": "text_delta", "text": t}) for t in texts),
        messages_frame("content_block_stop", index=0),
        messages_frame("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None},
                       usage={"output_tokens": completion}),
        messages_frame("message_stop"),
    ]  # fmt: skip


def user(text: str = "hi") -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]
