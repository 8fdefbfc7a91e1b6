"""Holds against charges, over recorded traffic: how much more is set aside for a request than it costs.

    python -m benchmarks.holds

Each recording of a conversation with a model of the catalog is measured as the gateway would before it is sent, and
charged by the usage that its vendor reported. `most` is the proven bound, `first` what is set aside at first.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from interchange.catalog.load import load
from interchange.catalog.models import Model
from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.exchange.conversation.bound import measure
from interchange.exchange.services import FIRST_HOLD_NANO
from interchange.hub import events as e
from interchange.hub.failure import RequestError
from interchange.hub.fold import unfold
from interchange.hub.usage import Usage
from interchange.metering.bounds import bound, opening
from interchange.metering.prices import PriceList, charge
from interchange.protocols.anthropic_messages.client import Client as MessagesClient
from interchange.protocols.anthropic_messages.server import Server as MessagesServer
from interchange.protocols.faces import Client, Server
from interchange.protocols.openai_chat.client import Client as ChatClient
from interchange.protocols.openai_chat.server import Server as ChatServer
from interchange.protocols.openai_responses.client import Client as ResponsesClient
from interchange.protocols.openai_responses.server import Server as ResponsesServer
from interchange.wire import codec
from tests.laws.traffic import read_events
from tests.recordings.read import every

DEAR_NANO = 10_000_000
"""A cent: a turn of a coding agent costs that or more."""
SEAL = Seal(b"0123456789abcdef")
FAMILIES: Mapping[str, tuple[Client, Server]] = {
    "openai_chat": (ChatClient(), ChatServer(SEAL)),
    "anthropic_messages": (MessagesClient(), MessagesServer(SEAL)),
    "openai_responses": (ResponsesClient(), ResponsesServer(SEAL)),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """Nano-dollars."""

    family: str
    model: str
    most: int
    first: int
    charge: int


def measured() -> Iterator[Measured]:
    models = {name: model for model in load().models for name in _names(model) if model.kind == "chat"}
    for family in FAMILIES:
        for recording in every(family):
            model = models.get(str(recording.get("model")).rpartition("/")[2])
            if model is not None and isinstance(recording.get("request_json"), dict):
                found = _measured(family, recording, model)
                if found is not None and found.charge:
                    yield found


def _names(model: Model) -> tuple[str, ...]:
    return (model.id, *model.aliases, *(route.model for route in model.routes))


def _measured(family: str, recording: Mapping[str, Any], model: Model) -> Measured | None:
    client, server = FAMILIES[family]
    try:
        usage = _usage(client, recording)
        request = server.read_request(dict(recording["request_json"]))
    except (RequestError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a refusal was recorded, or what the gateway refuses
    prices = PriceList.read(model.price.data())
    bounds = measure(request, codec.dumps(recording["request_json"]), model)
    grows = bool(recording["request_json"].get("stream")) or request.max_tokens is None
    first = opening(prices, bounds.first, FIRST_HOLD_NANO) if grows else bounds.first
    return Measured(family, model.id, bound(prices, bounds.most), bound(prices, first), charge(usage, prices).nano)


def _usage(client: Client, recording: Mapping[str, Any]) -> Usage:
    if recording.get("response_sse"):
        events = read_events(client, recording["response_sse"])
    else:
        events = list(unfold(client.read_response(recording["response_json"])))
    usage = Usage()
    for event in events:
        if isinstance(event, e.UsageReported):
            usage = usage.merge(event.usage)
    return usage


def main() -> None:
    ratios: dict[str, list[tuple[float, float]]] = defaultdict(list)
    above: list[Measured] = []
    found = list(measured())
    for one in found:
        for name in (one.family, "all"):
            ratios[name].append((one.most / one.charge, one.first / one.charge))
        if one.charge > one.most:
            above.append(one)
    print("| protocol | requests | most, median | most, p95 | first, median | first, p95 |")
    print("|---|---|---|---|---|---|")
    for name, pairs in ratios.items():
        most, first = ([pair[number] for pair in pairs] for number in (0, 1))
        figures = " | ".join(f"{figure:,.0f}" for column in (most, first) for figure in _figures(column))
        print(f"| {name} | {len(pairs)} | {figures} |")
    print(f"\ncharged above the bound: {len(above)}")
    for one in above:
        print(one)
    dear = [one for one in found if one.charge >= DEAR_NANO]
    most, first = (statistics.median(getattr(one, name) / one.charge for one in dear) for name in ("most", "first"))
    print(f"of the {len(dear)} that cost a cent or more, at the median: most {most:,.1f}, first {first:,.1f}")


def _figures(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    main()
