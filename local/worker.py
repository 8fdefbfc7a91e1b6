"""One process that serves: the whole application, its sweep, and its end with the process that started it."""

from __future__ import annotations

import gc
import os

from starlette.types import ASGIApp

from . import lifeline, sweeping
from .server import front

PARENT = "INTERCHANGE_LOCAL_PARENT"
"""The id of the process that started the workers."""


def application() -> ASGIApp:
    """Raises CatalogError, SettingError."""
    if parent := os.environ.get(PARENT):
        lifeline.end_with(int(parent))
    app = front()
    gc.freeze()  # what is loaded stays: the collector need not walk it again
    sweeping.start()
    return app
