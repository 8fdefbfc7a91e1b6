"""Environment -> services. The only place that chooses; a missing or malformed setting is one line naming it."""

from __future__ import annotations

import functools
import importlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from aws_lambda_powertools import Logger

from interchange.aws.mail import Mail
from interchange.catalog.load import CatalogError, load
from interchange.catalog.lookup import Catalog
from interchange.catalog.overlay import overlaid
from interchange.continuity.responses import TableResponses
from interchange.continuity.rests import Rests
from interchange.continuity.seal import Seal
from interchange.continuity.store import TableMemory
from interchange.exchange.keys import Keys
from interchange.exchange.offers import Offers
from interchange.exchange.services import FIRST_HOLD_NANO, Services, UploadStore
from interchange.identity.keys import Identity
from interchange.identity.store import KeyStore
from interchange.metering.costs import Costs
from interchange.metering.idempotency import Idempotency
from interchange.metering.ledger import Ledger
from interchange.metering.tariffs import Tariffs
from interchange.tables.port import Table
from interchange.upstream.timing import Timing

from .aws import at_once, credentials, endpoint, region
from .build import build
from .outage import is_outage
from .reach import Way, mcp, no_way_out, way_out
from .renewal import Renewable
from .reporting import reporter
from .secrets import settings
from .setting import SettingError, read_days, read_factors, read_seconds, read_switch, read_usd
from .setting import read_table as table
from .tables import open_table
from .vendors import added_providers, base_url_variable, check_protocols, check_routes

__all__ = [
    "SettingError", "added_providers", "base_url_variable", "catalog", "check_protocols", "check_routes", "checked",
    "mail", "make", "open_table", "rests", "rests_on", "seal", "services", "settings", "table",
]  # fmt: skip

SERVED = "served"
"""INTERCHANGE_MODELS where the list has only models with a provider whose key is set: a server that sees all keys."""

KEY_KEPT_MS = 10_000
"""How long a key is known without being looked up again (docs/decisions/0025-one-round-trip.md)."""

RESPONSES_DAYS = 30.0
"""How long an answer of Responses is kept for its caller, where the operator states nothing: the vendor's own time
(https://platform.openai.com/docs/guides/conversation-state)."""

SNAPSHOT = "snap-start"
"""AWS_LAMBDA_INITIALIZATION_TYPE where what is loaded now is kept in a snapshot."""

FOLDER = "file:"
"""How INTERCHANGE_UPLOADS_BUCKET names a folder of this machine: `file:PATH?url=WHERE THE SERVER TAKES FILES`."""


def catalog(env: Mapping[str, str]) -> Catalog:
    """Raises CatalogError that names the variable."""
    path = env.get("INTERCHANGE_CATALOG")
    if not path:
        return load()
    try:
        return checked(Path(path))
    except CatalogError as error:
        raise CatalogError(f"INTERCHANGE_CATALOG: {error}") from error


def checked(file: Path) -> Catalog:
    """The catalog of a file, with all that can be said of it before the first request. Raises CatalogError."""
    listed = load(file)
    try:
        check_routes(listed)
        check_protocols(listed)
    except CatalogError as error:
        raise CatalogError(f"{file.name}: {error}") from error
    return listed


def seal(env: Mapping[str, str]) -> Seal:
    """The key that authenticates reasoning state. Without one of its own, the table's name gives a stable one: state is
    then only as private as that name, which a laptop can live with; the template always sets it."""
    return Seal((env.get("INTERCHANGE_SEAL_KEY") or f"interchange:{table(env)}").encode())


def rests(environ: Mapping[str, str] | None = None) -> Rests:
    """Health of the vendors, as the gateway's processes have seen it, on the table that the environment names."""
    return rests_on(open_table(settings(environ)))


def rests_on(kept: Table) -> Rests:
    return Rests(kept)


def mail(env: Mapping[str, str], sender: str) -> Mail:
    """Writes e-mail from that address."""
    return Mail(sender, region(env), credentials(env), endpoint(env, "SESV2"))


def timing(env: Mapping[str, str]) -> Timing:
    """Time limits of a try of a vendor; each in seconds. Raises SettingError."""
    known = Timing()
    return Timing(
        connect=read_seconds(env, "INTERCHANGE_CONNECT_SECONDS") or known.connect,
        first_byte=read_seconds(env, "INTERCHANGE_FIRST_BYTE_SECONDS"),
        silence=read_seconds(env, "INTERCHANGE_SILENCE_SECONDS") or known.silence,
    )


def uploads(env: Mapping[str, str]) -> UploadStore | None:
    name = env.get("INTERCHANGE_UPLOADS_BUCKET", "").strip()
    if not name:
        return None
    if name.startswith(FOLDER):
        from interchange.exchange.uploads_folder import Folder

        path, _, url = name.removeprefix(FOLDER).partition("?url=")
        return Folder(path, url)
    # Imported here: only the function that has a bucket pays for it.
    from interchange.exchange.uploads_bucket import Bucket

    return Bucket(name, region(env))


def make(environ: Mapping[str, str] | None = None, *, calls: bool = True) -> Services:
    """Everything a handler needs; `calls` is whether it calls providers. Raises SettingError or CatalogError with one
    line."""
    env = settings(environ)
    way = way_out() if calls else no_way_out()
    kept = open_table(env, post=way.post)
    log = Logger(service="interchange", level=env.get("INTERCHANGE_LOG_LEVEL", "INFO"))
    log.append_keys(build=build(env))

    listed = catalog(env)
    reached = Renewable(env, environ, listed)
    for line in reached.missing:
        log.warning(line)
    if calls and env.get("AWS_LAMBDA_INITIALIZATION_TYPE") == SNAPSHOT:
        reached.load()
    return _wired(env, kept, listed, reached, reporter(log, env), way, calls=calls)


def _wired(
    env: Mapping[str, str],
    kept: Table,
    listed: Catalog,
    reached: Renewable,
    report: Callable[[str, Mapping[str, object]], None],
    way: Way,
    *,
    calls: bool,
) -> Services:
    days = read_days(env, "INTERCHANGE_RESPONSES_DAYS", RESPONSES_DAYS)

    def offered(changes: str) -> Catalog:
        found = overlaid(listed, changes)
        return found.served_by(set(reached)) if env.get("INTERCHANGE_MODELS") == SERVED else found

    return Services(
        catalog=(first := offered("")),
        offers=Offers(first, offered),
        providers=reached,
        identity=Identity(KeyStore(kept), kept_ms=0 if kept.near else KEY_KEPT_MS),
        ledger=Ledger(kept),
        idempotency=Idempotency(kept),
        keys=Keys(reached.renew, time.time_ns() // 1_000_000) if calls else None,
        upstream=way.upstream,
        fetch=way.fetch,
        is_outage=is_outage,
        rests=Rests(kept) if calls else None,
        patience=timing(env),
        memory=TableMemory(kept),
        responses=TableResponses(kept, days) if days else None,
        seal=seal(env),
        now_ms=lambda: time.time_ns() // 1_000_000,
        new_id=lambda: os.urandom(16).hex(),
        report=report,
        uploads=uploads(env),
        edge_secret=env.get("INTERCHANGE_EDGE_SECRET", ""),
        mcp=mcp(env) if calls else None,
        near=kept.near,
        on_loop=kept.on_loop,
        shared=reached.shared,
        first_hold_nano=read_usd(env, "INTERCHANGE_FIRST_HOLD_USD", FIRST_HOLD_NANO),
        public_models=read_switch(env, "INTERCHANGE_PUBLIC_MODELS", default=True),
        # X-Ray's library keeps one trace at a time
        tracer=read_switch(env, "INTERCHANGE_TRACER", default=False) and at_once(env) == 1,
        tariffs=Tariffs(kept),
        costs=Costs(read_factors(env, "INTERCHANGE_COST_FACTORS")),
        build=build(env),
    )


@functools.cache
def services(*, calls: bool = True) -> Services:
    """The process's services, made once; under SnapStart once more after the snapshot is restored, since its sockets,
    credentials and secrets are of another time."""
    if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == SNAPSHOT:
        importlib.import_module("snapshot_restore_py").register_after_restore(services.cache_clear)
    return make(calls=calls)
