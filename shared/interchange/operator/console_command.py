"""`console`: which admin API the operator's page works on, and its server."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import Request

from interchange.wiring.signing import api_signer

from . import stack
from .alert_settings import read_endpoint
from .api import admin
from .books import CommandError, open_books, user_here
from .console_admin import deployed, in_process
from .console_server import Console, start


def console_for(env: Mapping[str, str], name: str | None, url: str | None, region: str | None) -> Console:
    """Console of a deployed stack, by its name or its AdminUrl; else of the table that the environment names. Raises
    CommandError, botocore's errors."""
    if name and url:
        raise CommandError("console: --stack or --url, not both")
    if name:
        found = stack.find(name, stack.region_of(region))
        return _deployed(env, found.outputs[stack.ADMIN_URL], found.region, f"stack {name}, {found.region}")
    if url:
        where = region or _region(read_endpoint(url)) or stack.region_of(None)
        return _deployed(env, url, where, url)
    app = admin(open_books(env), _anybody)
    return Console(in_process(app), f"table {env.get('INTERCHANGE_TABLE', '')}")


def _anybody(_request: Request) -> str:
    """The page has asked for its token: it is the one who started it."""
    return user_here()


def _deployed(env: Mapping[str, str], url: str, region: str, place: str) -> Console:
    return Console(deployed(url, api_signer(env, region)), place)


def _region(url: str) -> str | None:
    """API.execute-api.REGION.amazonaws.com"""
    parts = (urlsplit(url).hostname or "").split(".")
    return parts[2] if len(parts) > 3 and parts[1] == "execute-api" else None


def serve(name: str | None, url: str | None, region: str | None, port: int) -> None:
    """Until it is interrupted."""
    console = console_for(os.environ, name, url, region)
    try:
        address, running = start(console, port)
    except OSError as error:
        raise CommandError(f"port: {port} cannot be had: {error.strerror}") from error
    print(f"{console.place}\n{address}", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("closed", file=sys.stderr)
    finally:
        running.shutdown()
