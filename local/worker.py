"""One process that serves: the whole application, its sweep, and its end with the process that started it."""

from __future__ import annotations

import gc
import os

from starlette.types import ASGIApp

from . import lifeline, sweeping
from .server import front

PARENT = "INTERCHANGE_LOCAL_PARENT"
"""The id of the process that started the workers."""

COLLECTED_AFTER = (20_000, 20, 20)
"""Objects of a request go by their counts: looking for circles after each 700 of them cost 7 % of its time."""


def application() -> ASGIApp:
    """Raises CatalogError, SettingError."""
    if parent := os.environ.get(PARENT):
        lifeline.end_with(int(parent))
    app = front()
    gc.freeze()  # what is loaded stays: the collector need not walk it again
    gc.set_threshold(*COLLECTED_AFTER)
    sweeping.start()
    return app
