"""One request of another family (embeddings, images, sound): the same key, hold, call, row and settlement as a
conversation's, with a family's own bounds and units."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from interchange.catalog.models import Model
from interchange.dataclass import dataclass, replace
from interchange.exchange.access import find_model
from interchange.exchange.answers import base_headers, note_deprecation
from interchange.exchange.attempt_failed import usable
from interchange.exchange.call import Call
from interchange.exchange.hold import Wanted, admit
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.labels import read_labels
from interchange.exchange.lane import ErrorWriter
from interchange.exchange.meters import metered
from interchange.exchange.produced import credible, has_any
from interchange.exchange.record import Record
from interchange.exchange.retirement import served
from interchange.exchange.serve import SETTLE_SECONDS, answered
from interchange.exchange.services import Services
from interchange.hub.failure import invalid
from interchange.hub.media import Form
from interchange.hub.usage import Usage
from interchange.identity.keys import Principal
from interchange.metering.bounds import Extent
from interchange.protocols.faces import Envelope
from interchange.protocols.media import MediaServer, StreamingServer

from .lanes import MediaCaller, priced
from .multipart import read_form
from .routes import attempts
from .silent import SilentWriter

Prepare = Callable[[Services, Principal, Model, Form, Any], Awaitable[Any]]
"""What a request needs of the world before it is measured. Raises RequestError naming the field."""

Place = Callable[[Services, Principal, Form], Awaitable[Form]]
"""The form with what it names. Raises RequestError naming the field."""

Check = Callable[[Mapping[str, Any]], None]
"""(a body's fields) -> nothing. Raises RequestError naming the field."""


@dataclass(frozen=True, slots=True)
class Family:
    """`name` is the row's word and the key of the providers' faces, `kind` the catalog's. `upper_bound` is what a
    request can use at most; `usage_charged` is what is charged: (request, the vendor's report, things in the answer)
    -> usage. `prepare` completes what the caller's body alone does not tell. `chooses`: a body may leave the model to
    us; then it is the catalog's first of the kind."""

    name: str
    kind: str
    face: MediaServer
    speaker: ErrorWriter
    upper_bound: Callable[[Any, Model], Extent]
    usage_charged: Callable[[Any, Usage | None, int], Usage]
    files: bool = False
    prepare: Prepare | None = None
    place: Place | None = None
    """What puts uploads into the places where the form has their ids."""
    chooses: bool = False
    delivered: Callable[[Any, Model, int], Usage] | None = None
    """What things in an answer cost in tokens where the vendor reports none: (request, model, things) -> usage."""
    check: Check | None = None
    """What a body must be beyond what `face` reads."""


async def serve_media(services: Services, family: Family, inbound: Inbound) -> Answer:
    """Any outcome is an answer in the caller's protocol; nothing is raised for what a caller or a provider did."""
    headers = base_headers(services.new_id())
    started_ms = services.now_ms()

    async def admitted(principal: Principal) -> Call:
        return await _admitted(services, family, inbound, principal, headers, started_ms)

    return await answered(services, family.speaker, inbound, headers, admitted)


async def _admitted(
    services: Services, family: Family, inbound: Inbound, principal: Principal, headers: dict[str, str], started_ms: int
) -> Call:
    """A call that may be made: understood, routed, paid for."""
    request_id = headers["x-interchange-request-id"]
    form = _named(services, family, read_form(inbound, files=family.files))
    model = find_model(services, principal, _model(form), family.kind)
    if family.place is not None:
        form = await family.place(services, principal, form)
    request = family.face.read_request(form)
    if family.check is not None:
        family.check(form.fields)
    if family.prepare is not None:
        request = await family.prepare(services, principal, model, form, request)
    labels = read_labels(inbound.headers, form.fields.get("user"), None)
    principal = metered(principal, model, labels.user)
    extent = family.upper_bound(request, model)
    caller = _caller(family, form, request, model, request_id, started_ms)
    chosen = usable(attempts(services, model, caller), model, strict=inbound.strict)
    seconds = inbound.deadline - asyncio.get_running_loop().time()
    # What these families make cannot be cut to a balance: the floor is all of it.
    wanted = Wanted(extent, floor=max(1, extent.output_tokens))
    admission = await admit(services, principal, model, request_id, wanted, seconds=seconds)
    note_deprecation(headers, model)
    if admission.rates is not None:
        headers |= caller.server.write_rates(admission.rates)
    record = Record(
        caller,
        principal,
        model,
        admission,
        chosen[0],
        started_ms,
        lambda: 0,  # what the vendor does not report is made up by the family itself
        stream_type=_stream_type(caller),
        labels=labels,
    )
    return Call(services, record, chosen, inbound.headers, inbound.deadline - SETTLE_SECONDS)


def _stream_type(caller: MediaCaller) -> str:
    return caller.face.stream_type(caller.request) if isinstance(caller.face, StreamingServer) else "application/json"


def _named(services: Services, family: Family, form: Form) -> Form:
    """Names a model where the caller may leave it out and has."""
    if not family.chooses or form.fields.get("model") is not None:
        return form
    first = next((model.id for model in served(services) if model.kind == family.kind), None)
    return form if first is None else replace(form, fields={**form.fields, "model": first})


def _model(form: Form) -> str:
    name = form.fields.get("model")
    if name is None or name == "":
        raise invalid("you must provide a model parameter", "model", "missing_required_parameter")
    if not isinstance(name, str):
        raise invalid("model: must be a non-empty string", "model", "invalid_type")
    return name


def _caller(family: Family, form: Form, request: Any, model: Model, request_id: str, started_ms: int) -> MediaCaller:
    price = model.price
    units = {"milliseconds": price.per_minute, "characters": price.per_million_characters, "images": price.per_image}
    charged = frozenset(name for name, rate in units.items() if rate is not None)

    def counted(request: Any, reported: Usage | None, items: int) -> Usage:
        reported = reported if reported is not None and _believed(reported, items) else None
        estimated = reported is None or not (reported.total_output if family.delivered else reported.total)
        usage = family.usage_charged(request, reported, items)
        if estimated and items and family.delivered is not None and not charged:
            usage = usage.merge(family.delivered(request, model, items))
        return priced(usage, charged, estimated=estimated)

    envelope = Envelope(request_id, started_ms // 1000, str(form.fields["model"]))
    stream = isinstance(family.face, StreamingServer) and family.face.streams(request)
    speaker = family.speaker
    if stream and isinstance(family.face, StreamingServer) and not _has_words(family.face.stream_type(request)):
        speaker = SilentWriter(speaker)
    return MediaCaller(speaker, family.face, family.name, envelope, form, request, stream, counted)


def _believed(reported: Usage, items: int) -> bool:
    """A report of nothing is believed where there is nothing in the answer."""
    return credible(reported) and (not items or has_any(reported))


def _has_words(content_type: str) -> bool:
    """True for a stream of events: it can tell a failure, and that it is alive."""
    return content_type.startswith("text/event-stream")
