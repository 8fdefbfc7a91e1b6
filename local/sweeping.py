"""The sweep of a single server: every minute, by one process at a time, beside the requests."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from pathlib import Path

from interchange import wiring
from interchange.exchange.uploads_folder import Folder
from interchange.operator.books import open_books
from interchange.operator.turns import turn
from interchange.tables.sqlite import SqliteTable

from .laptop import SWEEP

FIRST_S, EVERY_S = 5.0, 60.0
log = logging.getLogger("local.sweep")


def start() -> None:
    threading.Thread(target=_sweep_for_ever, daemon=True, name="sweep").start()


def _sweep_for_ever() -> None:
    time.sleep(FIRST_S)
    while True:
        try:
            sweep_alone(Path(os.environ[SWEEP]))
        except Exception:
            log.exception("the sweep failed; it is tried again in a minute")
        time.sleep(EVERY_S)


def sweep_alone(lock: Path) -> bool:
    """One round; False where another process of this machine sweeps now."""
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        env = wiring.settings()
        turn(open_books(env))
        table = wiring.open_table(env)
        if isinstance(table, SqliteTable):
            table.forget(int(time.time()))
            table.close()
        uploads = wiring.uploads(env)
        if isinstance(uploads, Folder):
            uploads.forget()
    return True
