"""Wire formats. One package each, with two faces:

`client` (we call a provider): `write_request`, `read_response`, `StreamReader`, `read_failure`, addresses.
`server` (we are called): `read_request`, `write_response`, `StreamWriter`, `write_failure`.

Everything here is pure and synchronous: no clock, ids, environment or I/O. What a writer needs of those comes in
`Envelope`. The typing interfaces below are what the exchange knows of a protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar, Protocol, runtime_checkable

from interchange.dataclass import dataclass
from interchange.hub.blocks import Continuation
from interchange.hub.events import Event, Response
from interchange.hub.failure import Failure
from interchange.hub.losses import Losses
from interchange.hub.rates import Rates
from interchange.hub.request import Request
from interchange.hub.rules import Rules
from interchange.hub.uploaded import Content
from interchange.hub.usage import Usage
from interchange.wire.sse import Frame

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """The model that a request is written for; from the catalog, as plain data.

    `inputs` ("text", "image", "document", "audio", "video"); `max_output` in tokens; `traits` are free words that a
    protocol's tables look up (for example "thinking": "adaptive", "sampling": False), documented in the catalog.
    """

    model: str
    inputs: frozenset[str] = frozenset({"text"})
    max_output: int | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Facts that a server face may not make up itself: our request id (hex), Unix seconds, and the model id that the
    caller asked for. `include_usage` is the caller's wish for the trailing usage chunk; `estimate` is the gateway's
    estimate of the input tokens, for formats that must state a number before the upstream does. `asked` is the caller's
    body, for formats whose answers repeat it."""

    request_id: str
    created: int
    model: str
    include_usage: bool = False
    estimate: int = 1
    asked: Mapping[str, Any] = field(default_factory=dict)


class StreamReader(Protocol):
    """Frames of one answer in, hub events out. `finish` is called once when the upstream's bytes end: it closes what
    is open and yields MessageStop, or StreamFailed where the terminal frame never came. `usage` is the best knowledge
    at any time (the pass-through lane's tap reads it), None while nothing was reported."""

    @property
    def usage(self) -> Usage | None: ...

    @property
    def skips_text(self) -> bool:
        """True where a piece of text leaves no trace in the reader: a frame that is like the one before in all but its
        text, and that one's padding, need not be read."""

    @property
    def padding(self) -> str | None:
        """The member of a stream's frames whose length is random; None where there is none."""

    def read(self, frame: Frame) -> Iterable[Event]: ...

    def finish(self) -> Iterable[Event]: ...


class EachFrame:
    """The defaults of a `StreamReader`: every frame is read."""

    __slots__ = ()
    skips_text: ClassVar[bool] = False
    padding: ClassVar[str | None] = None


class StreamWriter(Protocol):
    """Hub events in, wire bytes out. `write` returns b"" for an event the format has no word for."""

    def write(self, event: Event) -> bytes: ...


class Client(Protocol):
    """A client face (a frozen value: the protocol with one provider's dialect)."""

    @property
    def protocol(self) -> str: ...

    def path(self, model: str, stream: bool) -> str:
        """The URL path and query below the provider's base URL."""

    def rules(self, profile: Profile) -> Rules:
        """Rules of the model for a request that could be said otherwise: `write_request` is given a request that
        `interchange.rewrites` has brought to them."""

    def write_request(self, request: Request, profile: Profile, losses: Losses) -> JsonObject:
        """The upstream body. Raises RequestError for what changes the answer's meaning and cannot be said."""

    def read_response(self, body: JsonObject) -> Response: ...

    def read_stream(self) -> StreamReader: ...

    def read_failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure: ...

    def refused(self, body: JsonObject, choices: int) -> Failure | None:
        """The failure that a body of a success status holds in the place of an answer; None where it is an answer to
        a request for so many choices."""

    def is_content(self, frame: Frame) -> bool:
        """True for a frame that carries content or an error (what the first-frame rule waits for): not a ping, not
        an empty role chunk."""

    def read_usage(self, body: JsonObject) -> Usage | None:
        """The usage of a whole answer, without reading the rest (pass-through)."""


class Server(Protocol):
    """A server face."""

    @property
    def protocol(self) -> str: ...

    @property
    def extensions(self) -> frozenset[str]:
        """Fields of a body that are the gateway's own: no vendor knows them."""

    def shows_tools(self, headers: Mapping[str, str]) -> bool:
        """True where the answer has a place for the tools that an MCP server has listed. `headers` are the caller's."""

    def read_request(self, body: JsonObject) -> Request:
        """Raises RequestError with `param` for a body that the protocol does not allow."""

    def owned_by(self, account_id: str) -> Server:
        """The face for one account: reasoning state that it seals is no other account's."""

    def refuse_held(self, body: JsonObject) -> None:
        """Raises RequestError for a body that names what lies in the operator's account at a vendor."""

    def uploads(self, body: JsonObject) -> Iterable[tuple[str, str]]:
        """(path, id) of the gateway's own uploads that the body names. Raises RequestError for one in a place that
        takes none."""

    def with_uploads(self, body: JsonObject, contents: Mapping[str, Content]) -> JsonObject:
        """The body with the contents, by id, in their places. Raises RequestError for one that its place cannot
        hold."""

    def places(self, body: JsonObject) -> Mapping[str, str]:
        """Maps the hub's fields to those of a body that was read. Looked up by `hub.places.told`."""

    def unread(self, body: JsonObject) -> Iterable[str]:
        """The fields of a body that has been read which are in nothing that was read: a translation loses them."""

    def write_response(self, response: Response, envelope: Envelope) -> JsonObject: ...

    def write_stream(self, envelope: Envelope) -> StreamWriter: ...

    def write_failure(self, failure: Failure) -> tuple[int, JsonObject]:
        """HTTP status and body of an error before the first byte."""

    def write_stream_failure(self, failure: Failure) -> bytes:
        """The error as an event after the first byte."""

    def follow(self, ending: bytes, sent: bytes) -> bytes:
        """The stream's last event, `ending`, as it comes after the bytes `sent` before it."""

    def write_rates(self, rates: Rates) -> dict[str, str]:
        """The answer's headers that tell what is left of a limited key's minute."""

    def heartbeat(self) -> bytes: ...

    def write_usage(self, usage: Usage) -> JsonObject:
        """The usage object of a whole answer in this protocol's words."""

    def usage_place(self, event: JsonObject) -> Sequence[str] | None:
        """Path in an event of a stream to the answer's last usage; None for any other event."""


@runtime_checkable
class StreamRefusing(Protocol):
    """A server face some of whose clients look for the refusal of a full context in the stream, and nowhere else."""

    def hears_in_stream(self, headers: Mapping[str, str]) -> bool:
        """True for such a client. `headers` are the caller's."""

    def write_refused_stream(self, failure: Failure, envelope: Envelope) -> bytes:
        """A whole stream that says nothing but the failure."""


@dataclass(frozen=True, slots=True)
class Successor:
    """A model that takes over within a request: its name as the caller has it, its place in the body, and its own limit
    and speed; None where the request's are its own."""

    model: str
    path: str
    max_tokens: int | None = None
    speed: str | None = None


class Successors(Protocol):
    """A protocol's way to say which models take over where the one that was asked for declines."""

    def read(self, body: JsonObject) -> tuple[Successor, ...]:
        """Those that the body names. Raises RequestError."""

    def write_request(self, raw: bytes, body: JsonObject, names: Mapping[str, str], limit: int | None) -> bytes:
        """The upstream body `raw` with the vendor's names for theirs, and none of their limits above `limit`."""

    def write_answer(self, data: bytes, names: Mapping[str, str]) -> bytes:
        """A whole answer, or a frame's data, with the caller's names for the vendor's."""

    def serving(self, event: JsonObject) -> str | None:
        """The model, by its vendor's name, that what follows is said to be of; None where nothing is said."""

    def read_usage(self, report: JsonObject, serving: str) -> Usage:
        """The usage with the share of each model. `serving` made the answer."""


Taken = Callable[[str], Continuation | None]
"""A state as the history has it -> as the vendor is to have it back; None where that vendor did not make it."""


class PassThrough(Protocol):
    """Carries one protocol through unchanged, save for `model` and what metering needs."""

    @property
    def protocol(self) -> str: ...

    @property
    def padding(self) -> str | None:
        """The member of a stream's frames whose length is random; None where there is none."""

    @property
    def successors(self) -> Successors | None:
        """None where the protocol has no word for models that take over."""

    def restated(self, body: JsonObject, taken: Taken) -> JsonObject:
        """The body with the reasoning state of its history as `taken` gives it, and without what that gives None for;
        `body` itself where nothing changes."""

    def states(self, answer: JsonObject) -> Iterable[str]:
        """The reasoning states of a whole answer."""

    def write_request(self, raw: bytes, body: JsonObject, profile: Profile, limit: int | None, stream: bool) -> bytes:
        """The upstream body: `raw` with the model's upstream name, the output limit where one is imposed, and the
        wish for usage. State that we sealed for another vendor is taken out."""

    def left_out(self, body: JsonObject) -> tuple[str, ...]:
        """The parameters that `write_request` takes out, because the vendor would refuse the history with them."""

    def write_response(self, raw: bytes, answer: JsonObject, model: str) -> bytes:
        """The whole answer's bytes with the caller's name of the model. `answer` is what they say."""

    def write_frame(self, frame: Frame, model: str, asked_usage: bool) -> bytes:
        """One frame of a stream likewise; b"" for a frame that only our own wish for usage brought."""

    def write_ending(self, ending: bytes, last: bytes, identity: str | None) -> bytes:
        """An end of our own writing for a stream whose last frame was `last` and whose answer has that id."""


@runtime_checkable
class Ordering(PassThrough, Protocol):
    """Carries a protocol whose vendor wants the thinking of a turn where it stood."""

    def ordered(self, body: JsonObject, records: Mapping[str, bytes]) -> JsonObject:
        """The body with its turns in the order of the records, by name; `body` itself where nothing changes."""


@runtime_checkable
class Pairing(PassThrough, Protocol):
    """Carries a protocol whose vendor finds by an item's id the reasoning that it wants before it."""

    def paired(self, body: JsonObject, turns: Mapping[str, bytes]) -> JsonObject:
        """The body without the ids of items whose reasoning was left out, by the turns of `continuity.pairs`."""


@runtime_checkable
class Storing(PassThrough, Protocol):
    """Carries a protocol whose answers say whether they are kept, and which one they follow."""

    def of_one(self, *, previous: str | None, kept: bool) -> PassThrough:
        """The same for one answer."""


@runtime_checkable
class BetaClient(Client, Protocol):
    """A client face whose vendor wants a header for some fields of a body."""

    def betas(self, body: JsonObject) -> tuple[str, ...]:
        """The names to send in the provider's beta header."""


@runtime_checkable
class TextSigningClient(Client, Protocol):
    """A client face whose vendor puts states on the texts of its answers, and takes them back there."""

    @property
    def signs_texts(self) -> bool: ...


@runtime_checkable
class CallLimitingClient(Client, Protocol):
    """A client face whose vendor takes a limit on the calls of the tools that it runs."""

    def limited(self, raw: bytes, request: Request) -> bytes:
        """The upstream body `raw` with the limits that are held for, where it states none."""


@runtime_checkable
class LimitingClient(Protocol):
    """A client face whose vendors differ in the name of the output limit."""

    @property
    def limit_field(self) -> str: ...

    @property
    def replayed(self) -> tuple[str, ...]:
        """Fields of a past answer, beyond the protocol's own, that the vendor takes back."""


@runtime_checkable
class CountingClient(Client, Protocol):
    """A client face whose vendor counts tokens before a request is made."""

    def count_path(self, model: str) -> str: ...

    def write_count_tokens(self, request: Request, profile: Profile, losses: Losses) -> JsonObject: ...

    def read_count(self, body: JsonObject) -> int: ...


class CountingServer(Server, Protocol):
    def owned_by(self, account_id: str) -> CountingServer: ...

    def read_count_tokens(self, body: JsonObject) -> Request: ...

    def write_count(self, tokens: int) -> JsonObject: ...
