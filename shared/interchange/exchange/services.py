"""Services that a request uses, and the ports that they keep to; chosen once by `wiring`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Any, Protocol

from interchange.catalog.lookup import Catalog
from interchange.continuity.responses import Responses
from interchange.continuity.rests import Rests
from interchange.continuity.seal import Seal
from interchange.continuity.store import Memory
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.media import Upload
from interchange.identity.keys import Identity
from interchange.metering.costs import Costs
from interchange.metering.idempotency import Idempotency
from interchange.metering.ledger import Ledger
from interchange.metering.tariffs import Tariffs
from interchange.providers import Provider
from interchange.upstream.budget import Budget
from interchange.upstream.call import Upstream
from interchange.upstream.health import Health
from interchange.upstream.timing import Timing

from .keys import Keys
from .mcp import Mcp
from .offers import Offers

FIRST_HOLD_NANO = 20_000_000
Fetch = Callable[[str, str, Budget], Coroutine[Any, Any, b.Base64Source]]
"""(url, param, what the request may fetch) -> the bytes; raises RequestError naming `param`."""


@dataclass(frozen=True, slots=True)
class Presigned:
    """A URL that takes one file with `method`, and with exactly these `headers`."""

    url: str
    method: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """`age` in seconds."""

    file: Upload
    age: float


class UploadStore(Protocol):
    def presign(self, key: str, name: str, content_type: str, size: int, seconds: int) -> Presigned: ...

    def get(self, key: str, most: int) -> Stored | None:
        """None where there is no such object. Raises ValueError for one that is larger than `most` bytes."""


@dataclass(frozen=True, slots=True)
class Services:
    """`now_ms` is the wall clock in Unix milliseconds; `new_id` gives 32 hex digits, never the same twice; `report`
    writes one structured line (event name, fields) to the log. `edge_secret` is what the edge sends with each request;
    "" where there is none in front."""

    catalog: Catalog
    providers: Mapping[str, Provider]
    identity: Identity
    ledger: Ledger
    idempotency: Idempotency
    upstream: Upstream
    memory: Memory
    fetch: Fetch
    seal: Seal
    now_ms: Callable[[], int]
    new_id: Callable[[], str]
    report: Callable[[str, Mapping[str, object]], None]
    uploads: UploadStore | None = None
    """Where files go ahead of their request; None where the deployment has no bucket."""
    edge_secret: str = ""
    health: Health = field(default_factory=Health)
    """Which routes have failed lately."""
    is_outage: Callable[[BaseException], bool] = lambda error: isinstance(error, OSError)
    """True for an error of the table's that says it is away."""
    rests: Rests | None = None
    """Where other processes' failures are learned; None where nobody shares them."""
    keys: Keys | None = None
    """Where the vendors' keys are read anew; None where they stay as they are."""
    patience: Timing = Timing()
    """How long a try may take."""
    near: bool = False
    """True where the table answers within microseconds, so that its calls need no thread."""
    on_loop: bool = False
    """True where a call of the table lets the loop go on while it waits."""
    responses: Responses | None = None
    """Where answers are kept for `previous_response_id`; None where the operator keeps none."""
    shared: AbstractSet[str] = frozenset()
    """Protocols that several vendors speak, so that a reasoning state's form does not say whose it is."""
    first_hold_nano: int = FIRST_HOLD_NANO
    """What an answer that streams, or has no limit, is held for at first, beside its input."""
    public_models: bool = True
    """Whether the list of models needs no key."""
    mcp: Mcp | None = None
    """The way to callers' MCP servers; None where the gateway runs no tools."""
    tracer: bool = False
    """Whether each request is a subsegment of its trace."""
    offers: Offers | None = None
    """The catalog with the operator's changes; None where no table has them."""
    costs: Costs = Costs()
    """What vendors charge the operator."""
    tariffs: Tariffs | None = None
    """What customers pay beside the catalog's prices; None where no table has it."""
    build: str = "checkout"
    """Which build answers; `/healthz` says it."""

    @property
    def on_offer(self) -> Catalog:
        """The models that there are now, as of the tariff that was read last."""
        return self.catalog if self.offers is None else self.offers.now
